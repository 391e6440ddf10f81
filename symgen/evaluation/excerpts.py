"""Excerpts of real pieces, as long as the samples that they are compared with: a longer piece has more notes, pitches and copies."""

from __future__ import annotations

import numpy as np

from symgen.dataset.pieces import Split
from symgen.notes.sequence import NoteSequence
from symgen.notes.transform import crop

FEWEST = 2  # notes of an excerpt that is kept


def excerpts(
    half: Split, count: int, seconds: float, seed: int = 0
) -> list[tuple[str, NoteSequence]]:
    """Return at most `count` (name, music) excerpts of `seconds`, each piece in turn, from places that the seed draws.

    A piece that is shorter is taken whole, and once. Of silence nothing is kept.
    """
    random = np.random.default_rng([seed, 6])
    order, made, taken = random.permutation(len(half)), list[tuple[str, NoteSequence]](), set[str]()
    for i in [int(i) for i in np.resize(order, count if len(half) else 0)]:
        whole = half.encoding.decode(half.events(i), half.contexts[i])
        room = whole.total_time - seconds
        start = float(random.uniform(0, room)) if room > 0 else 0.0
        piece = crop(whole, start, start + seconds) if room > 0 else whole
        name = f"{half.ids[i]} at {start:.1f} s" if room > 0 else half.ids[i]
        if len(piece) >= FEWEST and name not in taken:
            taken.add(name)
            made.append((name, piece))
    return made
