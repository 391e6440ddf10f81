"""What every transcriber is: a frozen dataclass of its options that turns sound into notes."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import ClassVar

from symgen.types import Array, Floats32


class Transcriber(abc.ABC):
    """Turns sound into notes. `rate` is that of the sound that it wants, in samples per second."""

    rate: ClassVar[int]
    pedal: ClassVar[bool] = False
    """Whether it tells keys from the pedal; otherwise notes last as long as they are heard."""

    @abc.abstractmethod
    def check(self) -> None:
        """Raise DataError, with the command that installs it, where a part of it is missing."""

    @abc.abstractmethod
    def notes(self, blocks: Iterable[Floats32]) -> Array:
        """Return the notes of a recording, a table of NOTE sorted by (start_time, pitch).

        Its sound comes in blocks, float32 [samples] at `rate`. What is held does not grow with its
        length, except the notes.
        """
