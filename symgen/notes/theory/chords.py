"""Chord symbols: text to root, kind and bass, and back; naming and simplifying chords.

A pitch class is 0 (C) to 11 (B). The symbols are those of lead sheets with their usual other
spellings (C-7, CM7, Co7, C7(b9), C+, C7/4, C minor, C on E), and those of the Nottingham tunes:
`Gd` is diminished, `Da` augmented, a bass may be a small letter and `+` sharpens it (`D/f+`), and
brackets around all of it are of no account (`(E7)`). A small root is read if the symbol says that
it is minor or major (`am`, `dmin7`, `cmaj7`): in German books `c7` is minor, in others it is not.
A German H is not read, since B would then be ambiguous.

Of several chords the first counts: `G(Em)`, `G or Em`, `Am/D7`. A chord in brackets after another
is for printing (ABC 2.1, 4.18).

A chord with tones that no kind has, such as C13b9, is read as the nearest kind (`kinds.nearest`).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from symgen.errors import BadOption, counted, shorten, unknown
from symgen.notes.theory import quality
from symgen.notes.theory.kinds import KINDS, MASKS

TEXTS = 6  # symbols without a meaning that are named
REDUCTIONS = ("triads", "sevenths", "written")
SEVENTHS = {
    ("", 10): "7",
    ("", 11): "maj7",
    ("m", 10): "m7",
    ("m", 11): "mM7",
    ("dim", 9): "dim7",
    ("dim", 10): "m7b5",
    ("dim", 11): "dimM7",
    ("aug", 10): "aug7",
    ("aug", 11): "maj7#5",
    ("sus4", 10): "7sus4",
    ("sus2", 10): "7sus2",
}
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
FIFTHS = "FCGDAEB"  # the line of fifths; after B come the sharps, from F again

UNNAMED = ("majb5", "7b9sus4")  # kinds that are read, and that `name` does not give
_SIGNS = {"#": 1, "♯": 1, "+": 1, "𝄪": 2, "b": -1, "♭": -1, "-": -1, "𝄫": -2}
_NONE = re.compile(r"\(?(?:n(?:[./]?\s?c\.?)?|no ?chord|none|tacet)?\)?", re.I)
_ROOT = re.compile(r"([A-G]|[a-g](?=[#♯b♭]*m(?!\.)))((?:[#♯𝄪]|[b♭𝄫])*)♮?:?")
_BASS = re.compile(r"(?:[/\\]\s*|\s*(?:on|over)\s*(?=[A-G]))([A-Ga-g])([#♯+𝄪]*|[b♭𝄫-]*)♮?$")
_SEVERAL = (
    re.compile(r"(.+?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])"),
    re.compile(r"(.+?)\s*(?:or|[,;|&])\s*(.+)"),
    re.compile(r"(.+?)\s*/\s*(.+)"),
)
_ENCLOSED = re.compile(r"\(([^()]*(?:\([^()]*\))*)\)|\[([^\[\]]*)\]")


class Chord(NamedTuple):
    """A chord: pitch classes `root` and `bass` and a `kind` of KINDS."""

    root: int
    kind: str
    bass: int

    @property
    def classes(self) -> int:
        """Its pitch classes as a mask, the bass included: bit p is set if p sounds."""
        return _rotated(MASKS[self.kind], self.root) | 1 << self.bass


@functools.cache
def parse(symbol: str) -> Chord | None:
    """Return the chord that `symbol` names; None if it names none (see `known_as_none`)."""
    text = symbol.strip().rstrip(".:;,!?*")
    if enclosed := _ENCLOSED.fullmatch(text):
        return parse(enclosed[1] or enclosed[2] or "")
    found = _ROOT.match(text)
    if not found:
        return None
    root = _class(*found.groups())
    bass = _BASS.search(text, found.end())
    kind = quality.kind(text[found.end() : bass.start() if bass else None])
    if kind is None:
        return _first_of_several(text)
    return Chord(root, kind, _class(*bass.groups()) if bass else root)


def _first_of_several(text: str) -> Chord | None:
    """Return the first of two chords in one symbol; None if they are not two chords."""
    for pattern in _SEVERAL:
        if found := pattern.fullmatch(text):
            second = next(filter(None, found.groups()[1:]), "")
            return parse(found[1]) if parse(second) else None
    return None


def known_as_none(symbol: str) -> bool:
    """Return whether `symbol` stands for no chord: empty, blank or N.C."""
    return _NONE.fullmatch(symbol.strip()) is not None


def names_chord(symbol: str) -> bool:
    """Return whether text names a chord, or says that there is none."""
    return parse(symbol) is not None or known_as_none(symbol)


def texts(symbols: Iterable[str]) -> tuple[str, ...]:
    """Return a line about the symbols that name no chord, such as a fingering; () if all do."""
    counts = Counter(symbols)
    others = Counter({text: count for text, count in counts.items() if not names_chord(text)})
    if not others:
        return ()
    named = ", ".join(repr(shorten(text, 20)) for text, _ in others.most_common(TEXTS))
    more = ", ..." if len(others) > TEXTS else ""
    return (f"{counted(others.total(), 'chord symbol')} without a meaning: {named}{more}",)


def symbol(chord: Chord, sharps: int = 0) -> str:
    """Return the text that `parse` reads as `chord`, spelled for a key of `sharps` (flats: < 0)."""
    text = spelled(chord.root, sharps) + chord.kind
    return text if chord.bass == chord.root else f"{text}/{spelled(chord.bass, sharps)}"


def spelled(pitch_class: int, sharps: int = 0) -> str:
    """Return the name of a pitch class in a key of `sharps`; in C: C# Eb F# Ab Bb.

    Names lie from 4 fifths below its tonic to 7 above. Keys of more than 4 flats or 5 sharps count
    as those, so that no name has two signs.
    """
    low = min(max(sharps, -4), 5) - 4
    place = low + (pitch_class * 7 - low) % 12
    turns, at = divmod(place + 1, 7)
    return FIFTHS[at] + ("#" if turns > 0 else "b") * abs(turns)


def name(pitches: Iterable[int]) -> Chord | None:
    """Return the chord of `pitches`, of which the lowest is the bass; None if it has no name.

    The chord has exactly their pitch classes if there is one. Of several, one on its root comes
    first, then the more common kind; one with a bass outside the chord comes last. Otherwise it
    lacks only its fifth.
    """
    pitches = list(pitches)
    if not pitches:
        return None
    mask = functools.reduce(lambda m, p: m | 1 << p % 12, pitches, 0)
    exact, partial = _names()
    key = mask, min(pitches) % 12
    return exact.get(key) or partial.get(key)


def reduce(chord: Chord, to: str) -> Chord:
    """Return the triad of `chord`, its triad or seventh, or itself: `to` is one of REDUCTIONS.

    The first two are on their root. Suspended fourths and seconds count as triads. Sixths, bare
    fifths and added notes reduce to the plain triad.
    """
    if to not in REDUCTIONS:
        raise BadOption(unknown("reduction of chords", to, REDUCTIONS))
    if to == "written":
        return chord
    return Chord(chord.root, _REDUCED[chord.kind][REDUCTIONS.index(to)], chord.root)


def transpose(chord: Chord, semitones: int) -> Chord:
    """Return the chord `semitones` higher."""
    return Chord((chord.root + semitones) % 12, chord.kind, (chord.bass + semitones) % 12)


def _class(letter: str, signs: str) -> int:
    return (LETTERS[letter.upper()] + sum(_SIGNS[sign] for sign in signs)) % 12


def _rotated(mask: int, steps: int) -> int:
    turned = mask << steps
    return (turned | turned >> 12) & 0xFFF


def _triad(tones: tuple[int, ...]) -> str:
    if 4 in tones:
        return "aug" if 8 in tones and 7 not in tones else ""
    if 3 in tones:
        return "dim" if 6 in tones and 7 not in tones else "m"
    if 5 in tones:
        return "sus4"
    return "sus2" if 2 in tones else ""


def _seventh(tones: tuple[int, ...]) -> str:
    triad = _triad(tones)
    return next((SEVENTHS[triad, t] for t in reversed(tones) if (triad, t) in SEVENTHS), triad)


@functools.cache
def _names() -> tuple[dict[tuple[int, int], Chord], dict[tuple[int, int], Chord]]:
    """Return chords by (mask, bass), and the same for chords without their fifth."""
    exact: dict[tuple[int, int], Chord] = {}
    partial: dict[tuple[int, int], Chord] = {}
    kinds = [kind for kind in KINDS if kind not in UNNAMED]
    chords = [Chord(root, kind, bass) for kind in kinds for root in range(12) for bass in range(12)]
    for chord in sorted(chords, key=lambda c: (not _inside(c), c.bass != c.root)):
        exact.setdefault((chord.classes, chord.bass), chord)
        fifth = (chord.root + 7) % 12
        if (
            _inside(chord)
            and 7 in KINDS[chord.kind]
            and chord.bass != fifth
            and len(KINDS[chord.kind]) > 2
        ):
            partial.setdefault((chord.classes & ~(1 << fifth), chord.bass), chord)
    return exact, partial


def _inside(chord: Chord) -> bool:
    """Return whether the bass is a note of the chord."""
    return bool(_rotated(MASKS[chord.kind], chord.root) >> chord.bass & 1)


_REDUCED = {kind: (_triad(tones), _seventh(tones)) for kind, tones in KINDS.items()}
