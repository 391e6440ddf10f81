"""The loop that draws events: batches of samples and streams without end both use it.

For each field of an event the model gives its scores, they are divided by the temperature, the
processors change them in their order, and a value is drawn. So the same target has the same weight
at every temperature, and top-k and top-p never cut it off. A stream ends when its time is full, or
where no value is left; it then drops out, and the others are not affected.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symgen.encodings import Events
from symgen.errors import DataError
from symgen.runtime.base import DAMAGED, Player
from symgen.sampling.engine.rng import SampleStreams
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, overriding
from symgen.sampling.request.params import SamplingParams
from symgen.types import Floats32, Ints


class Engine:
    """Draws the streams of `view` from `player`, with `processors` by name, in their order."""

    def __init__(
        self,
        view: View,
        player: Player,
        draws: SampleStreams,
        params: SamplingParams,
        processors: Mapping[str, Processor],
    ) -> None:
        self.view, self.player, self.draws, self.params = view, player, draws, params
        self.processors = processors
        fields = view.encoding.fields
        made = list(processors.values())
        self._acting = [
            [p for p in overriding(made, "apply") if p.acts(k)] for k in range(len(fields))
        ]
        self._beginning = overriding(made, "begin_step")
        self._moving = overriding(made, "moved") if view.whole_notes else []
        self._choosing = overriding(made, "choose")
        self._unblocking = overriding(made, "unblock")
        self._updating = overriding(made, "update")
        self._scores = [np.zeros((view.batch, f.size), np.float32) for f in fields]
        self._rising = [np.zeros((view.batch, f.size)) for f in fields]
        self._fed = self._blank = view.chosen.copy()
        player.start(view.batch)

    def prime(self, events: Events) -> None:
        """Begin every stream with int32 `[steps, fields]`; the model takes the last with `step`."""
        view = self.view
        self.player.start(1)
        view.live = np.zeros(1, np.int64)  # all streams are the same so far
        self._fed = self._blank.copy()
        for row in events:
            self.player.step(self._fed[:1])
            self._fed[:] = row
            view.taking(self._fed)
            for processor in self.processors.values():
                processor.primed(self._fed)
            view.pass_time()
        view.live = np.arange(view.batch)
        self.player.select(np.zeros(view.batch, np.int64))
        self._retire()

    def step(self) -> tuple[Ints, Events]:
        """Draw one event of each live stream.

        Return the streams that keep theirs, int64 `[n]`, and the events int32 `[n, fields]`.
        """
        view, live = self.view, self.view.live
        self.player.step(self._fed if view.all_live else self._fed[live])
        view.chosen = self._blank.copy()
        view.dropped = None
        for processor in self._beginning:
            processor.begin_step(view)
        for field in range(len(self._scores)):
            self._draw(field)
        self._fed = view.chosen
        view.taking(view.chosen)
        for processor in self._updating:
            processor.update(view.chosen)
        view.pass_time()
        if view.dropped is None and view.ended is None:
            return live, view.chosen if view.all_live else view.chosen[live]
        kept = view.kept
        self._retire()
        return kept, self._fed[kept]

    def _draw(self, field: int) -> None:
        """Choose a value of `field` in every stream."""
        view = self.view
        scores, top = self._scored(field)
        if -np.inf in top.tolist():
            scores, top = self._unblocked(field, scores, top)
            stuck = top == -np.inf
            if True in stuck.tolist():
                scores[stuck] = top[stuck] = 0
                view.drop(stuck)
        values = self.params.pick(scores, self.draws.next(), top, self._rising[field])
        for processor in self._choosing:
            values = processor.choose(field, values)
        view.chosen[:, field] = values
        if field == view.onset_field:
            self._move()
        if view.order is not None:
            self._reorder(view.order)

    def _scored(self, field: int) -> tuple[Floats32, Floats32]:
        """Return the scores `[batch, size]` of `field`, and the largest of each stream.

        That is -inf where a stream cannot go on.
        """
        view = self.view
        scores = self._scores[field]
        known = view.chosen if view.all_live else view.chosen[view.live]
        view.logits = self.player.logits(field, known)
        if not np.isfinite(np.maximum.reduce(view.logits, axis=1)).all():
            raise DataError(DAMAGED)
        if view.all_live:
            self.params.temper(view.logits, scores)
        else:
            scores[:] = 0
            scores[view.live] = view.logits
            self.params.temper(scores, scores)
        for processor in self._acting[field]:
            processor.apply(field, scores)
        return scores, np.maximum.reduce(scores, axis=1)

    def _unblocked(self, field: int, scores: Floats32, top: Floats32) -> tuple[Floats32, Floats32]:
        """Score `field` again while a processor makes room where no value is left."""
        attempt = 0
        while len(rows := self.view.kept[top[self.view.kept] == -np.inf]):
            if not any(p.unblock(field, rows, attempt) for p in self._unblocking):
                break
            self._move()
            scores, top = self._scored(field)
            attempt += 1
        return scores, top

    def _move(self) -> None:
        """Tell the processors the onset of the notes under way."""
        for processor in self._moving:
            processor.moved(self.view)

    def _reorder(self, rows: Ints) -> None:
        """Continue with the streams `rows` `[batch]`, the event under way included."""
        self.player.select(rows)
        for processor in self.processors.values():
            processor.select(rows)
        self.view.chosen = self.view.chosen[rows]
        self.view.order = None

    def _retire(self) -> None:
        """Drop the streams that have ended; the player continues only with the others."""
        view = self.view
        ended = np.zeros(view.batch, bool)
        for streams in (view.dropped, view.ended):
            if streams is not None:
                ended |= streams
        view.dropped = view.ended = None
        if not ended[view.live].any():
            return
        view.all_live = False
        stays = np.flatnonzero(~ended[view.live])
        view.forget(view.live[ended[view.live]])
        view.live = view.live[stays]
        if len(stays):
            self.player.select(stays)
