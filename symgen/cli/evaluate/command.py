"""`symgen evaluate`: evaluate a model, or measure music and compare two sets of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import (
    FILE,
    METRICS,
    MUSIC,
    MUSIC_OR_MODEL,
    PARTS,
)
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.evaluate.listen import write_test
from symgen.cli.evaluate.model import compare_models, evaluate_model, is_model, refuse, write_report
from symgen.cli.evaluate.sound import evaluate_sound
from symgen.cli.options.shared import (
    accidentals_option,
    data_option,
    output_option,
    reading,
    seconds_option,
    whole_option,
)
from symgen.cli.sample.sound import model_of_sound
from symgen.errors import BadOption, DataError, ReadError, counted

if TYPE_CHECKING:
    from symgen.corpus.corpus import Corpus
    from symgen.evaluation.statistics.compare import Measured
    from symgen.notes.sequence import NoteSequence
    from symgen.types import Progress


@command(
    examples=(
        "symgen evaluate runs/perf_dynamics -o report.html",
        "symgen evaluate runs/small runs/large",
        "symgen evaluate runs/perf_dynamics --listen test.html",
        "symgen evaluate samples/ --against corpora/einaudi --seconds 30",
    )
)
@click.argument("source", nargs=-1, type=MUSIC_OR_MODEL)
@section(
    "A model",
    data_option(
        multiple=True,
        show_default="the one that it was trained on",
        help="Dataset to evaluate on. For several models, once for each, in their order.",
    ),
    whole_option("--samples", least=0, show_default="16", help="Number of samples to draw."),
    option(
        "--parts",
        metavar="A,B,...",
        type=PARTS,
        show_default="all",
        help="What to evaluate: likelihood, statistics, originality.",
    ),
)
@section(
    "Music",
    option(
        "--against",
        multiple=True,
        metavar="SOURCE",
        type=MUSIC,
        help="Compare with this music, the reference. May be repeated.",
    ),
    option(
        "--metrics",
        metavar="A,B,...",
        type=METRICS,
        show_default="all",
        help="Metrics to compute.",
    ),
    option(
        "--written",
        is_flag=True,
        help="Use note lengths as written, and ignore the sustain pedal.",
    ),
    accidentals_option(),
)
@section(
    "Length",
    seconds_option(
        show_default="as symgen sample; for music, all of it",
        help="Length of the samples, or measure only the beginning of each piece: 90, 3:00 or 90s.",
    ),
)
@section(
    "Randomness",
    whole_option(
        "--seed",
        least=0,
        default=0,
        help="Seed of the samples, the excerpts and the permutation tests.",
    ),
)
@section(
    "Output",
    output_option(
        "PATH",
        show_default="print the table only",
        help="Write a page (.html), a document (.json) or a folder of figures (SVG, PNG, CSV).",
    ),
    option(
        "--listen",
        metavar="FILE.html",
        type=FILE,
        help="Write a blind listening test instead: --samples excerpts (20) of --seconds (15), "
        "half of them held-out music. The page counts the answers.",
    ),
    overwrite(),
)
@common
def evaluate(
    out: Out,
    source: Sequence[str],
    against: Sequence[str],
    metrics: str | None,
    seconds: float | None,
    written: bool,
    accidentals: str | None,
    seed: int,
    output: str | None,
    listen: str | None,
    force: bool,
    **model: Any,
) -> None:
    """Evaluate a model, or measure and compare music.

    A SOURCE is a model: a bundle (.symgen), the folder of a run, or the name of a model that ships.
    Without one, it is the newest run under runs/. The report gives the likelihood of held-out
    music, compares samples with real music, and shows what they copy. Several models of the same
    music are compared in nats per note and per second, even if their encodings differ. Of a model
    of raw audio the report gives bits a sample, beside counting, and what training costs.

    Or a SOURCE is music: a folder, a file, an archive (.zip, .tar, .tar.gz, ...) or the name of a
    corpus. The table gives each metric's median. With --against it also gives the overlap with the
    reference (1 = identical), a divergence and a significance test.
    """
    from symgen.evaluation.document import check_target

    if output is not None:
        check_target(output, force)
    of_music = bool(against or metrics is not None or written or accidentals)
    if not is_model(source, of_music=of_music):
        refuse({f"--{name}": value for name, value in model.items()}, "music")
        refuse({"--listen": listen}, "music")
        sets = _opened(source, against, reading(accidentals))
        _compare(out, sets, metrics, seconds, written, seed, output, force)
        return
    unused: dict[str, Any] = {"--against": against, "--metrics": metrics, "--written": written}
    unused["--accidentals"] = accidentals
    if len(source) > 1:
        unused |= {"--seconds": seconds, "--output": output, "--listen": listen}
        unused |= {f"--{name}": value for name, value in model.items() if name != "data"}
        compare_models(out, source, unused, model["data"])
        return
    refuse(unused, "a model")
    path = source[0] if source else None
    if (sound := model_of_sound(path)) is not None:
        unused = {"--seconds": seconds, "--listen": listen}
        unused |= {f"--{name}": value for name, value in model.items() if name != "data"}
        evaluate_sound(out, sound, model["data"], output, force, unused)
        return
    if listen is not None:
        refuse({"--output": output, "--parts": model.pop("parts")}, "a listening test")
        write_test(out, path, listen, force, seconds=seconds, seed=seed, **model)
        return
    evaluate_model(out, path, seconds, seed, output, force, **model)


def _opened(
    source: Sequence[str], against: Sequence[str], options: Mapping[str, str]
) -> list[list[Corpus]]:
    """Return the corpora of `source`, and those of `against` if there are any."""
    from symgen.corpus import open_corpus

    both = [several for several in (source, against) if several]
    return [[open_corpus(one, options) for one in several] for several in both]


def _compare(
    out: Out,
    sets: Sequence[Sequence[Corpus]],
    metrics: str | None,
    seconds: float | None,
    written: bool,
    seed: int,
    output: str | None,
    force: bool,
) -> None:
    """Measure the first set, compare it with the second, if there is one, and print the table."""
    from symgen.evaluation.statistics.compare import compare

    names = _names(metrics)
    measured = [_measured(out, corpora, names, seconds, not written) for corpora in sets]
    titles = [", ".join(corpus.name for corpus in corpora) for corpora in sets]
    with out.track() as progress:
        document = compare(
            measured[0],
            measured[1] if len(measured) > 1 else None,
            names,
            titles=(titles[0], titles[-1]),
            sounding=not written,
            seconds=seconds,
            seed=seed,
            progress=progress,
        )
    for line in document["warnings"]:
        out.log(f"note: {line}")
    _show(out, document, output, force)


def _names(metrics: str | None) -> list[str] | None:
    """Return the names of the metrics; UnknownName before any music is read."""
    from symgen.evaluation.statistics.metrics import make_metrics

    if metrics is None:
        return None
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    if not names:
        raise BadOption(f"--metrics {metrics!r} names no metric; remove it for all")
    return list(make_metrics(names))


def _measured(
    out: Out,
    corpora: Sequence[Corpus],
    names: Sequence[str] | None,
    seconds: float | None,
    sounding: bool,
) -> Measured:
    """Measure a set of music; DataError if nothing in it can be read."""
    from symgen.evaluation.statistics.compare import measure

    refused: list[ReadError] = []
    with out.track() as progress:
        found = measure(
            _sequences(corpora, refused, progress), names, sounding=sounding, seconds=seconds
        )
    for error in refused if out.verbose else ():
        out.log(f"refused {error}")
    if refused and not out.verbose:
        total = counted(sum(map(len, corpora)), "file")
        out.log(f"{len(refused)} of {total} refused; -v lists them")
    if not len(found):
        raise DataError(
            f"{corpora[0].name}: {counted(len(corpora[0]), 'file')}, none of which can be read; "
            f"to see why: symgen corpus check {corpora[0].name}"
        )
    return found


def _sequences(
    corpora: Sequence[Corpus], refused: list[ReadError], progress: Progress | None
) -> Iterator[NoteSequence]:
    """Yield each piece that has a note; errors are appended to `refused`."""
    from symgen.corpus.piece import Piece, load

    done = 0
    total = sum(map(len, corpora))
    for corpus in corpora:
        for entry in corpus.entries():
            try:
                found = load(entry)
            except ReadError as error:
                found = [error]
            yield from (
                one.sequence for one in found if isinstance(one, Piece) and len(one.sequence)
            )
            refused.extend(one for one in found if isinstance(one, ReadError))
            done += 1
            if progress:
                progress(done, total, f"measuring {corpus.name}")


def _show(out: Out, statistics: Mapping[str, Any], output: str | None, force: bool) -> None:
    """Print the table, in colour on a terminal; with --json the document of an evaluation.

    The document has the one part "statistics".
    """
    from symgen import __version__
    from symgen.evaluation.statistics.table import text, verdict

    document = {"kind": "evaluation", "version": 1, "symgen": __version__, "statistics": statistics}
    if output is not None:
        from symgen.evaluation.document import Evaluation

        write_report(out, Evaluation(document), output, force)
    if sys.stdout.isatty() and not out.json:
        out.result("\n".join(verdict(statistics)), document)
        _coloured(statistics)
    else:
        out.result(text(statistics), document)


def _coloured(statistics: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from symgen.evaluation.statistics.table import rows

    head, *body = rows(statistics)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for i, name in enumerate(head):
        table.add_column(name, justify="right" if 0 < i < len(head) - 1 else "left", no_wrap=True)
    for row in body:
        table.add_row(*row, style="yellow" if row[-2].endswith("*") else None)
    Console().print(table)
