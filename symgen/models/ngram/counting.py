"""Counting n-grams by sorting: the contexts of each length in a stream, and what came after them.

Each level sorts two arrays of integers: the contexts and the grams. A context that is one value
longer is a key made of the number of the shorter context and the oldest value.

With `singles` false, grams of three or more values that came once are not held, nor contexts in
which all grams came once. That is nine tenths of the long ones. Where a context is dropped, all
longer ones that end in it came once too, so their places in the stream are left out from there on.
`totals` says how often each context came, including what is not held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from symgen.types import Array, Bools, Ints

SHORT = 2  # contexts of fewer values hold all their grams
MAX_AGE = 65_535  # steps since the beginning of a piece; no order is nearly as large
STREAM = 2  # fields of a step up to which they are read as one stream


def places(fields: int, field: int, count: int) -> list[tuple[int, int]]:
    """Return the context of a value of `field` as `count` pairs (steps back, field), nearest first.

    One or two fields are read as one stream. With more fields, a stream would predict a pitch from
    the length and velocity of the note before. So the context there is the same field of the step
    before, then the fields before it in its own step, then the same field further back.
    """
    if fields <= STREAM:
        return [(-((field - k) // fields), (field - k) % fields) for k in range(1, count + 1)]
    own = [(0, other) for other in reversed(range(field))]
    return [(1, field), *own, *((back, field) for back in range(2, count + 1))][:count]


class ContextStream:
    """The values of one field, and what stands before them; see `places`."""

    def __init__(self, values: Array, lengths: Array, sizes: tuple[int, ...], field: int) -> None:
        self.size = sizes[field]
        self.tokens = sum(sizes) + 1
        self._fields = len(sizes)
        self._field = field
        small = np.min_scalar_type(self.tokens)
        self.values = np.asarray(values[:, field], small)
        first = np.cumsum([0, *sizes[:-1]]).astype(small)  # the token of value 0 of each field
        self._whole = (np.asarray(values, small) + first).reshape(-1)
        lengths = np.asarray(lengths, np.int64)
        age = np.arange(len(values)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self._age = np.minimum(age, MAX_AGE).astype(np.uint16)  # steps before it in its piece

    @property
    def nothing(self) -> int:
        """The token for "nothing before"."""
        return self.tokens - 1

    def rows(self) -> Array:
        """Return the numbers of all values, as small integers."""
        small = np.int32 if self._whole.size < 2**31 else np.int64
        return np.arange(len(self.values), dtype=small)

    def before(self, k: int, rows: Array | None = None) -> Array:
        """Return token `k` of the context of each value, or of those of `rows`, counted from 1.

        It is `nothing` where the piece had not begun.
        """
        rows = self.rows() if rows is None else rows
        back, field = places(self._fields, self._field, k)[-1]
        found = self._whole[np.maximum((rows - back) * self._fields + field, 0)]
        nothing = self._whole.dtype.type(self.nothing)
        tokens: Array = np.where(self._age[rows] >= back, found, nothing)
        return tokens


class Counted(NamedTuple):
    """The contexts of one length, sorted by their keys, and the grams that begin with them."""

    contexts: Ints  # [C] parent * tokens + oldest value; of length 0 there is one, 0
    totals: Ints  # [C] how often each came
    grams: Ints  # [G] context * size + value, sorted
    counts: Ints  # [G] how often each came
    distinct: Ints  # [G] after how many values each came; `counts` for the longest contexts


def count(stream: ContextStream, order: int, singles: bool = True) -> Iterator[Counted]:
    """Yield the contexts of each length, from 0 to `order` - 1."""
    last: Counted | None = None
    rows = stream.rows()
    ids: Array = np.zeros(len(rows), np.int32)
    contexts = np.zeros(1, np.int64)
    totals = np.array([len(rows)], np.int64)
    for k in range(order):
        if last is not None:
            contexts, ids, totals = ranks(
                ids.astype(np.int64) * stream.tokens + stream.before(k, rows),
                len(totals) * stream.tokens,
            )
        grams, counts = runs(ids.astype(np.int64) * stream.size + stream.values[rows])
        if last is not None:
            yield last._replace(distinct=_distinct(last, k - 1, contexts, grams, stream))
        last = Counted(contexts, totals, grams, counts, counts)
        if not singles and k >= SHORT:
            last, rows, ids = _repeated(last, rows, ids, stream.size)
            contexts, totals = last.contexts, last.totals
    assert last is not None
    yield last


def _repeated(counted: Counted, rows: Array, ids: Array, size: int) -> tuple[Counted, Array, Array]:
    """Drop the contexts whose grams all came once, and the places `rows` that have such contexts.

    `ids` are the contexts at `rows`; the contexts that are left get new numbers.
    """
    contexts, totals, grams, counts, _ = counted
    held = np.zeros(len(contexts), bool)
    held[grams[counts > 1] // size] = True
    number = np.cumsum(held) - 1
    stays = held[ids]
    rows = rows[stays]
    ids = number[ids[stays]].astype(np.int32)
    owner = grams // size
    stays = held[owner]
    grams = number[owner[stays]] * size + grams[stays] % size
    left = Counted(contexts[held], totals[held], grams, counts[stays], counts[stays])
    return left, rows, ids


def without_singles(counted: Counted) -> Counted:
    """Return `counted` without the grams that came once."""
    many = counted.counts > 1
    return counted._replace(
        grams=counted.grams[many], counts=counted.counts[many], distinct=counted.distinct[many]
    )


def _distinct(
    shorter: Counted, length: int, contexts: Ints, grams: Ints, stream: ContextStream
) -> Ints:
    """Return after how many values each gram of `shorter` came.

    Its contexts have that `length`; `grams` are one value longer.
    """
    parents = (contexts // stream.tokens)[grams // stream.size]
    parents *= stream.size
    parents += grams % stream.size
    _, distinct = runs(parents)
    if length:
        oldest = (shorter.contexts % stream.tokens)[shorter.grams // stream.size]
        distinct = np.where(oldest == stream.nothing, shorter.counts, distinct)
    return distinct


def runs(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct `keys`, sorted, and how often each occurs. This sorts `keys` in place."""
    keys.sort()
    starts = np.flatnonzero(_new(keys))
    return keys[starts], np.diff(np.append(starts, len(keys)))


def ranks(keys: Ints, most: int) -> tuple[Ints, Array, Ints]:
    """Return the distinct `keys` sorted, the number of each key among them, and their counts.

    All keys are below `most`. This changes `keys`.
    """
    bits = len(keys).bit_length()
    if most.bit_length() + bits > 63:
        found, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
        return found, which.reshape(-1).astype(np.int32), counts
    keys <<= bits
    keys |= np.arange(len(keys))
    keys.sort()  # these are all different, and hold where they came from
    places = (keys & ((1 << bits) - 1)).astype(np.int32)
    keys >>= bits
    new = _new(keys)
    which = np.empty(len(keys), np.int32)
    which[places] = np.cumsum(new, dtype=np.int32) - 1
    starts = np.flatnonzero(new)
    return keys[starts], which, np.diff(np.append(starts, len(keys)))


def _new(keys: Ints) -> Bools:
    """Return where a new key begins in sorted `keys`."""
    new = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return new
