"""Blocks of a wanted rate, number of channels and length, made of the chunks of a decoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from symgen.audio.reading.base import Sound

QUALITY = "HQ"  # of soxr: 20 bits, and a pass band of 91 % of what the lower rate can hold


def mixed(chunks: Iterable[Sound], channels: int) -> Iterator[Sound]:
    """Yield the chunks with 1 or 2 channels.

    Stereo stays stereo. Else all channels become their mean, which stands on both sides in stereo.
    """
    for chunk in chunks:
        if chunk.shape[1] == channels:
            yield chunk
            continue
        mono = chunk[:, :1]
        if chunk.shape[1] > 1:  # a product with a vector is faster than mean()
            weights = np.full((chunk.shape[1], 1), 1 / chunk.shape[1], np.float32)
            mono = chunk @ weights
        yield np.repeat(mono, 2, axis=1) if channels == 2 else mono


class Resampler:
    """Changes the rate of sound that comes in chunks: the whole is what soxr makes of the whole."""

    def __init__(self, source: float, target: float) -> None:
        self.source, self.target = source, target
        self.stream: Any = None
        self.channels = 1

    def next(self, chunk: Sound) -> Sound:
        """Return the next part of the sound; it may be empty, because soxr looks ahead."""
        if self.source == self.target:
            return chunk
        if self.stream is None:
            import soxr

            self.channels = chunk.shape[1]
            self.stream = soxr.ResampleStream(
                self.source, self.target, self.channels, "float32", QUALITY
            )
        made: Sound = self.stream.resample_chunk(np.ascontiguousarray(chunk))
        return made

    def end(self) -> Sound:
        """Return the last part."""
        empty = np.zeros((0, self.channels), np.float32)
        return empty if self.stream is None else self.stream.resample_chunk(empty, last=True)


def resampled(chunks: Iterable[Sound], source: float, target: float) -> Iterator[Sound]:
    """Yield the sound at `target` frames per second; `source` is its rate."""
    stream = Resampler(source, target)
    for chunk in chunks:
        yield stream.next(chunk)
    yield stream.end()


def cut(chunks: Iterable[Sound], frames: int) -> Iterator[Sound]:
    """Yield the sound in blocks of `frames` frames; the last one may be shorter."""
    waiting: list[Sound] = []
    count = 0
    for chunk in chunks:
        while count + len(chunk) >= frames:
            head, chunk = chunk[: frames - count], chunk[frames - count :]
            yield np.concatenate([*waiting, head])
            waiting, count = [], 0
        if len(chunk):
            waiting.append(chunk)
            count += len(chunk)
    if count:
        yield np.concatenate(waiting)
