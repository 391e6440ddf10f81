"""What is measured of a recording while it is read once. `measures` is the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from symgen.audio.measures.base import Measure as Measure
from symgen.audio.reading import Sound, shape
from symgen.registry import Registry

measures = Registry(
    "measure",
    {
        "level": "symgen.audio.measures.level:Level",
        "loudness": "symgen.audio.measures.loudness:Loudness",
        "spectrum": "symgen.audio.measures.spectrum:Spectrum",
        "tempo": "symgen.audio.measures.tempo:Tempo",
        "key": "symgen.audio.measures.key:Keys",
    },
)


class Measures:
    """Several measures of one recording; each gets the sound at the rate that it wants.

    `names` are of the registry, `more` are others.
    """

    def __init__(
        self,
        rate: int,
        channels: int,
        names: Sequence[str] = tuple(measures),
        more: Sequence[Measure] = (),
    ) -> None:
        self.rate = rate
        self.own, self.others = list[Measure](), dict[int, list[Measure]]()
        kinds: list[type[Measure]] = [measures.load(name) for name in names]
        made = [kind(kind.rate or rate, 1 if kind.rate else channels) for kind in kinds]
        for measure in (*made, *more):
            own = self.others.setdefault(measure.rate, []) if measure.rate else self.own
            own.append(measure)

    def feed(self, blocks: Iterable[Sound]) -> Iterator[Sound]:
        """Yield the blocks after they have been measured."""
        streams = {rate: shape.Resampler(self.rate, rate) for rate in self.others}
        for block in blocks:
            for measure in self.own:
                measure.feed(block)
            if streams:
                mono = next(shape.mixed([block], 1))
                for rate, stream in streams.items():
                    self._feed(rate, stream.next(mono))
            yield block
        for rate, stream in streams.items():
            self._feed(rate, stream.end())

    def _feed(self, rate: int, sound: Sound) -> None:
        for measure in self.others[rate]:
            measure.feed(sound)

    def result(self) -> dict[str, Any]:
        """Return the figures of all measures."""
        everything = [*self.own, *(m for some in self.others.values() for m in some)]
        return {key: value for m in everything for key, value in m.result().items()}
