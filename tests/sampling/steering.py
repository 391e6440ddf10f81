"""Processors on their own: a test sets what the loop would tell them."""

from __future__ import annotations

import numpy as np
import pytest

from symgen.controls.targets import Targets
from symgen.notes.theory.scales import scale
from symgen.sampling import steers
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Goals


def steer(name, encoding, batch, **targets):
    """The steer `name` for `batch` streams, with its targets, if any."""
    made = steers.load(name).of(View(encoding, batch))
    return aim(made, **targets) if targets else made


def aim(made, seconds=None, **targets):
    """Give a steer other targets, in music of so many seconds."""
    requested = Targets(**targets).over(seconds)
    made.set(Goals(requested, steered=tuple(requested.schedules)))
    return made


def begin(made, seconds, grammar=None):
    """Begin a step of `made` at `seconds` `[batch]`."""
    if grammar is not None:
        made.view.grammar = grammar
    made.view.seconds = np.asarray(seconds, np.float64)
    made.begin_step(made.view)
    return made


def after(made, events, elapsed=None):
    """Let a processor take the `events` of a step, and then let their time pass."""
    view = made.view
    if elapsed is not None:
        view.elapsed[:] = elapsed
    events = np.asarray(events, np.int32)
    view.taking(events)
    made.update(events)
    view.pass_time()


def until(playing, time):
    """Take the events of a stream up to `time`; the one that lies beyond is lost."""
    taken = []
    for event in playing:
        if event.time >= time:
            break
        taken.append(event)
    return taken


def check_key(sample, key, least):
    """Check that the share of time in `key` is measured as it is, and is at least `least`."""
    notes = sample.sequence.notes
    inside = scale(key).mask[notes["pitch"] % 12]
    length = notes["end_time"] - notes["start_time"]
    assert sample.measured["key"] == pytest.approx(length[inside].sum() / length.sum())
    assert sample.measured["key"] >= least


def check_changes_of_density(streams):
    """Set the density of streams of 2 to 10 after 20 s, and to 2 after 30; each tells in a second.

    A second is counted from what was decided when it was set, and averaged over the streams.
    """
    before, first, then, second, after = np.mean([_rates(playing) for playing in streams], 0)
    assert before == pytest.approx(2, rel=0.1)
    assert first >= 6
    assert then == pytest.approx(10, rel=0.1)
    assert second <= 4
    assert after == pytest.approx(2, rel=0.2)


def _rates(playing):
    """Return the onsets per second before, in the first second of each change, and between."""
    events = until(playing, 20)
    playing.set(density=10)
    faster = playing.time
    events += until(playing, 30)
    playing.set(density=2)
    slower = playing.time
    events += until(playing, 40)
    onsets = np.array([event.time for event in events if event.kind == "on"])
    spans = [(8, 20), (faster, faster + 1), (faster, slower), (slower, slower + 1), (slower, 40)]
    return [((onsets > a) & (onsets <= b)).sum() / (b - a) for a, b in spans]
