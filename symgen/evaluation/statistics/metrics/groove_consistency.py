"""How alike the rhythms of neighbouring bars are."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.theory import meter

GRID = 16  # positions a quarter note, 64 in a bar of 4/4


class GrooveConsistency(Metric):
    """1 less the share of the positions in a bar, 16 a quarter note, at which one of two neighbouring bars has a note's beginning
    and the other has none; averaged over the pairs of neighbouring bars of one length.

    Drums count, a pickup does not. Undefined without a written meter; of a recording whose file says 4/4 whatever was played, as many
    do, it means little. Unit: share of positions. Source: grooving pattern similarity of Wu and Yang, The Jazz Transformer on the
    front line, ISMIR 2020, on its grid; as MusPy has it, which wants one meter: bars go to the one in which the last note ends.
    """

    name, unit = "groove_consistency", "share of positions"

    def value(self, view: View) -> float:
        """Measure it; NaN without a meter, and where no two bars of one length follow each other."""
        begin, upper, lower = meter.meters(view.sequence)
        ticks = view.ticks
        start, end = (
            np.rint(t * (GRID / ticks.quarter)).astype(np.int64) for t in (ticks.start, ticks.end)
        )
        begin, length = (
            np.rint(begin * GRID).astype(np.int64),
            np.maximum(4 * GRID * upper // np.maximum(lower, 1), 1),
        )
        begin, length = begin[begin <= end.max()], length[: (begin <= end.max()).sum()]
        if not len(begin):
            return np.nan
        run = np.append(True, np.diff(length) != 0)  # of rows that say the same meter the first
        begin, length = begin[run], length[run]
        bars = np.append(
            -(-np.diff(begin) // length[:-1]), (end.max() - begin[-1]) // length[-1] + 1
        )
        start = np.unique(start[start >= begin[0]])
        if not len(start):
            return np.nan
        row = np.searchsorted(begin, start, "right") - 1
        at = start - begin[row]
        last = at // length[row] == bars[row] - 1
        later = start + length[row]
        same = (
            start[np.minimum(np.searchsorted(start, later), len(start) - 1)] == later
        )  # another at the same place of the next bar
        same &= later < np.append(begin[1:], np.iinfo(np.int64).max)[row]
        apart = (2 - (at < length[row]) - last - 2 * same) / length[row]
        pairs = (bars - 1).sum()
        return float(1 - apart.sum() / pairs) if pairs else np.nan
