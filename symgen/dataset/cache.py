"""A cache of arrays with a limit in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Anything with `nbytes`, such as an array."""

    @property
    def nbytes(self) -> int:
        """The bytes."""


Held = TypeVar("Held", bound=Sized)


class Cache(Generic[Held]):
    """Arrays by key. The least recently used ones are dropped above `limit` bytes in total."""

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0
        self._arrays: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Held]) -> Held:
        """Return the array of `key`; `make` makes it where it is not held."""
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
