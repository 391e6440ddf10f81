"""What a synthesiser is: notes in, blocks of sound out."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence

Block = npt.NDArray[np.float32]
"""Sound: float32 [frames, 2], left and right; not yet levelled, so it may exceed 1."""

Progress = Callable[[int, int, str], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Synth(abc.ABC):
    """Turns notes into sound with the instruments of a soundfont; "" stands for the synth's own choice."""

    soundfont: str = ""

    @property
    @abc.abstractmethod
    def font(self) -> Path:
        """The soundfont that is used; ReadError where it is missing or is none."""

    @abc.abstractmethod
    def play(
        self, sequence: NoteSequence, rate: int, say: Say, progress: Progress | None = None
    ) -> Iterator[Block]:
        """Yield the sound of `sequence` in blocks at `rate` frames a second, from time 0 to the end of the last tail.

        `say` is told, in one line each, what could not be played as asked.
        """
