"""WAV, FLAC, OGG, Opus, MP3, AIFF and their kin, decoded by libsndfile.

soundfile 0.14 seeks after every read of a file in which it can seek. In MP3 that loses the bit
reservoir: with short frames up to a fifth of the sound is wrong, more the shorter the reads are.
It is told that it cannot seek, which is faster too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from symgen import regular
from symgen.audio.reading import containers, mpeg
from symgen.audio.reading.base import CHUNK, Decoder, Info, Sound, Warn
from symgen.audio.reading.joined import Joined
from symgen.audio.reading.quiet import quiet
from symgen.errors import ReadError, counted

SUFFIXES = (
    ".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".rf64",
    ".wav", ".w64",
)  # fmt: skip
FORMATS = ("AIFF", "AU", "CAF", "FLAC", "MP3", "OGG", "RF64", "W64", "WAV", "WAVEX")
FLAC_FRAMES = 1 << 10
UNKNOWN = 1 << 62  # libsndfile counts this many frames or more where a stream does not say


class SoundFile(Decoder):
    """A recording that libsndfile decodes."""

    def __init__(self, path: Path, warn: Warn) -> None:
        import soundfile

        self.name, self.warn = str(path), warn
        self.bytes, self.links = regular.opened(path), list[tuple[int, int]]()
        try:
            self.file = _opened(self._source(path))
        except BaseException as error:
            self.bytes.close()
            if not isinstance(error, soundfile.SoundFileError | TypeError):
                raise
            raise ReadError(
                self.name, f"no sound that can be read; is it really {path.suffix}?"
            ) from None
        kind = self.file.format
        if kind not in FORMATS:
            self.close()
            raise ReadError(self.name, f"format {kind} is not read; make it WAV or FLAC")
        known = 0 <= self.file.frames < UNKNOWN and not self.links
        frames = self.file.frames if known else None
        rate = max(self.file.samplerate, 1)
        self.info = Info(
            self.file.samplerate,
            self.file.channels,
            frames,
            None if frames is None else frames / rate,
            self.file.subtype if kind == "OGG" else kind,
        )

    def _source(self, path: Path) -> Path | io.RawIOBase:
        """Return what libsndfile opens: the path, or its content with a mended header."""
        for line in containers.remarks(self.bytes):
            self.warn(line)
        if (whole := containers.finished(self.bytes)) is not None:
            self.warn(
                "its header counts 0 bytes of sound: recording was broken off; read to its end"
            )
            return whole
        first, *self.links = containers.links(self.bytes) or [(0, 0)]
        if self.links:
            return Joined(self.bytes, b"", [first])
        if path.suffix.lower() != ".mp3":
            return path
        found = mpeg.scan(self.bytes)
        if found is None or found.in_order:
            return path
        if found.lost:
            self.warn(f"{counted(found.lost, 'byte')} among its frames are no MP3: skipped")
        return mpeg.mended(self.bytes, found)

    def chunks(self) -> Iterator[Sound]:
        """Yield what can be decoded; a fault of the decoder ends it.

        What a call has decoded before a fault is lost, so FLAC is asked for a few frames at a time.
        """
        import soundfile

        size = FLAC_FRAMES if self.info.format == "FLAC" else CHUNK // self.info.channels
        try:
            while True:
                while len(chunk := self._read(size)):
                    yield chunk
                if not self.links or not self._next():
                    break
        except soundfile.SoundFileError as error:
            if self.info.frames is not None or self.links:  # else that is how a stream ends
                self.fault = " ".join(str(error).split())

    def _next(self) -> bool:
        """Go on with the next of the streams that follow each other; False if it is another."""
        self.file.close()
        self.file = _opened(Joined(self.bytes, b"", [self.links.pop(0)]))
        same: bool = (
            self.file.samplerate == self.info.rate and self.file.channels == self.info.channels
        )
        if not same:
            self.warn("streams of another rate or other channels follow: not read")
        return same

    def _read(self, size: int) -> Sound:
        with quiet():
            chunk: Sound = self.file.read(size, dtype="float32", always_2d=True)
        return chunk

    def close(self) -> None:
        """Close the file."""
        with quiet():
            self.file.close()
        self.bytes.close()


def _opened(source: Path | io.RawIOBase) -> Any:
    """Return a file of soundfile that is read from its beginning to its end, without seeking."""
    import soundfile

    with quiet():
        file = soundfile.SoundFile(source)
    file.seekable = lambda: False
    return file
