"""`symgen corpus`: list corpora, download them, check them and describe them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import CORPUS, FILE, MUSIC
from symgen.cli.command import Group, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.corpus import recordings
from symgen.cli.corpus.tables import columns, grouped
from symgen.cli.options.limits import limit_option, limits_of
from symgen.cli.options.shared import accidentals_option, output_option, reading
from symgen.errors import DataError, counted

if TYPE_CHECKING:
    from symgen.corpus.check import Checked, Stats
    from symgen.corpus.corpus import Corpus


@click.group(cls=Group)
def corpus() -> None:
    """List, download, check and describe music to train on.

    A SOURCE is a folder, a file, an archive (.zip, .tar, .tar.gz, ...) or the name of a corpus.
    """


@corpus.command("list")
@common
def list_(out: Out) -> None:
    """List the corpora that ship with symgen or lie in ./corpora."""
    from symgen.corpus.check import known

    found = known()
    text = columns(
        [
            ("name", "licence", "state", "title"),
            *((k.name, k.licence, k.state, k.title) for k in found),
        ]
    )
    out.result(text, {"corpora": [dataclasses.asdict(k) for k in found]})


@corpus.command(
    examples=(
        "symgen corpus fetch nottingham",
        "symgen corpus fetch maestro --from downloads/maestro-v3.0.0-midi.zip",
    )
)
@click.argument("name", type=CORPUS)
@section(
    "Source",
    option(
        "--from",
        "source_file",
        metavar="PATH",
        type=FILE,
        show_default="download it",
        help="The archive, if you have it already, or the folder it was unpacked to.",
    ),
)
@section(
    "Output",
    output_option("FOLDER", show_default="corpora/NAME", help="Folder to unpack to."),
    overwrite("Fetch the corpus again if it is here already."),
)
@common
def fetch(out: Out, name: str, source_file: str | None, output: str | None, force: bool) -> None:
    """Download corpus NAME, verify its checksum and unpack it."""
    from symgen.corpus.fetching.fetch import fetch as bring

    with out.track() as progress:
        got = bring(name, source_file=source_file, target=output, force=force, progress=progress)
    text = (
        f"{got.path}: {counted(got.files, 'file')} of {got.archive}, checksum right ({got.note})"
        if got.archive
        else got.note
    )
    out.result(
        text,
        {"path": got.path.as_posix(), "archive": got.archive, "files": got.files, "note": got.note},
    )


@corpus.command(examples=("symgen corpus check my-music",))
@click.argument("source", type=MUSIC)
@section("Reading", accidentals_option(), limit_option())
@recordings.recordings_section()
@common
def check(
    out: Out,
    source: str,
    accidentals: str | None,
    limits: Sequence[str],
    audio: bool,
    longest: float | None,
    workers: int | None,
) -> None:
    """List each file of SOURCE with what it holds and what is wrong with it.

    SOURCE holds notes or recordings (WAV, FLAC, OGG, Opus, MP3, AIFF, ...).
    """
    from symgen.corpus import open_corpus
    from symgen.corpus.check import check as look
    from symgen.limits import using

    with using(limits_of(limits)):
        if recordings.are_meant(source, audio):
            recordings.check(out, source, longest, workers)
            return
        opened = open_corpus(source, reading(accidentals))
    recordings.hint(out, opened.skipped)
    with out.track() as progress:
        found = list(look(opened, progress))
    if opened.note:
        out.log(opened.note)
    out.result(
        _checked_text(opened, found, 10**9 if out.verbose else 8), _checked_document(opened, found)
    )
    if all(c.refused for c in found):
        raise DataError(f"{source}: nothing in it can be read")


@corpus.command(examples=("symgen corpus stats my-music -o corpus.html",))
@click.argument("source", type=MUSIC)
@section("Reading", accidentals_option(), limit_option())
@recordings.recordings_section()
@section(
    "Output",
    output_option(
        "PATH",
        show_default="print the counts only",
        help="Write a page (.html), a document (.json) or a folder of figures (SVG, PNG, CSV).",
    ),
    overwrite(),
)
@common
def stats(
    out: Out,
    source: str,
    accidentals: str | None,
    limits: Sequence[str],
    audio: bool,
    longest: float | None,
    workers: int | None,
    output: str | None,
    force: bool,
) -> None:
    """Count the pieces, minutes and notes of SOURCE, and describe its pitches and dynamics.

    With -o, the report also describes each piece (length, key, tempo, density, polyphony), and
    lists outliers and near-duplicates. Of recordings, it tells duration, loudness (LUFS), spectrum,
    tempo, key, silence, clipping and near-duplicates.
    """
    from symgen.corpus import open_corpus
    from symgen.corpus.check import Stats
    from symgen.corpus.check import stats as count
    from symgen.limits import using

    target = None
    if output is not None:
        from symgen.evaluation.document import check_target

        target = check_target(output, force)
    with using(limits_of(limits)):
        if recordings.are_meant(source, audio):
            recordings.stats(out, source, longest, workers, target, force)
            return
        opened = open_corpus(source, reading(accidentals))
    recordings.hint(out, opened.skipped)
    if target is None:
        with out.track() as progress:
            found = count(opened, progress)
    else:
        from symgen.evaluation.corpus_survey import survey
        from symgen.report import write_survey

        with out.track() as progress:
            document = survey(opened, progress)
        for line in write_survey(document, target, force):
            out.log(line)
        found = Stats(**document["stats"])
    if opened.note:
        out.log(opened.note)
    wrote = {"report": target.as_posix()} if target is not None else {}
    out.result(
        "\n".join([_stats_text(opened, found), *wrote.values()]),
        opened.facts | dataclasses.asdict(found) | wrote,
    )


def _checked_text(opened: Corpus, found: Sequence[Checked], most: int) -> str:
    used = [c for c in found if not c.refused]
    rows = [
        (c.notes, f"{c.seconds:.1f}", c.velocities, c.pedals, c.tempos, c.id)
        for c in used
        if c.chords is None
    ]
    tunes = [
        (c.notes, f"{c.seconds:.1f}", c.chords, c.meter, c.key, c.id, c.title)
        for c in used
        if c.chords is not None
    ]
    lines = []
    if rows:
        head = ("notes", "seconds", "velocities", "pedal", "tempos", "piece")
        lines.append(columns([head, *rows], right=range(5)))
    if tunes:
        head_of_tunes = ("notes", "seconds", "chords", "meter", "key", "piece", "title")
        lines.append(columns([head_of_tunes, *tunes], right=range(3)))
    lines += grouped("warning", [(c.id, w) for c in found for w in c.warnings], most)
    lines += [f"refused: {c.id}: {c.refused}" for c in found if c.refused]
    lines += grouped("skipped", opened.skipped, most)
    return "\n".join([*lines, _verdict(opened, found, "piece" if rows else "tune")])


def _verdict(opened: Corpus, found: Sequence[Checked], what: str) -> str:
    """Return how many pieces can be used: `songs: 12 pieces, all usable`."""
    used = [c for c in found if not c.refused]
    warned = sum(bool(c.warnings) for c in used)
    refused = len(found) - len(used)
    skipped = len(opened.skipped)
    usable = "all" if not refused else f"{len(used):,}"
    parts = [f"{counted(len(found), what)}, {usable} usable"]
    if warned:
        parts.append(f"{warned:,} of them with warnings")
    if refused:
        parts.append(f"{refused:,} refused")
    if skipped:
        parts.append(f"{counted(skipped, 'other file')} skipped")
    return f"{opened.name}: {', '.join(parts)}"


def _checked_document(opened: Corpus, found: Sequence[Checked]) -> dict[str, Any]:
    return {
        "corpus": opened.facts,
        "note": opened.note,
        "pieces": [dataclasses.asdict(c) for c in found],
        "skipped": [{"name": n, "reason": r} for n, r in opened.skipped],
    }


def _stats_text(opened: Corpus, s: Stats) -> str:
    return columns(
        [
            ("corpus", f"{opened.name}: {opened.title}"),
            ("licence", opened.licence or "unknown"),
            (
                "pieces",
                f"{s.pieces} in {counted(s.groups, 'group')} "
                f"({counted(s.files, 'file')}, {s.refused} refused)",
            ),
            ("minutes", f"{s.minutes:.1f}"),
            ("notes", f"{s.notes:,}, {s.notes_per_second:.1f} per second"),
            ("velocity", f"mean {s.velocity_mean:.1f}, standard deviation {s.velocity_sd:.1f}"),
            ("pitch", f"{s.pitch_lowest} to {s.pitch_highest}"),
            ("pedal", f"down {s.pedal_share:.0%} of the time"),
        ]
    )
