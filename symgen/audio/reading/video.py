"""M4A, AAC, WMA and the sound of videos, decoded by FFmpeg through the package av."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from symgen.audio.reading.base import Decoder, Info, Sound, Warn
from symgen.errors import MissingExtra, ReadError

SUFFIXES = (
    ".3gp", ".aac", ".avi", ".m4a", ".m4b", ".mka", ".mkv", ".mov", ".mp4", ".webm", ".wma",
)  # fmt: skip


class Video(Decoder):
    """The first audio stream of a file that FFmpeg decodes."""

    def __init__(self, path: Path, warn: Warn) -> None:
        try:
            import av
        except ImportError:
            raise MissingExtra("av", "video", f"{path}: sound in {path.suffix}") from None
        self.name, self.warn, self.errors = str(path), warn, (av.FFmpegError, ValueError)
        try:
            self.container: Any = av.open(str(path))
        except self.errors:
            raise ReadError(
                self.name, f"no sound that can be read; is it really {path.suffix}?"
            ) from None
        if not self.container.streams.audio:
            self.close()
            raise ReadError(self.name, "has no audio stream")
        self.stream: Any = self.container.streams.audio[0]
        if self.stream.codec_context is None:
            self.close()
            raise ReadError(self.name, "its sound has a codec that FFmpeg does not know")
        rate, seconds = self.stream.rate or 0, self._seconds()
        self.info = Info(
            rate,
            self.stream.channels or 0,
            None if seconds is None else round(seconds * rate),
            seconds,
            self.stream.codec_context.name.upper(),
        )

    def _seconds(self) -> float | None:
        if self.stream.duration is not None:
            return float(self.stream.duration * self.stream.time_base)
        return None if self.container.duration is None else self.container.duration / 1e6

    def chunks(self) -> Iterator[Sound]:
        """Yield what can be decoded; a fault of the decoder ends it."""
        from av import AudioResampler

        plain = AudioResampler(format="fltp", layout=self.stream.layout, rate=self.info.rate)
        try:
            for frame in self.container.decode(self.stream):
                for made in plain.resample(frame):
                    yield _array(made)
            for made in plain.resample(None):
                yield _array(made)
        except self.errors as error:
            self.fault = getattr(error, "strerror", None) or str(error)

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(*self.errors):
            self.container.close()


def _array(frame: Any) -> Sound:
    """Return a frame of FFmpeg as [frames, channels]."""
    return np.ascontiguousarray(frame.to_ndarray().T, np.float32)
