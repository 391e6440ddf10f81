"""A model whose state is a growing cache: it is played, scored and sampled like any other."""

from types import SimpleNamespace

import numpy as np
import pytest

from symgen.encodings import encoding
from symgen.models import StateSpec
from symgen.runtime.base import Player
from symgen.runtime.passages import Passage
from symgen.runtime.score import score
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask
from tests.runtime.fakes import candidate_logits, expected_logits, growing_player

PERFORMANCE = encoding("performance")
SIZE = PERFORMANCE.fields[0].size


def nats(events, before):
    """The nats of each event of a piece, by the definition of the toy model."""
    out, seen = [], [before]
    for event in events:
        logits = expected_logits(SIZE, seen).astype(np.float64)
        out.append(np.log(np.exp(logits).sum()) - logits[event])
        seen.append(event)
    return np.array(out)


def test_the_state_is_declared_and_grows():
    player = growing_player(SIZE)
    assert player.states == (StateSpec("cache", (None, 1), "float32"),)
    assert player.states[0].grows and not player.resettable
    player.start(2)
    for t in range(5):
        player.step(np.array([[t], [2 * t]], np.int32))
        assert [state.shape for state in player._now.states] == [(2, t + 1, 1)]
    want = [expected_logits(SIZE, range(5)), expected_logits(SIZE, range(0, 10, 2))]
    assert np.array_equal(player.logits(0, np.zeros((2, 1), np.int32)), want)


def test_streams_are_selected_doubled_and_begun_again():
    player = growing_player(SIZE)
    player.start(3)
    for events in ([1, 2, 3], [4, 5, 6]):
        player.step(np.array(events, np.int32)[:, None])
    player.select(np.array([2, 0, 2]))
    player.step(np.array([7, 8, 9], np.int32)[:, None])
    want = [expected_logits(SIZE, seen) for seen in ([3, 6, 7], [1, 4, 8], [3, 6, 9])]
    assert np.array_equal(player.logits(0, np.zeros((3, 1), np.int32)), want)
    candidates = candidate_logits(player, 0, np.zeros((3, 2, 1), np.int32))
    assert np.array_equal(candidates, np.repeat(np.stack(want)[:, None], 2, axis=1))
    player.start(1)
    player.step(np.array([[5]], np.int32))
    assert np.array_equal(
        player.logits(0, np.zeros((1, 1), np.int32)), [expected_logits(SIZE, [5])]
    )


@pytest.mark.parametrize("lanes", [1, 2, 64])
def test_its_music_is_scored(lanes, monkeypatch):
    monkeypatch.setattr("symgen.runtime.score.LANES", lanes)
    rng = np.random.default_rng(0)
    pieces = [rng.integers(0, SIZE, (n, 1)) for n in (3, 40, 0, 17, 17)]
    start = PERFORMANCE.start()
    made = score(growing_player(SIZE), [Passage(start, piece) for piece in pieces])
    want = [nats(piece[:, 0], int(start[0])) for piece in pieces]
    assert np.allclose(made.nats[:, 0], np.concatenate(want), atol=1e-3)


class Listing(Player):
    """The toy model in plain Python: a list of the events of each stream."""

    def start(self, batch):
        self.seen = [[] for _ in range(batch)]

    def step(self, events, controls=None):
        for seen, event in zip(self.seen, events[:, 0].tolist(), strict=True):
            seen.append(event)

    def logits(self, field, chosen, rows=None):
        rows = range(len(self.seen)) if rows is None else rows
        return np.stack([expected_logits(SIZE, self.seen[row]) for row in rows])

    def select(self, rows):
        self.seen = [list(self.seen[row]) for row in rows]

    def fresh(self):
        return Listing()


def samples(player, **options):
    model = SimpleNamespace(encoding=PERFORMANCE, play=player.fresh, controls=())
    return draw(model, ask(seconds=3, seed=1, free=True, **options), likelihood=True)


def test_it_is_sampled():
    """Its samples and their nats are those of the same model without a graph."""
    made, want = (samples(player, num=4) for player in (growing_player(SIZE), Listing()))
    assert len({len(sample.events) for sample in want}) > 1  # some streams end before others
    for mine, theirs in zip(made, want, strict=True):
        assert np.array_equal(mine.events, theirs.events)
        assert mine.nats == pytest.approx(theirs.nats, rel=1e-5)
    [alone] = samples(growing_player(SIZE), num=1, first=2)
    assert np.array_equal(alone.events, made[2].events)
