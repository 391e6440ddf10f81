"""Samples that are neither emptier nor fuller than the training music; others are drawn again.

Notes per second and notes at once are counted over the whole sample (after its primer) if it is at
least ten seconds long. They are compared with the training pieces, and with excerpts of ten or
thirty seconds without the outermost hundredth. Measures that have a target are not compared. The
k-th draw depends only on (seed, sample, k). After TRIES draws the nearest one is kept.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from symgen.encodings import Encoding
from symgen.sampling import generate
from symgen.sampling.extent import VERSION
from symgen.sampling.generate import Playable, Progress
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample

TRIES = 4  # draws of a sample
STRIDE = 1000  # between the numbers of two draws; those between them are for other rules
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
        return float(np.log(max(self.low / max(self.value, 1e-3), self.value / self.high, 1.0)))

    def __str__(self) -> str:
        usual = f"{self.low:.3g} to {self.high:.3g}"
        return f"{self.value:.3g} {UNITS[self.name]}, training pieces have {usual}"


def draw(
    model: Playable, request: Request, progress: Progress | None = None, likelihood: bool = False
) -> list[Sample]:
    """Return the samples of `request`; their `messages` name those drawn again, and why."""
    done = dict[int, Sample]()
    best = dict[int, tuple[float, Sample]]()
    first = dict[int, Odd]()
    left: Sequence[int] = range(request.first, request.first + request.num)
    tries = TRIES if not request.params.greedy else 1
    for k in range(tries):
        again = []
        samples = (
            generate.draw(model, part, progress, likelihood)
            for part in parts(request, left, STRIDE * k)
        )
        for sample in itertools.chain.from_iterable(samples):
            odd = oddity(model.encoding, request, sample)
            if odd is None:
                done[sample.index] = _told(sample, first.get(sample.index), k)
                continue
            again.append(sample.index)
            first.setdefault(sample.index, odd)
            if sample.index not in best or odd.beyond < best[sample.index][0]:
                tried = f" even after {TRIES} draws; the nearest was kept" if tries > 1 else ""
                message = f"sample {sample.index} is unusual{tried}: {odd}"
                best[sample.index] = odd.beyond, dataclasses.replace(sample, messages=(message,))
        if not (left := again):
            break
    done |= {index: best[index][1] for index in left}
    return [done[index] for index in sorted(done)]


def parts(request: Request, which: Sequence[int], again: int) -> Iterator[Request]:
    """Yield requests for the samples of the indices `which`, neighbours in one request.

    `again` is added to the number of the draw.
    """
    places = np.asarray(which)
    for some in np.split(places, np.flatnonzero(np.diff(places) != 1) + 1):
        yield dataclasses.replace(
            request, first=int(some[0]), num=len(some), again=request.again + again
        )


def oddity(encoding: Encoding, request: Request, sample: Sample) -> Odd | None:
    """Return what is odd about a sample, the worst of it; None where nothing is, or is known."""
    names = _looked_at(request)
    rate = encoding.steps_per_second
    begin = encoding.duration(request.primer) if request.primer is not None else 0.0
    end = request.steps(encoding) / rate
    if not names or end - begin < SHORTEST:
        return None
    spans = encoding.spans(sample.events)
    start, stop = np.maximum(spans.start / rate, begin), np.minimum(spans.end / rate, end)
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
    pieces, excerpts = table.get("pieces"), table.get("30" if seconds >= 30 else "10")
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


def _told(sample: Sample, odd: Odd | None, draws: int) -> Sample:
    if odd is None:
        return sample
    times = "again" if draws == 1 else f"again {draws} times"
    return dataclasses.replace(
        sample, messages=(f"sample {sample.index} was drawn {times}: {odd}",)
    )
