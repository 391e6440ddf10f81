"""Near-duplicates: pieces that share a large part of their melody's n-grams, in any key, rhythm and speed.

An n-gram is 7 intervals between top notes (8 notes), hashed. Two pieces are alike where the one with fewer distinct
n-grams has 18 % of them in common with the other, and at least 10. Measured: of Nottingham's 1034 tunes 60 clusters, none
above 3, with 32 of the 97 pairs of one title (most of the rest are other tunes of the name); of four folk collections
together, 5206 tunes, none above 12, where 15 % and 8 let one grow to 42. Of the pairs of MAESTRO performances that its
titles make one work three in four are joined, and of other pairs hardly any that is not one work under another name. With
the rhythm in the tokens dotted variants and performances are lost; shorter n-grams join tunes by a run or an arpeggio.

A piece is kept as a sketch, the smallest hashes of its n-grams: two sketches tell the share in common as far as both
reach, so a tune is known by some hundred numbers and a corpus of any size by one sort.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence
from symgen.similarity.melody import intervals, line
from symgen.similarity.union_find import Union

Sketch = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

LENGTH = 7  # tokens of an n-gram
SIZE = 512  # hashes of a sketch: every n-gram of a tune, one in ten or twenty of a sonata
SHARE, FEWEST = 0.18, 10
BUDGET = 1 << 23  # pairs of places with one hash that are counted, beside one for each hash


def clusters(pieces: Sequence[NoteSequence | npt.NDArray[Any]]) -> Ints:
    """Return int64 `[pieces]`: for each the number of the first piece of its cluster, its own where nothing is like it.

    A piece is a NoteSequence or its tokens, whole numbers `[tokens]`.
    """
    return joined([sketch(piece) for piece in pieces])


def sketch(piece: NoteSequence | npt.NDArray[Any]) -> Sketch:
    """Return sorted distinct uint64 `[at most SIZE]`: the smallest hashes of the piece's n-grams."""
    tokens = intervals(line(piece)) if isinstance(piece, NoteSequence) else piece
    count = max(len(tokens) - LENGTH + 1, 0)
    hashes, plain = np.zeros(count, np.uint64), tokens.astype(np.int64).view(np.uint64)
    for k in range(LENGTH):
        hashes = _mixed(hashes + plain[k : k + count])
    hashes.sort()
    distinct: Sketch = hashes[np.append(True, hashes[1:] != hashes[:-1])[:count]]
    return distinct[:SIZE]


def _mixed(x: Sketch) -> Sketch:
    """Return the output of splitmix64 for each state (Steele, Lea, Flood 2014): every bit depends on every bit."""
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


def alike(sketches: Sequence[Sketch]) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Return (one, other, shares) `[pairs]` for the pieces with `FEWEST` common hashes or more; one < other.

    A share is the common hashes over all hashes, as far as both sketches reach, of the piece that has fewer there.
    """
    hashes = np.concatenate([np.zeros(0, np.uint64), *sketches])
    owner = np.repeat(np.arange(len(sketches)), [len(s) for s in sketches])
    order = np.argsort(hashes, kind="stable")
    keys, found = np.unique(_pairs(hashes[order], owner[order], len(sketches)), return_counts=True)
    keys, found = keys[found >= FEWEST], found[found >= FEWEST]
    one, other = np.divmod(keys, max(len(sketches), 1))
    fewer = [
        _fewer(sketches[a], sketches[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)
    ]
    return one, other, found / np.array(fewer, np.float64)


def _fewer(one: Sketch, other: Sketch) -> int:
    """Return the hashes of the piece that has fewer, up to where both sketches reach; a short sketch is the whole piece."""
    if len(one) < SIZE and len(other) < SIZE:
        return min(len(one), len(other))
    reach = min(s[-1] for s in (one, other) if len(s) >= SIZE)
    return int(min(np.searchsorted(s, reach, "right") for s in (one, other)))


def _pairs(hashes: Sketch, owner: Ints, pieces: int) -> Ints:
    """Return a key for each pair of pieces and hash that both have: first * pieces + second.

    `hashes` is sorted and `owner` is within equal ones. Of a hash that very many pieces have, only near ones are paired
    once the budget is spent: the many variants of one tune are still joined, as a chain.
    """
    here, keys, total = np.arange(len(hashes)), [np.zeros(0, np.int64)], 0
    for lag in range(1, pieces):
        here = here[: np.searchsorted(here, len(hashes) - lag)]
        here = here[hashes[here + lag] == hashes[here]]
        total += len(here)
        if not len(here) or (lag > 1 and total > BUDGET):
            break
        keys.append(owner[here] * pieces + owner[here + lag])
    return np.concatenate(keys)
