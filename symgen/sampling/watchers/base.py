"""Watchers: each judges whole samples, and rejects those that must be drawn again.

The watchers of a request judge in the order of `symgen.sampling.watchers.watchers`. The draws of a
watcher are numbered in steps of its `stride`, so that each draw of all of them has its own number,
and depends only on (seed, sample, number). After `tries` draws the watcher says what becomes of the
sample.

To add one, write a class with `make`, `judge` and `give_up`, and register it with one line.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from symgen.encodings import Encoding
from symgen.sampling import generate
from symgen.sampling.generate import Playable, Progress
from symgen.sampling.originality import Original
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample
from symgen.sampling.watchers import watchers


@dataclasses.dataclass(frozen=True)
class Setup:
    """What watchers are made from. `rule` limits copies."""

    encoding: Encoding
    request: Request
    rule: Original | None = None


class Watcher(abc.ABC):
    """One rule for samples. It judges the samples of one request."""

    tries: ClassVar[int]  # draws of a sample
    stride: ClassVar[int]  # between the numbers of two draws

    def __init__(self, setup: Setup) -> None:
        self.encoding, self.request = setup.encoding, setup.request

    @property
    def draws(self) -> int:
        """The draws of a sample: one where each gives the same result."""
        return 1 if self.request.params.greedy else self.tries

    @classmethod
    @abc.abstractmethod
    def make(cls, setup: Setup) -> Watcher | None:
        """Return the watcher that a request needs; None where it needs none."""

    @abc.abstractmethod
    def judge(self, sample: Sample, draw: int) -> Sample | None:
        """Return the sample to keep, with what was found; None to draw it again.

        `draw` counts its draws from 0.
        """

    @abc.abstractmethod
    def give_up(self, index: int) -> Sample | str:
        """Return the sample to keep after all draws, or a message why none is kept."""


def draw(
    model: Playable,
    request: Request,
    rule: Original | None = None,
    progress: Progress | None = None,
    likelihood: bool = False,
) -> tuple[list[Sample], list[str]]:
    """Return the samples of `request`, and a message for each sample that is left out.

    With `likelihood` they have their nats per event. BadOption where `rule` cannot be met.
    """
    setup = Setup(model.encoding, request, rule)
    classes: list[type[Watcher]] = [watchers.load(name) for name in watchers]
    needed = [cls for cls in classes if cls.make(setup) is not None]
    return _drawn(model, setup, needed, progress, likelihood)


def _drawn(
    model: Playable,
    setup: Setup,
    classes: Sequence[type[Watcher]],
    progress: Progress | None,
    likelihood: bool,
) -> tuple[list[Sample], list[str]]:
    """Do the same as `draw` under the watchers of `classes`; the last one judges what they leave.

    Each draw of the last one has all the draws of those before.
    """
    watcher = classes[-1].make(setup) if classes else None
    if watcher is None:
        return generate.draw(model, setup.request, progress, likelihood), []
    kept, messages = list[Sample](), list[str]()
    left: Sequence[int] = range(setup.request.first, setup.request.first + setup.request.num)
    for k in range(watcher.draws):
        rejected = []
        for part in _parts(setup.request, left, watcher.stride * k):
            inner = dataclasses.replace(setup, request=part)
            samples, lost = _drawn(model, inner, classes[:-1], progress, likelihood)
            messages += lost
            for sample in samples:
                if (judged := watcher.judge(sample, k)) is None:
                    rejected.append(sample.index)
                else:
                    kept.append(judged)
        if not (left := rejected):
            break
    for index in left:
        found = watcher.give_up(index)
        if isinstance(found, Sample):
            kept.append(found)
        else:
            messages.append(found)
    return sorted(kept, key=lambda sample: sample.index), messages


def _parts(request: Request, which: Sequence[int], again: int) -> Iterator[Request]:
    """Yield requests for the samples of the indices `which`, neighbours in one request.

    `again` is added to the number of the draw.
    """
    places = np.asarray(which)
    for some in np.split(places, np.flatnonzero(np.diff(places) != 1) + 1):
        yield dataclasses.replace(
            request, first=int(some[0]), num=len(some), again=request.again + again
        )
