"""The kinds of chords: the tones of each, and the nearest kind of other tones.

Tones are semitones above the root, 0 to 11. A mask has bit t set if the chord has the tone t.
"""

from __future__ import annotations

import functools

KINDS: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "5": (0, 7),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "mM7": (0, 3, 7, 11),
    "7sus4": (0, 5, 7, 10),
    "aug7": (0, 4, 8, 10),
    "7b5": (0, 4, 6, 10),
    "maj7#5": (0, 4, 8, 11),
    "maj7b5": (0, 4, 6, 11),
    "dimM7": (0, 3, 6, 11),
    "7sus2": (0, 2, 7, 10),
    "add9": (0, 2, 4, 7),
    "madd9": (0, 2, 3, 7),
    "add11": (0, 4, 5, 7),
    "madd11": (0, 3, 5, 7),
    "69": (0, 2, 4, 7, 9),
    "m69": (0, 2, 3, 7, 9),
    "9": (0, 2, 4, 7, 10),
    "m9": (0, 2, 3, 7, 10),
    "maj9": (0, 2, 4, 7, 11),
    "mM9": (0, 2, 3, 7, 11),
    "9sus4": (0, 2, 5, 7, 10),
    "7b9": (0, 1, 4, 7, 10),
    "7#9": (0, 3, 4, 7, 10),
    "7#11": (0, 4, 6, 7, 10),
    "7b13": (0, 4, 7, 8, 10),
    "maj7#11": (0, 4, 6, 7, 11),
    "aug9": (0, 2, 4, 8, 10),
    "9b5": (0, 2, 4, 6, 10),
    "7b5b9": (0, 1, 4, 6, 10),
    "7#5b9": (0, 1, 4, 8, 10),
    "7#5#9": (0, 3, 4, 8, 10),
    "11": (0, 2, 4, 5, 7, 10),
    "m11": (0, 2, 3, 5, 7, 10),
    "maj11": (0, 2, 4, 5, 7, 11),
    "9#11": (0, 2, 4, 6, 7, 10),
    "maj9#11": (0, 2, 4, 6, 7, 11),
    "13": (0, 2, 4, 5, 7, 9, 10),
    "m13": (0, 2, 3, 5, 7, 9, 10),
    "maj13": (0, 2, 4, 5, 7, 9, 11),
    "13sus4": (0, 2, 5, 7, 9, 10),
    "13#11": (0, 2, 4, 6, 7, 9, 10),
    "maj13#11": (0, 2, 4, 6, 7, 9, 11),
    "majb5": (0, 4, 6),
    "7b9sus4": (0, 1, 5, 7, 10),
}
"""Each kind of chord and its semitones above the root; of two kinds the more common comes first."""

MASKS = {kind: sum(1 << tone for tone in tones) for kind, tones in KINDS.items()}
_BY_MASK = {mask: kind for kind, mask in MASKS.items()}


@functools.cache
def nearest(mask: int) -> str:
    """Return the kind with the tones of a mask, or the nearest one.

    It has the same third if any kind has. Of those, kinds without other tones come first, then
    those with the same seventh, with the same fifth, and with the fewest tones that differ.
    """
    if mask in _BY_MASK:
        return _BY_MASK[mask]

    def distance(kind: str) -> tuple[bool, bool, bool, bool, int]:
        of = MASKS[kind]
        return (
            _first(of, 4, 3) != _first(mask, 4, 3),
            of & ~mask != 0,
            _first(of, 11, 10) != _first(mask, 11, 10),
            _first(of, 7, 6, 8) != _first(mask, 7, 6, 8),
            (of ^ mask).bit_count(),
        )

    return min(KINDS, key=distance)


def _first(mask: int, *tones: int) -> int | None:
    """Return the first of `tones` that the mask has."""
    return next((tone for tone in tones if mask >> tone & 1), None)
