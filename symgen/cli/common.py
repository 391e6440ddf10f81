"""What every command shares: the general options, and what goes to stdout and stderr."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.command import GENERAL, option, section
from symgen.errors import printable

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle
    from symgen.types import Progress


@dataclasses.dataclass(frozen=True)
class Out:
    """Where a command writes. Only `result` writes to stdout."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    progress: bool = True

    def log(self, message: str) -> None:
        """Print a message on stderr; -q silences it."""
        if not self.quiet:
            click.echo(_lines_of(message), err=True)

    def result(self, text: str, document: Mapping[str, Any]) -> None:
        """Print the result: `document` as JSON with --json, else `text`."""
        click.echo(_json(document) if self.json else _lines_of(text))

    @contextlib.contextmanager
    def track(self) -> Iterator[Progress | None]:
        """Yield a progress function: a live bar on a terminal, else a line every few seconds."""
        if self.quiet or not self.progress:
            yield None
        elif sys.stderr.isatty():
            with _bar() as progress:
                yield progress
        else:
            yield _lines(self.log)


def _json(document: Mapping[str, Any]) -> str:
    """Return JSON, which has no NaN and no infinity: they become null."""
    try:
        return json.dumps(document, indent=2, sort_keys=True, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(document), indent=2, sort_keys=True, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def warn(out: Out, bundle: Bundle) -> None:
    """Print a note if a model is no better than its baselines."""
    baselines = bundle.training.baselines
    if baselines and baselines.message:
        out.log(f"note: {printable(baselines.message)}")


def _lines_of(text: str) -> str:
    """Return the lines with control characters escaped: names and titles come from files."""
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
    """Add --json, -q, -v and --no-progress to a command, and pass it an Out as first argument."""

    @section(
        GENERAL,
        option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        option("-q", "--quiet", is_flag=True, help="Print only the result."),
        option("-v", "--verbose", is_flag=True, help="Print more, and a traceback on an error."),
        option("--no-progress", is_flag=True, help="Show no progress."),
    )
    @functools.wraps(command)
    def wrapped(
        *args: Any, as_json: bool, quiet: bool, verbose: bool, no_progress: bool, **options: Any
    ) -> Any:
        click.get_current_context().find_root().meta["symgen.verbose"] = verbose
        return command(Out(as_json, quiet, verbose, not no_progress), *args, **options)

    return wrapped
