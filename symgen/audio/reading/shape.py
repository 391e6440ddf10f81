"""Blocks of a wanted rate, number of channels and length, made of the chunks of a decoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


def resampled(chunks: Iterable[Sound], source: float, target: float) -> Iterator[Sound]:
    """Yield the sound at `target` frames per second; `source` is its rate.

    Chunks fit together: the whole is what soxr makes of the whole at once.
    """
    if source == target:
        yield from chunks
        return
    import soxr

    stream = None
    empty = np.zeros((0, 1), np.float32)
    for chunk in chunks:
        if stream is None:
            stream = soxr.ResampleStream(source, target, chunk.shape[1], "float32", QUALITY)
            empty = chunk[:0]
        yield stream.resample_chunk(np.ascontiguousarray(chunk))
    if stream is not None:
        yield stream.resample_chunk(empty, last=True)


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
