"""`symgen convert`: encode music as a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import CONFIG, ENCODING, MUSIC, Duration
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.options.limits import limit_option, limits_of
from symgen.cli.options.shared import accidentals_option, output_option, reading, whole_option
from symgen.errors import BadOption, counted

if TYPE_CHECKING:
    from symgen.dataset.build import Built

LEDGER = {"skipped": "skipped", "mended": "repaired", "refused": "refused"}  # key, word


@command(
    examples=(
        "symgen convert my-music",
        "symgen convert corpora/einaudi --encoding notes",
        "symgen convert my-music --set encoding.velocity_bins=0 -o data/no-velocity",
        "symgen convert my-songs --encoding mu_law --rate 8000 --longest 5:00",
    )
)
@click.argument("source", nargs=-1, required=True, type=MUSIC)
@section(
    "Encoding",
    option(
        "--encoding",
        metavar="NAME",
        type=ENCODING,
        show_default="the one that the corpus names or the music calls for; of recordings mu_law",
        help="How music is encoded as events; mu_law and linear16 encode the sound of recordings.",
    ),
    option(
        "--config",
        metavar="NAME|FILE.toml",
        type=CONFIG,
        help="Take the sections [encoding] and [augment] from this config.",
    ),
    option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Change one option, such as encoding.velocity_bins=0. May be repeated.",
    ),
)
@section(
    "Reading",
    whole_option(
        "--workers", least=1, show_default="one per core", help="Processes that read and encode."
    ),
    accidentals_option(),
    option(
        "--strict",
        is_flag=True,
        help="Fail, and write nothing, if a file is refused or anything is dropped.",
    ),
    limit_option(),
)
@section(
    "Recordings",
    whole_option(
        "--rate", least=2000, show_default="8000", help="Samples a second of the encoded sound."
    ),
    option(
        "--longest",
        type=Duration("seconds"),
        metavar="TIME",
        show_default="10:00",
        help="Cut longer recordings, such as mixes, into tracks where they are quiet.",
    ),
)
@section(
    "Randomness",
    whole_option("--seed", default=0, help="Decides which pieces are held out."),
)
@section(
    "Output",
    output_option(
        "FOLDER",
        show_default="data/CORPUS-ENCODING, or the next free number",
        help="Folder of the dataset.",
    ),
    overwrite("Replace a dataset that exists."),
)
@common
def convert(
    out: Out,
    source: Sequence[str],
    output: str | None,
    encoding: str | None,
    config: str | None,
    overrides: Sequence[str],
    workers: int | None,
    rate: int | None,
    longest: float | None,
    seed: int,
    accidentals: str | None,
    strict: bool,
    limits: Sequence[str],
    force: bool,
) -> None:
    """Encode music as a dataset for training.

    A SOURCE is a folder, a file, an archive (.zip, .tar, .tar.gz, ...) or the name of a corpus. The
    dataset holds TFRecord files for training and for held-out pieces, and a dataset.json that lists
    everything that was dropped. With an encoding of notes, recordings are transcribed first.

    Recordings become samples of sound, for models of raw audio: a byte a sample in mu_law, two in
    linear16. They are read in blocks, and a conversion that was interrupted goes on where it was.
    """
    from symgen.cli.sound.hearing import as_notes
    from symgen.config import into
    from symgen.dataset.augment import Augment
    from symgen.dataset.build import build
    from symgen.limits import using
    from symgen.process import keep_memory

    _check_folder(output)
    keep_memory()
    table, augment = options(config, encoding, overrides)
    allowed = limits_of(limits)
    table = _of_recordings(out, table, source, rate, longest)
    if not table:
        with using(allowed):
            table = _suited(out, source, reading(accidentals))
    source = as_notes(out, source, table, allowed)
    with out.track() as progress:
        built = build(
            source,
            table,
            output,
            workers=workers,
            seed=seed,
            augment=into(Augment, augment, "augment"),
            force=force,
            strict=strict,
            limits=allowed,
            reading=reading(accidentals),
            longest=longest,
            progress=progress,
        )
    for line in built.messages:
        out.log(line)
    ledger = built.dataset.info["ledger"]
    if out.verbose:
        for kind, shown in LEDGER.items():
            for item in ledger[kind]:
                out.log(f"{shown} {item['name']}: {item['reason']}")
    elif ledger["refused"]:
        out.log(f"{counted(len(ledger['refused']), 'file')} refused; -v lists them")
    out.result(text(built), document(built))


def _of_recordings(
    out: Out,
    table: dict[str, Any],
    source: Sequence[str],
    rate: int | None,
    longest: float | None,
) -> dict[str, Any]:
    """Return the table of the encoding; that of sound, with its rate, if there is only sound."""
    from symgen.audio.listing import holds_audio
    from symgen.encodings import sounds

    if not table and all(holds_audio(one) for one in source):
        table = {"name": "mu_law"}
        out.log("encoding mu_law: there are recordings and no notes; --encoding takes another")
    if table.get("name") in sounds:
        return table | ({} if rate is None else {"rate": rate})
    for name, value in (("--rate", rate), ("--longest", longest)):
        if value is not None:
            raise BadOption(
                f"{name} is of the sound of recordings; remove it, or add --encoding mu_law"
            )
    return table


def _suited(out: Out, source: Sequence[str], options: dict[str, str]) -> dict[str, Any]:
    """Return the table of the encoding that the music calls for, and print why."""
    from symgen.corpus.suited import suited

    table, why = suited(source, options)
    if table:
        out.log(f"encoding {table['name']}: {why}; choose another with --encoding")
    return table


def _check_folder(output: str | None) -> None:
    """Raise BadOption for the name of a music file: a dataset is a folder."""
    from symgen.notes import SUFFIXES

    if output is not None and PurePath(output).suffix.lower() in SUFFIXES:
        raise BadOption(
            f"--output {output} names a music file, but a dataset is a folder; "
            f"to write music in another format: symgen notate INPUT -o {output}"
        )


def options(
    config: str | None, encoding: str | None, overrides: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tables [encoding] and [augment] that the options make."""
    from symgen.config import load, override

    for change in overrides:
        if change.partition(".")[0].strip() not in ("encoding", "augment"):
            raise BadOption(
                f"--set {change!r}: convert has only the sections encoding and augment, "
                "such as --set encoding.velocity_bins=0"
            )
    table = load(config) if config else {}
    named = dict(table.get("encoding", {}))
    if encoding and named.get("name") != encoding:
        named = {"name": encoding}  # options of another encoding would not fit
    table = {"encoding": named, "augment": table.get("augment", {})}
    for change in overrides:
        table = override(table, change)
    return table["encoding"], table["augment"]


def text(built: Built) -> str:
    """Return the summary as it is printed."""
    info = built.dataset.info
    state = "written" if built.fresh else "up to date"
    return (
        f"{built.dataset.path.as_posix()}: {state} ({info['encoding']['name']}, "
        f"seed {info['seed']}, fingerprint {info['fingerprint']})\n{built.dataset.summary()}"
    )


def document(built: Built) -> dict[str, Any]:
    """Return `dataset.json` without its list of pieces, and the path of the dataset."""
    info = {key: value for key, value in built.dataset.info.items() if key != "pieces"}
    return info | {
        "path": built.dataset.path.as_posix(),
        "fresh": built.fresh,
        "messages": list(built.messages),
    }
