"""Split a file into tunes: bytes to text, text to the lines of each tune."""

from __future__ import annotations

import dataclasses
import itertools
import re

from symgen.errors import ReadError

Line = tuple[int, str]  # number in the file, from 1, and text
MOST_HEADER = 50  # lines of the file header, which each tune reads

_CHARSET = re.compile(rb"%%abc-charset[ \t]+([\w-]+)|I:[ \t]*abc-charset[ \t]+([\w-]+)")
_CHARSETS = {"iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-9", "iso-8859-10"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LINE_BREAK = re.compile(r"\r\n|\n|\r")
_WORD = re.compile(r"(?=[A-Za-z]{3})[A-Za-z]{0,20}[ijklmnopqstwIJKNQUVW]")
_FIELD = re.compile(r"[ \t]*([A-Za-z+]):")
_QUOTED = re.compile(r'"[^"]*"|!\w+!|%.*|\[[A-Za-z]:[^\[\]]*\]')
_MUSIC = re.compile(r"[A-Ga-gxyzXZHLMOPRSTuvhr~.\d/\-|:\[\](){}<>^_=,'\"!+&*\s\\$`]*")


@dataclasses.dataclass
class Block:
    """The lines of one tune; `header` is the file header, `odd` are oddities of its layout."""

    lines: list[Line]
    header: list[Line]
    odd: list[str]
    keyed: bool = False  # whether there is a K:

    def __post_init__(self) -> None:
        self.keyed = _keyed(self.lines)

    def add(self, lines: list[Line], odd: str) -> None:
        """Add lines after an empty line."""
        self.lines += lines
        self.keyed = self.keyed or _keyed(lines)
        self.odd.append(odd)


def decode(data: bytes) -> tuple[str, list[str]]:
    """Return the text of a file, and oddities of its bytes.

    Control characters are left out.
    """
    odd = []
    text, _ = unicode(data)
    clean = CONTROL.sub("", text)
    if clean != text:
        odd.append("control characters are left out")
    return clean, odd


def unicode(data: bytes) -> tuple[str, str]:
    """Return the text of a file, and its encoding as Python names it.

    The encoding is UTF-8 if that fits, else the one named in the file, else latin-1.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        name = _named(data)
        return data.decode(name, "replace"), name


def _named(data: bytes) -> str:
    found = _CHARSET.search(data[:4096])
    name = (found[1] or found[2]).decode("ascii", "replace").lower() if found else ""
    return name if name in _CHARSETS else "cp1252"  # latin-1 with the additions of Windows


def blocks(data: bytes, name: str) -> list[Block]:
    """Return the tunes of a file; ReadError if there are none.

    A tune begins at X: and ends at an empty line. Other text (free text, typeset text) is ignored.
    But music after an empty line continues its tune, and a tune may lack its X:.
    """
    text, odd = decode(data)
    header: list[Line] = []
    found: list[Block] = []
    for paragraph in _paragraphs(text):
        _place(paragraph, found, header)
    if not found:
        raise ReadError(
            name, "holds no tune: nothing in it begins with X: or K: and continues with music"
        )
    for block in found:
        block.odd[:0] = odd
    return found


def _place(paragraph: list[Line], found: list[Block], header: list[Line]) -> None:
    """Add the tunes of a paragraph to `found`, or its lines to the previous tune or the header."""
    starts = [i for i, (_, text) in enumerate(paragraph) if field(text) == "X"]
    before = paragraph[: starts[0]] if starts else paragraph
    if before:
        kinds = {field(text) for _, text in before}
        music = any(musical(text) for _, text in before)
        if found and _continues(found[-1], before, kinds):
            found[-1].add(before, "an empty line inside the tune")
        elif kinds & {"K", "M", "L", "T"} and music:
            found.append(Block(list(before), header, []))
        elif not found and "K" not in kinds:
            header += [line for line in before if field(line[1])]
            del header[MOST_HEADER:]
    for begin, end in itertools.pairwise([*starts, len(paragraph)]):
        found.append(Block(paragraph[begin:end], header, []))


def _continues(block: Block, lines: list[Line], kinds: set[str]) -> bool:
    """Return whether lines after an empty line belong to the tune before it."""
    first = lines[0][1]
    if not block.keyed:
        return musical(first) or (bool(field(first)) and "T" not in kinds)
    return (
        "T" not in kinds
        and all(musical(text) or field(text) or text.startswith("%") for _, text in lines)
        and (any(musical(text) and "|" in text for _, text in lines))
    )


def _keyed(lines: list[Line]) -> bool:
    return any(field(text) == "K" for _, text in lines)


def _paragraphs(text: str) -> list[list[Line]]:
    """Return the groups of lines between empty ones, without typeset text and comment lines."""
    out: list[list[Line]] = [[]]
    typeset = False
    for number, line in enumerate(LINE_BREAK.split(text), 1):
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
    """Return the letter of an information field, or "".

    Notes before a repeat sign, as in A:|, are not a field.
    """
    found = _FIELD.match(text)
    if not found:
        return ""
    letter, after = found[1], text[found.end() : found.end() + 1]
    if letter in "abcdefgxz" or (letter in "ABCDEFG" and after and after in "|:"):
        return ""
    return letter


def musical(text: str) -> bool:
    """Return whether a line can be music."""
    if field(text) or text.startswith("%"):
        return False
    bare = _QUOTED.sub(" ", text)
    return bool(_MUSIC.fullmatch(bare)) and bool(re.search(r"[A-Ga-gzxZX]", bare))


def wordy(text: str, known: str = "") -> bool:
    """Return whether a line of the music is words.

    Such a line has no bar line, and a word with letters that music does not use. The letters of
    `known` stand for decorations or macros of this tune. A line that a backslash joins to the next
    one is music.
    """
    if "|" in text or text.rstrip().endswith("\\"):
        return False
    if not _WORD.search(bare := _QUOTED.sub(" ", text)):
        return False
    return bool(_WORD.search(bare.translate(dict.fromkeys(map(ord, known), " "))))
