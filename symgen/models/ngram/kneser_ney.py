"""Back-off n-grams over integer events: interpolated modified Kneser-Ney smoothing, of any order.

A value is predicted from the order - 1 values before it, among the values of its own field. One
or two fields of a step are read as one stream, field after field; with one field this is the plain
n-gram. For more fields see `counting.places`.

The smoothing is that of Chen and Goodman, "An empirical study of smoothing techniques for language
modeling" (1999). There are three discounts per order, estimated from the counts of counts. Every
order but the highest counts the distinct values before a gram in place of the gram. As in KenLM
(Heafield 2011), a gram that begins with "nothing before" keeps its count, because nothing can come
before it, and the discounts are 0.5, 1 and 1.5 where the counts of counts give no usable ones. The
share of grams that are not held goes to the shorter context, so that all still sums to one.

The contexts of a field form a tree that grows into the past. Level k holds the contexts of length
k. Each is the number of its parent (the same context without its oldest value) combined with that
oldest value. A level is a sorted array of such keys, so a look-up is a binary search, and no two
contexts can be confused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from symgen.models.ngram.counting import (
    SHORT,
    ContextStream,
    Counted,
    count,
    places,
    without_singles,
)
from symgen.types import Array, Bools, Floats, Ints

USUAL = (0.5, 1.0, 1.5)  # discounts where the counts of counts give none
MANY = 4096  # look-ups that are worth sorting
AT_ONCE = 2048  # distributions that are in memory at the same time


class Level(NamedTuple):
    """The contexts of one length, sorted by their keys, and the grams that begin with them."""

    contexts: Ints  # [C] parent * tokens + oldest value; level 0 has one context, 0
    rests: Floats  # [C] the share that goes to the shorter context
    grams: Ints  # [G] context * size + value, sorted
    shares: Floats  # [G] what a gram keeps of its context, discounted
    starts: Ints  # [C + 1] where the grams of each context begin
    counts: Ints  # [G] how often each gram came; empty where it was read from a bundle
    used: Ints  # [G] the count that was smoothed: `counts`, or the distinct values before
    missing: Ints  # [C] grams of each context that are not held, each of which came once
    lost: int  # all grams that are not held, also those of contexts that are not held


@dataclasses.dataclass(frozen=True)
class NGram:
    """The model: for each field one Level for each length of context, 0 to order - 1."""

    sizes: tuple[int, ...]
    order: int
    fields: tuple[tuple[Level, ...], ...]

    @classmethod
    def fit(
        cls, values: Array, lengths: Array, sizes: tuple[int, ...], order: int, singles: bool = True
    ) -> NGram:
        """Count `values`, int `[events of all pieces, fields]`; `lengths[i]` are those of piece i.

        Order 1 is the unigram. Without `singles`, grams of three or more values that came once are
        counted, but not held.
        """
        if order < 1:
            raise ValueError(f"order {order}: expected at least 1")
        fields = []
        for field, size in enumerate(sizes):
            counted = enumerate(count(ContextStream(values, lengths, sizes, field), order, singles))
            held = (c if singles or k < SHORT else without_singles(c) for k, c in counted)
            fields.append(tuple(_level(c, len(values), size) for c in held))
        return cls(tuple(sizes), order, tuple(fields))

    def shorter(self, order: int) -> NGram:
        """Return the model of a lower order, as `fit` would, without counting again."""
        if not 1 <= order <= self.order:
            raise ValueError(f"order {order}: expected 1 to {self.order}")
        if order == self.order:
            return self
        if any(len(one.counts) != len(one.grams) for levels in self.fields for one in levels):
            raise ValueError(
                "an n-gram that was read from arrays keeps no counts of its shorter orders"
            )
        return dataclasses.replace(
            self,
            order=order,
            fields=tuple(
                (*levels[: order - 1], _longest(levels[order - 1], size))
                for size, levels in zip(self.sizes, self.fields, strict=True)
            ),
        )

    def probabilities(self, values: Array, lengths: Array) -> Floats:
        """Return `[events, fields]`: the probability of every value, given all before it.

        `values` and `lengths` are as in `fit`.
        """
        made: Floats = self._each(values, lengths, [self.order])[0]
        return made

    def ladder(self, values: Array, lengths: Array) -> Floats:
        """Return `[order, events, fields]`: the `probabilities` of all `shorter` models at once."""
        return self._each(values, lengths, range(1, self.order + 1))

    def _each(self, values: Array, lengths: Array, orders: Sequence[int]) -> Floats:
        """Return `[orders, events, fields]`: the probabilities of models of these orders."""
        out = np.empty((len(orders), len(values), len(self.sizes)))
        for field, (size, levels) in enumerate(zip(self.sizes, self.fields, strict=True)):
            stream = ContextStream(values, lengths, self.sizes, field)
            found = np.full(len(values), 1 / size)
            rows = np.arange(len(values))
            ids = np.zeros(len(values), np.int64)
            for k, one in enumerate(levels):
                if k:
                    rows, ids = _down(one, rows, ids, stream.before(k, rows), stream.tokens)
                place, known = _look(one.grams, ids * size + stream.values[rows])
                if k + 1 in orders:
                    top = one if k + 1 == self.order else _longest(one, size)
                    share = _deeper(top, found, rows, ids, place, known)
                    out[orders.index(k + 1), :, field] = share
                if k + 1 < self.order:
                    found = _deeper(one, found, rows, ids, place, known)
        return out

    def histories(
        self, values: Array, lengths: Array, field: int, rows: Ints | None = None
    ) -> Ints:
        """Return int64 `[events, order - 1]`: the tokens before each value of `field`.

        The nearest comes first; see `token`. Only the events `rows` are looked at where given.
        """
        stream = ContextStream(values, lengths, self.sizes, field)
        rows = np.arange(len(values)) if rows is None else rows
        out = np.zeros((len(rows), self.order - 1), np.int64)
        for k in range(1, self.order):
            out[:, k - 1] = stream.before(k, rows)
        return out

    def places(self, field: int) -> list[tuple[int, int]]:
        """Return (steps back, field) of each value in the context of `field`, nearest first."""
        return places(len(self.sizes), field, self.order - 1)

    def token(self, field: int) -> int:
        """Return the token of value 0 of `field`; that of value v is v more."""
        return sum(self.sizes[:field])

    def spread(self, field: int, histories: Ints) -> tuple[Floats, Ints]:
        """Return distributions `[m, size]` of `field`, and which of them each history has, `[n]`.

        `histories` is `[n, order - 1]`. Histories that differ only in what the model has never
        seen share one distribution.
        """
        levels = self.fields[field]
        tokens = sum(self.sizes) + 1
        paths = np.full((len(levels), len(histories)), -1)
        rows = np.arange(len(histories))
        ids = np.zeros(len(histories), np.int64)
        deepest = np.zeros(len(histories), np.int64)
        before = 0
        for k, one in enumerate(levels):
            if k:
                rows, ids = _down(one, rows, ids, histories[rows, k - 1], tokens)
            paths[k, rows] = ids
            deepest[rows] = before + ids
            before += len(one.contexts)
        _, first, which = np.unique(deepest, return_index=True, return_inverse=True)
        out = np.full((len(first), self.sizes[field]), 1 / self.sizes[field])
        for one, path in zip(levels, paths[:, first], strict=True):
            _mix(one, out, path)
        return out, which.reshape(-1)

    def first_choices(self, values: Array, lengths: Array, rows: Ints) -> list[tuple[Ints, Floats]]:
        """Return for each field the most likely values of `rows` `[n]`, and their probabilities."""
        out = []
        for field in range(len(self.sizes)):
            best = np.zeros(len(rows), np.int64)
            given = np.zeros(len(rows))
            histories = self.histories(values, lengths, field, rows)
            for start in range(0, len(rows), AT_ONCE):
                part = slice(start, start + AT_ONCE)
                each, which = self.spread(field, histories[part])
                best[part], given[part] = each.argmax(axis=1)[which], each.max(axis=1)[which]
            out.append((best, given))
        return out

    def distributions(self, field: int, histories: Ints) -> Floats:
        """Return the distributions `[n, size]` of `field` after `histories` `[n, order - 1]`."""
        each, which = self.spread(field, histories)
        return each[which]


def _level(counted: Counted, events: int, size: int) -> Level:
    """Return the smoothed level of what was counted in `events` events."""
    contexts, totals, grams, counts, distinct = counted
    missing = totals - np.bincount(grams // size, counts, len(contexts)).astype(np.int64)
    return smooth(size, contexts, grams, counts, distinct, missing, events - int(counts.sum()))


def smooth(
    size: int, contexts: Ints, grams: Ints, counts: Ints, used: Ints, missing: Ints, lost: int
) -> Level:
    """Return the level whose counts `used` are discounted; see Level.

    Grams that are not held count 1 each; all of that goes to the shorter context.
    """
    taken = discounts(used, lost)
    owner = grams // size
    spared = taken[np.minimum(used, 3)]
    total = np.bincount(owner, used, len(contexts)) + missing
    rests = (np.bincount(owner, spared, len(contexts)) + missing) / np.maximum(total, 1)
    starts = np.searchsorted(owner, np.arange(len(contexts) + 1))
    return Level(
        contexts,
        np.where(total > 0, rests, 1.0),
        grams,
        (used - spared) / total[owner],
        starts,
        counts,
        used,
        missing,
        lost,
    )


def discounts(counts: Array, lost: int = 0) -> Floats:
    """Return the discounts of counts of 0, 1, 2, and 3 or more: Chen and Goodman's equation 17.

    `counts` lacks `lost` counts of 1.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(np.float64)
    n[1] += lost
    if n[1:5].all():
        share = n[1] / (n[1] + 2 * n[2])
        made = [k - (k + 1) * share * n[k + 1] / n[k] for k in (1, 2, 3)]
        if all(0 < d <= k for k, d in enumerate(made, 1)):
            return np.array([0, *made])
    return np.array([0, *USUAL])


def _longest(one: Level, size: int) -> Level:
    """Return a level as it is in a model without longer contexts."""
    return smooth(size, one.contexts, one.grams, one.counts, one.counts, one.missing, one.lost)


def _look(keys: Ints, queries: Ints) -> tuple[Ints, Bools]:
    """Return where each of `queries` is in the sorted `keys`, and whether it is there."""
    if not len(keys):
        return np.zeros(len(queries), np.int64), np.zeros(len(queries), bool)
    if len(queries) > MANY:  # in sorted order, neighbours are found near each other
        order = np.argsort(queries)
        place = np.empty(len(queries), np.int64)
        place[order] = np.searchsorted(keys, queries[order])
    else:
        place = np.searchsorted(keys, queries)
    np.minimum(place, len(keys) - 1, out=place)
    return place, keys[place] == queries


def _down(one: Level, rows: Ints, ids: Ints, oldest: Array, tokens: int) -> tuple[Ints, Ints]:
    """Return the rows whose context, with one value more, is in `one`, and its number there."""
    place, known = _look(one.contexts, ids * tokens + oldest)
    return rows[known], place[known]


def _deeper(one: Level, found: Floats, rows: Ints, ids: Ints, place: Ints, known: Bools) -> Floats:
    """Return the probabilities `found` one level deeper.

    `rows` have the contexts `ids`; those that are `known` have the grams `place`.
    """
    out = found.copy()
    out[rows] *= one.rests[ids]
    out[rows[known]] += one.shares[place[known]]
    return out


def _mix(one: Level, out: Floats, path: Ints) -> None:
    """Take the distributions `out` one level deeper, in place.

    `path` is the context of each there, or -1.
    """
    rows = np.flatnonzero(path >= 0)
    ids = path[rows]
    out[rows] *= one.rests[ids, None]
    counts = one.starts[ids + 1] - one.starts[ids]
    ends = np.cumsum(counts)
    grams = np.arange(ends[-1] if len(ends) else 0) - np.repeat(
        ends - counts - one.starts[ids], counts
    )
    out[np.repeat(rows, counts), one.grams[grams] % out.shape[1]] += one.shares[grams]
