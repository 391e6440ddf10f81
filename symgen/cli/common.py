"""What every command shares: the four common options, results on stdout, progress and logs on stderr, exit codes."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from symgen.errors import printable

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle

Progress = Callable[[int, int, str], None]
"""Called as progress(done, total, what is being done); the library's long functions take one or None."""


@dataclasses.dataclass(frozen=True)
class Out:
    """Where a command speaks. `result` is the only thing that reaches stdout."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    progress: bool = True

    def log(self, message: str) -> None:
        """Say something on the way, on stderr; -q silences it."""
        if not self.quiet:
            click.echo(_lines_of(message), err=True)

    def result(self, text: str, document: Mapping[str, Any]) -> None:
        """Print the outcome: `document` as JSON with --json, else `text`."""
        click.echo(json.dumps(document, indent=2, sort_keys=True) if self.json else _lines_of(text))

    @contextlib.contextmanager
    def track(self) -> Iterator[Progress | None]:
        """Yield a progress function: a live bar on a terminal, else a plain line every few seconds."""
        if self.quiet or not self.progress:
            yield None
        elif sys.stderr.isatty():
            with _bar() as progress:
                yield progress
        else:
            yield _lines(self.log)


def warn(out: Out, bundle: Bundle) -> None:
    """Say where a model is no better than counting."""
    baselines = bundle.training.baselines
    if baselines and baselines.said:
        out.log(f"note: {baselines.said}")


def _lines_of(text: str) -> str:
    """Return lines in which no name or title from a file can drive the terminal."""
    return "\n".join(map(printable, text.split("\n")))


@contextlib.contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("")
        yield lambda done, total, what: bar.update(
            task, completed=done, total=total, description=what
        )


def _lines(log: Callable[[str], None], every: float = 10.0) -> Progress:
    last = time.monotonic()

    def progress(done: int, total: int, what: str) -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            last = time.monotonic()
            log(f"{what}: {done} of {total}")

    return progress


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json, -q, -v and --no-progress to a command and hand it an Out as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @click.option("-q", "--quiet", is_flag=True, help="Print the result alone.")
    @click.option("-v", "--verbose", is_flag=True, help="Print more, and a traceback on an error.")
    @click.option("--no-progress", is_flag=True, help="No progress display.")
    @functools.wraps(command)
    def wrapped(
        *args: Any, as_json: bool, quiet: bool, verbose: bool, no_progress: bool, **options: Any
    ) -> Any:
        click.get_current_context().find_root().meta["symgen.verbose"] = verbose
        return command(Out(as_json, quiet, verbose, not no_progress), *args, **options)

    return wrapped
