"""`symgen train`: train a model on a dataset by a config."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from symgen.cli.arguments import CONFIG, FOLDER, MODEL, MUSIC
from symgen.cli.command import command, option, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import minutes_option, whole_option
from symgen.errors import BadOption, DataError

if TYPE_CHECKING:
    from symgen.training import Run, Status


SCRATCH, FINE_TUNING = "perf_dynamics", "fine_tune"  # the default configs
SHOWN = ("nats_per_note", "nats_per_second", "nats_per_event", "accuracy")
SOUND = ("bits_per_sample", "accuracy")  # of models of raw audio


@command(
    examples=(
        "symgen train --config perf_dynamics",
        "symgen train my-music --config perf_dynamics_small --minutes 10",
        "symgen train --from piano my-music --name mine",
        "symgen train --resume",
    )
)
@click.argument("music", required=False, metavar="[MUSIC]", type=MUSIC)
@section(
    "Recipe and data",
    option(
        "--config",
        "config",
        metavar="NAME|FILE.toml",
        type=CONFIG,
        show_default="perf_dynamics; with --from, fine_tune",
        help="The recipe.",
    ),
    option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Change one value of the config, such as training.batch=32. May be repeated.",
    ),
    option(
        "--data",
        metavar="FOLDER",
        type=MUSIC,
        show_default="the newest under data/ that fits",
        help="A dataset, or music to convert.",
    ),
)
@section(
    "Start and length",
    option(
        "--from",
        "start",
        metavar="PATH|NAME",
        type=MODEL,
        help="Fine-tune this bundle, or a model that ships with symgen: piano, folk.",
    ),
    option(
        "--resume",
        "resume",
        is_flag=False,
        flag_value="",
        metavar="[RUN]",
        type=FOLDER,
        help="Resume a run. Without RUN, the last active one.",
    ),
    minutes_option(
        show_default="the config's steps or epochs",
        help="Stop after this much training: 10, 2:30 or 90s.",
    ),
)
@section(
    "Randomness and speed",
    whole_option(
        "--seed", least=0, show_default="the config's", help="Seed of weights and batches."
    ),
    whole_option("--threads", least=1, show_default="all", help="Processor threads."),
)
@section(
    "Output",
    option("--name", metavar="NAME", show_default="the config's", help="Name of the run."),
    option(
        "-o",
        "--output",
        "out_folder",
        default="runs",
        show_default=True,
        metavar="FOLDER",
        type=FOLDER,
        help="Folder that holds the runs.",
    ),
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
    """Train a model on a folder of music or a dataset.

    MUSIC is a folder, a file or the name of a corpus, and is converted first. Without it, symgen
    takes a dataset under data/. The best model so far is always best.symgen in the run's folder.

    Ctrl-C stops after the current step and a checkpoint; `symgen train --resume` continues.
    """
    from symgen import training

    if music and data:
        raise BadOption(f"{music} and --data {data} both name the music; remove one")
    data = music or data
    config = config or (FINE_TUNING if start else SCRATCH)
    if resume is not None and (
        unused := _given("config", "overrides", "start", "seed", "threads", "name")
    ):
        raise BadOption(
            f"--resume uses the run's own config, so {', '.join(unused)} has no effect; remove it"
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
    """Return the run to resume: a path, a run's name in `folder`, or the last active one there."""
    from symgen import training

    if not resume:
        return training.newest(folder)
    named = Path(folder) / resume
    return named if named.is_dir() and not Path(resume).exists() else Path(resume)


def _given(*parameters: str) -> list[str]:
    """Return the flags of these parameters that are on the command line."""
    context = click.get_current_context()
    return [
        p.opts[0]
        for p in context.command.params
        if p.name in parameters
        and context.get_parameter_source(p.name) is ParameterSource.COMMANDLINE
    ]


def _result(out: Out, run: Run) -> None:
    journal, progress = run.journal, run.progress
    found = next((line for line in journal if line["step"] == progress.best_step), {})
    best = {"step": progress.best_step} | found | _whole(run)
    of_sound = "bits_per_sample" in best
    if not all(isinstance(best.get(key), int | float) for key in (SOUND if of_sound else SHOWN)):
        raise DataError(
            f"{run.path}: neither its journal nor its bundle says how good step "
            f"{progress.best_step} is; start the run again"
        )
    from symgen.training.loop.scores import spoken

    each = ", ".join(
        f"{spoken(name)} {f['nats']:.4f}" for name, f in best.get("fields", {}).items()
    )
    fields = f" ({each})" if each else ""
    perplexity = f", perplexity {best['perplexity']:.2f}" if best.get("perplexity") else ""
    score = (
        f"{best['bits_per_sample']:.3f} bits per sample"
        if of_sound
        else (
            f"{best['nats_per_note']:.3f} nats per note, {best['nats_per_second']:.2f} per second, "
            f"{best['nats_per_event']:.4f} per event{fields}{perplexity}"
        )
    )
    text = (
        f"{run.best}: {score}, accuracy {100 * best['accuracy']:.1f} % on the held-out pieces "
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
    """Return the scores of the best weights on all held-out pieces; the journal may have a part."""
    from symgen.bundle.bundle import Bundle

    return dict(Bundle.open(run.best).training.score.to_dict())


@contextlib.contextmanager
def watching(out: Out) -> Iterator[Callable[[Status], None]]:
    """Yield a function that shows a status: one live line on a terminal, else one every 10 s."""
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
    last = time.monotonic()
    shown = None

    def watch(status: Status) -> None:
        nonlocal last, shown
        if time.monotonic() - last >= seconds or status.last != shown:
            last = time.monotonic()
            shown = status.last
            show(status)

    return watch


def describe(status: Any) -> str:
    """Return a status as one line."""
    scores = ""
    if status.last is not None:
        scores = f", held-out {status.last:.4f}, best {status.best:.4f}"
    return (
        f"step {status.step}/{status.steps}, loss {status.loss:.4f} nats per event{scores}, "
        f"{status.events_per_second:,.0f} events/s, at most {_span(status.seconds_left)} left"
    )


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes}:{rest:02d} min"
