"""How similar two sets of music are in one feature: the procedure of mgeval.

Yang and Lerch, On the evaluation of generative models in music, Neural Computing and Applications
32, 2020. Take the Euclidean distances between the pieces of the reference (intra-set), and those
from each of its pieces to each piece of the other set (inter-set). Smooth both into densities with
Gaussian kernels. The results are the area that the two densities have in common, and the
Kullback-Leibler divergence of the inter-set density from the intra-set density, in nats. The
bandwidth is Scott's, n^(-1/5) standard deviations, as in mgeval.

Differences from mgeval's code:
- Both densities are computed on one grid of 1000 points, which extends 4 bandwidths past all
  distances. mgeval cuts the area off at the outermost distances, so that a set shares less than
  its whole area with itself, and uses two different grids for the divergence.
- Cells below 1e-12 count as 1e-12.
- If all distances are equal, the bandwidth is one cell; mgeval fails.

The kernel densities are written here to keep SciPy out of the install (see `twosample`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GRID, REACH, FLOOR = 1000, 4.0, 1e-12


def between(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> Floats:
    """Return the distances `[n, m]` from rows `[n, features]` to rows `[m, features]`."""
    if one.shape[1] == 1:
        return np.asarray(np.abs(one - other.T), np.float64)
    ones = (one**2).sum(axis=1)
    others = (other**2).sum(axis=1)
    squares = ones[:, None] + others - 2 * one @ other.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float64)


def within(one: npt.NDArray[Any]) -> Floats:
    """Return the distance of each pair of rows of `one`, `[n (n - 1) / 2]`."""
    return between(one, one)[np.triu_indices(len(one), 1)]


def overlap(one: npt.NDArray[Any], reference: npt.NDArray[Any]) -> tuple[float, float]:
    """Return (common area, 0 to 1; divergence in nats, 0 or more).

    `one` is `[n, features]`, `reference` `[m, features]`. NaN with fewer than three pieces in the
    reference, because two distances of each kind are needed.
    """
    if len(reference) < 3 or not len(one):
        return np.nan, np.nan
    intra = within(reference)
    inter = between(reference, one).reshape(-1)
    widths = [bandwidth(intra), bandwidth(inter)]
    low, high = (f([f(intra), f(inter)]) for f in (np.min, np.max))
    if high - low <= FLOOR * max(abs(high), 1):
        return 1.0, 0.0
    cell = (high - low) / GRID
    margin = REACH * max(widths)
    p, q = (
        _cells(values, max(width, cell), low - margin, high + margin)
        for values, width in zip((intra, inter), widths, strict=True)
    )
    ratio = np.maximum(p, FLOOR) / np.maximum(q, FLOOR)
    divergence = float((p * np.log(ratio)).sum())
    return float(np.minimum(p, q).sum()), max(0.0, divergence)


def bandwidth(distances: Floats) -> float:
    """Return Scott's bandwidth for a kernel density."""
    return float(distances.std(ddof=1) * len(distances) ** -0.2)


def _cells(distances: Floats, width: float, low: float, high: float) -> Floats:
    """Return the mass `[GRID]` of the kernel density at each grid point from `low` to `high`.

    The masses sum to 1. Each distance is divided between its two nearest points, then the grid is
    smoothed. So a million distances take no more kernels than a thousand.
    """
    place = (distances - low) / (high - low) * (GRID - 1)
    left = np.minimum(place.astype(np.int64), GRID - 2)
    mass = np.bincount(left, left + 1 - place, GRID)
    mass += np.bincount(left + 1, place - left, GRID)
    steps = np.arange(1 - GRID, GRID) * ((high - low) / (GRID - 1) / width)
    kernel = np.exp(-0.5 * steps**2)
    made = np.convolve(mass, kernel)[GRID - 1 : 2 * GRID - 1]
    return np.asarray(made / made.sum(), np.float64)
