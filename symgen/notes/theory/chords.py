"""Chord symbols: text to root, kind and bass, and back; naming and simplifying chords.

A pitch class is 0 (C) to 11 (B). The symbols are those of lead sheets with their usual other
spellings (C-7, CM7, Co7, C7(b9), C+, C7/4, C minor), and those of the Nottingham tunes: `Gd` is
diminished, `Da` augmented, a bass may be a small letter and `+` sharpens it (`D/f+`), and brackets
around all of it are of no account (`(E7)`). Of `G(Em)` the first counts: a chord in brackets after
another is for printing (ABC 2.1, 4.18). A German H is not read, since B would then be ambiguous.

A chord with tones that no kind has, such as C13b9, is read as the nearest kind: the largest that
has no other tones, else the one with the same third and the fewest tones that differ.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from symgen.errors import BadOption, unknown

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
}
"""Each kind of chord and its semitones above the root; of two kinds the more common comes first."""

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

_NONE = re.compile(r"(?:n(?:\.?c\.?)?|no ?chord|none|tacet)?", re.I)
_ROOT = re.compile(r"([A-G])((?:[#♯]|[b♭])*)♮?:?")
_BASS = re.compile(r"[/\\]\s*([A-Ga-g])([#♯+]*|[b♭-]*)♮?$")
_ALTERNATIVE = re.compile(r"(.+?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])")
_SPOKEN = tuple(
    (re.compile(long, re.I), short)
    for long, short in (
        (r"suspended|sus", "sus"),
        (r"dominant|dom", ""),
        (r"augmented|aug", "aug"),
        (r"diminished|dim", "dim"),
        (r"major|maj", "maj"),
        (r"minor|min", "m"),
        (r"altered|alt", "alt"),
        (r"omit|no", "no"),
        (r"add", "add"),
        (r"(?-i:MI|Mi|mi)", "m"),
        (r"(?-i:MA|Ma|ma)(?![djl])", "maj"),
        (r"triad|chord|(?<=\d)th", ""),
    )
)
"""Words of a symbol in whatever case, and what they are read as."""
_QUALITY = re.compile(
    r"""
    (?P<triad> m(?!aj) | -(?!5) | dim | d | o | ° | 0(?=7?$) | [øØh] | aug | a(?!dd|lt) | \+(?!5) )?
    (?P<major> maj | M | j | [Δ△^] )?
    (?P<number> 47 | 74 | 69 | 13 | 11 | [245679] )?
    (?P<after> M )?
    (?P<rest> (?:
        sus[249]* | add[b♭\#♯]?\d+ | no[357] | alt | \+ | aug
        | [b♭\#♯+-](?:5|6|7|9|11|13) | 2 | 4 | 6 | 9 | 11 | 13
    )* )
    """,
    re.X,
)
ALTERED = (0, 3, 4, 8, 10)  # 7alt, as the kind 7#5#9
DIMINISHED, HALF_DIMINISHED = ("d", "o", "°", "0"), ("ø", "Ø", "h")
_REST = re.compile(r"(sus|add[b♭#♯]?|no|alt|aug|[b♭#♯+-]|)(\d+|(?<=.)(?!\d))")
_DEGREES = {"2": 2, "4": 5, "5": 7, "6": 9, "7": 10, "9": 2, "11": 5, "13": 9}


class Chord(NamedTuple):
    """A chord: pitch classes `root` and `bass` and a `kind` of KINDS."""

    root: int
    kind: str
    bass: int

    @property
    def classes(self) -> int:
        """Its pitch classes as a mask, the bass included: bit p is set if p sounds."""
        return _rotated(_MASKS[self.kind], self.root) | 1 << self.bass


@functools.cache
def parse(symbol: str) -> Chord | None:
    """Return the chord that `symbol` names; None if it names none (see `known_as_none`)."""
    text = symbol.strip().rstrip(".:;,!?*")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    second = _ALTERNATIVE.fullmatch(text)
    if second and _ROOT.match(second[2] or second[3] or "") and parse(second[2] or second[3]):
        text = second[1]
    found = _ROOT.match(text)
    if not found:
        return None
    root = _class(*found.groups())
    bass = _BASS.search(text, found.end())
    kind = _kind(text[found.end() : bass.start() if bass else None])
    return None if kind is None else Chord(root, kind, _class(*bass.groups()) if bass else root)


def known_as_none(symbol: str) -> bool:
    """Return whether `symbol` stands for no chord: empty, blank or N.C."""
    return _NONE.fullmatch(symbol.strip()) is not None


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
    return (LETTERS[letter.upper()] + sum(1 if s in "#♯+" else -1 for s in signs)) % 12


def _kind(text: str) -> str | None:
    """Return the kind that the text after the root names."""
    for word, short in _SPOKEN:
        text = word.sub(short, text)
    found = _QUALITY.fullmatch(re.sub(r"[\s(),\[\]]|/(?=.)", "", text))
    return _nearest(_intervals(found)) if found else None


@functools.cache
def _nearest(mask: int) -> str:
    """Return the kind with the tones of a mask, or the nearest one."""
    inside = [kind for kind, of in _MASKS.items() if not of & ~mask and len(KINDS[kind]) > 2]
    if mask in _BY_INTERVALS:
        return _BY_INTERVALS[mask]
    if inside:
        return max(inside, key=lambda kind: len(KINDS[kind]))
    thirds = 1 << 3 | 1 << 4
    return min(
        KINDS,
        key=lambda kind: ((_MASKS[kind] ^ mask) & thirds != 0, (_MASKS[kind] ^ mask).bit_count()),
    )


def _third_and_fifth(triad: str) -> tuple[int, int]:
    """Return the third and the fifth of the triad that begins with a character."""
    diminished = triad in DIMINISHED + HALF_DIMINISHED
    third = 3 if diminished or triad in ("m", "-") else 4
    if diminished:
        return third, 6
    return third, 8 if triad in ("a", "+") else 7


def _intervals(found: re.Match[str]) -> int:
    """Return the mask of the semitones above the root.

    They are a triad, what the number stacks on it, and the changes after it.
    """
    number, first = found["number"] or "", (found["triad"] or "")[:1]
    half_diminished = first in HALF_DIMINISHED
    tones = {0, *_third_and_fifth(first)}
    seventh = 10
    if found["major"] or found["after"]:
        seventh = 11
    elif first in DIMINISHED:
        seventh = 9
    if half_diminished or (found["major"] in ("Δ", "△", "^") and not number):
        tones.add(seventh)
    if number in ("7", "9", "11", "13"):
        tones |= {seventh, *(t for n, t in ((9, 2), (11, 5), (13, 9)) if int(number) >= n)}
    elif number in ("6", "69"):
        tones |= {9} | ({2} if number == "69" else set())
    elif number == "2":
        tones.add(2)
    elif number:  # 4 is a suspension, 5 a bare fifth, 7/4 a suspended seventh
        tones = tones - {3, 4} | ({5} if "4" in number else set())
        tones |= {seventh} if "7" in number else set()
    for sign, degree in _REST.findall(found["rest"]):
        tones = _changed(tones, sign, degree)
    return functools.reduce(lambda mask, t: mask | 1 << t, tones, 0)


def _changed(tones: set[int], sign: str, degree: str) -> set[int]:
    """Return the tones with one addition of the symbol: sus4, add9, no3, b5, #9, +, alt."""
    natural = _DEGREES.get(degree)
    if sign == "alt":
        return set(ALTERED)
    if sign == "sus":
        added = {2 for d in degree if d in "29"} | {5 for d in degree if d == "4"}
        return tones - {3, 4} | (added or {5})
    if sign == "no":
        return tones - ({3, 4} if degree == "3" else {6, 7, 8} if degree == "5" else {9, 10, 11})
    if sign in ("+", "aug") and not degree:
        natural = 7
    if natural is None:  # add#97 and the like change nothing
        return tones
    if sign == "" or sign.startswith("add"):
        return tones | {natural + _alteration(sign[3:])}
    return tones - {natural} | {natural + _alteration(sign)}


def _alteration(sign: str) -> int:
    """Return the semitones of a sign before a degree."""
    return 0 if not sign else -1 if sign in "b♭-" else 1


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
    chords = [Chord(root, kind, bass) for kind in KINDS for root in range(12) for bass in range(12)]
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
    return bool(_rotated(_MASKS[chord.kind], chord.root) >> chord.bass & 1)


_MASKS = {kind: sum(1 << t for t in tones) for kind, tones in KINDS.items()}
_BY_INTERVALS = {mask: kind for kind, mask in _MASKS.items()}
_REDUCED = {kind: (_triad(tones), _seventh(tones)) for kind, tones in KINDS.items()}
