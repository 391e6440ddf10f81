"""The text after the root of a chord symbol: a triad, what its number stacks, and the changes.

`m7b5` is a minor triad, a seventh and a flat fifth. Words are read as their short forms: `minor
seventh` is `m7`, `half-diminished` is `h`. Dots, commas, spaces and brackets are of no account.
"""

from __future__ import annotations

import functools
import re

from symgen.notes.theory.kinds import nearest

_SPOKEN = tuple(
    (re.compile(long, re.I), short)
    for long, short in (
        (r"seconds?", "2"),
        (r"fourths?", "4"),
        (r"fifths?|power", "5"),
        (r"sixths?", "6"),
        (r"sevenths?", "7"),
        (r"ninths?", "9"),
        (r"elevenths?", "11"),
        (r"thirteenths?", "13"),
        (r"(?<=\d)(?:th|rd|nd)", ""),
        (r"triad|chord", ""),
        (r"sharp(?=\s*\d)", "#"),
        (r"flat(?=\s*\d)", "b"),
        (r"half[\s-]*dim(?:inished)?|hdim", "h"),
        (r"suspended|sus", "sus"),
        (r"(?:dominant|dom)(?=\s*\d)", ""),
        (r"dominant|dom", "7"),
        (r"augmented|aug", "aug"),
        (r"diminished|dim", "dim"),
        (r"major|maj", "maj"),
        (r"minor|min", "m"),
        (r"altered|alt", "alt"),
        (r"omit|no", "no"),
        (r"added|add", "add"),
        (r"(?-i:MI|Mi|mi)", "m"),
        (r"(?-i:MA|Ma|ma)(?![djl])", "maj"),
    )
)
"""Words of a symbol in whatever case, and what they are read as."""
_SILENT = re.compile(r"[\s().,\[\]]|/(?=.)")
_QUALITY = re.compile(
    r"""
    (?P<triad>
        m(?!aj) | -(?!5) | dim | d | [oº°] | 0(?=(?:7|maj7|M7)?$) | [øØ∅h]
        | aug | a(?!dd|lt) | \+(?!5)
    )?
    (?P<major> maj | M | j | [Δ△^] )?
    (?P<number> 47 | 49 | 74 | 94 | 67 | 69 | 13 | 11 | [245679] )?
    (?P<after> M )?
    (?P<rest> (?:
        sus[249]* | add[b♭\#♯]?\d+ | no(?:11|13|[3579]) | alt7? | (?:maj|M)7 | \+ | aug
        | [b♭\#♯+-](?:2|4|5|6|7|9|11|13) | 2 | 4 | 6 | 9 | 11 | 13
    )* )
    """,
    re.X,
)
_REST = re.compile(r"(sus|add[b♭#♯]?|no|alt|aug|maj|M|[b♭#♯+-]|)(\d+|(?<=.)(?!\d))")
_ALTERED = (0, 3, 4, 8, 10)  # 7alt, as the kind 7#5#9
_DIMINISHED, _HALF_DIMINISHED = ("d", "o", "º", "°", "0"), ("ø", "Ø", "∅", "h")
_STACKED = {"7": (), "9": (2,), "11": (2, 5), "13": (2, 5, 9)}  # on a triad and a seventh
_DEGREES = {"2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 10, "9": 2, "11": 5, "13": 9}
_FAMILIES = {"3": {3, 4}, "5": {6, 7, 8}, "7": {9, 10, 11}, "9": {1, 2}, "11": {5, 6}, "13": {8, 9}}


def kind(text: str) -> str | None:
    """Return the kind that the text names; None if it names none."""
    for word, short in _SPOKEN:
        text = word.sub(short, text)
    found = _QUALITY.fullmatch(_SILENT.sub("", text))
    return nearest(_mask(found)) if found else None


def _mask(found: re.Match[str]) -> int:
    """Return the mask of the semitones above the root."""
    tones = _stacked(found)
    for sign, degree in _REST.findall(found["rest"]):
        tones = _changed(tones, sign, degree)
    return functools.reduce(lambda mask, tone: mask | 1 << tone, tones, 0)


def _stacked(found: re.Match[str]) -> set[int]:
    """Return the tones of the triad and of the number after it."""
    number, first = found["number"] or "", (found["triad"] or "")[:1]
    tones = {0, *_third_and_fifth(first)}
    seventh = 10
    if found["major"] or found["after"]:
        seventh = 11
    elif first in _DIMINISHED:
        seventh = 9
    if first in _HALF_DIMINISHED or (found["major"] in ("Δ", "△", "^") and not number):
        tones.add(seventh)
    if number in _STACKED:
        return tones | {seventh, *_STACKED[number]}
    if number in ("6", "69", "67"):
        return tones | {9} | {"69": {2}, "67": {seventh}}.get(number, set())
    if number == "2":
        return tones | {2}
    if number:  # 4 is a suspension, 5 a bare fifth, 7/4 and 9/4 are suspended sevenths and ninths
        tones = tones - {3, 4} | ({5} if "4" in number else set())
        tones |= {seventh} if "7" in number or "9" in number else set()
        tones |= {2} if "9" in number else set()
    return tones


def _third_and_fifth(triad: str) -> tuple[int, int]:
    """Return the third and the fifth of the triad that begins with a character."""
    diminished = triad in _DIMINISHED + _HALF_DIMINISHED
    third = 3 if diminished or triad in ("m", "-") else 4
    if diminished:
        return third, 6
    return third, 8 if triad in ("a", "+") else 7


def _changed(tones: set[int], sign: str, degree: str) -> set[int]:
    """Return the tones with one addition of the symbol: sus4, add9, no3, b5, #9, +, alt."""
    natural = _DEGREES.get(degree)
    if sign == "alt":
        return set(_ALTERED)
    if sign == "sus":
        return tones - {3, 4} | _suspended(degree)
    if sign == "no":
        return tones - _FAMILIES[degree]
    if sign in ("maj", "M"):
        return tones - {10} | {11}
    if sign in ("+", "aug") and not degree:
        natural = 7
    if degree == "7" and sign.endswith(("b", "♭", "-")):  # the minor seventh, which 7 is already
        return tones - {11} | {10}
    if natural is None:  # add#97 and the like change nothing
        return tones
    if sign == "" or sign.startswith("add"):
        return tones | {natural + _alteration(sign[3:])}
    return tones - {natural} | {natural + _alteration(sign)}


def _suspended(degree: str) -> set[int]:
    """Return the tones of a suspension: sus9 is a ninth chord."""
    if degree == "9":
        return {2, 5, 10}
    return {2 for d in degree if d in "29"} | {5 for d in degree if d == "4"} or {5}


def _alteration(sign: str) -> int:
    """Return the semitones of a sign before a degree."""
    return 0 if not sign else -1 if sign in "b♭-" else 1
