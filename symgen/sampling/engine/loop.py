"""The loop's one step: logits, grammar, time limits, steering, a draw, field by field, for many streams side by side.

Sampling a batch of files and playing an endless stream both turn this crank. The order is: temperature, what is legal,
what time allows, what a hand can hold, steering, the plan of the piece if there is one, top-k and top-p; so a wish weighs
the same at every temperature and is never cut off. A stream ends when its time is full, or where nothing is legal any
more; it then drops out, and the others go on as if it had never been there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding, Events
from symgen.runtime.base import Player
from symgen.sampling.engine.conditioning import Conditioner
from symgen.sampling.engine.particles import Particles
from symgen.sampling.engine.rng import SampleStreams
from symgen.sampling.processors.ending import EndingProcessor
from symgen.sampling.processors.key import Seconds, Steer
from symgen.sampling.processors.note_length import NoteLengthProcessor
from symgen.sampling.processors.plan import PlanProcessor
from symgen.sampling.processors.time_limits import FOREVER, TimeLimitProcessor
from symgen.sampling.processors.training_range import Inside
from symgen.sampling.processors.whole_notes.base import TRIES, Whole
from symgen.sampling.processors.whole_notes.ending import NotesEnding
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.request.params import Floats, SamplingParams

Ints = npt.NDArray[np.int64]


class Engine:
    """`batch` streams of one model, `rate` steps per second. `live` int64: those that go on.

    `told` is for a model that has controls, `follow` and `particles` come with a plan.
    """

    def __init__(
        self,
        encoding: Encoding,
        player: Player,
        draws: SampleStreams,
        taste: SamplingParams,
        steers: Sequence[Steer],
        batch: int = 1,
        total: int = FOREVER,
        follow: PlanProcessor | None = None,
        particles: Particles | None = None,
        told: Conditioner | None = None,
        ending: EndingProcessor | None = None,
        rate: float | None = None,
        inside: Inside | None = None,
    ) -> None:
        self.inside = inside
        self.follow, self.particles, self.told, self.ending = follow, particles, told, ending
        self.player, self.draws, self.taste, self.steers = player, draws, taste, steers
        self.encoding, self.batch = encoding, batch
        self.rate = rate or encoding.steps_per_second
        self.limits = TimeLimitProcessor(encoding, batch, total)
        self.hold = NoteLengthProcessor(encoding, batch, inside.extent.long if inside else None)
        closing = ending if isinstance(ending, NotesEnding) else None
        self.whole = (
            Whole(encoding, batch, self.limits, steers, closing) if is_whole(encoding) else None
        )
        self.grammar = encoding.grammar(batch)
        self.live = np.arange(batch)
        self._blank = np.repeat(encoding.start()[None], batch, axis=0)
        self._all = True  # no stream has ended
        self._scores = [np.zeros((batch, f.size), np.float32) for f in encoding.fields]
        self._rising = [np.zeros((batch, f.size)) for f in encoding.fields]
        self._fed = self._blank.copy()
        self._acting = [[s for s in steers if s.acts(k)] for k in range(len(encoding.fields))]
        player.start(batch)

    def prime(self, events: Events) -> None:
        """Let every stream hear int32 `[steps, fields]`, all but the last of which the model is fed at once."""
        self.player.start(1)
        if self.inside:
            self.inside.hear(events)
        for row in events:
            for field, value in enumerate(row):
                self.grammar.choose(field, np.full(self.batch, value))
            self._feed(np.zeros(1, np.int64), self.seconds)
            self._fed[:] = row
            for steer in self.steers:
                steer.heard(self._fed)
            self._account(self._fed)
        self.player.select(np.zeros(self.batch, np.int64))
        self._retire(self.limits.full())

    @property
    def seconds(self) -> Seconds:
        """Float64 `[batch]`: the time that each stream has come to; what ended counts for nothing."""
        return np.asarray(self.limits.elapsed / self.rate, np.float64)

    def _feed(self, streams: Ints, seconds: Seconds) -> None:
        """Let the model hear what the `streams` have come to, and what they are told; `seconds` are those of all."""
        fed, now = (
            (self._fed, seconds)
            if len(streams) == self.batch
            else (self._fed[streams], seconds[streams])
        )
        self.player.step(fed, self.told.rows(streams, now) if self.told else None)

    def step(self) -> tuple[Ints, Events]:
        """Choose one event for each live stream; return the streams and their events int32 `[streams, fields]`."""
        live, seconds, stuck = self.live, self.seconds, None
        self._feed(live, seconds)
        for steer in self.steers:
            steer.at(seconds, self.grammar)
        if self.inside:
            self.inside.at(self.grammar, self.limits.elapsed)
        chosen = self._blank.copy()
        for field in range(len(self._scores)):
            scores, top = self._weighed(field, chosen)
            if -np.inf in top.tolist():
                if self.whole and field > self.whole.moved:
                    scores, top, stuck = self._freed(field, chosen, scores, top, stuck)
                ended = top == -np.inf
                scores[ended] = top[ended] = 0
                stuck = ended if stuck is None else stuck | ended
            taste = self.whole.narrowed(field, scores, self.taste) if self.whole else self.taste
            values = taste.pick(
                scores,
                self.draws.next(),
                None if taste is not self.taste else top,
                self._rising[field],
            )
            if self.whole:
                values = self.whole.held(field, values, chosen)
            chosen[:, field] = values
            if self._all and stuck is None:
                self.grammar.choose(field, values)
            else:
                rows = live if stuck is None else live[~stuck[live]]
                self.grammar.choose(field, values[rows], rows)
            if self.whole and field == self.whole.moved:
                stuck = self._moved(stuck)
            chosen = self._resampled(chosen)
        self._fed = chosen
        self._account(chosen)
        for steer in self.steers:
            steer.chosen(chosen)
        full, whole = self.limits.full(), self._all and stuck is None
        if full is not None or stuck is not None:
            self._retire(full if stuck is None else stuck if full is None else stuck | full)
            live = live if stuck is None else live[~stuck[live]]
        return live, chosen if whole else chosen[live]

    def _moved(self, stuck: Any) -> Any:
        """Tell the steers the onset under way; return the streams that end, those `stuck` too."""
        assert self.whole
        seconds = self.whole.now / self.rate
        for steer in self.steers:
            steer.at(seconds, self.grammar)
        over = self.whole.over()
        return over if stuck is None else stuck if over is None else stuck | over

    def _freed(
        self, field: int, chosen: Events, scores: Floats, top: Floats, stuck: Any
    ) -> tuple[Floats, Floats, Any]:
        """Where no value of `field` is legal at the onset under way, move it on to where one is.

        No pitch above the last may be free, or every pitch sound.
        """
        assert self.whole
        for power in range(TRIES):
            bare = top[self.live] == -np.inf
            rows = self.live[bare if stuck is None else bare & ~stuck[self.live]]
            if not len(rows):
                break
            self.whole.further(rows, 2**power, chosen, self.grammar)
            stuck = self._moved(stuck)
            scores, top = self._weighed(field, chosen)
        return scores, top, stuck

    def _account(self, events: Events) -> None:
        """Tell what keeps account of streams which events `[batch, fields]` they came to."""
        self.hold.chosen(events, self.limits.elapsed)
        if self.ending:
            self.ending.chosen(events, self.limits.elapsed)
        self.limits.pass_time(events)
        if self.inside:
            self.inside.chosen(events, self.limits.elapsed)
        if self.whole:
            self.whole.chosen(events)
        if self.follow:
            self.follow.chosen(events)
        if self.told:
            self.told.take(events)

    def _resampled(self, chosen: Events) -> Events:
        """Draw particles anew where few of them carry the weight; return what is `chosen` of the step so far, in their order.

        What is given is the same in all of them, and so is the grammar's state.
        """
        rows = self.particles.again() if self.particles else None
        if rows is None or self.follow is None or not self._all:
            return chosen
        self.player.select(rows)
        self.follow.keep(rows)
        if self.inside:
            self.inside.keep(rows)
        if self.told:
            self.told.keep(rows)
        for steer in self.steers:
            steer.keep(rows)
        return chosen[rows]

    def _weighed(self, field: int, chosen: Events) -> tuple[Floats, Floats]:
        """Return the scores `[batch, size]` of `field`, and the largest of each stream: -inf where it cannot go on."""
        scores = self._scores[field]
        known = chosen if self._all else chosen[self.live]
        logits = self.player.logits(field, known)
        if self.follow:
            logits = self.follow.joint(field, logits, known, self.player, self.live)
        raw = logits
        if not self._all:
            scores[:] = 0
            scores[self.live], raw = logits, scores
        if self.whole and field == self.whole.moved:
            self.whole.temper(raw, scores, self.taste)
        else:
            self.taste.temper(raw, scores)
        self.grammar.bar(field, scores)
        self.limits.apply(field, scores, chosen)
        if self.hold.acts[field]:
            self.hold.apply(field, scores, self.grammar.open_pitches(), self.limits.elapsed)
        for steer in self._acting[field]:
            steer.apply(field, scores)
        if self.follow:
            self.follow.apply(field, scores)
        if self.inside:
            self.inside.apply(field, scores, chosen)
        if self.ending and field in self.ending.fields:
            now = self.whole.now if self.whole and field > self.whole.moved else self.limits.elapsed
            if self.ending.acts(field, now):
                self.ending.apply(field, scores, self.grammar.open_pitches(), now, self.live)
        if self.particles and self._all:
            self.particles.weigh(logits, scores)
        return scores, np.maximum.reduce(scores, axis=1)

    def _retire(self, ended: Any) -> None:
        """Drop the streams that are at their end; the player goes on with the others alone."""
        if ended is None or not ended[self.live].any():
            return
        self._all = False
        stays = np.flatnonzero(~ended[self.live])
        self.limits.forget(self.live[ended[self.live]])
        self.live = self.live[stays]
        if len(stays):
            self.player.select(stays)
