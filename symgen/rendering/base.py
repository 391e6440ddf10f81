"""The interface of a synthesiser: notes in, blocks of sound out."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence
from symgen.types import Progress as Progress

Block = npt.NDArray[np.float32]
"""Sound: float32 [frames, 2], left and right; not normalised, so it may exceed 1."""

Warn = Callable[[str], None]
"""Called with one line for each thing that cannot be played."""


@dataclass(frozen=True)
class Synth(abc.ABC):
    """Turns notes into sound with a soundfont; "" is the default soundfont of the synthesiser."""

    soundfont: str = ""

    @property
    @abc.abstractmethod
    def font(self) -> Path:
        """The soundfont that is used; ReadError if it is missing or not a soundfont."""

    @abc.abstractmethod
    def play(
        self, sequence: NoteSequence, rate: int, warn: Warn, progress: Progress | None = None
    ) -> Iterator[Block]:
        """Yield the sound of `sequence` in blocks, at `rate` frames per second.

        It goes from time 0 to the end of the last note's decay.
        """
