"""Read recordings in blocks: WAV, FLAC, OGG, Opus, MP3, AIFF, and by the extra `video` M4A and
the sound of videos.

`decoders` is the registry of decoders by extension. The memory that reading takes does not grow
with the length of a file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from symgen import regular
from symgen.audio.reading import shape
from symgen.audio.reading.base import Decoder, Info, Sound, Warn, check, checked
from symgen.audio.reading.soundfiles import SUFFIXES as BY_LIBSNDFILE
from symgen.audio.reading.video import SUFFIXES as BY_FFMPEG
from symgen.checks import number, whole
from symgen.errors import ReadError, SymgenError
from symgen.registry import Registry

decoders = Registry(
    "decoder",
    {
        **dict.fromkeys(BY_LIBSNDFILE, "symgen.audio.reading.soundfiles:SoundFile"),
        **dict.fromkeys(BY_FFMPEG, "symgen.audio.reading.video:Video"),
    },
)

SUFFIXES: tuple[str, ...] = tuple(decoders)
"""The extensions of recordings, in lower case and with their dot."""

TARGETS = (1_000, 192_000)  # frames per second that sound may be resampled to

__all__ = ["SUFFIXES", "Info", "Sound", "Warn", "blocks", "decoders", "info", "is_audio"]


def is_audio(path: str | os.PathLike[str]) -> bool:
    """Return whether the extension of `path` is that of a recording."""
    return PurePath(path).suffix.lower() in SUFFIXES


def info(path: str | os.PathLike[str]) -> Info:
    """Return what the header of a recording says; ReadError if it cannot be read or is refused.

    MissingExtra where the package that decodes it is not installed.
    """
    with _opened(Path(path), _ignore) as decoder:
        return decoder.info


def blocks(
    path: str | os.PathLike[str],
    rate: int | None = None,
    channels: int | None = 1,
    seconds: float = 10.0,
    warn: Warn | None = None,
) -> Iterator[Sound]:
    """Yield a recording as float32 [frames, channels] in blocks of `seconds`; the last is shorter.

    `rate` is in frames per second; None keeps that of the file. `channels` is 1, 2, or None for
    those of the file. `warn` gets a line for what is damaged, without the name of the file. The
    file is opened with the first block. Raises BadOption for a bad argument; ReadError for a file
    that cannot be read, is refused or is beyond the limit `sound`; MissingExtra as `info`.
    """
    if rate is not None:
        whole("rate", rate, *TARGETS, unit="frames per second")
    if channels is not None:
        whole("channels", channels, 1, 2)
    number("seconds", seconds, 0.001, 3600)
    with _opened(Path(path), warn or _ignore) as decoder:
        target = rate or decoder.info.rate
        chunks = checked(decoder)
        if channels is not None:
            chunks = shape.mixed(chunks, channels)
        chunks = shape.resampled(chunks, decoder.info.rate, target)
        yield from shape.cut(chunks, max(1, round(seconds * target)))


def _ignore(line: str) -> None:
    """Take a warning that nobody wants."""


@contextlib.contextmanager
def _opened(path: Path, warn: Warn) -> Iterator[Decoder]:
    """Open a recording by its extension; ReadError if it is refused."""
    kind = path.suffix.lower()
    if kind not in decoders:
        known = ", ".join(sorted(SUFFIXES))
        raise ReadError(path, f"no recording ends in {kind or 'nothing'!r}; known: {known}")
    try:
        with regular.opened(path) as file:
            empty = not file.read(1)
    except (OSError, ValueError) as error:
        raise ReadError(path, getattr(error, "strerror", None) or str(error)) from None
    if empty:
        raise ReadError(path, "is empty (0 bytes)")
    try:
        decoder: Decoder = decoders.load(kind)(path, warn)
        try:
            check(decoder.info, decoder.name)
            yield decoder
        finally:
            decoder.close()
    except (SymgenError, MemoryError):
        raise
    except Exception as error:  # a fault of a library that a damaged file brings out
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        raise ReadError(path, f"the decoder failed: {reason}") from error
