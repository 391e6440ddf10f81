"""What the pieces of a split have in common, of notes or of sound: rows of events."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls import Control
from symgen.encodings import Codec, Events

Array = npt.NDArray[Any]


class Rows(abc.ABC):
    """The pieces of a split, in the order of their ids.

    `lengths` are the events of each piece. `contexts` has a table of facts for each piece.
    """

    def __init__(
        self, codec: Codec, contexts: Sequence[dict[str, Any]], lengths: Sequence[int]
    ) -> None:
        self.codec = codec
        self.contexts = list(contexts)
        self.ids = [str(c["id"]) for c in self.contexts]
        self.lengths = np.asarray(lengths, np.int64)
        self.ends = np.cumsum(self.lengths)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def total(self) -> int:
        """The events of all pieces."""
        return int(self.lengths.sum())

    @abc.abstractmethod
    def part(self, i: int) -> Array:
        """Return a view of the events of piece `i`, `[steps, fields]` of a small integer type."""

    def events(self, i: int) -> Events:
        """Return the events of piece `i`, int32 `[steps, fields]`."""
        return self.part(i).astype(np.int32)

    def first(self, i: int, steps: int) -> Events:
        """Return the first events of piece `i`, int32 `[at most steps, fields]`."""
        return self.part(i)[:steps].astype(np.int32)

    def steps(self, i: int, factor: float) -> int:
        """Return the events of piece `i` with all times multiplied by `factor`."""
        return int(self.lengths[i])

    def varied(self, i: int, factor: float, semitones: int, start: int, stop: int) -> Events:
        """Return the events `start` to `stop` of piece `i`, stretched and transposed."""
        return self.part(i)[start:stop].astype(np.int32)

    @property
    @abc.abstractmethod
    def spans(self) -> npt.NDArray[np.int64]:
        """The lowest and highest pitch of each piece, `[pieces, 2]`; 127 and 0 without notes."""

    @abc.abstractmethod
    def share(self, events: int, seed: int = 0) -> Rows:
        """Return random pieces, or parts of some, that hold about `events` events; all if fewer."""

    @abc.abstractmethod
    def extent(self) -> tuple[int | None, float]:
        """Return the notes (None where there are none, in sound) and the seconds."""

    @abc.abstractmethod
    def unigram(self, held_out: Rows) -> dict[str, float]:
        """Return for each field the nats of a value of `held_out` by the frequencies here.

        One is added to each count.
        """

    def control_rows(
        self, controls: tuple[Control, ...], i: int, factor: float = 1.0, semitones: int = 0
    ) -> npt.NDArray[np.float32]:
        """Return float32 `[steps, width]`: the controls of piece `i`, stretched and transposed."""
        return np.zeros((int(self.lengths[i]), 0), np.float32)

    def control_window(
        self,
        controls: tuple[Control, ...],
        i: int,
        start: int,
        stop: int,
        factor: float = 1.0,
        semitones: int = 0,
    ) -> npt.NDArray[np.float32]:
        """Return the rows from `start` to `stop` of `control_rows`."""
        return np.zeros((max(min(stop, int(self.lengths[i])) - start, 0), 0), np.float32)
