"""What all players of one soundfont share: its regions, and tones that were computed before.

A tone without bends is cut into segments. Players that need a segment that another note has used
take it from a cache; the segments used longest ago go when the cache is full.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from symgen.checks import whole
from symgen.rendering.base import Warn
from symgen.rendering.soundfont import fonts, sf2
from symgen.rendering.soundfont.envelope import Wave
from symgen.rendering.soundfont.tone import Voicebox
from symgen.rendering.soundfont.voices import Casting

SEGMENT = 1 << 14  # frames; a whole number of filter windows at any rate
CACHE = 64 << 20  # bytes of segments, and again of prepared samples
RATES = (8000, 192_000)
ALL = 1 << 40  # samples: more than any region has

K = TypeVar("K")
V = TypeVar("V")
Key = tuple[int, int, float, int]
"""Region, key, cutoff, number of the segment."""


class Sampler:
    """A soundfont at one rate. Several threads may share it.

    `warn` is called once for each program that the font lacks and each pitch without a sample.
    """

    def __init__(
        self, font: sf2.Tables, rate: int, warn: Warn | None = None, cache: int = CACHE
    ) -> None:
        self.font, self.rate = font, rate
        self.messages: dict[str, None] = {}
        self._warn = warn
        self.casting = Casting(font, rate, self.say)
        self._tones: Store[Key, Wave] = Store(cache, lambda wave: wave.nbytes)
        self._boxes: Store[int, Voicebox] = Store(cache, lambda box: box.table.nbytes)

    @classmethod
    def open(
        cls,
        soundfont: str | os.PathLike[str] = "",
        rate: int = 44100,
        warn: Warn | None = None,
        cache: int = CACHE,
    ) -> Sampler:
        """Open the soundfont at a path, or the one that is installed for "".

        Raises ReadError if it cannot be used, and BadOption for an unusable rate.
        """
        whole("rate", rate, *RATES, unit="frames per second")
        path = Path(soundfont) if os.fspath(soundfont) else fonts.shipped()
        return cls(sf2.read(path), rate, warn, cache)

    def say(self, line: str) -> None:
        """Report `line`, once."""
        if line not in self.messages:
            self.messages[line] = None
            if self._warn is not None:
                self._warn(line)

    def box(self, region: int) -> Voicebox:
        """Return the prepared sample of a region."""
        made = self.casting.regions[region]
        return self._boxes.get(region, lambda: Voicebox(self.font, made, self.rate, ALL))

    def segment(self, region: int, key: int, cutoff: float, number: int) -> Wave:
        """Return SEGMENT frames of a tone without bends, from frame number * SEGMENT on."""

        def make() -> Wave:
            return self.box(region).tone(key, cutoff, number * SEGMENT, SEGMENT, 0)

        return self._tones.get((region, key, cutoff, number), make)


class Store(Generic[K, V]):
    """Values that are made when they are first needed; those used longest ago are dropped."""

    def __init__(self, limit: int, size: Callable[[V], int]) -> None:
        self.limit, self.size, self.total = limit, size, 0
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value for `key`; two threads may make it at once, which wastes only time."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self.total += self.size(made)
            while self.total > self.limit and len(self._kept) > 1:
                self.total -= self.size(self._kept.popitem(last=False)[1])
        return made
