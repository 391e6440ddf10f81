"""The interface of a measure: blocks of a recording in, a few figures out."""

from __future__ import annotations

import abc
from typing import Any

from symgen.audio.reading import Sound


class Measure(abc.ABC):
    """Measures one recording as it is read. The state does not grow, or by a few bytes a second.

    `rate` of the class is that of the sound it wants: 0 for the file's own rate and channels, else
    mono at that rate.
    """

    rate: int = 0

    def __init__(self, rate: int, channels: int) -> None:
        self.frames_per_second, self.channels = rate, channels

    @abc.abstractmethod
    def feed(self, block: Sound) -> None:
        """Take the next block of float32 [frames, channels], of any length."""

    @abc.abstractmethod
    def result(self) -> dict[str, Any]:
        """Return the figures of what was fed, as JSON types; None for what is undefined."""
