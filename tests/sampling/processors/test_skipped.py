"""What is not looked for at every event is still found in time.

That is: the end, standstill, notes that are too long, and all pitches sounding.
"""

import numpy as np
import pytest

from symgen.sampling.engine.view import View
from symgen.sampling.processors.note_length import LONG, MOST, PRESS, NoteLengthProcessor
from symgen.sampling.processors.time_limits import STANDSTILL, TimeLimitProcessor
from tests.sampling.fakes import OFF, PERFORMANCE, SHIFT
from tests.sampling.steering import after

BATCH = 4


def drawn(seed, steps, shifts):
    """Legal events `[steps, batch, 1]`, `shifts` of them advances, and the grammar after each."""
    rng, grammar = np.random.default_rng(seed), PERFORMANCE.grammar(BATCH)
    for _ in range(steps):
        weights = (
            np.where(np.arange(388) // 100 == 2, shifts, 1)
            * rng.random((BATCH, 388))
            * grammar.legal()
        )
        values = weights.argmax(axis=1)
        grammar.choose(0, values)
        yield values[:, None].astype(np.int32), grammar


@pytest.mark.parametrize(("seed", "shifts"), [(0, 1.0), (1, 1.02), (2, 1.5)])
def test_the_scores_are_those_of_looking_every_time(seed, shifts):
    view, since = View(PERFORMANCE, BATCH), np.zeros((BATCH, 128), np.int64)
    hold, elapsed = NoteLengthProcessor(view), np.zeros(BATCH, np.int64)
    advance, rng, pressed = PERFORMANCE.table()["advance"], np.random.default_rng(seed), 0
    for events, grammar in drawn(seed, 300, shifts):
        after(hold, events, elapsed)
        for row, value in enumerate(events[:, 0]):
            if value < OFF:
                since[row, value] = elapsed[row]
        elapsed += advance[events[:, 0]]
        scores = rng.normal(size=(BATCH, 388)).astype(np.float32)
        expected, sounds = scores.copy(), grammar.open_pitches()
        expected[:, :OFF][sounds] = -np.inf
        over = (elapsed[:, None] - since) / 100 - LONG
        expected[:, OFF:SHIFT] += np.where(sounds, np.clip(over * PRESS, 0, MOST), 0).astype(
            np.float32
        )
        view.grammar = grammar
        hold.apply(0, scores)
        assert np.allclose(scores, expected, atol=1e-5)
        pressed += int((sounds & (over > 0)).sum())
    assert pressed


def test_every_pitch_at_once_leaves_no_strike():
    hold = NoteLengthProcessor(View(PERFORMANCE, 1))
    for pitch in range(128):
        scores = np.zeros((1, 388), np.float32)
        hold.apply(0, scores)
        assert (scores[0, 356:] == 0).all()  # a velocity may still lead to a strike
        after(hold, [[pitch]])
        hold.view.grammar.choose(0, np.array([pitch]))
    hold.apply(0, scores)
    assert (scores[0, 356:] == -np.inf).all()


@pytest.mark.parametrize("stops", [(), (50, 130, 1000)])
def test_the_end_is_seen_when_it_is_near(stops):
    view, rng = View(PERFORMANCE, BATCH, total=2000), np.random.default_rng(0)
    view.stop_at("test", stops)
    limits, advance = TimeLimitProcessor(view), PERFORMANCE.table()["advance"]
    moments, seen = np.array([*stops, 2000]), 0
    for _ in range(400):
        left = moments[np.searchsorted(moments, view.elapsed, "right")] - view.elapsed
        scores = np.zeros((BATCH, 388), np.float32)
        limits.apply(0, scores)
        assert np.array_equal(scores == -np.inf, advance > left[:, None])
        seen += int((left < advance.max()).sum())
        events = np.where(rng.random(BATCH) < 0.5, 0, SHIFT + rng.integers(0, 20, BATCH))
        stays = (advance[events] <= left) & (view.elapsed + advance[events] < 2000)
        after(limits, np.where(stays, events, 0)[:, None])
    assert seen


def test_standing_still_is_seen_at_once():
    limits = TimeLimitProcessor(View(PERFORMANCE, 2))
    for step in range(1, 2 * STANDSTILL):
        moves = step == 100
        after(limits, [[SHIFT if moves else 5], [7]])
        scores = np.zeros((2, 388), np.float32)
        limits.apply(0, scores)
        assert (scores[1, 0] == -np.inf) == (step >= STANDSTILL)
        assert (scores[0, 0] == -np.inf) == (step - 100 >= STANDSTILL)


@pytest.mark.parametrize("total", [250, 300, 301, 1099])
def test_the_longest_shifts_do_not_run_past_the_end(total):
    limits = TimeLimitProcessor(View(PERFORMANCE, 1, total=total))
    for _ in range(total // 100):
        after(limits, [[SHIFT + 99]])
    scores = np.zeros((1, 388), np.float32)
    limits.apply(0, scores)
    assert np.array_equal(scores[0] == -np.inf, PERFORMANCE.table()["advance"] > total % 100)
    assert (limits.view.ended is not None) == (total % 100 == 0)
