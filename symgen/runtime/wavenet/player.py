"""The player `wavenet`: plays a WaveNet from its weights.

A stream keeps the last inputs of each layer in a ring, of as many places as the largest dilation.
What a step reads of the past is known before it begins, so the products of all layers with it are
one. The layers themselves wait for each other: four calls of NumPy each.

Where TensorFlow is installed, a long draw is taken over by a loop that it compiles (`compiled`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.errors import DataError
from symgen.models import Model, Sizes, Weights
from symgen.models.state import StateSpec
from symgen.models.wavenet.model import WaveNet
from symgen.runtime.base import DAMAGED, Floats, Ints, ParallelPlayer, Pick, Player, WeightsPlayer
from symgen.runtime.passages import Passage, Scores
from symgen.runtime.wavenet import compiled, whole
from symgen.runtime.wavenet.parts import parts


class WaveNetPlayer(WeightsPlayer, ParallelPlayer):
    """Plays a WaveNet. Its state is `ring` `[places, layers, batch, channels]`."""

    resettable = True

    def __init__(self, model: Model, sizes: Sizes, weights: Weights) -> None:
        assert isinstance(model, WaveNet)
        self._parts = parts(model, sizes, weights)
        self._loops = compiled.Loops(self._parts, [size for _, size in sizes.fields])
        layers = len(model.dilations)
        self.states = (StateSpec("ring", (self._parts.places, layers, model.channels)),)

    def fresh(self) -> Player:
        """Return another player of the same weights."""
        other = object.__new__(WaveNetPlayer)
        other.__dict__.update(self.__dict__)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> WaveNetPlayer:
        """Return a player of the same weights whose streams are where those of this one are."""
        other = object.__new__(WaveNetPlayer)
        other.__dict__.update(self.__dict__)
        if hasattr(self, "_ring"):
            other.select(np.arange(self._ring.shape[2]))
        return other

    def start(self, batch: int) -> None:
        """Begin with rings of zeros."""
        p = self._parts
        layers, channels, _ = p.past.shape
        self._at = 0  # the place of the ring that the next step fills
        self._drawn = 0  # steps that `generate` drew
        ring = np.zeros((p.places, layers, batch, channels), np.float32)
        self._go_on(ring, np.zeros((batch, len(p.chain_bias)), np.float32))

    def _go_on(self, ring: Floats, hidden: Floats) -> None:
        """Continue from a ring and from what the head reads; make the arrays of a step."""
        layers, channels, _ = self._parts.past.shape
        batch = ring.shape[2]
        self._ring, self._hidden = ring, hidden
        self._rows = np.zeros((layers, batch, 3 * channels), np.float32)
        self._plus = np.zeros((layers, batch, 3 * channels), np.float32)
        self._plus[:, :, :channels] = self._parts.added
        self._looped = [
            (row, kernel, above, plus, above[:, channels:], above[:, channels : 2 * channels],
             above[:, 2 * channels :])
            for row, kernel, above, plus in zip(
                self._rows, self._parts.joined, self._rows[1:], self._plus[1:], strict=False
            )
        ]  # fmt: skip

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Run one step."""
        p, rows, plus = self._parts, self._rows, self._plus
        width = p.first.shape[0]
        back = (self._at - p.dilations) % p.places
        past = self._ring[back, np.arange(len(back))]
        np.add(np.matmul(past, p.past), p.joined_bias, out=plus[:, :, width:])
        x = whole.given(p, events, controls)
        rows[0, :, :width] = x
        gates = rows[0, :, width:]
        np.tanh(x @ p.first + plus[0, :, width:], out=gates)
        np.multiply(gates[:, :width], gates[:, width:], out=gates[:, width:])
        dot, add, tanh, multiply = np.dot, np.add, np.tanh, np.multiply
        for row, kernel, above, more, both, one, other in self._looped:
            dot(row, kernel, above)
            add(above, more, above)
            tanh(both, both)
            multiply(one, other, other)
        self._ring[self._at] = rows[:, :, :width]
        self._at = (self._at + 1) % p.places
        z = rows[:, :, width : 2 * width] + rows[:, :, 2 * width :]
        skips = z.transpose(1, 0, 2).reshape(len(x), -1) @ p.skip + p.skip_bias
        self._hidden = np.maximum(skips, 0) @ p.chain + p.chain_bias

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats:
        """Return the logits of `field` after the last step."""
        return self._logits(self._hidden if rows is None else self._hidden[rows], field, chosen)

    def _logits(self, hidden: Floats, field: int, chosen: Events) -> Floats:
        for k in range(field):
            hidden = hidden + self._parts.embeddings[k][chosen[:, k]]
        kernel, bias = self._parts.heads[field]
        made: Floats = np.tanh(hidden) @ kernel + bias
        return made

    def select(self, rows: Ints) -> None:
        """Pick streams of the ring."""
        self._go_on(self._ring[:, :, rows], self._hidden[rows])

    def reset(self, rows: Ints) -> None:
        """Set the rings of `rows` to zeros."""
        self._ring[:, :, rows] = 0

    def feed(self, events: Events) -> None:
        """Take int32 `[steps, batch, fields]`, many steps at once."""
        for start in range(0, len(events), whole.STEPS):
            self._hidden = self._taken(events[start : start + whole.STEPS])[-1]

    def _taken(self, events: Events, controls: Floats | None = None) -> Floats:
        """Take steps at once; return what the head reads after each, `[steps, batch, units]`."""
        x = whole.given(self._parts, events, controls)
        hidden = whole.run(self._parts, self._ring, self._at, x)
        self._at = (self._at + len(x)) % self._parts.places
        return hidden

    def score(self, passages: Sequence[Passage]) -> Scores:
        """Score every event of `passages`; see ParallelPlayer."""
        fields = len(self._parts.heads)
        out = Scores.empty(sum(len(each.events) for each in passages), fields)
        player, place = self.fresh(), 0
        assert isinstance(player, WaveNetPlayer)
        for passage in passages:
            player.start(1)
            events = np.concatenate([passage.before[None], passage.events]).astype(np.int32)
            read = iter(passage.controls()) if passage.controls else None
            for start in range(0, len(events) - 1, whole.STEPS):
                part = events[start : start + whole.STEPS + 1]
                rows = list(itertools.islice(read, len(part) - 1)) if read else None
                controls = np.concatenate(rows).reshape(len(rows), 1, -1) if rows else None
                hidden = player._taken(part[:-1, None], controls)[:, 0]
                logits = functools.partial(player._logits, hidden)
                _fill(out, place + np.arange(len(hidden)), logits, part[1:])
                place += len(hidden)
        return out

    def generate(self, chances: npt.NDArray[np.float64], pick: Pick) -> Events:
        """Draw and take steps; see WeightsPlayer."""
        loop = self._loops.worth(self._drawn, chances, pick)
        self._drawn += len(chances)
        if loop is None:
            return super().generate(chances, pick)
        events, self._ring, self._at, self._hidden = loop(
            chances, self._ring, self._at, self._hidden
        )
        return events


def _fill(
    out: Scores, places: Ints, logits: Callable[[int, Events], Floats], truth: Events
) -> None:
    """Score the values `truth` `[n, fields]` at `places`."""
    for field in range(truth.shape[1]):
        found = logits(field, truth)
        if not np.isfinite(found).all():
            raise DataError(DAMAGED)
        out.fill(places, field, found, truth[:, field])
