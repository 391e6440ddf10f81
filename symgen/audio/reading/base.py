"""What every decoder shares: the facts of a file, what is refused, and what is mended.

A file is sound up to where it is damaged: what can be decoded is read, and a warning says what is
missing, as the MIDI reader does. A file of which nothing can be decoded is refused.
"""

from __future__ import annotations

import abc
import dataclasses
import os
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from symgen import limits
from symgen.errors import ReadError, counted

Sound = npt.NDArray[np.float32]
"""float32 [frames, channels], full scale at 1; a recording in floats may exceed it."""

Warn = Callable[[str], None]
"""Called with one line, without the name of the file, for each thing that is mended or missing."""

RATES = (1_000, 768_000)  # frames per second that a file may have
MOST_CHANNELS = 8
LOUDEST = 100.0
"""Greatest value that is taken for sound; a file with more has another scale than 1."""
CHUNK = 1 << 16  # values that are decoded at once
RATIO = 200
"""Bytes of 16-bit sound that a byte may hold, beyond the limit `bytes`; speech in Opus has 130."""


@dataclasses.dataclass(frozen=True)
class Info:
    """What the header of a recording says; `frames` and `seconds` are None where it does not.

    The header may be wrong: reading tells.
    """

    rate: int
    channels: int
    frames: int | None
    seconds: float | None
    format: str


class Decoder(abc.ABC):
    """An open recording. `name` is for errors; `info` holds what its header says.

    `fault` is the reason why decoding ended early.
    """

    name: str
    info: Info
    warn: Warn
    fault: str = ""

    @abc.abstractmethod
    def chunks(self) -> Iterator[Sound]:
        """Yield the sound from its beginning, in the file's own rate and channels."""

    @abc.abstractmethod
    def close(self) -> None:
        """Close the file."""


def check(info: Info, name: str) -> Info:
    """Return the facts of a file if it can be sound; ReadError, or the limit `sound`, if not."""
    if not RATES[0] <= info.rate <= RATES[1]:
        raise ReadError(
            name,
            f"{info.rate:,} frames per second; expected {RATES[0]:,} to {RATES[1]:,}: "
            "is its header damaged?",
        )
    if not 1 <= info.channels <= MOST_CHANNELS:
        raise ReadError(
            name, f"{info.channels} channels, over the limit of {MOST_CHANNELS}; mix it down first"
        )
    if info.frames == 0:
        raise ReadError(name, "holds no sound (0 frames)")
    most = limits.current()
    if info.seconds is not None and info.seconds > most.sound:
        raise most.refuse(name, "sound", round(info.seconds, 1))
    return info


def checked(decoder: Decoder) -> Iterator[Sound]:
    """Yield the chunks of a decoder, mended; warn of what is missing or no number.

    Raises ReadError if nothing can be decoded, and beyond the limits.
    """
    info, most = decoder.info, limits.current()
    frames = wrong = 0
    bytes_most = max(most.bytes, RATIO * os.stat(decoder.name).st_size)
    for chunk in decoder.chunks():
        frames += len(chunk)
        if frames > most.sound * info.rate:
            raise most.refuse(decoder.name, "sound")
        if 2 * frames * info.channels > bytes_most:  # hours of silence packed to nothing
            raise most.refuse(decoder.name, "bytes")
        peak = float(np.abs(chunk).max(initial=0))  # NaN if one is
        if not peak <= LOUDEST:
            wrong += _mend(chunk, decoder.name)
        yield chunk
    if not frames:
        raise ReadError(decoder.name, "holds no sound that can be decoded; is it damaged?")
    if wrong:
        decoder.warn(f"{counted(wrong, 'value')} that are no numbers: read as silence")
    if info.frames is not None and info.frames - frames > info.rate * 0.1:
        decoder.warn(
            f"ends after {frames / info.rate:,.1f} s of the {info.frames / info.rate:,.1f} s "
            f"that its header claims: {decoder.fault or 'cut off or damaged'}"
        )
    elif decoder.fault:
        decoder.warn(f"the rest cannot be decoded: {decoder.fault}")


def _mend(chunk: Sound, name: str) -> int:
    """Set what is no number to 0, in place; return how many values that are."""
    bad = ~np.isfinite(chunk)
    chunk[bad] = 0
    peak = float(np.abs(chunk).max(initial=0))
    if peak > LOUDEST:
        raise ReadError(
            name, f"values up to {peak:g}, where full scale is 1; divide it by its full scale"
        )
    return int(bad.sum())
