"""Scoring music through any player: every event once, lanes, controls, both kinds of player."""

import itertools

import numpy as np
import pytest

from symgen.bundle.bundle import Bundle
from symgen.encodings import encoding
from symgen.runtime import score as scoring
from symgen.runtime.base import Player
from symgen.runtime.onnx import OnnxPlayer
from symgen.runtime.passages import Passage
from symgen.runtime.score import LANES, _rounds, _steps, play, score
from tests.sampling.fakes import bundle

PERFORMANCE = encoding("performance")


class Adding(Player):
    """Two fields of ten values; the best is the sum of events and controls so far, modulo ten."""

    resettable = True

    def start(self, batch):
        self.sums = np.zeros((batch, 2), np.int64)

    def step(self, events, controls=None):
        assert events.dtype == np.int32
        self.sums += events + (0 if controls is None else controls.astype(int))

    def logits(self, field, chosen, rows=None):
        best = (self.sums[:, field] if rows is None else self.sums[rows, field]) % 10
        best = best + (chosen[:, 0] if field else 0)
        return np.where(np.arange(10) == best[:, None] % 10, 2, 0).astype(np.float32)

    def select(self, rows):
        self.sums = self.sums[rows]

    def reset(self, rows):
        self.sums[rows] = 0

    def fresh(self):
        return Adding()


class Unresettable(Adding):
    """The same, but its streams can only begin together."""

    resettable = False

    def reset(self, rows):
        raise AssertionError("it cannot be reset")


def passages(seed, lengths, controls=False):
    rng = np.random.default_rng(seed)
    made = []
    for n in lengths:
        told = rng.integers(0, 3, (n, 2)).astype(np.float32)
        events = rng.integers(0, 10, (n, 2)).astype(np.uint8)
        read = (lambda told=told: told) if controls else None
        made.append(Passage(rng.integers(0, 10, 2), events, read))
    return made


def by_hand(each):
    """Nats and hits of one passage, by the definition of Adding."""
    told = each.controls() if each.controls else np.zeros(each.events.shape, np.float32)
    total, seen = np.zeros(2, int), each.before.astype(int)
    norm, nats, hits = np.log(np.exp(2.0) + 9), [], []
    for event, row in zip(each.events.astype(int), told.astype(int), strict=True):
        total += seen + row
        right = [event[0] == total[0] % 10, event[1] == (total[1] % 10 + event[0]) % 10]
        nats.append([norm - 2 * hit for hit in right])
        hits.append(right)
        seen = event
    return np.reshape(nats, (-1, 2)), np.reshape(hits, (-1, 2))


@pytest.mark.parametrize("player", [Adding, Unresettable])
@pytest.mark.parametrize("controls", [False, True])
@pytest.mark.parametrize("lanes", [1, 3, 64])
def test_every_event_is_scored_as_by_hand(player, controls, lanes, monkeypatch):
    monkeypatch.setattr(scoring, "LANES", lanes)
    some = passages(1, (5, 70, 0, 1, 33, 33, 2), controls)
    seen = []
    made = score(player(), some, lambda done, total: seen.append((done, total)))
    nats, hits = (np.concatenate(x) for x in zip(*map(by_hand, some), strict=True))
    assert np.allclose(made.nats, nats, atol=1e-5) and np.array_equal(made.hits, hits)
    assert np.allclose(made.top, np.exp(2) / (np.exp(2) + 9))
    assert seen[-1] == (144, 144) and [done for done, _ in seen] == sorted({d for d, _ in seen})


def test_nothing_is_scored_without_passages():
    assert len(score(Adding(), []).nats) == 0
    assert score(Adding(), passages(0, (0, 0))).nats.shape == (0, 2)


@pytest.mark.parametrize("resettable", [True, False])
def test_lanes_play_everything_once_and_a_passage_in_a_row(resettable):
    lengths = np.random.default_rng(0).integers(0, 40, 3 * LANES).tolist()
    starts, places, begun = np.cumsum([0, *lengths[:-1]]), [], 0
    for lanes in _rounds(lengths, LANES, resettable):
        steps = list(_steps(lanes, lengths, starts))
        places += [step for step, _ in steps]
        begun += sum(int(new.sum()) for _, new in steps)
        assert max(len(step) for step, _ in steps) <= LANES
        for (before, _), (after, new) in itertools.pairwise(steps):
            assert (after == np.where(new, after, before[: len(after)] + 1)).all()
    assert sorted(np.concatenate(places).tolist()) == list(range(sum(lengths)))
    assert begun == np.count_nonzero(lengths)


def test_the_logits_are_those_of_the_events_that_are_yielded():
    some, player = passages(2, (4, 9, 1)), Adding()
    events = np.concatenate([each.events for each in some])
    for places, now in play(player, some, 2):
        assert np.array_equal(now, events[places]) and len(player.logits(0, now)) == len(places)


def test_the_scores_do_not_depend_on_the_lanes(tmp_path, monkeypatch):
    """Of a real graph, to the bit: with lanes, without, and of one piece alone."""
    opened = Bundle.open(bundle(tmp_path / "best.symgen", units=48))
    rng, start = np.random.default_rng(0), PERFORMANCE.start()
    some = [Passage(start, rng.integers(0, 388, (n, 1))) for n in (30, 7, 90, 12, 1)]
    made = score(opened.open_player(), some)
    player = OnnxPlayer.open(opened)
    assert player.resettable
    player.resettable = False
    alone = [score(OnnxPlayer.open(opened), [each]).nats for each in some]
    assert np.array_equal(score(player, some).nats, made.nats)
    assert np.array_equal(np.concatenate(alone), made.nats)
    monkeypatch.setattr(scoring, "LANES", 2)
    assert np.array_equal(score(OnnxPlayer.open(opened), some).nats, made.nats)
