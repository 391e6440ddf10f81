"""Whether two sets of music differ in one feature by more than chance: tests whose p is counted over random relabellings.

A p is the share of relabellings whose statistic is as large as the one found, the one found counted among them (Phipson and
Smyth, Permutation p-values should never be zero, 2010): right for ties, small sets and any distribution. Pieces are taken to
be independent, which several performances of one work are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.evaluation.statistics.distances import between

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]

RELABELLED = (
    1999  # so that the least p, 0.0005, stays below 0.05 when some fifty are corrected together
)
AT_ONCE = 500
SLACK = 1e-9


def kolmogorov_smirnov(
    one: npt.NDArray[Any], other: npt.NDArray[Any], seed: int = 0
) -> tuple[float, float]:
    """Return (statistic, p) for numbers `[n]` and `[m]`: the largest gap between the two shares below a value."""
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
    """Return (statistic, p) for features `[n, features]` and `[m, features]`: the energy distance, 0 or more.

    Twice the mean distance between the sets less the mean ones within each (Szekely and Rizzo, Testing for equal
    distributions in high dimension, InterStat 2004).
    """
    n, m = len(one), len(other)
    both = np.concatenate([one, other])
    apart = between(both, both)
    np.fill_diagonal(apart, 0)
    sums, total = apart.sum(axis=1), apart.sum()

    def distance(first: Labels) -> Floats:
        inside, all_of = ((first @ apart) * first).sum(axis=1), first @ sums
        return np.asarray(
            2 * (all_of - inside) / (n * m) - inside / n**2 - (total - 2 * all_of + inside) / m**2,
            np.float64,
        )

    found, p = _counted(distance, n, n + m, seed)
    return max(found, 0.0), p


def _counted(
    statistic: Callable[[Labels], Floats], first: int, size: int, seed: int
) -> tuple[float, float]:
    """Return the statistic of the labels as they are, and its p; labels are `[relabellings, size]`, True for the first set."""
    labels = np.arange(size)[None] < first
    found, reached = float(statistic(labels)[0]), 1
    generator = np.random.default_rng(seed)
    for done in range(0, RELABELLED, AT_ONCE):
        count = min(AT_ONCE, RELABELLED - done)
        drawn = generator.permuted(np.repeat(labels, count, axis=0), axis=1)
        reached += int((statistic(drawn) >= found - SLACK * max(1.0, abs(found))).sum())
    return found, reached / (RELABELLED + 1)


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number: below 0.05 for all that can be told with a 5 % risk of one error among them.

    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    made = np.empty(len(values))
    made[order] = np.minimum(
        np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1
    )
    return [float(v) for v in made]
