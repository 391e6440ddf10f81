"""Join things into sets; the least member identifies a set (union-find with path halving)."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T", bound=Any)  # anything that can be hashed and compared


class Union(Generic[T]):
    """Sets of things; each thing is a set of its own until it is joined to another."""

    def __init__(self) -> None:
        self._above: dict[T, T] = {}

    def join(self, one: T, other: T) -> None:
        """Merge the sets of both things."""
        one = self.least(one)
        other = self.least(other)
        if one != other:
            self._above[max(one, other)] = min(one, other)

    def least(self, thing: T) -> T:
        """Return the least member of the set of `thing`."""
        above = self._above
        while thing in above:
            if above[thing] in above:
                above[thing] = above[above[thing]]
            thing = above[thing]
        return thing
