"""One listener's music: what is made ahead, what was heard, and going back to change it.

Blocks are made up to `LEAD` seconds beyond what was played, and a copy of the music is kept before
some of them. New targets are heard soon because the music goes back to the block a little after
what is being played (`MARGIN`), and is made again from there: the copy before it is taken, and the
blocks between are made once more, which gives the same. A passage that was played before is drawn
again from before the block of its last note.

The same wish gives the same music: changes hold from the beginning of a block, and every draw has
a number of its own.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from symgen.checks import number
from symgen.errors import BadOption
from symgen.rendering.soundfont.live import BlockSynth, Sampler
from symgen.sampling.model import PlayableModel
from symgen.serve.live.heard import KEPT, Heard
from symgen.serve.live.measure import measured
from symgen.serve.live.music import FRAMES, LONG, Music, Row
from symgen.serve.live.passages import Passage, Played
from symgen.serve.live.source import SEEDS, begin
from symgen.serve.live.theme import Theme, heard, theme_from
from symgen.serve.live.touch import Touch
from symgen.serve.live.wish import FINISH, THEME, Change, Wish
from symgen.similarity.known import Known
from symgen.similarity.passages import Index

LEAD = 3.0  # seconds that are made before they are played
MARGIN = 0.25  # seconds of what was made that a listener still plays before a change
SILENT = 10.0  # seconds without a word from the listener after which it counts as paused
COPIED = 4  # blocks between two copies
TRIES = 8  # draws of a block, until a passage that was played before is let through
MINUTE = 60.0
LATELY = 20.0  # seconds of what was heard that an ending goes on from
SHORTEST, LONGEST_END = 8.0, 600.0  # seconds of music that comes to an end


class Block(NamedTuple):
    """What was made: `sound` is int16 stereo, interleaved; `rows` begin, end or sound in it."""

    frame: int
    sound: bytes
    rows: list[Row]


class Past(NamedTuple):
    """A block that was made: when it begins, a copy of the music before it (not before each), the
    draw that was taken, the passages that end in it, and the events taken from the source that
    belong to it or to what was before."""

    time: float
    music: Music | None
    draw: int = 0
    passages: Sequence[int] = ()
    taken: int = 0


class Session:
    """Music for one listener. It may be used by one thread at a time."""

    def __init__(
        self,
        name: str,
        model: PlayableModel,
        wish: Wish,
        sampler: Sampler | None,
        index: Index | Known | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.model, self.wish, self.clock = name, model, wish, clock
        self.asked = dict(wish.targets)
        self.changes = list[Change]()
        self.passages = Played(index)
        self.refused = self.replayed = 0  # passages that were drawn again, or let through
        self.heard = Heard()
        self.over = self.paused = False
        self.played, self.said = 0.0, clock()  # seconds, and when the listener said so
        self._coming = deque(wish.changes)  # of a wish that is played again
        self._past = deque[Past]()  # what may not have been played yet
        self._changed = True  # since the last copy
        self._tunes = model.encoding.tune
        self._ends = None if wish.minutes is None else wish.minutes * MINUTE
        touch = Touch(model)
        source = begin(model, wish.seed, self._targets(touch), self._ends)
        self.music = Music(source, BlockSynth(sampler) if sampler is not None else None, touch)

    @property
    def now(self) -> float:
        """Seconds that are played by now, as far as is known."""
        since = 0.0 if self.paused else min(self.clock() - self.said, 1.0)
        return min(self.played + since, self.music.time)

    @property
    def room(self) -> float:
        """Seconds until a block may be made; 0 for now, and infinity while it is paused."""
        if self.over or self.paused or self.clock() - self.said > SILENT:
            return math.inf
        return max(self.music.time - self.now - LEAD, 0.0)

    def tell(self, played: float | None = None) -> None:
        """Take a word of the listener, who may say what it has played, in seconds."""
        self.said = self.clock()
        if played is not None and math.isfinite(played):
            self.played = min(max(played, 0.0), self.music.time)
        copies = [i for i, past in enumerate(self._past) if past.music and past.time <= self.played]
        for _ in range(copies[-1] if copies else 0):
            self._past.popleft()

    def make(self) -> Block:
        """Make the next block."""
        while self._coming and self._coming[0].at <= self.music.time:
            self._reopen(len(self._past))
            self._change(self._coming.popleft().values)
        frame, since = self.music.frame, self.music.time
        copied = self.music.copy() if self._changed or frame // FRAMES % COPIED == 0 else None
        self._changed = False
        self._past.append(Past(since, copied))
        rows, draw, found = self._decided()
        passages = self.passages.add(found, since + LONG, self._part)
        taken = self.music.taken - self.music.waiting
        self._past[-1] = Past(since, copied, draw, passages, taken)
        sound, self.over = self.music.render()
        self.heard.keep(rows, self.played - KEPT)
        return Block(frame, sound, rows)

    @property
    def _part(self) -> int | None:
        """The number of the tune, inside which music may repeat; None where it may not."""
        return self.music.source.part if self._tunes else None

    def _decided(self) -> tuple[list[Row], int, list[Passage]]:
        """Decide a block, again where it ends a passage of before.

        Return its rows, which draw was taken, and the passages that end in it.
        """
        since = self.music.time
        for draw in range(TRIES):
            if draw:
                self.refused += 1
                self.music = self._before(len(self._past) - 1)
                _draw_again(self.music, draw)
            rows = self.music.decide()
            found = self.passages.found(self.music.recent, since)
            again = self.passages.repeated(found, self._part)
            if not again and not (found and self.passages.copied(self.music.recent, since)):
                return rows, draw, found
        self.replayed += 1
        return rows, TRIES - 1, found

    def _before(self, place: int, undecided: bool = False) -> Music:
        """Return the music as it was before a block: a copy, from which the way there is redone.

        With `undecided`, the event that was decided too early is still open: it can be another.
        """
        copies = [(i, past.music) for i, past in enumerate(self._past) if past.music is not None]
        fit = [(i, m) for i, m in copies if i < place or (i == place and not m.waiting)]
        begin, found = fit[-1] if undecided and fit else [c for c in copies if c[0] <= place][-1]
        music = found.copy()
        most = self._past[place - 1].taken if undecided and place > begin else None
        for past in itertools.islice(self._past, begin, place):
            if past.draw:
                _draw_again(music, past.draw)
            music.decide(most)
            music.render()
        return music

    def set(self, values: Mapping[str, Any]) -> float:
        """Change targets; return the time from which the music is made again.

        BadOption, and nothing is heard of it, where a target cannot be met.
        """
        if taken := set(values) & {THEME, FINISH}:
            raise BadOption(f"{taken.pop()} is no target")
        music = self.music.copy()
        music.source.set(music.touch.take(self.asked, values))  # it raises before anything is lost
        return self._do(dict(values))

    def answer(self, theme: Theme) -> float:
        """Answer a theme, and go on from it; return the time from which the music does.

        DataError where no note of the theme is one for the model.
        """
        begin(self.model, 0, {}, primer=theme.sequence)  # it raises before anything is lost
        return self._do({THEME: theme.document()})

    def finish(self, seconds: float) -> float:
        """Bring the music to an end within about `seconds`; return the time from which it does."""
        return self._do({FINISH: number(FINISH, seconds, SHORTEST, LONGEST_END)})

    def _do(self, values: Mapping[str, Any]) -> float:
        self._back()
        self._change(values)
        return self.music.time

    def _change(self, values: Mapping[str, Any]) -> None:
        """Do what changes from here on, at the beginning of a block."""
        now = self.music.time
        if THEME in values:
            self._begin(theme_from(values[THEME]), self._left(now))
        elif FINISH in values:
            seconds = number(FINISH, values[FINISH], SHORTEST, LONGEST_END)
            self._ends = now + seconds
            rows = sorted(row for row in self.heard if row.track == 0)
            latest = [row[:4] for row in rows if now - LATELY <= row.start < now]
            theme = heard([(s, min(e, now), p, v) for s, e, p, v in latest]) if latest else None
            self._begin(theme, seconds)
        else:
            self.music.source.set(self.music.touch.take(self.asked, values))
            _draw_again(self.music, 0)  # so that what comes is other music at once
            self.asked = {k: v for k, v in {**self.asked, **values}.items() if v is not None}
        self.changes.append(Change(now, dict(values)))
        self._changed = True

    def _begin(self, theme: Theme | None, seconds: float | None) -> None:
        """Go on with other music, which follows a theme."""
        seed = (self.wish.seed + len(self.changes) + 1) % SEEDS
        targets = self._targets(self.music.touch)
        primer = None if theme is None else theme.sequence
        part = self.music.source.part + 1
        ended = self.music.begin(begin(self.model, seed, targets, seconds, primer, part))
        self.heard.keep(ended, self.played - KEPT)

    def _targets(self, touch: Touch) -> dict[str, Any]:
        """Return the targets that are for the model."""
        return {k: v for k, v in touch.take({}, self.asked).items() if v is not None}

    def _left(self, now: float) -> float | None:
        """Return the seconds until the music ends; None if it does not."""
        return None if self._ends is None else max(self._ends - now, SHORTEST)

    def _back(self) -> None:
        """Go back to the first block that is a little after what is played, or stay here."""
        latest = self.changes[-1].at if self.changes else 0.0
        least = max(self.now + MARGIN, latest)
        later = [i for i, past in enumerate(self._past) if past.time >= least]
        place = later[0] if later else len(self._past)
        self._reopen(place)
        while len(self._past) > place:
            self.passages.forget(self._past.pop().passages)
            self.over = False
        self.heard.cut(self.music.time)

    def _reopen(self, place: int) -> None:
        """Take the music as it was before a block, with nothing decided that begins after it."""
        if place < len(self._past) or not self._changed:
            self.music = self._before(place, undecided=True)

    def state(self) -> dict[str, Any]:
        """Return what is asked, what the music is like, and the passages refused and let through.

        It is the state of what was made last, at the time `at`.
        """
        return {
            "at": self.music.time,
            "asked": self.asked,
            "now": measured(self.music.recent, self.music.time),
            "refused": self.refused,
            "replayed": self.replayed,
        }

    def link(self, at: float) -> Wish:
        """Return the wish that plays the same again up to `at`."""
        return dataclasses.replace(self.wish, changes=tuple(self.changes)).until(at)


def _draw_again(music: Music, draw: int) -> None:
    """Draw other numbers from here on: each draw of each block has its own."""
    music.source.draw_again(music.frame // FRAMES * TRIES + draw)
