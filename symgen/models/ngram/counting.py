"""Counting n-grams by sorting: which contexts of each length there are in a stream of values, and what came after them.

Each level takes two sorts of whole numbers, of the values in their contexts and of the grams, and the contexts of the
next one are numbers of these: a context one value longer is the number of the shorter one and its oldest value.

With `singles` false, grams of three and more values that came once are not held, nor contexts in which all did: they are
nine tenths of the long ones. Where a context is dropped, all longer ones that end in it came once too, so their places
in the stream are left out from there on. `totals` tells how often each context came, with what is not held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

SHORT = 2  # contexts of fewer values hold all their grams
OLD = 65_535  # steps before one in its piece; more are not told apart, and no order comes near
STREAM = 2  # fields of a step up to which they are read as one stream


def places(fields: int, field: int, count: int) -> list[tuple[int, int]]:
    """Return the context of a value of `field`, nearest first, as `count` pairs (steps back, field).

    One or two fields are read as one stream. Of more, a stream would tell a pitch by the length
    and the velocity of the note before. There it is the same field of the step before, then the
    fields before it in its own step, then the same field further back.
    """
    if fields <= STREAM:
        return [(-((field - k) // fields), (field - k) % fields) for k in range(1, count + 1)]
    own = [(0, other) for other in reversed(range(field))]
    return [(1, field), *own, *((back, field) for back in range(2, count + 1))][:count]


class ContextStream:
    """The values of one field, and what stands before them; see `places`."""

    def __init__(self, values: Array, lengths: Array, sizes: tuple[int, ...], field: int) -> None:
        self.size, self.tokens, self._fields, self._field = (
            sizes[field],
            sum(sizes) + 1,
            len(sizes),
            field,
        )
        small = np.min_scalar_type(self.tokens)
        self.values = np.asarray(values[:, field], small)
        self._whole = (
            np.asarray(values, small) + np.cumsum([0, *sizes[:-1]]).astype(small)
        ).reshape(-1)
        lengths = np.asarray(lengths, np.int64)
        age = np.arange(len(values)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self._age = np.minimum(age, OLD).astype(np.uint16)  # steps before it in its piece

    @property
    def nothing(self) -> int:
        """The token for "nothing before"."""
        return self.tokens - 1

    def rows(self) -> Array:
        """Return the numbers of all values, in small integers."""
        return np.arange(len(self.values), dtype=np.int32 if self._whole.size < 2**31 else np.int64)

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
    """The contexts of one length, in the order of their keys, and the grams that they begin."""

    contexts: Ints  # [C] parent * tokens + oldest value; of length 0 there is one, 0
    totals: Ints  # [C] how often each came
    grams: Ints  # [G] context * size + value, sorted
    counts: Ints  # [G] how often each came
    distinct: Ints  # [G] after how many values each came; `counts` in the longest contexts, or where nothing can stand before


def count(stream: ContextStream, order: int, singles: bool = True) -> Iterator[Counted]:
    """Yield what there is of each length of context, from 0 to `order` - 1."""
    last: Counted | None = None
    rows = stream.rows()
    ids: Array = np.zeros(len(rows), np.int32)
    contexts, totals = np.zeros(1, np.int64), np.array([len(rows)], np.int64)
    for k in range(order):
        if last is not None:
            contexts, ids, totals = ranks(
                ids.astype(np.int64) * stream.tokens + stream.before(k, rows),
                len(totals) * stream.tokens,
            )
        grams, counts = runs(ids.astype(np.int64) * stream.size + stream.values[rows])
        if last is not None:
            yield last._replace(distinct=_distinct(last, k - 1, contexts, grams, stream))
        if not singles and k >= SHORT:
            held = np.zeros(len(contexts), bool)
            held[grams[counts > 1] // stream.size] = True
            number = np.cumsum(held) - 1
            stays = held[ids]
            rows, ids = rows[stays], number[ids[stays]].astype(np.int32)
            owner = grams // stream.size
            stays = held[owner]
            grams = number[owner[stays]] * stream.size + grams[stays] % stream.size
            contexts, totals, counts = contexts[held], totals[held], counts[stays]
        last = Counted(contexts, totals, grams, counts, counts)
    assert last is not None
    yield last


def without_singles(counted: Counted) -> Counted:
    """Return `counted` with the grams left out that came once."""
    many = counted.counts > 1
    return counted._replace(
        grams=counted.grams[many], counts=counted.counts[many], distinct=counted.distinct[many]
    )


def _distinct(
    shorter: Counted, length: int, contexts: Ints, grams: Ints, stream: ContextStream
) -> Ints:
    """Return after how many values each gram of `shorter`, whose contexts have that `length`, came: each is in `grams`, one longer."""
    parents = (contexts // stream.tokens)[grams // stream.size]
    parents *= stream.size
    parents += grams % stream.size
    _, distinct = runs(parents)
    if length:
        oldest = (shorter.contexts % stream.tokens)[shorter.grams // stream.size]
        distinct = np.where(oldest == stream.nothing, shorter.counts, distinct)
    return distinct


def runs(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct of `keys`, sorted, and how often each is among them; `keys` are used up."""
    keys.sort()
    starts = np.flatnonzero(_new(keys))
    return keys[starts], np.diff(np.append(starts, len(keys)))


def ranks(keys: Ints, most: int) -> tuple[Ints, Array, Ints]:
    """Return the distinct of `keys` (below `most`), sorted, the number of each key among them, and how often each is there."""
    bits = len(keys).bit_length()
    if most.bit_length() + bits > 63:
        found, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
        return found, which.reshape(-1).astype(np.int32), counts
    keys <<= bits
    keys |= np.arange(len(keys))
    keys.sort()  # of numbers that are all different, and hold where they come from
    places = (keys & ((1 << bits) - 1)).astype(np.int32)
    keys >>= bits
    new = _new(keys)
    which = np.empty(len(keys), np.int32)
    which[places] = np.cumsum(new, dtype=np.int32) - 1
    starts = np.flatnonzero(new)
    return keys[starts], which, np.diff(np.append(starts, len(keys)))


def _new(keys: Ints) -> npt.NDArray[np.bool_]:
    """Return where another key begins in sorted `keys`."""
    new = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return new
