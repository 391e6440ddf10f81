"""Lengths of time counted on a scale of half octaves, which the histograms of lengths share."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, shares

EDGES = 2.0 ** np.arange(-5, 3.25, 0.5)  # 1/32 to 8 s
BINS = tuple(f"{edge:.3g} s" for edge in EDGES[:-1].tolist())  # named by where each begins


def histogram(seconds: Floats) -> Floats:
    """Return the share of each bin, `[16]`; what is outside is in the outermost."""
    inside = np.clip(np.searchsorted(EDGES, seconds, "right") - 1, 0, len(BINS) - 1)
    return shares(np.bincount(inside, minlength=len(BINS)))
