"""Chord symbols: <harmony> as text that `symgen.notes.chords` parses.

A kind with its degrees is looked up by the notes it has, so that a dominant with an added flat
ninth is `7b9`. A chord that has no such name keeps its degrees in brackets: `C7(b9#11)`. One of an
unknown kind keeps the text that is printed.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from symgen.notes.theory import chords, kinds

NO_CHORD = "N.C."
MOST = 32  # characters of a symbol
KINDS = {
    "major": "",
    "minor": "m",
    "augmented": "aug",
    "diminished": "dim",
    "dominant": "7",
    "major-seventh": "maj7",
    "minor-seventh": "m7",
    "diminished-seventh": "dim7",
    "augmented-seventh": "aug7",
    "half-diminished": "m7b5",
    "major-minor": "mM7",
    "minor-major": "mM7",
    "major-sixth": "6",
    "minor-sixth": "m6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "m9",
    "dominant-11th": "11",
    "major-11th": "maj11",
    "minor-11th": "m11",
    "dominant-13th": "13",
    "major-13th": "maj13",
    "minor-13th": "m13",
    "suspended-second": "sus2",
    "suspended-fourth": "sus4",
    "Neapolitan": "",
    "Italian": "7",
    "French": "7b5",
    "German": "7",
    "Tristan": "m7b5",
    "tristan": "m7b5",  # as music21 writes it
    "power": "5",
    "pedal": "",
}
# degree of a dominant chord, whose sevenths are minor, in semitones above the root
DEGREES = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 10, 9: 2, 11: 5, 13: 9}
_FAMILY = {1: (0,), 2: (1, 2, 3), 3: (3, 4), 4: (5, 6), 5: (6, 7, 8), 6: (8, 9), 7: (9, 10, 11)}
_BY_TONES = {frozenset(tones): kind for kind, tones in reversed(kinds.KINDS.items())}

Shift = tuple[int, int]  # semitones up, and fifths up the line of fifths


def symbol(harmony: Element, shift: Shift, sharps: int) -> str | None:
    """Return the chord that sounds, N.C. for none; None if there is nothing to read.

    `shift` leads from the written to the sounding root, and `sharps` is the key it is spelled in
    where the written name leads to a double sharp or flat. Of several chords in one element the
    first counts.
    """
    kind = harmony.find("kind")
    value = (kind.text or "").strip() if kind is not None else "major"
    if value == "none":
        return NO_CHORD
    root = _name(harmony.find("root"), "root", shift, sharps)
    if root is None:
        return None
    text = (kind.get("text") or "").strip() if kind is not None else ""
    quality, tones = _quality(value, text, harmony.findall("degree"))
    bass = _name(harmony.find("bass"), "bass", shift, sharps)
    bass = bass or _inverted(harmony.findtext("inversion"), root, tones, sharps)
    if value == "Neapolitan" and bass is None:
        bass = _inverted("1", root, tones, sharps)
    whole = root + quality + (f"/{bass}" if bass and bass != root else "")
    return whole if len(whole) <= MOST else root + quality[: MOST - len(root)]


def _name(place: Element | None, which: str, shift: Shift, sharps: int) -> str | None:
    """Return the sounding name of a <root> or <bass>."""
    step = (place.findtext(f"{which}-step") or "").strip() if place is not None else ""
    if place is None or step not in chords.LETTERS:
        return None
    try:
        alter = round(float(place.findtext(f"{which}-alter") or 0))
    except (ValueError, OverflowError):
        alter = 0
    fifth = chords.FIFTHS.index(step) + 7 * alter + shift[1]
    signs, letter = divmod(fifth, 7)
    if abs(signs) > 1:
        return chords.spelled((chords.LETTERS[step] + alter + shift[0]) % 12, sharps)
    return chords.FIFTHS[letter] + ("#" if signs > 0 else "b") * abs(signs)


def _quality(value: str, text: str, degrees: list[Element]) -> tuple[str, tuple[int, ...]]:
    """Return the text after the root, and the semitones above it."""
    known = KINDS.get(value)
    if known is None:  # `other`, or a word of no standard
        parsed = chords.parse("C" + text)
        if parsed is not None and parsed.bass == 0:
            return parsed.kind, kinds.KINDS[parsed.kind]
        if text and not degrees:
            return text, (0, 4, 7)
        parsed = chords.parse("C" + value)
        known = parsed.kind if parsed is not None and parsed.bass == 0 else ""
    if not degrees:
        return known, kinds.KINDS[known]
    tones = set(kinds.KINDS[known])
    said = [_change(tones, degree) for degree in degrees]
    kind = _BY_TONES.get(frozenset(tones))
    if kind is not None:
        return kind, kinds.KINDS[kind]
    return f"{known}({''.join(said)})", tuple(sorted(tones))


def _change(tones: set[int], degree: Element) -> str:
    """Apply a <degree> to the semitones above the root, and return its text."""
    try:
        number = int(degree.findtext("degree-value") or "")
        alter = round(float(degree.findtext("degree-alter") or 0))
    except (ValueError, OverflowError):
        return ""
    if number not in DEGREES or abs(alter) > 2:
        return ""
    how = (degree.findtext("degree-type") or "add").strip()
    family = _FAMILY[number if number < 8 else number - 7]
    there = [tone for tone in family if tone in tones]
    sign = ("#" if alter > 0 else "b") * abs(alter)
    if how == "subtract":
        tones.difference_update(there[:1] if number in (3, 5, 7) else {DEGREES[number] + alter})
        return f"no{number}"
    if how == "alter":
        natural = _altered(tones, number, there)
        tones.discard(natural)
        tones.add((natural + alter) % 12)
        return f"{sign}{number}"
    tones.add((DEGREES[number] + alter) % 12)
    return f"{sign}{number}" if sign else f"add{number}"


def _altered(tones: set[int], number: int, there: list[int]) -> int:
    """Return the tone that an altered degree replaces; the natural one if the chord lacks it."""
    natural = DEGREES[number]
    if natural in tones or not there or number not in (3, 5, 7):
        return natural
    return there[0]


def _inverted(text: str | None, root: str, tones: tuple[int, ...], sharps: int) -> str | None:
    """Return the bass of an inversion: 1 has the third below, 2 the fifth."""
    stacked = sorted(tones, key=lambda tone: (tone in (1, 2, 5), tone))
    number = int(text) if text and text.strip() in ("1", "2", "3") else 0
    if not 0 < number < len(stacked):
        return None
    at = chords.parse(root)
    return chords.spelled((at.root + stacked[number]) % 12, sharps) if at else None
