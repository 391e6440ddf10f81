"""Play blocks of sound on the sound card, through miniaudio (extra `play`), which brings its own
library: no package of the system is needed.

Blocks are made a little ahead in the calling thread; the card takes frames from them in its own.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from symgen.errors import DataError, MissingExtra
from symgen.process import Terminated
from symgen.rendering.base import Block

AHEAD = 1.5  # seconds that are made before they are heard
LATENCY = 120  # milliseconds in the card's own buffer
FADE = 0.1  # seconds in which it falls silent when it is stopped
TICK = 0.05  # seconds between looks at the buffer


class Card(Protocol):
    """Something that plays: it asks for frames as it needs them."""

    def start(self, take: Callable[[int], Block]) -> None:
        """Begin to play what `take(frames)` returns, float32 [frames, 2], within -1 and 1."""

    def close(self) -> None:
        """Stop."""


class Buffer:
    """Frames that wait to be heard. One thread puts blocks in, another takes frames out."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.heard = 0  # frames of the music that were taken
        self.missed = 0  # frames of silence, because the music came too late
        self._blocks: deque[Block] = deque()
        self._waiting = 0
        self._over = self._stopped = False
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Seconds of sound that wait."""
        return self._waiting / self.rate

    def put(self, block: Block) -> None:
        """Append a block."""
        with self._lock:
            self._blocks.append(block)
            self._waiting += len(block)

    def finish(self) -> None:
        """Say that no more blocks come."""
        self._over = True

    def stop(self) -> None:
        """Fade out what is taken next, and be silent from then on."""
        with self._lock:
            self._stopped = self._over = True

    def take(self, frames: int) -> Block:
        """Return the next frames; those that are missing are silent."""
        out = np.zeros((frames, 2), np.float32)
        with self._lock:
            done = 0
            while self._blocks and done < frames:
                part = self._blocks[0][: frames - done]
                out[done : done + len(part)] = part
                done += len(part)
                if len(part) == len(self._blocks[0]):
                    self._blocks.popleft()
                else:
                    self._blocks[0] = self._blocks[0][len(part) :]
            self._waiting -= done
            self.heard += done
            if self._stopped:
                out *= np.linspace(1, 0, frames, dtype=np.float32)[:, None]
                self._blocks.clear()
                self._waiting = 0
            elif not self._over:
                self.missed += frames - done
        return out


def play(
    blocks: Iterable[Block],
    rate: int,
    card: Card | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[float, float]:
    """Play `blocks`, float32 [frames, 2] within -1 and 1, to their end.

    Returns the seconds heard, and the seconds of silence where blocks came too late. Ctrl-C fades
    out, stops the card and returns too; SIGTERM fades out and is raised again. `progress` is called
    with the seconds heard. Raises MissingExtra without miniaudio, and DataError without a sound
    card.
    """
    buffer, coming = Buffer(rate), iter(blocks)
    player = MiniaudioCard(rate) if card is None else card
    asked: KeyboardInterrupt | None = None
    try:
        try:
            _fill(buffer, coming)
            player.start(buffer.take)
            while _fill(buffer, coming) or buffer.seconds > 0:
                if progress is not None:
                    progress(buffer.heard / rate)
                time.sleep(TICK)
            time.sleep(LATENCY / 1000)
        except KeyboardInterrupt as interrupt:
            asked = interrupt
        buffer.stop()
        time.sleep(FADE)
    finally:
        player.close()
    if isinstance(asked, Terminated):
        raise asked
    return buffer.heard / rate, buffer.missed / rate


def _fill(buffer: Buffer, coming: Iterator[Block]) -> bool:
    """Make blocks until enough wait; return whether more are to come."""
    while buffer.seconds < AHEAD:
        block = next(coming, None)
        if block is None:
            buffer.finish()
            return False
        buffer.put(block)
    return True


class MiniaudioCard:
    """The default sound card of the system."""

    def __init__(self, rate: int, backends: list[Any] | None = None) -> None:
        try:
            miniaudio: Any = importlib.import_module("miniaudio")
        except ImportError:
            raise MissingExtra("miniaudio", "play", "sound on the sound card") from None
        if backends is None:  # the last one discards all sound
            backends = [b for b in miniaudio.Backend if b is not miniaudio.Backend.NULL]
        try:
            with _quiet():
                self._device = miniaudio.PlaybackDevice(
                    miniaudio.SampleFormat.FLOAT32, 2, rate, LATENCY, backends=backends
                )
        except miniaudio.MiniaudioError as error:
            raise DataError(
                f"no sound card can be opened ({error.args[0] if error.args else error}); "
                "write a file instead: symgen render, or symgen sample -o music.mp3"
            ) from None

    def start(self, take: Callable[[int], Block]) -> None:
        """Begin to play."""
        asked = _frames(take)
        next(asked)
        self._device.start(asked)

    def close(self) -> None:
        """Stop."""
        self._device.close()


def _frames(take: Callable[[int], Block]) -> Generator[Block, int, None]:
    wanted = yield np.zeros((0, 2), np.float32)
    while True:
        wanted = yield take(wanted)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep libraries of the system from writing to stderr, as ALSA does without a card."""
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # there is no stderr
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
