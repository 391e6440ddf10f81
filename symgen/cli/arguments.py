"""Types of arguments and options: how a value is read, and how the shell completes it.

A type reads its value without any heavy import. Names (of models, configs, corpora) are passed on
as they are; the library checks them and suggests the nearest one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:  # generic only in newer versions of click
    ParamType = click.ParamType[Any]
    WordChoice = click.Choice[str]
else:
    ParamType, WordChoice = click.ParamType, click.Choice

CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d*)?)")
UNITS = re.compile(
    r"(?:(\d+(?:\.\d*)?) *h)? *(?:(\d+(?:\.\d*)?) *m(?:in)?)? *(?:(\d+(?:\.\d*)?) *s(?:ec)?)?"
)
SECONDS = {"seconds": 1, "minutes": 60}


class Duration(ParamType):
    """A length of time: 90, 3:00, 1:02:03, 3m or 90s.

    A bare number counts in `unit`, "seconds" or "minutes". The value is a float in that unit.
    """

    name = "time"

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Return the value as a number of `unit`."""
        found = duration(str(value), self.unit)
        if found is None or not math.isfinite(found) or found <= 0:
            example = "90, 3:00 or 90s" if self.unit == "seconds" else "10, 2:30 or 90s"
            self.fail(f"{value!r}: expected {self.unit} above 0, such as {example}", param, ctx)
        return found


def duration(text: str, unit: str) -> float | None:
    """Return the time that `text` gives as a number of `unit`; None if it is not a time."""
    try:
        return float(text)
    except ValueError:
        text = text.strip().lower()
    found = CLOCK.fullmatch(text) or (UNITS.fullmatch(text) if text else None)
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    if ":" in text and (seconds >= 60 or (found[1] and minutes >= 60)):
        return None
    return (3600 * hours + 60 * minutes + seconds) / SECONDS[unit]


class Whole(ParamType):
    """A whole number from `low` to `high`."""

    name = "n"

    def __init__(self, low: int | None = None, high: int | None = None) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Return the value as an int."""
        try:
            found = int(value)
        except ValueError:
            self.fail(f"{value!r}: expected a whole number{self._limits()}", param, ctx)
        if (self.low is not None and found < self.low) or (
            self.high is not None and found > self.high
        ):
            self.fail(f"{found}: expected a whole number{self._limits()}", param, ctx)
        return found

    def _limits(self) -> str:
        if self.low is None:
            return "" if self.high is None else f" of at most {self.high}"
        return (
            f" of at least {self.low}" if self.high is None else f" from {self.low} to {self.high}"
        )


class Number(ParamType):
    """A number; the library checks its range."""

    name = "x"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Return the value as a float."""
        try:
            return float(value)
        except ValueError:
            self.fail(f"{value!r}: expected a number", param, ctx)


class Choice(WordChoice):
    """One of several words; an old word stands for the new one."""

    def __init__(self, choices: Sequence[str], renamed: Mapping[str, str] | None = None) -> None:
        super().__init__(choices)
        self.renamed = renamed or {}

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the word, or the new one for an old one."""
        from symgen.errors import nearest

        value = self.renamed.get(value, value)
        if value not in self.choices:
            near = nearest(value, self.choices)
            hint = f"; did you mean {near!r}?" if near else ""
            self.fail(f"{value!r}: expected one of {', '.join(self.choices)}{hint}", param, ctx)
        return str(value)


class Text(ParamType):
    """A text that is passed on as it is; the shell completes it with `names` and with files.

    `files` is "file" or "dir", or empty where only names make sense. With `many` the text holds
    names separated by commas, of which the last is completed.
    """

    name = "text"

    def __init__(
        self,
        names: Callable[[], Iterable[str]] | None = None,
        files: str = "",
        many: bool = False,
    ) -> None:
        self.names, self.files, self.many = names, files, many

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names and files that begin with `incomplete`.

        If no name does, the shell is told to complete files itself.
        """
        before, comma, last = incomplete.rpartition(",") if self.many else ("", "", incomplete)
        known = self.names() if self.names else ()
        found = [f"{before}{comma}{name}" for name in known if name.startswith(last)]
        if not self.files:
            return [CompletionItem(name) for name in found]
        if not found:
            return [CompletionItem(incomplete, type=self.files)]
        return [CompletionItem(name) for name in [*found, *_paths(incomplete)]]


def _paths(incomplete: str) -> list[str]:
    """Return the files and folders here that begin with `incomplete`, a name without a slash."""
    found = sorted(path for path in Path().iterdir() if path.name.startswith(incomplete))
    return [f"{path.name}/" if path.is_dir() else path.name for path in found]


def _models() -> list[str]:
    """Return the models that ship, and the runs in the folder runs/."""
    from symgen.pretrained import pretrained

    runs = sorted(path.parent.as_posix() for path in Path("runs").glob("*/best.symgen"))
    return [*pretrained, *runs]


def _models_and_corpora() -> list[str]:
    return [*_models(), *_corpora()]


def _parts() -> tuple[str, ...]:
    return ("likelihood", "statistics", "originality")


def _configs() -> list[str]:
    from symgen.config import names

    return names()


def _corpora() -> list[str]:
    """Return the corpora that come with symgen or lie in ./corpora."""
    from symgen.config import shipped

    folders = [*shipped("corpora").glob("*/"), *Path("corpora").glob("*/")]
    return sorted({folder.name for folder in folders if folder.is_dir()})


def _encodings() -> list[str]:
    from symgen.encodings import codecs

    return sorted(codecs)


def _synths() -> list[str]:
    from symgen.rendering import synths

    return sorted(synths)


def _metrics() -> list[str]:
    from symgen.evaluation.statistics.metrics import metrics

    return sorted(metrics)


MODEL = Text(_models, "file")
CONFIG = Text(_configs, "file")
MUSIC = Text(_corpora, "file")
MUSIC_OR_MODEL = Text(_models_and_corpora, "file")
CORPUS = Text(_corpora)
ENCODING = Text(_encodings)
SYNTH = Text(_synths)
METRICS = Text(_metrics, many=True)
PARTS = Text(_parts, many=True)
FILE = Text(files="file")
FOLDER = Text(files="dir")
