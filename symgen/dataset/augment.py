"""Augmentation: the same piece in other keys and at other speeds, for the training half, made while reading."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar

from symgen.errors import BadOption

OCTAVE = 12
SLOWEST, FASTEST = 0.5, 2.0


@dataclasses.dataclass(frozen=True)
class Augment:
    """`transpose`: semitones up and down (0 for none); `stretch`: the factors on time to choose from (1.0 alone for none)."""

    transpose: int = 3
    stretch: tuple[float, ...] = (0.95, 0.975, 1.0, 1.025, 1.05)

    def __post_init__(self) -> None:
        if (
            isinstance(self.transpose, bool)
            or not isinstance(self.transpose, int)
            or not 0 <= self.transpose <= OCTAVE
        ):
            raise BadOption(
                f"augment.transpose = {self.transpose!r}: expected a whole number of semitones from 0 to {OCTAVE}"
            )
        factors = self.stretch if isinstance(self.stretch, list | tuple) else ()
        if not factors or not all(map(_is_factor, factors)):
            raise BadOption(
                f"augment.stretch = {self.stretch!r}: expected a list of factors from {SLOWEST} to {FASTEST}, "
                "such as [0.95, 1.0, 1.05]; [1.0] stretches nothing"
            )
        object.__setattr__(self, "stretch", tuple(float(f) for f in factors))

    def table(self) -> dict[str, Any]:
        """Return the options as `dataset.json` and a config's [augment] hold them."""
        return {"transpose": self.transpose, "stretch": list(self.stretch)}

    def factor(self, chance: float) -> float:
        """Return the factor on time that `chance` (0 to 1, 1 excluded) picks; all are as likely."""
        return self.stretch[int(chance * len(self.stretch))]

    def semitones(self, chance: float, lowest: int, highest: int) -> int:
        """Return the transposition that `chance` picks among those that keep `lowest`..`highest` within 0..127."""
        down, up = max(-self.transpose, -lowest), min(self.transpose, 127 - highest)
        return down + math.floor(chance * (up - down + 1))


def _is_factor(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and SLOWEST <= value <= FASTEST
    )


class Sized(Protocol):
    """What tells how much memory it takes, as an array does."""

    @property
    def nbytes(self) -> int:
        """The bytes."""


Held = TypeVar("Held", bound=Sized)


class Cache(Generic[Held]):
    """Arrays, or what holds such, by key, made where they are asked for; the least recently asked for go when they exceed `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0
        self._arrays: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Held]) -> Held:
        """Return the array of `key`, from `make` where it is not held."""
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
                return self._arrays[key]
            array = make()
            self._arrays[key] = array
            self.held += array.nbytes
            while self.held > self.limit and len(self._arrays) > 1:
                self.held -= self._arrays.popitem(last=False)[1].nbytes
            return array
