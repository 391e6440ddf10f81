"""One long sound of many: each begins while the one before it fades out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symgen.rendering.base import Block


class Mixer:
    """Joins sounds with cross-fades of equal power; keeps only the end of the last one.

    `at` is the number of frames that were given out, and `begins` where each sound begins.
    """

    def __init__(self, fade: int) -> None:
        self.fade, self.at = fade, 0
        self.begins = list[int]()
        self.kept = np.zeros((0, 2), np.float32)  # the end of the last sound, which may yet fade

    def add(self, blocks: Iterator[Block], frames: int) -> Iterator[Block]:
        """Yield what is finished after the next sound, which has `frames` frames."""
        fade = min(self.fade, frames // 2, len(self.kept))
        early = len(self.kept) - fade
        if early:
            yield self._out(self.kept[:early])
        self.begins.append(self.at)
        last, self.kept = self.kept[early:], np.zeros((0, 2), np.float32)
        hold = min(self.fade, frames // 2)
        for block in blocks:
            if len(last):
                block, last, fade = self._crossed(block, last, fade)
            joined = np.concatenate([self.kept, block])
            ready = max(len(joined) - hold, 0)
            self.kept = joined[ready:]
            if ready:
                yield self._out(joined[:ready])
        if len(last):
            self.kept = np.concatenate([self.kept, last])

    def _crossed(self, block: Block, last: Block, fade: int) -> tuple[Block, Block, int]:
        """Return the block with the end of the last sound in it, and what is left of that."""
        count = min(len(block), len(last))
        done = fade - len(last)
        angle = (np.arange(done, done + count, dtype=np.float32)[:, None] + 0.5) / fade * np.pi / 2
        mixed = block.copy()
        mixed[:count] = block[:count] * np.sin(angle) + last[:count] * np.cos(angle)
        return mixed, last[count:], fade

    def end(self) -> Iterator[Block]:
        """Yield the end of the last sound."""
        if len(self.kept):
            kept, self.kept = self.kept, self.kept[:0]
            yield self._out(kept)

    def _out(self, block: Block) -> Block:
        self.at += len(block)
        return block
