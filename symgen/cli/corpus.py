"""`symgen corpus`: which corpora there are, fetching one, what one holds, and what is wrong with it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out, common
from symgen.errors import DataError, counted

if TYPE_CHECKING:
    from symgen.corpus.check import Checked, Stats
    from symgen.corpus.corpus import Corpus


@click.group()
def corpus() -> None:
    """List, fetch, check and measure corpora.

    A SOURCE is a folder, a file, an archive (.zip, .tar, .tar.gz, ...) or the name of a corpus.
    """


@corpus.command("list")
@common
def list_(out: Out) -> None:
    """List the corpora that come with symgen or lie in ./corpora."""
    from symgen.corpus.check import known

    found = known()
    text = columns(
        [
            ("name", "licence", "state", "title"),
            *((k.name, k.licence, k.state, k.title) for k in found),
        ]
    )
    out.result(text, {"corpora": [dataclasses.asdict(k) for k in found]})


@corpus.command()
@click.argument("name")
@click.option(
    "--from",
    "source_file",
    metavar="PATH",
    help="The archive as it was downloaded by other means, or what was in it.",
)
@click.option("-o", "--output", help="The folder to put it in.  [default: corpora/NAME]")
@click.option("--force", is_flag=True, help="Fetch it again where it is here already.")
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


@corpus.command()
@click.argument("source")
@common
def check(out: Out, source: str) -> None:
    """Say for each file of SOURCE what it holds, what is odd, and why it would be skipped."""
    from symgen.corpus import open_corpus
    from symgen.corpus.check import check as look

    opened = open_corpus(source)
    with out.track() as progress:
        found = list(look(opened, progress))
    _say(out, opened)
    out.result(
        _checked_text(opened, found, 10**9 if out.verbose else 8), _checked_document(opened, found)
    )
    if all(c.refused for c in found):
        raise DataError(f"{source}: nothing in it can be read")


@corpus.command()
@click.argument("source")
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Write a page (.html), a document (.json) or a folder of figures (SVG, PNG, CSV).",
)
@click.option("--force", is_flag=True, help="Replace what exists.")
@common
def stats(out: Out, source: str, output: str | None, force: bool) -> None:
    """Count SOURCE: pieces, minutes, notes, velocities, pitches, pedal.

    With -o also what each piece is like (length, key, tempo, density, polyphony), what stands out and what is alike.
    """
    from symgen.corpus import open_corpus
    from symgen.corpus.check import Stats
    from symgen.corpus.check import stats as count

    if output is not None:
        from symgen.evaluation.document import check_target

        target = check_target(output, force)
    opened = open_corpus(source)
    if output is None:
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
    _say(out, opened)
    wrote = {"report": target.as_posix()} if output is not None else {}
    out.result(
        "\n".join([_stats_text(opened, found), *wrote.values()]),
        opened.facts | dataclasses.asdict(found) | wrote,
    )


def _say(out: Out, opened: Corpus) -> None:
    if opened.note:
        out.log(opened.note)


def columns(rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> str:
    """Lay rows out in aligned columns; those whose numbers are in `right` are flush right."""
    cells = [[str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = (
        "  ".join(
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def _grouped(kind: str, said: Sequence[tuple[str, str]], most: int) -> list[str]:
    """Return a line for each (name, reason), or one for all names of a reason where they are more than `most`."""
    names: dict[str, list[str]] = {}
    for name, reason in said:
        names.setdefault(reason, []).append(name)
    return [
        f"{kind}: {who}: {reason}"
        for reason, all_ in names.items()
        for who in (
            all_
            if len(all_) <= most
            else [f"{len(all_)} times, {all_[0]} and {all_[1]} among them (-v names all)"]
        )
    ]


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
    lines = (
        [
            columns(
                [("notes", "seconds", "velocities", "pedal", "tempos", "piece"), *rows],
                right=range(5),
            )
        ]
        if rows
        else []
    )
    lines += (
        [
            columns(
                [("notes", "seconds", "chords", "meter", "key", "piece", "title"), *tunes],
                right=range(3),
            )
        ]
        if tunes
        else []
    )
    lines += _grouped("warning", [(c.id, w) for c in found for w in c.warnings], most)
    lines += [f"refused: {c.id}: {c.refused}" for c in found if c.refused]
    lines += _grouped("skipped", opened.skipped, most)
    kinds = Counter(bool(c.warnings) for c in used)
    lines.append(
        f"{opened.name}: {counted(len(used), 'piece')} can be used ({kinds[True]} with a warning), "
        f"{len(found) - len(used)} refused, {len(opened.skipped)} skipped"
    )
    return "\n".join(lines)


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
            ("licence", opened.licence or "not said"),
            (
                "pieces",
                f"{s.pieces} in {counted(s.groups, 'group')} ({counted(s.files, 'file')}, {s.refused} refused)",
            ),
            ("minutes", f"{s.minutes:.1f}"),
            ("notes", f"{s.notes:,}, {s.notes_per_second:.1f} a second"),
            ("velocity", f"mean {s.velocity_mean:.1f}, deviation {s.velocity_sd:.1f}"),
            ("pitch", f"{s.pitch_lowest} to {s.pitch_highest}"),
            ("pedal", f"down {s.pedal_share:.0%} of the time"),
        ]
    )
