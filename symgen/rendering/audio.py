"""Sound files: measure blocks of sound, normalise them and write WAV, FLAC, OGG or MP3.

The blocks are kept in an unnamed file between measuring and writing, so memory does not grow with
the length. The peak, also measured between frames, is set to PEAK; nothing is clipped or
compressed. The bytes depend only on the sound. The output file is complete or absent.
"""

from __future__ import annotations

import contextlib
import errno
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from symgen import files
from symgen.checks import whole
from symgen.errors import BadOption, DataError
from symgen.rendering import ogg
from symgen.rendering.base import Block

FORMATS: dict[str, dict[str, Any]] = {
    ".wav": {"format": "WAV", "subtype": "PCM_16"},
    ".flac": {"format": "FLAC", "subtype": "PCM_16"},
    # about 140 kbit/s
    ".ogg": {"format": "OGG", "subtype": "VORBIS", "compression_level": 0.2},
    # about 175 kbit/s
    ".mp3": {
        "format": "MP3",
        "subtype": "MPEG_LAYER_III",
        "compression_level": 0.0,
        "bitrate_mode": "VARIABLE",
    },
}
RATES = (8000, 192_000)
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
PEAK = -1.0  # dBFS
CHUNK = 1 << 15  # frames; libsndfile crashes on a long OGG written at once
LONGEST = 6.0  # hours
WAV_BYTES = 1 << 32


@dataclass(frozen=True)
class Measured:
    """A sound before normalising: frames, true peak, mean square."""

    frames: int
    peak: float
    power: float


def check(suffix: str, rate: int) -> None:
    """Refuse a rate that the format cannot hold."""
    whole("rate", rate, *RATES, unit="frames per second")
    if suffix == ".mp3" and rate not in MP3_RATES:
        raise BadOption(
            f"rate {rate}: MP3 knows {', '.join(map(str, MP3_RATES))}; choose one of them, or .flac"
        )


def save(
    blocks: Iterable[Block], path: Path, rate: int, replace: bool = True
) -> tuple[float, float, float]:
    """Normalise the sound and write it; return its seconds, peak and loudness (RMS) in dBFS.

    Exists if there is a file by then and `replace` is off.
    """
    files.make_folder(path.parent)
    with files.naming(path), tempfile.TemporaryFile(dir=path.parent) as scratch:
        measured = measure(blocks, scratch)
        if measured.peak <= 0:
            raise DataError(
                f"{path}: nothing sounds: the soundfont has no sample for any of the notes; "
                "try another --soundfont"
            )
        if path.suffix.lower() == ".wav" and measured.frames * 4 + 44 >= WAV_BYTES:
            raise DataError(
                f"{path}: {measured.frames / rate / 3600:.1f} hours at {rate} Hz exceed "
                "the 4 GiB of a WAV file; use .flac"
            )
        gain = 10 ** (PEAK / 20) / measured.peak
        with files.atomic(path, "w+b", replace) as file:
            loudest = _write(_read(scratch), file, path.suffix.lower(), rate, gain)
    return measured.frames / rate, decibels(loudest), decibels(math.sqrt(measured.power) * gain)


def decibels(value: float) -> float:
    """Return an amplitude in dBFS."""
    return 20 * math.log10(max(value, 1e-10))


def measure(blocks: Iterable[Block], scratch: IO[bytes]) -> Measured:
    """Write the blocks to `scratch` as raw float32, and measure them."""
    frames, peak, power = 0, 0.0, 0.0
    for block in blocks:
        scratch.write(np.ascontiguousarray(block, np.float32).data)
        frames += len(block)
        peak = max(peak, true_peak(block))
        power += float(np.vdot(block, block))
    return Measured(frames, peak, power / max(2 * frames, 1))


def true_peak(block: Block) -> float:
    """Return the greatest absolute value of the frames and of the points half way between them."""
    if len(block) < 4:
        return float(np.abs(block).max(initial=0))
    middle = (block[1:-2] + block[2:-1]) * np.float32(0.5625)
    middle -= (block[:-3] + block[3:]) * np.float32(0.0625)
    return max(float(edge) for part in (block, middle) for edge in (part.max(), -part.min()))


def _read(scratch: IO[bytes]) -> Iterator[Block]:
    scratch.seek(0)
    while data := scratch.read(CHUNK * 8):
        yield np.frombuffer(data, np.float32).reshape(-1, 2)


def _write(blocks: Iterable[Block], file: IO[Any], suffix: str, rate: int, gain: float) -> float:
    """Write the blocks times `gain`; return the greatest absolute value."""
    loudest = 0.0
    with encoder(file, suffix, rate) as put:
        for block in blocks:
            scaled = block * np.float32(gain)
            loudest = max(loudest, float(scaled.max()), -float(scaled.min()))
            put(scaled)
    return loudest


@contextlib.contextmanager
def encoder(file: IO[Any], suffix: str, rate: int) -> Iterator[Callable[[Block], None]]:
    """Yield a function that writes blocks of any length to `file`; OSError if it cannot.

    The encoder opens the file by its name: with the file object, an error or Ctrl-C inside it would
    be lost.
    """
    import soundfile

    whole, limit = FORMATS[suffix]["subtype"] == "PCM_16", math.inf
    if suffix == ".wav":
        limit = (WAV_BYTES - 44) // 4
    frames = 0

    def put(block: Block) -> None:
        nonlocal frames
        frames += len(block)
        if frames >= limit:
            raise DataError(
                f"{frames / rate / 3600:.1f} hours at {rate} Hz exceed the 4 GiB of a WAV file; "
                "use .flac"
            )
        for i in range(0, len(block), CHUNK):
            part = block[i : i + CHUNK]
            sound.write(np.round(part * 32767).astype(np.int16) if whole else part)

    try:
        with soundfile.SoundFile(file.name, "w", rate, 2, **FORMATS[suffix]) as sound:
            yield put
    except (AssertionError, soundfile.SoundFileError):
        raise OSError(errno.EIO, "cannot be written completely; is the disk full?") from None
    if suffix == ".ogg":
        ogg.renumber(file)
