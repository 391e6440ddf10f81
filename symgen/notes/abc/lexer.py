"""Split a line of music into tokens with one pattern, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from symgen.notes.abc.key import LETTERS, NATURAL, SIGNS

PASSES = 32  # of one repeat at most

_LENGTH = r"\d*/*\d*"
_NOTE = rf"(?:\^\^?|__?|=)?[A-Ga-g][,']*{_LENGTH}"
ENDING = r"\d+(?:[,\-.]\d+)*"
# a thick or invisible bar line before the end of a repeat, as in [|]:|, is a token of its own (4.8)
BAR = r"(?=[|:\[])(?:\[?\|\](?=:+\|)|:*(?:\[?\|\]?)++:*|::+)"

TOKENS = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "note": _NOTE,
            "blank": r"[ \t`\\$\u00a0\f\v]+",
            "bar": rf"{BAR}(?:[ \t]*\[?{ENDING})?",
            "rest": rf"[zx]{_LENGTH}",
            "bars_rest": r"[ZX]\d*",
            "quote": r'"[^"]*"',
            "open_quote": r'"[^"\s]*',
            "field": r"\[[A-Za-z]:[^\[\]]*\]",
            "ending": rf"\[{ENDING}",
            "chord": rf'\[(?:"[^"]*+"|[^\]\[|"]++)*+\]{_LENGTH}',
            "open_chord": rf"\[(?:{_NOTE})+",
            "grace": r"\{[^{}|]*\}",
            "tuplet": r"\(\d+(?::\d*){0,2}",
            "dotted": r"\.(?=\||:\|)",  # a bar line
            "slur": r"\.?[()]",
            "tie": r"\.?-",
            "broken": r">+|<+",
            "overlay": r"&+",
            "old_chord": rf"\+(?:{_NOTE}){{2,16}}+\+",  # outdated syntax (10.2)
            "decoration": r"![\w.,:()<>^/+\-]{1,40}!|\+[\w.()<>^]{1,40}\+",
            "mark": r"[~.H-Wh-w]",
            "line_break": "!",
            "spacer": r"y\d*",
            "comment": r"%.*",
            "digits": r"\d+",
            "stray": r".",
        }.items()
    ),
    re.DOTALL,
)

NOTE = re.compile(_NOTE)
INSIDE = re.compile(
    "|".join(
        [  # a chord's brackets, or a grace's braces
            f"(?P<note>{_NOTE})",
            f"(?P<rest>[zx]{_LENGTH})",
            "(?P<tie>-)",
            '(?P<quote>"[^"]*")',
            r"(?P<skip>![^!]*!|[\s~.!+/u-wH-Y()])",
            "(?P<stray>.)",
        ]
    ),
    re.DOTALL,
)

_BAR = re.compile(BAR)
_PARTS = re.compile(r"(\^\^?|__?|=)?([A-Ga-gzx])([,']*)(\d*)(/*)(\d*)")


class Note(NamedTuple):
    """A written note: `step` is 0..6 from C, `place` counts steps across octaves.

    `pitch` is the MIDI pitch without accidental (C is 60), `sign` the accidental in semitones or
    None. The length is `top`/`bottom` unit notes.
    """

    step: int
    place: int
    pitch: int
    sign: int | None
    top: int
    bottom: int


def tokens(line: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a line; `lastgroup` is the kind of a token."""
    return TOKENS.finditer(line)


@lru_cache(maxsize=4096)
def note(text: str) -> Note:
    """Read the token of a note or rest; of a rest only the length counts."""
    found = _PARTS.match(text)
    assert found is not None
    sign, letter, octave, *length = found.groups()
    top, bottom = _length(*length)
    if letter in "zx":
        return Note(0, 0, 0, None, top, bottom)
    step = LETTERS.index(letter.upper())
    octaves = (1 if letter.islower() else 0) + octave.count("'") - octave.count(",")
    return Note(
        step,
        step + 7 * octaves,
        60 + NATURAL[step] + 12 * octaves,
        SIGNS[sign] if sign else None,
        top,
        bottom,
    )


def following(token: re.Match[str]) -> tuple[int, int] | None:
    """Return the written length of the next note, rest or chord in the line, in unit notes."""
    for found in TOKENS.finditer(token.string, token.end()):
        if found.lastgroup in ("note", "rest"):
            return note(found.group())[-2:]
        if found.lastgroup == "chord":
            inside, _, outside = found.group()[1:].rpartition("]")
            notes = (t for t in INSIDE.finditer(inside) if t.lastgroup in ("note", "rest"))
            top, bottom = length(outside)
            first = next(notes, None)
            inner = note(first.group())[-2:] if first else (1, 1)
            return top * inner[0], bottom * inner[1]
    return None


def length(text: str) -> tuple[int, int]:
    """Read a length such as 3, /2, 3/2 or //, as a fraction of unit notes."""
    found = re.match(r"(\d*)(/*)(\d*)", text)
    assert found is not None
    return _length(*found.groups())


def _length(top: str, slashes: str, bottom: str) -> tuple[int, int]:
    if not slashes:
        return number(top, 1), 1
    if bottom:
        return number(top, 1), 2 ** min(len(slashes) - 1, 20) * number(bottom, 1)
    return number(top, 1), 2 ** min(len(slashes), 20)


def number(text: str, missing: int) -> int:
    """Return a number, at most a million, or `missing` for no text."""
    return min(int(text[:9]), 1_000_000) if text else missing


class BarLine(NamedTuple):
    """A written bar line: how often it has what it ends and begins played, 0 for no repeat.

    `ending` has the passes of an ending that begins at it.
    """

    ends: int
    begins: int
    double: bool
    ending: tuple[int, ...] | None


@lru_cache(maxsize=4096)
def bar_line(text: str) -> BarLine:
    """Read the token of a bar line, such as |, :|, [|] or :|2."""
    found = _BAR.match(text)
    assert found is not None
    line, rest = found.group(), text[found.end() :].strip(" \t[")
    core = line.strip(":")
    before, after = len(line) - len(line.lstrip(":")), len(line) - len(line.rstrip(":"))
    if not core:
        before = after = 1
    return BarLine(
        before + 1 if before else 0,
        after + 1 if after else 0,
        not before and not after and ("||" in core or core in ("|]", "[|")),
        tuple(ending(rest)) if rest else None,
    )


def ending(text: str) -> list[int]:
    """Return the passes of an ending such as 1, 1,3 or 1-3, each in 1..PASSES."""
    passes: set[int] = set()
    for part in re.split(r"[,.]", text):
        first, _, last = part.partition("-")
        low, high = number(first, 0), number(last.partition("-")[0], 0) if last else 0
        passes.update(range(max(low, 1), min(max(low, high), PASSES) + 1))
    return sorted(passes)
