"""Excerpts of real pieces, as long as the samples that they are compared with.

A longer piece would have more notes, pitches and copied passages.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symgen.dataset.pieces import Split
from symgen.notes.sequence import NoteSequence
from symgen.notes.transform import crop

FEWEST = 2  # notes of an excerpt that is kept

Excerpt = tuple[str, NoteSequence]


def excerpts(split: Split, count: int, seconds: float, seed: int = 0) -> list[Excerpt]:
    """Return at most `count` (name, music) excerpts of `seconds`, from each piece in turn.

    `seed` decides the places. A shorter piece is used whole, and only once. Silence is skipped.
    """
    random = np.random.default_rng([seed, 6])
    order = random.permutation(len(split))
    found = list[Excerpt]()
    taken = set[str]()
    for i in [int(i) for i in np.resize(order, count if len(split) else 0)]:
        whole = split.encoding.decode(split.events(i), split.contexts[i])
        room = whole.total_time - seconds
        start = float(random.uniform(0, room)) if room > 0 else 0.0
        piece = crop(whole, start, start + seconds) if room > 0 else whole
        name = f"{split.ids[i]} at {start:.1f} s" if room > 0 else split.ids[i]
        if len(piece) >= FEWEST and name not in taken:
            taken.add(name)
            found.append((name, piece))
    return found


def typical(some: Sequence[Excerpt]) -> Excerpt | None:
    """Return the excerpt with the median number of notes; None if there are no excerpts."""
    ranked = sorted(some, key=lambda pair: (len(pair[1]), pair[0]))
    return ranked[len(ranked) // 2] if ranked else None
