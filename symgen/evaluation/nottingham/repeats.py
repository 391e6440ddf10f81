"""The kinds of steps of a tune: where something changes, and what repeats.

Folk tunes repeat their strains, and a model that remembers does better the second time. A step
counts as repeated if the bar of melody just before it also occurs earlier in the tune. The
value of the step itself does not matter.
"""

from __future__ import annotations

import numpy as np

from symgen.evaluation.nottingham.forms import Tunes
from symgen.types import Array, Bools, Ints


def changes(tunes: Tunes) -> tuple[Bools, Bools]:
    """Return `[steps]` twice: where a note begins, and where the chord changes.

    Before the first step there is silence. In the form "sounding", a note begins where the pitch
    changes.
    """
    last = np.roll(tunes.values, 1, axis=0)
    last[tunes.starts[tunes.lengths > 0]] = 0
    moved = tunes.values != last
    onsets = tunes.begins[tunes.values[:, 0]]
    return onsets if tunes.holds.any() else onsets & moved[:, 0], moved[:, 1]


def repeated(tunes: Tunes, bars: Ints) -> Bools:
    """Return `[steps]`: whether the bar (`bars[tune]` steps) before it occurs earlier too."""
    out = np.zeros(len(tunes.values), bool)
    melody = tunes.values[:, 0].astype(np.int32)
    for bar in np.unique(bars).tolist():
        chosen = np.flatnonzero((bars == bar) & (tunes.lengths > bar))
        counts = tunes.lengths[chosen] - bar  # windows that end before a step of the tune
        tune = np.repeat(np.arange(len(chosen)), counts)
        ends = np.cumsum(counts)
        begin = tunes.starts[chosen][tune] + np.arange(len(tune)) - (ends - counts)[tune]
        if len(begin):
            windows = np.concatenate(
                [tune[:, None].astype(np.int32), melody[begin[:, None] + np.arange(bar)]], axis=1
            )
            out[begin + bar] = _seen(windows)
    return out


def _seen(rows: Array) -> Bools:
    """Return for each row whether an earlier row is equal."""
    rows = np.ascontiguousarray(rows)
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).reshape(-1)
    _, first = np.unique(keys, return_index=True)
    out = np.ones(len(rows), bool)
    out[first] = False
    return out
