"""`symgen evaluate`: what a model is worth; what music is like in figures, and how far two sets of it are apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out, Progress, common
from symgen.cli.evaluate.model import compare_models, evaluate_model, is_model, refuse, write_report
from symgen.errors import BadOption, DataError, ReadError

if TYPE_CHECKING:
    from symgen.corpus.corpus import Corpus
    from symgen.evaluation.statistics.compare import Measured
    from symgen.notes.sequence import NoteSequence


@click.command()
@click.argument("source", nargs=-1)
@click.option(
    "--data",
    multiple=True,
    metavar="FOLDER",
    help="Of a model: the dataset it is held to; of several, again for each in order.  [default: the one it was trained on]",
)
@click.option(
    "--samples",
    type=click.IntRange(0),
    metavar="N",
    help="Of a model: draw so many pieces.  [default: 16]",
)
@click.option(
    "--parts",
    metavar="A,B,...",
    help="Of a model: some of likelihood, statistics, originality.  [default: all]",
)
@click.option(
    "--against",
    multiple=True,
    metavar="SOURCE",
    help="Compare with this music, the reference; may be given again.",
)
@click.option("--metrics", metavar="A,B,...", help="Measure these alone.  [default: all]")
@click.option(
    "--seconds",
    type=float,
    metavar="S",
    help="Measure the first S seconds of each piece, so that lengths are equal.",
)
@click.option(
    "--written", is_flag=True, help="Notes last as written.  [default: as the pedal holds them]"
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Decides the samples, the excerpts and the relabellings of the tests.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Write a page (.html), a document (.json) or a folder of figures (SVG, PNG, CSV).",
)
@click.option("--force", is_flag=True, help="Replace what exists.")
@common
def evaluate(
    out: Out,
    source: Sequence[str],
    against: Sequence[str],
    metrics: str | None,
    seconds: float | None,
    written: bool,
    seed: int,
    output: str | None,
    force: bool,
    **model: Any,
) -> None:
    """Say what a model is worth: likelihood on held-out music, its samples beside real music, what they copy. Or measure music alone.

    A SOURCE is a bundle (.symgen), or the folder of a run; with none it is the newest under runs/. Several models of the same music
    are compared in nats per note and per second, also where their encodings differ. Or a SOURCE is music: a folder, a file,
    an archive (.zip, .tar, .tar.gz, ...) or the name of a corpus. Of music for each metric: the medians, and with --against the
    overlap of the distances within the reference and across (1 is alike), a divergence, and whether the sets differ by more than
    chance.

    symgen evaluate runs/perf_dynamics -o report.html; symgen evaluate samples/ --against corpora/einaudi --seconds 30
    """
    from symgen.evaluation.document import check_target

    if output is not None:
        check_target(output, force)
    if is_model(source, of_music=bool(against or metrics is not None or written)):
        unused = {"--against": against, "--metrics": metrics, "--written": written}
        if len(source) > 1:
            unused |= {"--seconds": seconds, "--output": output} | {
                f"--{k}": v for k, v in model.items() if k != "data"
            }
            compare_models(out, source, unused, model["data"])
            return
        evaluate_model(
            out, source[0] if source else None, seconds, seed, output, force, unused, **model
        )
        return
    refuse({f"--{name}": value for name, value in model.items()}, "music")
    from symgen.corpus import open_corpus
    from symgen.evaluation.statistics.compare import compare

    names = _names(metrics)
    sets = [[open_corpus(one) for one in several] for several in (source, against) if several]
    measured = [_measured(out, corpora, names, seconds, not written) for corpora in sets]
    titles = [", ".join(corpus.name for corpus in corpora) for corpora in sets]
    with out.track() as progress:
        document = compare(
            measured[0],
            measured[1] if against else None,
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
    """Return the metrics asked for; UnknownName before any music is read."""
    from symgen.evaluation.statistics.metrics import make_metrics

    if metrics is None:
        return None
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    if not names:
        raise BadOption(f"--metrics {metrics!r} names none; leave it out for all")
    return list(make_metrics(names))


def _measured(
    out: Out,
    corpora: Sequence[Corpus],
    names: Sequence[str] | None,
    seconds: float | None,
    sounding: bool,
) -> Measured:
    """Measure a set; DataError where nothing of it can be read."""
    from symgen.evaluation.statistics.compare import measure

    refused: list[ReadError] = []
    with out.track() as progress:
        found = measure(
            _sequences(corpora, refused, progress), names, sounding=sounding, seconds=seconds
        )
    for error in refused if out.verbose else ():
        out.log(f"refused {error}")
    if refused and not out.verbose:
        out.log(f"{len(refused)} of {sum(map(len, corpora))} refused: -v names each")
    if not len(found):
        raise DataError(
            f"{corpora[0].name}: none of its {len(corpora[0])} files can be read; see: symgen corpus check"
        )
    return found


def _sequences(
    corpora: Sequence[Corpus], refused: list[ReadError], progress: Progress | None
) -> Iterator[NoteSequence]:
    """Yield what can be read and holds a note; what cannot is appended to `refused`."""
    from symgen.corpus.piece import Piece, load

    done, total = 0, sum(map(len, corpora))
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
    """Print the table, in colour on a terminal; with --json the document of an evaluation whose one part this is."""
    from symgen import __version__
    from symgen.evaluation.statistics.table import text, verdict

    document = {"kind": "evaluation", "version": 1, "symgen": __version__, "statistics": statistics}
    if output is not None:
        from symgen.evaluation.document import Evaluation

        write_report(out, Evaluation(document), output, force)
    if sys.stdout.isatty() and not out.json:
        _coloured(statistics)
        out.result("\n".join(verdict(statistics)), document)
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
