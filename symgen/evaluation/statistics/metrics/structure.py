"""Structure: how much of a piece returns, and after how long."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.view import SIZES, Ints, View
from symgen.notes.theory import meter

# Quarter notes: bars of 2/4, 3/4 and 4/4, and two, four and eight of them.
LAGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)


class SelfSimilarity(Metric):
    """For each lag, how similar a quarter note is to the quarter note that many later.

    The similarity is the cosine of the two sets of pitch classes whose notes begin there, averaged
    over the pairs in which at least one set is not empty. Quarter notes are counted from the first
    note; without a tempo they last half a second. Unit: cosine, 0 to 1. Source: the
    self-similarity matrix (Foote, Visualizing music and audio using self-similarity, ACM
    Multimedia 1999), averaged along its diagonals.
    """

    name, theme, unit = "self_similarity", "structure", "cosine, 0 to 1"
    kind = "histogram"
    bins = tuple(map(str, LAGS))

    def value(self, view: View) -> Floats:
        """Return the cosines `[10]`; NaN where the piece is not longer than the longest lag."""
        at = meter.quarters(view.sequence, view.start)
        window = np.floor(at - at[0] + meter.SLACK).astype(np.int64)
        if window[-1] < LAGS[-1]:
            return np.full(self.shape, np.nan)
        first = np.flatnonzero(np.append(True, np.diff(window) > 0))
        classes = np.bitwise_or.reduceat(1 << view.pitch % 12, first)
        return np.array([_similarity(window[first], classes, lag) for lag in LAGS])


def _similarity(window: Ints, classes: Ints, lag: int) -> float:
    """Return the mean cosine at a lag.

    `classes` has the sets of the windows with the numbers `window`; all other windows are empty.
    """
    later = np.minimum(np.searchsorted(window, window + lag), len(window) - 1)
    met = window[later] == window + lag
    one = classes[met]
    other = classes[later[met]]
    cosines = SIZES[one & other] / np.sqrt(SIZES[one] * SIZES[other])
    ahead = (window + lag <= window[-1]).sum()
    behind = (window >= lag).sum()
    pairs = ahead + behind - met.sum()
    return float(cosines.sum() / pairs)
