"""What an encoding of sound is: samples of one channel as bytes, and back.

A step is a sample. Its fields have 256 values each, so that a dataset holds a byte for each field,
and `[samples, fields]` of uint8 is what lies on the disk.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen import checks
from symgen.encodings.codec import Codec
from symgen.types import Floats32

Bytes = npt.NDArray[np.uint8]
LOWEST_RATE, HIGHEST_RATE = 2000, 48_000


@dataclasses.dataclass(frozen=True)
class Sound(Codec):
    """Sound of one channel at `rate` samples a second."""

    rate: int = 8000

    silence: ClassVar[tuple[int, ...]]  # the value of each field of a sample of 0

    def __post_init__(self) -> None:
        object.__setattr__(
            self,
            "rate",
            checks.whole("encoding.rate =", self.rate, LOWEST_RATE, HIGHEST_RATE, unit="Hz"),
        )

    @property
    def steps_per_second(self) -> float:
        """The samples of a second."""
        return float(self.rate)

    @abc.abstractmethod
    def pack(self, samples: Floats32) -> Bytes:
        """Return uint8 `[n, fields]` of float32 `[n]` from -1 to 1; what is beyond is clipped."""

    @abc.abstractmethod
    def decode(self, events: npt.NDArray[np.integer]) -> Floats32:
        """Return float32 `[n]` from -1 to 1 of integers `[n, fields]`."""

    def encode(self, samples: Floats32) -> npt.NDArray[np.int32]:
        """Return int32 `[n, fields]` of float32 `[n]` from -1 to 1; what is beyond is clipped."""
        return self.pack(samples).astype(np.int32)
