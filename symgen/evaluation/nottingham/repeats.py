"""Which steps of a tune are of which kind: where something changes, and what was heard before.

Folk tunes repeat their strains, and a model that remembers gains on the second time. A step is heard before where the
bar's worth of melody just before it stood earlier in the same tune. What it holds itself has no say in that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.evaluation.nottingham.forms import Tunes
from symgen.evaluation.nottingham.predict import Ints

Mask = npt.NDArray[np.bool_]


def changes(tunes: Tunes) -> tuple[Mask, Mask]:
    """Return `[steps]` twice: where a note begins, as far as the form tells, and where the chord changes; silence goes before."""
    last = np.roll(tunes.values, 1, axis=0)
    last[tunes.starts[tunes.lengths > 0]] = 0
    moved = tunes.values != last
    strikes = tunes.begins[tunes.values[:, 0]]
    return strikes if tunes.holds.any() else strikes & moved[:, 0], moved[:, 1]


def heard(tunes: Tunes, bars: Ints) -> Mask:
    """Return `[steps]`: whether the `bars[tune]` melody steps before each step stood earlier in its tune."""
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


def _seen(rows: npt.NDArray[Any]) -> Mask:
    """Return for each row whether an equal one stands above it."""
    rows = np.ascontiguousarray(rows)
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).reshape(-1)
    _, first = np.unique(keys, return_index=True)
    out = np.ones(len(rows), bool)
    out[first] = False
    return out
