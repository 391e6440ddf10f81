"""The order in which a score is played: repeats, endings and jumps to spans of written time.

A repeat goes back to its start; without one, to the end of the repeat before, or to the beginning.
It is played twice, or as often as it or its endings say. After a jump (da capo, dal segno) repeats
are played once, with their last ending, unless they say otherwise, up to `Fine` or to the coda.
Each jump is taken once.
"""

from __future__ import annotations

import dataclasses
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

from symgen.notes.musicxml.events import Kind

MOST_SPANS = 200_000
MOST_STEPS = 1_000_000  # sections between two marks

Mark = tuple[int, Kind, Any]
"""Written time, kind and value."""


class Span(NamedTuple):
    """Written time that is played; `number` is the pass of its repeat, from 1."""

    begin: int
    end: int
    number: int


@dataclasses.dataclass
class _Group:
    """The endings of one repeat."""

    total: int = 2  # passes
    numbers: set[int] = dataclasses.field(default_factory=set)
    after_jump: bool = False


@dataclasses.dataclass
class _Segment:
    """What lies between two marks: those at its begin, and those at its end."""

    begin: int
    end: int
    forward: bool = False
    backward: tuple[int, bool] | None = None
    ending: tuple[int, ...] | None = None
    group: _Group | None = None
    jump: tuple[Kind, str] | None = None
    to_coda: str | None = None
    fine: bool = False


class Player:
    """Plays the marks of a score of `end` units; `spans` is the result."""

    def __init__(self, marks: list[Mark], end: int, warn: Callable[[str], None]) -> None:
        self.spans: list[Span] = []
        self.warn = warn
        self.signs = {
            kind: {str(value): time for time, k, value in sorted(marks, key=_time) if k is kind}
            for kind in (Kind.SEGNO, Kind.CODA)
        }
        self.times = {
            kind: [time for time, k, _ in sorted(marks, key=_time) if k is kind]
            for kind in (Kind.SEGNO, Kind.CODA)
        }
        self.segments = _segments(_with_to_coda(marks), end)
        self.begins = {one.begin: i for i, one in reversed(list(enumerate(self.segments)))}
        self.steps = 0
        self._play()

    def _play(self) -> None:
        at = start = 0
        number, jumped, turned, taken = 1, False, -1, set[int]()
        group: _Group | None = None
        while at < len(self.segments):
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise OverflowError(f"more than {MOST_STEPS:,} repeated sections; shorten it")
            one = self.segments[at]
            jumped = jumped and at <= turned  # beyond the jump, music is new
            if group is not None and one.group is not group:  # the repeat is over
                start, number, group = at, 1, None
            if one.forward and at != start:
                start, number = at, 1
            group = one.group or group
            if one.ending is not None and self._skipped(one, number, jumped):
                at += 1
                continue
            self._add(one, number)
            if jumped and one.fine:
                return
            if jumped and one.to_coda is not None:
                coda = self._place(Kind.CODA, one.to_coda, one.end)
                if coda is not None:
                    at = start = coda
                    number, jumped, group = 1, False, None
                    continue
            if one.backward is not None:
                if number < self._passes(one, jumped):
                    number, at, group = number + 1, start, None
                    continue
                if one.group is None:
                    start, number = at + 1, 1
            if one.jump is not None and at not in taken:
                taken.add(at)
                turned = at
                target = 0
                if one.jump[0] is Kind.DAL_SEGNO:
                    found = self._place(Kind.SEGNO, one.jump[1], one.end)
                    if found is None:
                        self.warn("a jump to a segno that is not there")
                    target = found or 0
                at = start = target
                number, jumped, group = 1, True, None
                continue
            at += 1

    def _add(self, one: _Segment, number: int) -> None:
        last = self.spans[-1] if self.spans else None
        if last and last.end == one.begin and last.number == number:
            self.spans[-1] = last._replace(end=one.end)
        else:
            self.spans.append(Span(one.begin, one.end, number))
        if len(self.spans) > MOST_SPANS:
            raise OverflowError(f"more than {MOST_SPANS:,} repeated sections; shorten it")

    def _skipped(self, one: _Segment, number: int, jumped: bool) -> bool:
        group = one.group or _Group()
        if jumped and not group.after_jump:
            number = group.total
        return number not in (one.ending or ())

    def _passes(self, one: _Segment, jumped: bool) -> int:
        """Return how often the repeat that ends here is played."""
        times, after_jump = one.backward or (0, False)
        if jumped and not after_jump:
            return 1
        return max(times or 2, one.group.total if one.group else 0)

    def _place(self, kind: Kind, name: str, near: int) -> int | None:
        """Return the segment that begins at a sign: by name, else the nearest that fits."""
        time = self.signs[kind].get(name) if name else None
        if time is None:
            times = self.times[kind]
            after, before = bisect_right(times, near), bisect_left(times, near)
            wanted, other = times[after : after + 1], times[max(before - 1, 0) : before]
            if kind is Kind.SEGNO:
                wanted, other = other, wanted
            time = next(iter(wanted or other), None)
        if time is None:
            return None
        return self.begins.get(time)


def _time(mark: Mark) -> int:
    return mark[0]


def _with_to_coda(marks: list[Mark]) -> list[Mark]:
    """Take the first of two coda signs for the place of the jump, if nothing says where it is."""
    codas = sorted({time for time, kind, _ in marks if kind is Kind.CODA})
    if len(codas) < 2 or any(kind is Kind.TO_CODA for _, kind, _ in marks):
        return marks
    return [*marks, (codas[0], Kind.TO_CODA, "")]


def _segments(marks: list[Mark], end: int) -> list[_Segment]:
    cuts = sorted({0, end, *(min(time, end) for time, _, _ in marks)})
    segments = [_Segment(a, b) for a, b in itertools.pairwise(cuts)]
    begins = {one.begin: one for one in segments}
    ends = {one.end: one for one in segments}
    for time, kind, value in marks:
        after, before = begins.get(time), ends.get(time)
        if kind is Kind.FORWARD and after:
            after.forward = True
        elif before is None:
            continue
        elif kind is Kind.BACKWARD:
            old = before.backward or (0, False)
            before.backward = (max(old[0], value[0]), old[1] or value[1])
        elif kind in (Kind.DA_CAPO, Kind.DAL_SEGNO):
            before.jump = before.jump or (kind, value or "")
        elif kind is Kind.TO_CODA:
            before.to_coda = before.to_coda or value or ""
        elif kind is Kind.FINE:
            before.fine = True
    _endings(segments, marks, end)
    return segments


def _endings(segments: list[_Segment], marks: list[Mark], end: int) -> None:
    """Mark the segments of each ending, and group the endings that follow one another."""
    starts = dict(sorted({(t, v) for t, kind, v in marks if kind is Kind.ENDING}))
    stops = sorted({t for t, kind, _ in marks if kind is Kind.ENDING_STOP})
    backs = sorted({t for t, kind, _ in marks if kind is Kind.BACKWARD})
    times = sorted(starts)
    places = [one.begin for one in segments]
    group, last = _Group(), -1
    for i, begin in enumerate(times):
        limit = times[i + 1] if i + 1 < len(times) else end
        found = [t for t in _next(stops, begin) if t <= limit] or _next(backs, begin)
        stop = min([*found, limit])
        numbers = starts[begin]
        if begin != last or group.numbers.intersection(numbers):
            group = _Group(total=0)
        group.numbers.update(numbers)
        inside = segments[bisect_left(places, begin) : bisect_left(places, stop)]
        for one in inside:
            one.ending, one.group = numbers, group
            group.after_jump |= bool(one.backward and one.backward[1])
        alone = group.numbers == set(numbers) and any(one.backward for one in inside)
        group.total = max(group.numbers) + alone  # what follows is the ending of the last pass
        last = stop


def _next(times: list[int], after: int) -> list[int]:
    """Return the first of the sorted times that is later, or none."""
    at = bisect_right(times, after)
    return times[at : at + 1]
