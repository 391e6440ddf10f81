"""Near-duplicates: pieces that share many n-grams of their melodies, in any key, rhythm and speed.

An n-gram is 7 intervals between top notes (8 notes), hashed. Two pieces are similar if they share
at least 10 n-grams and at least 18 % of the distinct n-grams of the piece that has fewer.

Measured: Nottingham's 1034 tunes give 60 clusters of at most 3 tunes, and 32 of the 97 pairs with
the same title (most other pairs are different tunes with the same title). Four folk collections
with 5206 tunes give clusters of at most 12; with 15 % and 8 n-grams, one grows to 42. In MAESTRO,
three in four pairs of performances of one work are found. Almost all other pairs found are one work
under two titles. Tokens with rhythm miss dotted variants and performances; shorter n-grams join
tunes that share a scale or an arpeggio.

A piece is stored as a sketch, the smallest hashes of its n-grams. Two sketches give the shared
fraction in the range that both cover. So a tune needs about a hundred numbers, and a corpus of any
size needs one sort.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from symgen.arrays import heads
from symgen.notes.sequence import NoteSequence
from symgen.similarity.melody import intervals, line
from symgen.similarity.union_find import Union
from symgen.types import Array, Floats, Ints

Sketch = npt.NDArray[np.uint64]

LENGTH = 7  # tokens in an n-gram
SIZE = 512  # hashes in a sketch: all n-grams of a tune, one in 10 to 20 of a sonata
SHARE, FEWEST = 0.18, 10
BUDGET = 1 << 23  # pairs of places with equal hashes; neighbours always count


def clusters(pieces: Sequence[NoteSequence | Array]) -> Ints:
    """Return int64 `[pieces]`: for each piece, the index of the first piece of its cluster.

    A piece without near-duplicates is a cluster of its own. A piece is a NoteSequence, or its
    tokens as integers `[tokens]`.
    """
    return joined([sketch(piece) for piece in pieces])


def sketch(piece: NoteSequence | Array) -> Sketch:
    """Return sorted distinct uint64 `[up to SIZE]`: the smallest hashes of the n-grams."""
    tokens = intervals(line(piece)) if isinstance(piece, NoteSequence) else piece
    count = max(len(tokens) - LENGTH + 1, 0)
    hashes = np.zeros(count, np.uint64)
    plain = tokens.astype(np.int64).view(np.uint64)
    for k in range(LENGTH):
        hashes = _mixed(hashes + plain[k : k + count])
    hashes.sort()
    distinct: Sketch = hashes[heads(hashes)]
    return distinct[:SIZE]


def _mixed(x: Sketch) -> Sketch:
    """Return the output of splitmix64 for each state (Steele, Lea, Flood 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    return x ^ (x >> np.uint64(31))


def joined(sketches: Sequence[Sketch]) -> Ints:
    """Return int64 `[pieces]`: the cluster of each piece, as `clusters` does."""
    one, other, shares = alike(sketches)
    sets = Union[int]()
    for a, b in zip(one[shares >= SHARE].tolist(), other[shares >= SHARE].tolist(), strict=True):
        sets.join(a, b)
    return np.array([sets.least(i) for i in range(len(sketches))], np.int64)


def alike(sketches: Sequence[Sketch]) -> tuple[Ints, Ints, Floats]:
    """Return (one, other, shares) `[pairs]` for pieces with `FEWEST` or more common hashes.

    `one` is less than `other`. A share is the number of common hashes divided by the hashes of the
    piece that has fewer, both counted in the range that the two sketches cover.
    """
    hashes = np.concatenate([np.zeros(0, np.uint64), *sketches])
    owner = np.repeat(np.arange(len(sketches)), [len(s) for s in sketches])
    order = np.argsort(hashes, kind="stable")
    keys, found = np.unique(_pairs(hashes[order], owner[order], len(sketches)), return_counts=True)
    keys = keys[found >= FEWEST]
    found = found[found >= FEWEST]
    one, other = np.divmod(keys, max(len(sketches), 1))
    fewer = [
        _fewer(sketches[a], sketches[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)
    ]
    return one, other, found / np.array(fewer, np.float64)


def _fewer(one: Sketch, other: Sketch) -> int:
    """Return the smaller number of hashes, in the range that both sketches cover.

    A sketch with less than SIZE hashes covers the whole range.
    """
    if len(one) < SIZE and len(other) < SIZE:
        return min(len(one), len(other))
    reach = min(s[-1] for s in (one, other) if len(s) >= SIZE)
    return int(min(np.searchsorted(s, reach, "right") for s in (one, other)))


def _pairs(hashes: Sketch, owner: Ints, pieces: int) -> Ints:
    """Return a key, first * pieces + second, for each pair of pieces and each hash that both have.

    `hashes` is sorted, and `owner` is sorted within equal hashes. If very many pieces share a hash,
    only neighbours are paired once the budget is spent. This still joins the many variants of one
    tune, as a chain.
    """
    here = np.arange(len(hashes))
    keys = [np.zeros(0, np.int64)]
    total = 0
    for lag in range(1, pieces):
        here = here[: np.searchsorted(here, len(hashes) - lag)]
        here = here[hashes[here + lag] == hashes[here]]
        total += len(here)
        if not len(here) or (lag > 1 and total > BUDGET):
            break
        keys.append(owner[here] * pieces + owner[here + lag])
    return np.concatenate(keys)
