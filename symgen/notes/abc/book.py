"""A file as tunes: bytes to text, text to the lines of each tune."""

from __future__ import annotations

import dataclasses
import itertools
import re

from symgen.errors import ReadError

Line = tuple[int, str]  # its number in the file, from 1, and its text

_CHARSET = re.compile(rb"%%abc-charset[ \t]+([\w-]+)|I:[ \t]*abc-charset[ \t]+([\w-]+)")
_CHARSETS = {"iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-9", "iso-8859-10"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WORD = re.compile(r"(?=[A-Za-z]{3})[A-Za-z]{0,20}[ijklmnopqstwIJKNQUVW]")
_FIELD = re.compile(r"[ \t]*([A-Za-z+]):")
_QUOTED = re.compile(r'"[^"]*"|!\w+!|%.*|\[[A-Za-z]:[^\[\]]*\]')
_MUSIC = re.compile(r"[A-Ga-gxyzXZHLMOPRSTuvhr~.\d/\-|:\[\](){}<>^_=,'\"!+&*\s\\$`]*")


@dataclasses.dataclass
class Block:
    """The lines of one tune. `header` are those of the file's own header; `odd` says what was odd about its place."""

    lines: list[Line]
    header: list[Line]
    odd: list[str]


def decode(data: bytes) -> tuple[str, list[str]]:
    """Return the text of a file, and what was odd about its bytes: UTF-8 where it is that, else what it names or latin-1."""
    odd = []
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode(_named(data), "replace")
    clean = _CONTROL.sub("", text)
    if clean != text:
        odd.append("control characters are left out")
    return clean, odd


def _named(data: bytes) -> str:
    found = _CHARSET.search(data[:4096])
    name = (found[1] or found[2]).decode("ascii", "replace").lower() if found else ""
    return name if name in _CHARSETS else "cp1252"  # latin-1, and what Windows puts into its gap


def blocks(data: bytes, name: str) -> list[Block]:
    """Return the tunes of a file; ReadError where there is none.

    A tune begins at X: and ends at an empty line. What is no tune (free text, typeset text) is passed over, but music
    behind an empty line goes on with its tune, and a tune may lack its X:.
    """
    text, odd = decode(data)
    header: list[Line] = []
    found: list[Block] = []
    for paragraph in _paragraphs(text):
        _place(paragraph, found, header)
    if not found:
        raise ReadError(
            name, "holds no tune: nothing in it begins with X: or K: and goes on with music"
        )
    for block in found:
        block.odd[:0] = odd
    return found


def _place(paragraph: list[Line], found: list[Block], header: list[Line]) -> None:
    """Add a paragraph's tunes to `found`, or its lines to the tune before or to the file's header."""
    starts = [i for i, (_, text) in enumerate(paragraph) if field(text) == "X"]
    before = paragraph[: starts[0]] if starts else paragraph
    if before:
        kinds = {field(text) for _, text in before}
        music = any(musical(text) for _, text in before)
        if found and _goes_on(found[-1], before, kinds):
            found[-1].lines += before
            found[-1].odd.append("an empty line inside the tune")
        elif kinds & {"K", "M", "L", "T"} and music:
            found.append(Block(list(before), header, []))
        elif not found and "K" not in kinds:
            header += [line for line in before if field(line[1])]
    for begin, end in itertools.pairwise([*starts, len(paragraph)]):
        found.append(Block(paragraph[begin:end], header, []))


def _goes_on(block: Block, lines: list[Line], kinds: set[str]) -> bool:
    """Whether lines behind an empty line belong to the tune before it."""
    first = lines[0][1]
    if not any(field(text) == "K" for _, text in block.lines):
        return musical(first) or (bool(field(first)) and "T" not in kinds)
    return (
        "T" not in kinds
        and all(musical(text) or field(text) or text.startswith("%") for _, text in lines)
        and (any(musical(text) and "|" in text for _, text in lines))
    )


def _paragraphs(text: str) -> list[list[Line]]:
    """Return the lines between empty ones; lines of text to be typeset and comments alone are left out."""
    out: list[list[Line]] = [[]]
    typeset = False
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if line.startswith("%%begin"):
            typeset = True
        elif line.startswith("%%end"):
            typeset = False
        elif typeset or (line.startswith("%") and not line.startswith("%%")):
            continue
        elif line.strip():
            out[-1].append((number, line))
        elif out[-1]:
            out.append([])
    return [lines for lines in out if lines]


def field(text: str) -> str:
    """Return the letter of an information field, "" where the line is none. Notes before a repeat sign, as in A:|, are none."""
    found = _FIELD.match(text)
    if not found:
        return ""
    letter, after = found[1], text[found.end() : found.end() + 1]
    if letter in "abcdefgxz" or (letter in "ABCDEFG" and after and after in "|:"):
        return ""
    return letter


def musical(text: str) -> bool:
    """Whether a line that is no field can be music."""
    if field(text) or text.startswith("%"):
        return False
    bare = _QUOTED.sub(" ", text)
    return bool(_MUSIC.fullmatch(bare)) and bool(re.search(r"[A-Ga-gzxZX]", bare))


def wordy(text: str) -> bool:
    """Whether a line of the music is words: it has no bar line, and a word with letters that no music has."""
    return "|" not in text and bool(_WORD.search(_QUOTED.sub(" ", text)))
