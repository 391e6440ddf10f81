"""`symgen convert`: music in, a dataset out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out, common
from symgen.errors import BadOption

if TYPE_CHECKING:
    from symgen.dataset.build import Built


@click.command()
@click.argument("source", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    help="The dataset's folder.  [default: data/CORPUS-ENCODING, numbered where it is taken]",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="How music becomes events.  [default: what the corpus asks for, else performance]",
)
@click.option(
    "--config",
    metavar="CONFIG",
    help="Take [encoding] and [augment] from this config, a name or a TOML file.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one option, such as encoding.velocity_bins=0.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that read and encode.  [default: one a core]",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Decides which pieces are held out."
)
@click.option(
    "--strict",
    is_flag=True,
    help="Fail, and write nothing, if a file is refused or anything is dropped.",
)
@click.option("--force", is_flag=True, help="Replace a dataset that is there already.")
@common
def convert(
    out: Out,
    source: Sequence[str],
    output: str | None,
    encoding: str | None,
    config: str | None,
    overrides: Sequence[str],
    workers: int | None,
    seed: int,
    strict: bool,
    force: bool,
) -> None:
    """Encode music into a dataset: shards of TFRecords in two halves, and dataset.json.

    A SOURCE is a folder, a file, an archive (.zip, .tar, .tar.gz, ...) or the name of a corpus.
    """
    from symgen.config import into
    from symgen.dataset.augment import Augment
    from symgen.dataset.build import build
    from symgen.process import keep_memory

    keep_memory()
    table, augment = options(config, encoding, overrides)
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
            progress=progress,
        )
    for line in built.said:
        out.log(line)
    ledger = built.dataset.info["ledger"]
    if out.verbose:
        for kind in ("skipped", "mended", "refused"):
            for item in ledger[kind]:
                out.log(f"{kind} {item['name']}: {item['reason']}")
    elif ledger["refused"]:
        out.log(f"{len(ledger['refused'])} refused: -v names each")
    out.result(text(built), document(built))


def options(
    config: str | None, encoding: str | None, overrides: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the [encoding] and [augment] tables that a command line asks for."""
    from symgen.config import load, override

    for change in overrides:
        if change.partition(".")[0].strip() not in ("encoding", "augment"):
            raise BadOption(f"--set {change!r}: convert knows the sections encoding and augment")
    table = load(config) if config else {}
    named = dict(table.get("encoding", {}))
    if encoding and named.get("name") != encoding:
        named = {"name": encoding}  # the options of another encoding would not fit
    table = {"encoding": named, "augment": table.get("augment", {})}
    for change in overrides:
        table = override(table, change)
    return table["encoding"], table["augment"]


def text(built: Built) -> str:
    """Return the summary as it is printed."""
    from symgen.dataset.ledger import summary

    info = built.dataset.info
    state = "written" if built.fresh else "up to date"
    return (
        f"{built.dataset.path.as_posix()}: {state} ({info['encoding']['name']}, seed {info['seed']}, fingerprint "
        f"{info['fingerprint']})\n{summary(info)}"
    )


def document(built: Built) -> dict[str, Any]:
    """Return the summary as JSON: `dataset.json` without its long lists, and where it is."""
    info = {key: value for key, value in built.dataset.info.items() if key != "pieces"}
    return info | {
        "path": built.dataset.path.as_posix(),
        "fresh": built.fresh,
        "said": list(built.said),
    }
