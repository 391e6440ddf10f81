"""WAV, FLAC, OGG, Opus, MP3, AIFF and their kin, decoded by libsndfile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from symgen.audio.reading.base import CHUNK, Decoder, Info, Sound, Warn
from symgen.audio.reading.quiet import quiet
from symgen.errors import ReadError

SUFFIXES = (
    ".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".rf64",
    ".wav", ".w64",
)  # fmt: skip
FORMATS = ("AIFF", "AU", "CAF", "FLAC", "MP3", "OGG", "RF64", "W64", "WAV", "WAVEX")
UNKNOWN = 1 << 62  # libsndfile counts this many frames or more where a stream does not say


class SoundFile(Decoder):
    """A recording that libsndfile decodes."""

    def __init__(self, path: Path, warn: Warn) -> None:
        import soundfile

        self.name, self.warn = str(path), warn
        try:
            with quiet():
                self.file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, TypeError):
            raise ReadError(
                self.name, f"no sound that can be read; is it really {path.suffix}?"
            ) from None
        kind = self.file.format
        if kind not in FORMATS:
            self.close()
            raise ReadError(self.name, f"format {kind} is not read; make it WAV or FLAC")
        frames = self.file.frames if 0 <= self.file.frames < UNKNOWN else None
        rate = max(self.file.samplerate, 1)
        self.info = Info(
            self.file.samplerate,
            self.file.channels,
            frames,
            None if frames is None else frames / rate,
            self.file.subtype if kind == "OGG" else kind,
        )

    def chunks(self) -> Iterator[Sound]:
        """Yield what can be decoded; a fault of the decoder ends it."""
        import soundfile

        size = CHUNK // self.info.channels
        try:
            while len(chunk := self._read(size)):
                yield chunk
        except soundfile.SoundFileError as error:
            self.warn(f"the rest cannot be decoded: {' '.join(str(error).split())}")

    def _read(self, size: int) -> Sound:
        with quiet():
            chunk: Sound = self.file.read(size, dtype="float32", always_2d=True)
        return chunk

    def close(self) -> None:
        """Close the file."""
        with quiet():
            self.file.close()
