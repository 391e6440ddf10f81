"""Samples that are neither emptier nor fuller than the training music; others are drawn again.

Notes per second and notes at once are counted over the whole sample (after its primer) if it is at
least ten seconds long. They are compared with the training pieces, and with excerpts of ten or
thirty seconds without the outermost hundredth. Measures that have a target are not compared. The
k-th draw depends only on (seed, sample, k). After all draws the nearest one is kept.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar, NamedTuple

import numpy as np

from symgen.encodings import Encoding
from symgen.sampling.extent import VERSION
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample
from symgen.sampling.watchers.base import Setup, Watcher

SHORTEST = 10.0  # seconds
UNITS = {"density": "notes per second", "polyphony": "notes at once"}


class Odd(NamedTuple):
    """What is odd about a sample: the measure, its value and its range."""

    name: str
    value: float
    low: float
    high: float

    @property
    def beyond(self) -> float:
        """The factor by which the value lies outside, as a logarithm; 0 inside."""
        below = self.low / max(self.value, 1e-3)
        above = self.value / self.high
        return float(np.log(max(below, above, 1.0)))

    def __str__(self) -> str:
        usual = f"{self.low:.3g} to {self.high:.3g}"
        return f"{self.value:.3g} {UNITS[self.name]}, training pieces have {usual}"


class TypicalWatcher(Watcher):
    """Rejects samples that are emptier or fuller than the training music."""

    tries: ClassVar[int] = 4
    stride: ClassVar[int] = 1000  # the numbers between are for other watchers

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._first: dict[int, Odd] = {}  # what was odd about the first draw of a sample
        self._best: dict[int, tuple[float, Sample]] = {}  # its nearest draw, and how far it is off

    @classmethod
    def make(cls, setup: Setup) -> Watcher | None:
        """Return the watcher; it rejects nothing where no range is known."""
        return cls(setup)

    def judge(self, sample: Sample, draw: int) -> Sample | None:
        """Return the sample, with a message if it was drawn again; None where it is odd."""
        odd = oddity(self.encoding, self.request, sample)
        if odd is None:
            return _explained(sample, self._first.get(sample.index), draw)
        self._first.setdefault(sample.index, odd)
        known = self._best.get(sample.index)
        if known is None or odd.beyond < known[0]:
            self._best[sample.index] = odd.beyond, self._kept(sample, odd)
        return None

    def give_up(self, index: int) -> Sample:
        """Return the nearest draw."""
        return self._best[index][1]

    def _kept(self, sample: Sample, odd: Odd) -> Sample:
        """Return `sample` with a message that it is odd."""
        tried = ""
        if self.draws > 1:
            tried = f" even after {self.tries} draws; the nearest was kept"
        message = f"sample {sample.index} is unusual{tried}: {odd}"
        return dataclasses.replace(sample, messages=(message,))


def oddity(encoding: Encoding, request: Request, sample: Sample) -> Odd | None:
    """Return what is odd about a sample, the worst of it; None where nothing is, or is known."""
    names = _looked_at(request)
    rate = encoding.steps_per_second
    begin = encoding.duration(request.primer) if request.primer is not None else 0.0
    end = request.steps(encoding) / rate
    if not names or end - begin < SHORTEST:
        return None
    spans = encoding.spans(sample.events)
    start = np.maximum(spans.start / rate, begin)
    stop = np.minimum(spans.end / rate, end)
    values = {
        "density": float((spans.start / rate >= begin - 1e-9).sum()) / (end - begin),
        "polyphony": float(np.maximum(stop - start, 0).sum()) / (end - begin),
    }
    found = [
        Odd(name, values[name], *limits)
        for name in names
        if (limits := usual(request, name, end - begin)) is not None
    ]
    worst = max(found, key=lambda odd: odd.beyond, default=None)
    return worst if worst and worst.beyond > 0 else None


def usual(request: Request, name: str, seconds: float) -> tuple[float, float] | None:
    """Return the least and the most that the training music has of a measure."""
    table = (request.music or {}).get(name) or {}
    pieces = table.get("pieces")
    excerpts = table.get("30" if seconds >= 30 else "10")
    if not pieces:
        return None
    excerpts = excerpts or pieces
    return min(pieces["0"], excerpts["1"]), max(pieces["100"], excerpts["99"])


def _looked_at(request: Request) -> list[str]:
    """Return the measures that nothing asks for."""
    known = request.music or {}
    if request.free or known.get("version") != VERSION or request.shape.melody is not None:
        return []
    targets = request.controls.schedules
    if "density" in targets:  # which also moves the notes at once
        return []
    return ["density"] if "polyphony" in targets else ["density", "polyphony"]


def _explained(sample: Sample, odd: Odd | None, draws: int) -> Sample:
    if odd is None:
        return sample
    times = "again" if draws == 1 else f"again {draws} times"
    return dataclasses.replace(
        sample, messages=(f"sample {sample.index} was drawn {times}: {odd}",)
    )
