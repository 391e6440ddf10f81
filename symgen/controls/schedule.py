"""Values over time: `3`, `2:8` (a glide over the piece), `2@0:8@20,4@30`, `C@0,Am@20,C@40`, or a list of {at, value} tables.

Times are seconds of the sample, the primer's included, and rise from 0. A value holds until the next one; behind a colon,
or where a table says `glide = true`, numbers move there in a straight line. Glides without times take equal parts of the piece.
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

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LATEST = 86_400.0  # seconds
HAIR = 1e-6  # seconds between two values that stand side by side
KEYS = ("at", "value", "glide")


@dataclasses.dataclass(frozen=True)
class Schedule:
    """`values[i]` holds from `times[i]` on, `times[0]` being the first moment; `glides[i]`: the way to it is a straight line.

    `shares`: times are shares of the piece, and `over` makes seconds of them.
    """

    times: tuple[float, ...]
    values: tuple[Any, ...]
    glides: tuple[bool, ...]
    shares: bool = False

    @property
    def constant(self) -> bool:
        """Whether it has one value alone."""
        return len(self.values) == 1

    def over(self, seconds: float | None, what: str = "a value") -> Schedule:
        """Return this with its times in seconds, in music of so many; BadOption where it has no end and needs one."""
        if not self.shares:
            return self
        if seconds is None:
            raise BadOption(
                f"{what} {self}: glides over the whole piece, and this music has no end; give times, such as "
                f"{self.values[0]:g}@0:{self.values[-1]:g}@20"
            )
        return dataclasses.replace(self, times=tuple(t * seconds for t in self.times), shares=False)

    def later(self, seconds: float) -> Schedule:
        """Return this begun `seconds` later."""
        return dataclasses.replace(self, times=tuple(t + seconds for t in self.times))

    def scaled(self, factor: float, since: float) -> Schedule:
        """Return this with its numbers multiplied by `factor` from `since` on."""
        points = [
            (t, v, g)
            for t, v, g in zip(self.times, self.values, self.glides, strict=True)
            if t < since
        ]
        if points:
            glide = since < self.times[-1] and self.glides[len(points)]
            points.append((since, float(self.at(since)), glide))
        begun = (since + (HAIR if points else 0), factor * float(self.at(since)), False)
        points += [
            begun,
            *(
                (t, factor * v, g)
                for t, v, g in zip(self.times, self.values, self.glides, strict=True)
                if t > since
            ),
        ]
        times, values, glides = zip(*points, strict=True)
        return Schedule(times, values, glides)

    def changes(self) -> tuple[float, ...]:
        """Return the times at which another value comes at once."""
        return tuple(
            t for t, glide in zip(self.times[1:], self.glides[1:], strict=True) if not glide
        )

    def index(self, seconds: npt.ArrayLike) -> Ints:
        """Return which value holds at each of `seconds`."""
        return np.asarray(
            self._later.searchsorted(np.asarray(seconds, np.float64), "right"), np.int64
        )

    def at(self, seconds: npt.ArrayLike) -> Floats:
        """Return float64, the shape of `seconds`: the number at each of them."""
        return np.asarray(np.interp(np.asarray(seconds, np.float64), *self._corners), np.float64)

    @functools.cached_property
    def _later(self) -> Floats:
        """The times at which another value than the first holds."""
        return np.array(self.times[1:], np.float64)

    @functools.cached_property
    def _corners(self) -> tuple[Floats, Floats]:
        """The times and the numbers of the line that `at` walks: a number that comes at once makes two corners at one time."""
        corners = [(self.times[0], float(self.values[0]))]
        for time, value, glide in zip(
            self.times[1:], self.values[1:], self.glides[1:], strict=True
        ):
            corners += (
                [(time, float(value))] if glide else [(time, corners[-1][1]), (time, float(value))]
            )
        times, values = zip(*corners, strict=True)
        return np.array(times, np.float64), np.array(values, np.float64)

    def moments(self, finest: float = 0.25, most: int = 2000) -> tuple[Floats, list[Any]]:
        """Return rising seconds and the value from each of them on, with glides in steps of `finest` seconds, `most` in all."""
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
            return _said(self.values[0])
        parts = [
            f"{_said(v)}" if self.shares else f"{_said(v)}@{t:g}"
            for v, t in zip(self.values, self.times, strict=True)
        ]
        return parts[0] + "".join(
            (":" if g else ",") + p for g, p in zip(self.glides[1:], parts[1:], strict=True)
        )


def _said(value: Any) -> str:
    return (
        f"{value:g}"
        if isinstance(value, int | float)
        else ",".join(f"{v:g}" for v in value)
        if isinstance(value, tuple)
        else str(value)
    )


def schedule(name: str, asked: Any, read: Callable[[Any], Any], numbers: bool) -> Schedule:
    """Return what is `asked` of the control `name`, each value through `read`, which raises BadOption for one that cannot be.

    `numbers`: values are numbers, which text may glide between.
    """
    if isinstance(asked, Schedule):
        return dataclasses.replace(asked, values=tuple(map(read, asked.values)))
    if isinstance(asked, str):
        return _of_text(name, asked, read, numbers)
    if (
        isinstance(asked, Sequence)
        and len(asked)
        and all(isinstance(row, Mapping) for row in asked)
    ):
        return _of_tables(name, asked, read, numbers)
    return Schedule((0.0,), (read(asked),), (False,))


def _of_text(name: str, text: str, read: Callable[[Any], Any], numbers: bool) -> Schedule:
    if "@" not in text and not (numbers and re.search("[:,]", text)):
        return Schedule((0.0,), (read(_number(name, text) if numbers else text),), (False,))
    parts = re.split(r"([:,])" if numbers else "(,)", text)
    points, marks = [p.partition("@") for p in parts[::2]], parts[1::2]
    values = tuple(
        read(_number(name, value) if numbers else value.strip()) for value, _, _ in points
    )
    glides = (False, *(mark == ":" for mark in marks))
    if "@" not in text:
        if not all(glides[1:]):
            raise BadOption(
                f"{name} {text!r}: values that follow one another need times, such as {points[0][0]}@0,{points[-1][0]}@20"
            )
        return Schedule(
            tuple(i / (len(values) - 1) for i in range(len(values))), values, glides, shares=True
        )
    times = [
        _number(f"{name} {text!r}: time", at) if mark else 0.0 if i == 0 else math.nan
        for i, (_, mark, at) in enumerate(points)
    ]
    return Schedule(_rising(f"{name} {text!r}", times), values, glides)


def _of_tables(
    name: str, rows: Sequence[Mapping[str, Any]], read: Callable[[Any], Any], numbers: bool
) -> Schedule:
    for row in rows:
        if unknown := sorted(set(row) - set(KEYS)):
            raise BadOption(
                f"{name}: a value over time has no {unknown[0]!r}; it has {', '.join(KEYS)}"
            )
        if "value" not in row:
            raise BadOption(f"{name}: {dict(row)!r} has no value")
        if row.get("glide", False) not in ((True, False) if numbers else (False,)):
            raise BadOption(
                f"{name}: glide {row['glide']!r}: expected true or false"
                if numbers
                else f"{name}: it has no glide"
            )
    times = [row.get("at", 0.0 if i == 0 else math.nan) for i, row in enumerate(rows)]
    return Schedule(
        _rising(name, times),
        tuple(read(row["value"]) for row in rows),
        (False, *(bool(r.get("glide")) for r in rows[1:])),
    )


def _rising(what: str, times: list[Any]) -> tuple[float, ...]:
    """Return the times; BadOption where they do not rise from 0."""
    for time in times:
        if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time <= LATEST:
            said = (
                "a value has no time"
                if isinstance(time, float) and math.isnan(time)
                else f"time {time!r}"
            )
            raise BadOption(f"{what}: {said}; expected seconds from 0 to {LATEST:g}")
    if times[0] != 0:
        raise BadOption(f"{what}: begins at {times[0]:g} s; say what is asked from 0 s on")
    for before, after in itertools.pairwise(times):
        if after <= before:
            raise BadOption(
                f"{what}: runs backwards, from {before:g} s to {after:g} s; give the times in their order"
            )
    return tuple(float(t) for t in times)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadOption(f"{name} {text!r}: expected a number, such as 3, 2:8 or 2@0:8@20") from None
