"""`symgen train`: a config and a dataset become a run and its best bundle."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from symgen.cli.common import Out, common
from symgen.errors import BadOption

if TYPE_CHECKING:
    from symgen.training import Run, Status


CONFIG, TUNING = "perf_dynamics", "fine_tune"


@click.command()
@click.argument("music", required=False, metavar="[MUSIC]")
@click.option(
    "--config",
    "config",
    metavar="NAME|FILE.toml",
    help="The recipe [default: perf_dynamics, or fine_tune with --from].",
)
@click.option(
    "--data",
    metavar="FOLDER",
    help="The dataset, or music as MUSIC is [default: the newest under data/ that fits].",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Change the config; may be repeated.",
)
@click.option(
    "--from",
    "start",
    metavar="FILE.symgen|NAME",
    help="Fine-tune this bundle, or a model that ships with symgen: piano, folk.",
)
@click.option(
    "--resume",
    "resume",
    is_flag=False,
    flag_value="",
    metavar="[RUN]",
    help="Go on with a run [default: the last active].",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    help="Stop after so many minutes of training.",
)
@click.option(
    "--seed", type=click.IntRange(0), help="Seed of weights and batches [default: the config's]."
)
@click.option("--threads", type=click.IntRange(1), help="Threads of the processor [default: all].")
@click.option("--name", metavar="NAME", help="Name of the run [default: the config's].")
@click.option(
    "-o",
    "--output",
    "out_folder",
    default="runs",
    show_default=True,
    metavar="FOLDER",
    help="Where runs are kept.",
)
@common
def train(
    out: Out,
    music: str | None,
    config: str | None,
    data: str | None,
    overrides: tuple[str, ...],
    start: str | None,
    resume: str | None,
    minutes: float | None,
    seed: int | None,
    threads: int | None,
    name: str | None,
    out_folder: str,
) -> None:
    """Train a model; the best so far is always in the run's best.symgen.

    MUSIC (a folder, a file or the name of a corpus) is converted first; without it a dataset is
    taken.

    Ctrl-C stops it after the step or evaluation under way and a checkpoint, and symgen train --resume goes on.
    """
    from symgen import training

    if music and data:
        raise BadOption(f"{music} and --data {data} are both given; leave one out")
    data = music or data
    config = config or (TUNING if start else CONFIG)
    if resume is not None and (
        unused := _given("config", "overrides", "start", "seed", "threads", "name")
    ):
        raise BadOption(
            f"--resume goes on with the run's own config, so {', '.join(unused)} would do nothing: leave it out"
        )
    flags = [
        f"training.{k}={v}" for k, v in (("seed", seed), ("threads", threads)) if v is not None
    ]
    with watching(out) as watch:
        if resume is not None:
            run = training.resume(
                _run(resume, out_folder), data=data, minutes=minutes, log=out.log, watch=watch
            )
        else:
            run = training.train(
                config,
                data,
                overrides=[*overrides, *flags],
                name=name,
                start=start,
                out=out_folder,
                minutes=minutes,
                log=out.log,
                watch=watch,
            )
    _result(out, run)


def _run(resume: str, folder: str) -> Path:
    """Return the run that is meant: a path, the name of one in `folder`, or the one there that was last active."""
    from symgen import training

    if not resume:
        return training.newest(folder)
    return (
        Path(resume)
        if Path(resume).exists() or not (Path(folder) / resume).is_dir()
        else Path(folder) / resume
    )


def _given(*parameters: str) -> list[str]:
    """Return the options of these parameters that the command line itself gives."""
    context = click.get_current_context()
    return [
        p.opts[0]
        for p in context.command.params
        if p.name in parameters
        and context.get_parameter_source(p.name) is ParameterSource.COMMANDLINE
    ]


def _result(out: Out, run: Run) -> None:
    journal, progress = run.journal, run.progress
    best = next(line for line in journal if line["step"] == progress.best_step) | _whole(run)
    from symgen.training.loop.scores import spoken

    each = ", ".join(
        f"{spoken(name)} {f['nats']:.4f}" for name, f in best.get("fields", {}).items()
    )
    fields = f" ({each})" if each else ""
    perplexity = f", perplexity {best['perplexity']:.2f}" if best.get("perplexity") else ""
    text = (
        f"{run.best}: {best['nats_per_note']:.3f} nats per note, {best['nats_per_second']:.2f} per second, "
        f"{best['nats_per_event']:.4f} per event{fields}{perplexity}, "
        f"accuracy {100 * best['accuracy']:.1f} % on the held-out half "
        f"(step {best['step']} of {progress.step}, {progress.elapsed / 60:.1f} minutes)"
    )
    out.result(
        text,
        {
            "run": run.path.as_posix(),
            "bundle": run.best.as_posix(),
            "best": best,
            "ended": progress.done,
            "seconds": progress.elapsed,
        },
    )


def _whole(run: Run) -> dict[str, Any]:
    """Return the measures of the best weights on the whole held-out half, of which the journal may know a part."""
    from symgen.bundle.bundle import Bundle

    return dict(Bundle.open(run.best).training.score.to_dict())


@contextlib.contextmanager
def watching(out: Out) -> Iterator[Callable[[Status], None]]:
    """Yield a watcher: one live line on a terminal, else a line every ten seconds."""
    if out.quiet or not out.progress:
        yield lambda status: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
            yield lambda status: live.update(describe(status))
    else:
        yield _every(10.0, lambda status: out.log(describe(status)))


def _every(seconds: float, show: Callable[[Status], None]) -> Callable[[Status], None]:
    last, shown = time.monotonic(), None

    def watch(status: Status) -> None:
        nonlocal last, shown
        if time.monotonic() - last >= seconds or status.last != shown:
            last, shown = time.monotonic(), status.last
            show(status)

    return watch


def describe(status: Any) -> str:
    """Return a status as one line."""
    scores = (
        f", held-out {status.last:.4f}, best {status.best:.4f}" if status.last is not None else ""
    )
    return (
        f"step {status.step}/{status.steps}, loss {status.loss:.4f} nats per event{scores}, "
        f"{status.events_per_second:,.0f} events/s, at most {_span(status.seconds_left)} left"
    )


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60:02d} min"
        if minutes >= 60
        else f"{minutes}:{rest:02d} min"
    )
