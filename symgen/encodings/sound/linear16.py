"""Linear 16-bit samples as two chained fields: the high byte, then the low byte given it.

Sample s from -32,768 to 32,767 is `256 coarse + fine - 32768`, as in WaveRNN (Kalchbrenner and
others, 2018). Nothing is lost of 16-bit sound.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen.encodings.codec import Field
from symgen.encodings.sound.base import Bytes, Sound
from symgen.types import Floats32

HALF = 1 << 15


@dataclasses.dataclass(frozen=True)
class Linear16(Sound):
    """Sound of 16 bits as a coarse and a fine byte, at `rate` samples a second."""

    name: ClassVar[str] = "linear16"
    silence: ClassVar[tuple[int, ...]] = (128, 0)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The high byte and the low byte."""
        return (Field("coarse", 256), Field("fine", 256))

    def pack(self, samples: Floats32) -> Bytes:
        """Return the two bytes of each sample; see Sound."""
        scaled = np.rint(np.asarray(samples, np.float32) * np.float32(HALF))
        whole = (np.clip(scaled, -HALF, HALF - 1) + HALF).astype(">u2")
        return np.asarray(whole.view(np.uint8).reshape(-1, 2), np.uint8)

    def decode(self, events: npt.NDArray[np.integer]) -> Floats32:
        """Return the sample of each pair of bytes."""
        pairs = np.asarray(events, np.int32)
        whole = (pairs[:, 0] << 8) + pairs[:, 1] - HALF
        return np.asarray(whole / np.float32(HALF), np.float32)
