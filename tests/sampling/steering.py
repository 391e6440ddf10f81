"""Processors on their own: a test sets what the loop would tell them."""

from __future__ import annotations

import numpy as np

from symgen.controls.targets import Targets
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
