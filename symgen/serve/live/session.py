"""One listener's music: what is made ahead, what was heard, and going back to change it.

Blocks are made up to `LEAD` seconds beyond what was played. Before each one a copy of the music is
kept until the block has been played. New targets are heard soon because the music goes back to the
copy a little after what is being played (`MARGIN`), and is made again from there.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from symgen.errors import BadOption
from symgen.rendering.soundfont.live import BlockSynth, Sampler
from symgen.sampling.model import PlayableModel
from symgen.serve.live.music import LONG, RATE, Block, Music, Row
from symgen.serve.live.wish import MOST_CHANGES, Change, Wish

LEAD = 3.0  # seconds that are made before they are played
MARGIN = 0.3  # seconds of what was made that a listener still plays before a change
KEPT = 25 * 60.0 + 10.0  # seconds of notes that are kept to be saved
SILENT = 10.0  # seconds without a word from the listener after which it counts as paused


class Session:
    """Music for one listener. It may be used by one thread at a time."""

    def __init__(
        self,
        name: str,
        model: PlayableModel,
        wish: Wish,
        sampler: Sampler | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.model, self.wish, self.clock = name, model, wish, clock
        self.targets = dict(wish.targets)
        self.changes = list[Change]()
        self.coming = deque(wish.changes)  # of a wish that is played again
        self.heard: dict[tuple[float, int, int], Row] = {}
        self.over = False
        self.paused = False
        self.played = 0.0  # seconds, and when the listener said so
        self.said = clock()
        synth = BlockSynth(sampler) if sampler is not None else None
        seconds = None if wish.minutes is None else wish.minutes * 60
        self.music = Music(model.stream(seconds, seed=wish.seed, **wish.targets), synth)
        self.before = deque[Music]()

    @property
    def now(self) -> float:
        """Seconds that are played by now, as far as is known."""
        if self.paused:
            return self.played
        since = min(self.clock() - self.said, 1.0)
        return min(self.played + since, self.music.time)

    @property
    def room(self) -> float:
        """Seconds until a block may be made; 0 for now, and infinity while it is paused."""
        if self.over or self.paused or self.clock() - self.said > SILENT:
            return float("inf")
        return max(self.music.time - self.now - LEAD, 0.0)

    def tell(self, played: float | None = None) -> None:
        """Take the listener's word: what it has played."""
        self.said = self.clock()
        if played is not None:
            self.played = min(max(played, 0.0), self.music.time)
        while self.before and self.before[0].time + LONG < self.played:
            self.before.popleft()

    def make(self) -> Block:
        """Make the next block."""
        while self.coming and self.coming[0].at <= self.music.time:
            self._change(self.coming.popleft().values)
        self.before.append(self.music.copy())
        frame = self.music.frame
        rows = self.music.decide()
        sound, self.over = self.music.render()
        self._keep(rows)
        return Block(frame, sound, rows, self.over)

    def set(self, values: Mapping[str, Any]) -> float:
        """Change targets; return the time from which the music is made again.

        BadOption, and nothing changes, where a target cannot be met.
        """
        if len(self.changes) >= MOST_CHANGES:
            raise BadOption(f"{MOST_CHANGES} changes are the most; begin a new stream")
        latest = self.changes[-1].at if self.changes else 0.0
        at = self._back(max(self.now + MARGIN, latest))
        self._change(values)
        return at

    def _change(self, values: Mapping[str, Any]) -> None:
        self.music.stream.set(**values)
        self.targets = {k: v for k, v in {**self.targets, **values}.items() if v is not None}
        self.changes.append(Change(self.music.time, dict(values)))

    def _back(self, least: float) -> float:
        """Go back to the first copy at `least` seconds or later; return its time."""
        later = [music for music in self.before if music.time >= least]
        if later:
            while self.before and self.before[-1].time >= later[0].time:
                self.before.pop()
            self.music, self.over = later[0], False
            self.heard = {k: row for k, row in self.heard.items() if row.start < self.music.time}
        return self.music.time

    def _keep(self, rows: list[Row]) -> None:
        for row in rows:
            self.heard[row.start, row.pitch, row.track] = row
        oldest = self.played - KEPT
        while self.heard and next(iter(self.heard.values())).start < oldest:
            del self.heard[next(iter(self.heard))]

    def link(self, at: float) -> Wish:
        """Return the wish that plays the same again up to `at`."""
        return dataclasses.replace(self.wish, changes=tuple(self.changes)).until(at)

    @property
    def rate(self) -> int:
        """Frames per second."""
        return RATE
