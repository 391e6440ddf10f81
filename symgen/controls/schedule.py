"""Targets over time: `3`, `2:8`, `2@0:8@20,4@30`, `C@0,Am@20,C@40`, or a list of tables.

Times are seconds from the beginning of the sample, primer included, and rise from 0. A value holds
until the next one. After a colon, or where a table has `glide = true`, the number moves there in a
straight line. A glide without times takes the whole piece, in equal parts.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import BadOption
from symgen.types import Floats, Ints

LATEST = 86_400.0  # seconds
HAIR = 1e-6  # seconds between two values that meet at a jump
KEYS = ("at", "value", "glide")

Read = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class Schedule:
    """`values[i]` holds from `times[i]` on; `times[0]` is the first moment.

    Where `glides[i]`, the number moves to `values[i]` in a straight line. With `shares` the times
    are shares of the piece, and `over` turns them into seconds.
    """

    times: tuple[float, ...]
    values: tuple[Any, ...]
    glides: tuple[bool, ...]
    shares: bool = False

    @property
    def constant(self) -> bool:
        """Whether it has only one value."""
        return len(self.values) == 1

    def over(self, seconds: float | None, what: str = "a value") -> Schedule:
        """Return this with its times in seconds, in a piece of `seconds`.

        BadOption if the piece has no end (None) and the times are shares of it.
        """
        if not self.shares:
            return self
        if seconds is None:
            raise BadOption(
                f"{what} {self}: glides over the whole piece, but this music has no end; "
                f"give times, such as {self.values[0]:g}@0:{self.values[-1]:g}@20"
            )
        return dataclasses.replace(self, times=tuple(t * seconds for t in self.times), shares=False)

    def later(self, seconds: float) -> Schedule:
        """Return this with all times `seconds` later."""
        return dataclasses.replace(self, times=tuple(t + seconds for t in self.times))

    def scaled(self, factor: float, since: float) -> Schedule:
        """Return this with its numbers multiplied by `factor` from `since` on."""
        rows = list(zip(self.times, self.values, self.glides, strict=True))
        points = [(t, v, g) for t, v, g in rows if t < since]
        if points:
            glide = since < self.times[-1] and self.glides[len(points)]
            points.append((since, float(self.at(since)), glide))
        jump = since + (HAIR if points else 0)
        points.append((jump, factor * float(self.at(since)), False))
        points += [(t, factor * v, g) for t, v, g in rows if t > since]
        times, values, glides = zip(*points, strict=True)
        return Schedule(times, values, glides)

    def changes(self) -> tuple[float, ...]:
        """Return the times at which the value jumps."""
        rows = zip(self.times[1:], self.glides[1:], strict=True)
        return tuple(time for time, glide in rows if not glide)

    def index(self, seconds: npt.ArrayLike) -> Ints:
        """Return which value holds at each of `seconds`."""
        places = self._later.searchsorted(np.asarray(seconds, np.float64), "right")
        return np.asarray(places, np.int64)

    def at(self, seconds: npt.ArrayLike) -> Floats:
        """Return float64, of the shape of `seconds`: the number at each of them."""
        return np.asarray(np.interp(np.asarray(seconds, np.float64), *self._corners), np.float64)

    def typical(self, begin: float, end: float) -> Any:
        """Return the target between two times: the mean of numbers, else that in the middle."""
        if any(self.glides):
            return round(float(self.at(np.linspace(begin, end, 51)).mean()), 4)
        if not self.constant and isinstance(self.values[0], float):
            return round(float(self.at(np.linspace(begin, end, 51)[:-1]).mean()), 4)
        return self.values[int(self.index((begin + end) / 2))]

    @functools.cached_property
    def _later(self) -> Floats:
        """The times of all values but the first."""
        return np.array(self.times[1:], np.float64)

    @functools.cached_property
    def _corners(self) -> tuple[Floats, Floats]:
        """The times and numbers of the line that `at` follows; a jump has two at one time."""
        corners = [(self.times[0], float(self.values[0]))]
        for time, value, glide in zip(
            self.times[1:], self.values[1:], self.glides[1:], strict=True
        ):
            if not glide:
                corners.append((time, corners[-1][1]))
            corners.append((time, float(value)))
        times, values = zip(*corners, strict=True)
        return np.array(times, np.float64), np.array(values, np.float64)

    def moments(self, finest: float = 0.25, most: int = 2000) -> tuple[Floats, list[Any]]:
        """Return rising seconds and the value from each of them on.

        Glides become steps of `finest` seconds, or longer ones so that there are at most `most`.
        """
        step = max(finest, (self.times[-1] - self.times[0]) / most)
        times: list[float] = [self.times[0]]
        for before, after, glide in zip(self.times, self.times[1:], self.glides[1:], strict=False):
            times += np.arange(before + step, after - step / 2, step).tolist() if glide else []
            times.append(after)
        if not any(self.glides):
            return np.array(times), list(self.values)
        return np.array(times), [float(v) for v in self.at(np.array(times))]

    def __str__(self) -> str:
        if self.constant:
            return _text(self.values[0])
        out = ""
        for value, time, glide in zip(self.values, self.times, self.glides, strict=True):
            mark = ":" if glide else ","
            out += (mark if out else "") + _text(value) + ("" if self.shares else f"@{time:g}")
        return out


def _text(value: Any) -> str:
    if isinstance(value, int | float):
        return f"{value:g}"
    return ",".join(f"{v:g}" for v in value) if isinstance(value, tuple) else str(value)


def schedule(name: str, target: Any, read: Read, numeric: bool) -> Schedule:
    """Return the schedule of what a user gave as the target `name`.

    `read` turns each value into the target's own form, or raises BadOption. Only `numeric` targets
    may glide.
    """
    if isinstance(target, Schedule):
        return dataclasses.replace(target, values=tuple(map(read, target.values)))
    if isinstance(target, str):
        return _of_text(name, target, read, numeric)
    if (
        isinstance(target, Sequence)
        and len(target)
        and all(isinstance(row, Mapping) for row in target)
    ):
        return _of_tables(name, target, read, numeric)
    return Schedule((0.0,), (read(target),), (False,))


def _of_text(name: str, text: str, read: Read, numeric: bool) -> Schedule:
    if "@" not in text and not (numeric and re.search("[:,]", text)):
        return Schedule((0.0,), (read(_number(name, text) if numeric else text),), (False,))
    parts = re.split(r"([:,])" if numeric else "(,)", text)
    points = [p.partition("@") for p in parts[::2]]
    marks = parts[1::2]
    values = tuple(
        read(_number(name, value) if numeric else value.strip()) for value, _, _ in points
    )
    glides = (False, *(mark == ":" for mark in marks))
    if "@" not in text:
        if not all(glides[1:]):
            raise BadOption(
                f"{name} {text!r}: values one after another need times, "
                f"such as {points[0][0]}@0,{points[-1][0]}@20"
            )
        times = tuple(i / (len(values) - 1) for i in range(len(values)))
        return Schedule(times, values, glides, shares=True)
    what = f"{name} {text!r}"
    seconds = [_number(f"{what}: time", at) if mark else math.nan for _, mark, at in points]
    if not points[0][1]:
        seconds[0] = 0.0
    return Schedule(_rising(what, seconds), values, glides)


def _of_tables(name: str, rows: Sequence[Mapping[str, Any]], read: Read, numeric: bool) -> Schedule:
    for row in rows:
        if unknown := sorted(set(row) - set(KEYS)):
            raise BadOption(
                f"{name}: a value over time has no {unknown[0]!r}; it has {', '.join(KEYS)}"
            )
        if "value" not in row:
            raise BadOption(f"{name}: {dict(row)!r} has no value")
        if row.get("glide", False) not in ((True, False) if numeric else (False,)):
            expected = f"glide {row['glide']!r}: expected true or false"
            raise BadOption(f"{name}: {expected if numeric else 'only numbers can glide'}")
    times = [row.get("at", 0.0 if i == 0 else math.nan) for i, row in enumerate(rows)]
    return Schedule(
        _rising(name, times),
        tuple(read(row["value"]) for row in rows),
        (False, *(bool(row.get("glide")) for row in rows[1:])),
    )


def _rising(what: str, times: list[Any]) -> tuple[float, ...]:
    """Return the times; BadOption if they do not rise from 0."""
    for time in times:
        if isinstance(time, float) and math.isnan(time):
            raise BadOption(f"{what}: a value has no time; expected seconds from 0 to {LATEST:g}")
        if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time <= LATEST:
            raise BadOption(f"{what}: time {time!r}; expected seconds from 0 to {LATEST:g}")
    if times[0] != 0:
        raise BadOption(f"{what}: begins at {times[0]:g} s; give a value from 0 s on")
    for before, after in itertools.pairwise(times):
        if after <= before:
            raise BadOption(
                f"{what}: runs backwards, from {before:g} s to {after:g} s; "
                "give the times in rising order"
            )
    return tuple(float(t) for t in times)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadOption(f"{name} {text!r}: expected a number, such as 3, 2:8 or 2@0:8@20") from None
