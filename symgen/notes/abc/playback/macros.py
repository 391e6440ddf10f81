"""Macros (ABC 2.1, 9): text that stands for other text, before a line of music is read.

In a transposing macro the target ends with n and a length; n is any note. The letters h to z of its
replacement are notes by their distance to n in steps of the scale.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from symgen.notes.abc.key import LETTERS

LONGEST_TARGET, LONGEST = 31, 200  # characters, by the standard
LONGEST_LINE = 100_000  # characters of a line with its macros written out
MOST = 100  # macros of one tune, each of which looks at each line
MOST_LOOKS = 3_000_000  # macros times lines

_TARGET = re.compile(r"([^=]*[^=\s])\s*=\s*(.+)")
_QUOTED = re.compile(r'("[^"]*"|\[[A-Za-z]:[^\]]*\]|%.*)')
_ANY = re.compile(r"n(\d*/*\d*)$")
_RELATIVE = re.compile(r'("[^"]*"|![^!]*!)|([h-z])')
_NO_LENGTH = r"(?![\d/,'])"


class Macros:
    """The macros of one tune, the last one of a target counts."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = {}
        self._looks = 0

    def __bool__(self) -> bool:
        return bool(self._known)

    def define(self, value: str) -> bool:
        """Read an m: field; return whether it makes sense."""
        target, found = "", _target(value)
        if found and len(self._known) >= MOST and found[0] not in self._known:
            return False
        if found:
            target, text = found
            anyone = _ANY.search(target)
            if anyone:
                before = re.escape(target[: anyone.start()])
                pattern = rf"{before}([A-Ga-g][,']*){re.escape(anyone[1])}{_NO_LENGTH}"
                self._known[target] = re.compile(pattern), lambda m: transposed(text, m[1])
            else:
                end = _NO_LENGTH if target[-1].isalnum() else ""
                self._known[target] = re.compile(re.escape(target) + end), lambda m: text
        return found is not None

    def letters(self) -> str:
        """Return the characters of all targets that are no notes."""
        return "".join({c for target in self._known for c in target} - set("ABCDEFGabcdefg"))

    def expand(self, line: str) -> str:
        """Return a line with its macros written out; quoted text and fields stay."""
        self._looks += len(self._known)
        if self._looks > MOST_LOOKS:
            raise OverflowError("too many macros for so many lines")
        parts = _QUOTED.split(line)
        for pattern, made in self._known.values():
            parts[::2] = [pattern.sub(made, part) for part in parts[::2]]
            if sum(map(len, parts)) > LONGEST_LINE:
                raise OverflowError
        return "".join(parts)

    def origins(self, line: str) -> list[int]:
        """Return for each character of the expanded line its index in `line`.

        Of a replacement the first character has the index of what it replaces, the others -1.
        """
        parts, origins, at = _QUOTED.split(line), list[list[int]](), 0
        for part in parts:
            origins.append(list(range(at, at + len(part))))
            at += len(part)
        for pattern, made in self._known.values():
            for i in range(0, len(parts), 2):
                parts[i], origins[i] = _replaced(pattern, made, parts[i], origins[i])
        return [index for some in origins for index in some]


def _replaced(
    pattern: re.Pattern[str], made: Callable[[re.Match[str]], str], text: str, origins: list[int]
) -> tuple[str, list[int]]:
    """Return `text` with what `made` puts for each match, and the origins of its characters."""
    texts, indices, at = list[str](), list[int](), 0
    for found in pattern.finditer(text):
        new = made(found)
        texts += [text[at : found.start()], new]
        indices += origins[at : found.start()]
        indices += [origins[found.start()], *[-1] * (len(new) - 1)] if new else []
        at = found.end()
    return "".join([*texts, text[at:]]), indices + origins[at:]


def _target(value: str) -> tuple[str, str] | None:
    """Return the target and the replacement; a target may hold an accidental, as in T=c2."""
    found = re.match(r"(\S+)\s+=\s*(.+)", value) or _TARGET.match(value)
    if not found or len(found[1]) > LONGEST_TARGET:
        return None
    return found[1], found[2].strip()[:LONGEST]


def transposed(text: str, note: str) -> str:
    """Return the replacement of a transposing macro for one note, such as c' or B,."""
    step = LETTERS.index(note[0].upper()) + 7 * (note[0].islower() + note.count("'"))
    step -= 7 * note.count(",")

    def named(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        octave, at = divmod(step + ord(found[2]) - ord("n"), 7)
        letter = LETTERS[at]
        return letter + "," * -octave if octave <= 0 else letter.lower() + "'" * (octave - 1)

    return _RELATIVE.sub(named, text)
