"""A suffix array of letters: built by prefix doubling (Manber and Myers, 1993), searched for many
words at once.

Letters are uint16 with `BITS` bits; letter 0 separates the pieces of a text. Only letters up to the
next 0 are compared. The order of suffixes that differ later does not matter, but is the same on
every machine. Six million letters take two seconds and 300 MB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.arrays import heads
from symgen.similarity.letters import BITS, Letters
from symgen.types import Ints, Progress

Order = npt.NDArray[np.int32]

FIRST = 63 // BITS  # letters that fit in one int64
WIDTH = 8  # letters compared at once
END = (1 << BITS) - 1  # follows a word; not a letter of a text


def build(text: Letters, longest: int, progress: Progress | None = None) -> Order:
    """Return int32 `[letters]`: where the suffixes of `text` begin, sorted.

    No piece has more than `longest` letters.
    """
    order, rank, slots = _sorted(_packed(text), np.arange(len(text)), np.zeros(len(text), np.int32))
    places = order.astype(np.int32)
    depth = FIRST
    del order
    while len(slots) and depth < longest:
        if progress:
            progress(len(text) - len(slots), len(text), "sorting passages")
        here = places[slots].astype(np.int64)
        later = np.zeros(len(slots), np.int64)
        inside = here + depth < len(text)
        later[inside] = rank[here[inside] + depth] + 1
        later |= rank[here].astype(np.int64) << 32
        found, rank, left = _sorted(later, slots, rank, here)
        places[slots] = found
        slots = left
        depth = 2 * depth
    if len(slots):
        here = places[slots].astype(np.int64)
        places[slots] = np.sort(rank[here].astype(np.int64) << 32 | here) & 0xFFFFFFFF
    return places


def _packed(text: Letters) -> Ints:
    """Return the first letters of each suffix as one number."""
    out = np.zeros(len(text), np.int64)
    for k in range(FIRST):
        out <<= BITS
        out[: max(len(text) - k, 0)] |= text[k:]
    return out


def _sorted(
    keys: Ints, slots: Ints, rank: Order, places: Ints | None = None
) -> tuple[Ints, Order, Ints]:
    """Sort the `places` in `slots` by `keys`.

    Returns the sorted places, the ranks (the first slot among equal keys) and the slots of keys
    that are not unique.
    """
    by = np.argsort(keys)
    keys = keys[by]
    places = by if places is None else places[by]
    head = heads(keys)
    rank[places] = slots[np.maximum.accumulate(np.where(head, np.arange(len(head)), 0))]
    unique = head.copy()
    unique[:-1] &= head[1:]
    return places, rank, slots[~unique]


class Searched:
    """A text with its suffix array, and words to search for. A word is the rest of `words` from a
    place.
    """

    def __init__(self, text: Letters, order: Order, words: Letters) -> None:
        self.text, self.order, self.words = text, order, words
        self._text = np.lib.stride_tricks.sliding_window_view(
            np.append(text, np.zeros(2 * WIDTH, np.uint16)), WIDTH
        )
        self._words = np.lib.stride_tricks.sliding_window_view(
            np.append(words, np.full(2 * WIDTH, END, np.uint16)), WIDTH
        )

    def ranks(self, at: Ints) -> Ints:
        """Return int64 `[at]`: the number of suffixes before the word at each place of `words`."""
        low = np.full(len(at), -1)
        high = np.full(len(at), len(self.order))
        # letters in common with the lower and with the upper bound
        agrees = np.zeros(len(at), np.int64)
        exceeds = np.zeros(len(at), np.int64)
        for _ in range(len(self.order).bit_length()):
            open_ = high - low > 1
            middle = np.where(open_, (low + high) // 2, np.clip(low, 0, None))
            place = self.order[middle].astype(np.int64)
            shared = self.common(place, at, np.minimum(agrees, exceeds))
            less = self._text[place + shared, 0] < self._words[at + shared, 0]
            low = np.where(open_ & less, middle, low)
            agrees = np.where(open_ & less, shared, agrees)
            high = np.where(open_ & ~less, middle, high)
            exceeds = np.where(open_ & ~less, shared, exceeds)
        return np.asarray(high, np.int64)

    def common(self, places: Ints, at: Ints, known: Any = 0) -> Ints:
        """Return int64 `[at]`: how many letters the text at `places` and the word at `at` share.

        At least `known` letters are known to be equal.
        """
        out: Ints = np.zeros(len(at), np.int64) + known
        live = np.arange(len(at))
        while len(live):
            of_text = self._text[places[live] + out[live]]
            of_words = self._words[at[live] + out[live]]
            same = of_text == of_words
            whole = same.all(axis=1)
            out[live] += np.where(whole, WIDTH, same.argmin(axis=1))
            live = live[whole]
        return out
