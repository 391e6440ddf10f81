"""Permutation tests of whether two sets of music differ in one feature by more than chance.

p is the share of random relabellings whose statistic is at least as large as the observed one,
which counts as one of them (Phipson and Smyth, Permutation p-values should never be zero, 2010).
This is valid for ties, small sets and any distribution. Pieces are assumed to be independent;
several performances of one work are not.

The tests are written here instead of taken from SciPy because SciPy is not needed to run symgen:
it would add 100 MB to the install and delay the start. Tests compare both where SciPy is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.evaluation.statistics.distances import between

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]

# With 1999 the smallest p, 0.0005, stays below 0.05 when about fifty tests are corrected together.
RELABELLED = 1999
BATCH = 500  # relabellings computed at once
SLACK = 1e-9  # relative; statistics closer than this count as equal


def kolmogorov_smirnov(
    one: npt.NDArray[Any], other: npt.NDArray[Any], seed: int = 0
) -> tuple[float, float]:
    """Return the Kolmogorov-Smirnov (statistic, p) of numbers `[n]` and `[m]`.

    The statistic is the largest difference between the two cumulative distributions.
    """
    both = np.concatenate([one, other])
    order = np.argsort(both, kind="stable")
    ends = np.append(np.diff(both[order]) > 0, True)  # the last of equal numbers
    size = len(both)

    def gaps(first: Labels) -> Floats:
        below = np.cumsum(first[:, order], axis=1)[:, ends]
        share = below / len(one) - (np.flatnonzero(ends) + 1 - below) / len(other)
        return np.asarray(np.abs(share).max(axis=1), np.float64)

    return _counted(gaps, len(one), size, seed)


def energy(one: npt.NDArray[Any], other: npt.NDArray[Any], seed: int = 0) -> tuple[float, float]:
    """Return the (energy distance, p) of features `[n, features]` and `[m, features]`.

    The distance is twice the mean distance between the sets minus the mean distance within each
    (Szekely and Rizzo, Testing for equal distributions in high dimension, InterStat 2004); 0 or
    more.
    """
    n = len(one)
    m = len(other)
    both = np.concatenate([one, other])
    apart = between(both, both)
    np.fill_diagonal(apart, 0)
    sums = apart.sum(axis=1)
    total = apart.sum()

    def distance(first: Labels) -> Floats:
        inside = ((first @ apart) * first).sum(axis=1)
        all_of = first @ sums
        across = all_of - inside
        outside = total - 2 * all_of + inside
        between = 2 * across / (n * m)
        found = between - inside / n**2 - outside / m**2
        return np.asarray(found, np.float64)

    found, p = _counted(distance, n, n + m, seed)
    return max(found, 0.0), p


def _counted(
    statistic: Callable[[Labels], Floats], first: int, size: int, seed: int
) -> tuple[float, float]:
    """Return the observed statistic and its p.

    `statistic` takes labels `[relabellings, size]`, True for the first set.
    """
    labels = np.arange(size)[None] < first
    found = float(statistic(labels)[0])
    at_least = 1
    generator = np.random.default_rng(seed)
    for done in range(0, RELABELLED, BATCH):
        count = min(BATCH, RELABELLED - done)
        drawn = generator.permuted(np.repeat(labels, count, axis=0), axis=1)
        at_least += int((statistic(drawn) >= found - SLACK * max(1.0, abs(found))).sum())
    return found, at_least / (RELABELLED + 1)


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number.

    If all corrected values below 0.05 are called significant, the risk of any false one is 5 %
    (Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979).
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    made = np.empty(len(values))
    scaled = values[order] * np.arange(len(values), 0, -1)
    made[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return [float(v) for v in made]
