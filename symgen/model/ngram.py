"""Back-off n-grams over integer events: interpolated modified Kneser-Ney smoothing, of any order, counted by sorting.

The fields of a step are read as one stream, field after field, and a value is told by the order - 1 values before it in
that stream, among the values of its own field alone. With one field this is the plain n-gram.

Smoothing is that of Chen and Goodman, "An empirical study of smoothing techniques for language modeling" (1999): three
discounts an order, estimated from the counts of counts, and in all orders but the highest the number of distinct
values seen before a gram in place of its count. As in KenLM (Heafield 2011) a gram that begins with "nothing before" keeps
its count, for nothing can stand before it, and where counts of counts give no usable discounts they are 0.5, 1 and 1.5.

The contexts of a field form a tree that grows into the past: level k holds those of length k, each as a number of its
parent (the same without its oldest value) and that oldest value. A level is a sorted array of such numbers, so that
looking up is a binary search, and no two contexts can be taken for one another.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]

USUAL = (0.5, 1.0, 1.5)  # discounts where the counts of counts give none


class Level(NamedTuple):
    """The contexts of one length, in the order of their keys, and the grams that they begin."""

    contexts: Ints   # [C] parent * tokens + oldest value; level 0 holds one, 0
    rests: Floats    # [C] the share that goes to the shorter context
    grams: Ints      # [G] context * size + value, sorted
    shares: Floats   # [G] what a gram keeps of its context, discounted
    starts: Ints     # [C + 1] where the grams of each context begin
    counts: Ints     # [G] how often each gram was counted, before any smoothing


@dataclasses.dataclass(frozen=True)
class NGram:
    """The model: for each field one Level for each length of context, 0 to order - 1."""

    sizes: tuple[int, ...]
    order: int
    fields: tuple[tuple[Level, ...], ...]

    @classmethod
    def fit(cls, values: Array, lengths: Array, sizes: tuple[int, ...], order: int) -> NGram:
        """Count `values`, int `[events of all pieces, fields]` below `sizes`, `lengths[i]` of them in piece i; order 1 is the unigram."""
        if order < 1:
            raise ValueError(f"order {order}: expected at least 1")
        streams = (Stream(values, lengths, sizes, field) for field in range(len(sizes)))
        return cls(tuple(sizes), order, tuple(tuple(_levels(stream, order)) for stream in streams))

    def shorter(self, order: int) -> NGram:
        """Return what `fit` gives with a lower order, without counting again."""
        if not 1 <= order <= self.order:
            raise ValueError(f"order {order}: expected 1 to {self.order}")
        fields = []
        for size, levels in zip(self.sizes, self.fields, strict=True):
            top = levels[order - 1]
            fields.append((*levels[:order - 1], _level(top.contexts, top.grams, top.counts, top.counts, size)))
        return dataclasses.replace(self, order=order, fields=tuple(fields))

    def probabilities(self, values: Array, lengths: Array) -> Floats:
        """Return `[events, fields]`: the probability of every value of such events as `fit` takes, given all before it."""
        out = np.empty((len(values), len(self.sizes)))
        for field in range(len(self.sizes)):
            stream = Stream(values, lengths, self.sizes, field)
            out[:, field] = self._each(field, stream)
        return out

    def _each(self, field: int, stream: Stream) -> Floats:
        size, truth = self.sizes[field], stream.values
        found = np.full(len(truth), 1 / size)
        rows, ids = np.arange(len(truth)), np.zeros(len(truth), np.int64)
        for k, level in enumerate(self.fields[field]):
            if k:
                rows, ids = _down(level, rows, ids, stream.before(k)[rows], stream.tokens)
            place, known = _look(level.grams, ids * size + truth[rows])
            found[rows] *= level.rests[ids]
            found[rows[known]] += level.shares[place[known]]
        return found

    def histories(self, values: Array, lengths: Array, field: int) -> Ints:
        """Return `[events, order - 1]`: the tokens before each value of `field`, the nearest first (see `token`)."""
        stream = Stream(values, lengths, self.sizes, field)
        columns = [stream.before(k) for k in range(1, self.order)]
        return np.stack(columns, 1) if columns else np.zeros((len(values), 0), np.int64)

    def token(self, field: int) -> int:
        """Return the token of value 0 of `field`; that of value v is v more."""
        return sum(self.sizes[:field])

    def spread(self, field: int, histories: Ints) -> tuple[Floats, Ints]:
        """Return the distributions of `field` after `histories` `[n, order - 1]`: `[m, size]`, each once, and `[n]` which is whose.

        Histories that differ only in what the model has never seen share one distribution.
        """
        levels, tokens = self.fields[field], sum(self.sizes) + 1
        paths = np.full((len(levels), len(histories)), -1)
        rows, ids = np.arange(len(histories)), np.zeros(len(histories), np.int64)
        deepest = np.zeros(len(histories), np.int64)
        for k, level in enumerate(levels):
            if k:
                rows, ids = _down(level, rows, ids, histories[rows, k - 1], tokens)
            paths[k, rows] = ids
            deepest[rows] = sum(len(lower.contexts) for lower in levels[:k]) + ids
        _, first, which = np.unique(deepest, return_index=True, return_inverse=True)
        out = np.full((len(first), self.sizes[field]), 1 / self.sizes[field])
        for level, path in zip(levels, paths[:, first], strict=True):
            _mix(level, out, path)
        return out, which.reshape(-1)

    def distributions(self, field: int, histories: Ints) -> Floats:
        """Return `[n, size]`: the distribution of `field` after each of `histories` `[n, order - 1]`."""
        each, which = self.spread(field, histories)
        return each[which]


class Stream:
    """The values of one field, and what stands before them in the stream of all fields."""

    def __init__(self, values: Array, lengths: Array, sizes: tuple[int, ...], field: int) -> None:
        self.size, self.tokens, self._fields, self._field = sizes[field], sum(sizes) + 1, len(sizes), field
        self.values = np.asarray(values[:, field], np.int64)
        self._whole = (np.asarray(values, np.int64) + np.cumsum([0, *sizes[:-1]])).reshape(-1)
        lengths = np.asarray(lengths, np.int64)
        ends = np.cumsum(lengths)
        starts = np.repeat(ends - lengths, lengths)
        self._age = (np.arange(len(self.values)) - starts) * self._fields + field  # values before it in its piece

    @property
    def nothing(self) -> int:
        """The token for "nothing before"."""
        return self.tokens - 1

    def before(self, k: int) -> Ints:
        """Return the token `k` places before each value; `nothing` where the piece had not begun."""
        places = np.arange(len(self.values)) * self._fields + self._field - k
        return np.where(self._age >= k, self._whole[np.maximum(places, 0)], self.nothing)


class _Counted(NamedTuple):
    contexts: Ints
    grams: Ints
    counts: Ints


def _levels(stream: Stream, order: int) -> Iterator[Level]:
    """Yield the levels of one field, the shortest contexts first."""
    counted = list(_counts(stream, order))
    for k, (contexts, grams, raw) in enumerate(counted):
        counts = raw
        if k + 1 < order:
            longer = counted[k + 1]
            context, value = np.divmod(longer.grams, stream.size)
            parents = (longer.contexts[context] // stream.tokens) * stream.size + value
            distinct = np.bincount(np.searchsorted(grams, parents), minlength=len(grams))
            oldest = contexts[grams // stream.size] % stream.tokens
            counts = np.where((k > 0) & (oldest == stream.nothing), raw, distinct)
        yield _level(contexts, grams, raw, counts, stream.size)


def _counts(stream: Stream, order: int) -> Iterator[_Counted]:
    contexts, ids = np.zeros(1, np.int64), np.zeros(len(stream.values), np.int64)
    for k in range(order):
        if k:
            contexts, ids = np.unique(ids * stream.tokens + stream.before(k), return_inverse=True)
            ids = ids.reshape(-1)
        grams, counts = np.unique(ids * stream.size + stream.values, return_counts=True)
        yield _Counted(contexts, grams, counts)


def _level(contexts: Ints, grams: Ints, raw: Ints, counts: Ints, size: int) -> Level:
    """Discount `counts`, which are `raw` or the number of distinct values before."""
    owner, taken = grams // size, discounts(counts)[np.minimum(counts, 3)]
    total = np.bincount(owner, counts, len(contexts))
    rests = np.where(total > 0, np.bincount(owner, taken, len(contexts)) / np.maximum(total, 1), 1.0)
    starts = np.searchsorted(grams, np.arange(len(contexts) + 1) * size)
    return Level(contexts, rests, grams, (counts - taken) / total[owner], starts, raw)


def discounts(counts: Array) -> Floats:
    """Return what is taken from a count of 0, of 1, of 2 and of 3 or more, by Chen and Goodman's equation 17."""
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(np.float64)
    if n[1:5].all():
        share = n[1] / (n[1] + 2 * n[2])
        made = [k - (k + 1) * share * n[k + 1] / n[k] for k in (1, 2, 3)]
        if all(0 < d <= k for k, d in enumerate(made, 1)):
            return np.array([0, *made])
    return np.array([0, *USUAL])


def _look(keys: Ints, wanted: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return where each of `wanted` is in the sorted `keys`, and whether it is there at all."""
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    return place, keys[place] == wanted if len(keys) else np.zeros(len(wanted), bool)


def _down(level: Level, rows: Ints, ids: Ints, oldest: Ints, tokens: int) -> tuple[Ints, Ints]:
    """Return the rows whose context is known with one value more, and its number in `level`."""
    place, known = _look(level.contexts, ids * tokens + oldest)
    return rows[known], place[known]


def _mix(level: Level, out: Floats, path: Ints) -> None:
    """Take the distributions `out` one level down; `path` is each one's context there, -1 where it has none."""
    rows = np.flatnonzero(path >= 0)
    ids = path[rows]
    out[rows] *= level.rests[ids, None]
    counts = level.starts[ids + 1] - level.starts[ids]
    ends = np.cumsum(counts)
    grams = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts - level.starts[ids], counts)
    out[np.repeat(rows, counts), level.grams[grams] % out.shape[1]] += level.shares[grams]
