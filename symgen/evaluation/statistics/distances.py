"""How alike two sets of music are in one feature: the procedure of mgeval.

Yang and Lerch, On the evaluation of generative models in music, Neural Computing and Applications 32, 2020: the Euclidean
distances between the pieces of the reference (intra-set) and those from each of its pieces to each piece of the other set
(inter-set), each smoothed into a density by Gaussian kernels; of the two densities the area they have in common, and the
Kullback-Leibler divergence of the inter-set density from the intra-set one, in nats. The bandwidth is Scott's, n^(-1/5)
standard deviations, as in mgeval.

Departures from mgeval's code: the densities are taken on one grid of 1000 points that reaches 4 bandwidths past all distances
(mgeval cuts the area off at the outermost distances, so that a set has less than its whole area in common with itself, and
compares its two densities on two different grids for the divergence); what is below 1e-12 in a cell counts as that; distances
that are all the same get a bandwidth of one cell, where mgeval fails.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GRID, REACH, FLOOR = 1000, 4.0, 1e-12


def between(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> Floats:
    """Return the distances `[n, m]` from each row of `one` `[n, features]` to each of `other` `[m, features]`."""
    if one.shape[1] == 1:
        return np.asarray(np.abs(one - other.T), np.float64)
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float64)


def within(one: npt.NDArray[Any]) -> Floats:
    """Return the distance of each pair of rows, `[n (n - 1) / 2]`."""
    return between(one, one)[np.triu_indices(len(one), 1)]


def overlap(one: npt.NDArray[Any], reference: npt.NDArray[Any]) -> tuple[float, float]:
    """Return (area in common, 0 to 1; divergence in nats, 0 or more) of a set `[n, features]` and its reference `[m, features]`.

    NaN where there are not two distances of each kind, that is three pieces in the reference.
    """
    if len(reference) < 3 or not len(one):
        return np.nan, np.nan
    intra, inter = within(reference), between(reference, one).reshape(-1)
    widths = [bandwidth(intra), bandwidth(inter)]
    low, high = (f([f(intra), f(inter)]) for f in (np.min, np.max))
    if high - low <= FLOOR * max(abs(high), 1):
        return 1.0, 0.0
    p, q = (
        _cells(
            d, max(w, (high - low) / GRID), low - REACH * max(widths), high + REACH * max(widths)
        )
        for d, w in zip((intra, inter), widths, strict=True)
    )
    return float(np.minimum(p, q).sum()), max(
        0.0, float((p * np.log(np.maximum(p, FLOOR) / np.maximum(q, FLOOR))).sum())
    )


def bandwidth(distances: Floats) -> float:
    """Return Scott's bandwidth of a kernel density."""
    return float(distances.std(ddof=1) * len(distances) ** -0.2)


def _cells(distances: Floats, width: float, low: float, high: float) -> Floats:
    """Return the mass `[GRID]`, summing to 1, of the kernel density around each point of the grid from `low` to `high`.

    Each distance is shared between the two points next to it, and the grid is then smoothed: a million distances cost no
    more kernels than a thousand.
    """
    place = (distances - low) / (high - low) * (GRID - 1)
    left = np.minimum(place.astype(np.int64), GRID - 2)
    mass = np.bincount(left, left + 1 - place, GRID) + np.bincount(left + 1, place - left, GRID)
    steps = np.arange(1 - GRID, GRID) * ((high - low) / (GRID - 1) / width)
    made = np.convolve(mass, np.exp(-0.5 * steps**2))[GRID - 1 : 2 * GRID - 1]
    return np.asarray(made / made.sum(), np.float64)
