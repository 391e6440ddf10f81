"""Decorations: which set the loudness, which jump, and which change the sound but are left out.

Names are those of the ABC standard 2.1, 4.14, with the additions of the 2.2 draft. Some, such as
fingerings, change no sound; what is in none of the lists is counted by its name.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from symgen.notes.abc.voice import Kind

LEVELS = {
    "pppp": 30,
    "ppp": 30,
    "pp": 45,
    "p": 60,
    "mp": 75,
    "mf": 90,
    "f": 105,
    "ff": 120,
    "fff": 127,
    "ffff": 127,
}
"""The velocity of each dynamics mark (4.14)."""
UNMARKED = LEVELS["mf"]  # before the first mark, in a voice that has one (4.14)

LEFT_OUT = {
    "trill": "trill",
    "trill(": "trill",
    "lowermordent": "mordent",
    "uppermordent": "mordent",
    "mordent": "mordent",
    "pralltriller": "mordent",
    "roll": "roll",
    "turn": "turn",
    "turnx": "turn",
    "invertedturn": "turn",
    "invertedturnx": "turn",
    "arpeggio": "arpeggio",
    "slide": "slide",
    ">": "accent",
    "accent": "accent",
    "emphasis": "accent",
    "^": "accent",
    "marcato": "accent",
    "sf": "accent",
    "sfz": "accent",
    "fermata": "fermata",
    "invertedfermata": "fermata",
    "staccato": "staccato dot",
    "wedge": "staccato dot",
    "tenuto": "tenuto mark",
    "breath": "breath mark",
    "snap": "pizzicato mark",
    "+": "pizzicato mark",
    "plus": "pizzicato mark",
    "crescendo(": "crescendo",
    "<(": "crescendo",
    "diminuendo(": "diminuendo",
    ">(": "diminuendo",
    "8va(": "octave line",
    "8vb(": "octave line",
    "15ma(": "octave line",
    "15mb(": "octave line",
    "rfz": "accent",
    "fz": "accent",
    "sffz": "accent",
    "fp": "accent",
    "ped": "pedal mark",
    "ped(": "pedal mark",
    "glissando(": "glissando",
    "~(": "glissando",
    "/": "tremolo",
    "//": "tremolo",
    "///": "tremolo",
}
"""Decorations that change the sound, and what one of them is called."""

QUIET = frozenset(
    [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "thumb",
        "open",
        "upbow",
        "downbow",
        "courtesy",
        "editorial",
        "shortphrase",
        "mediumphrase",
        "longphrase",
        "ped-up",
        "nil",
        "none",
        "xstem",
        "stemless",
        "beamon",
        "beambr1",
        "beambr2",
        "rbstop",
        "rbend",
    ]
)
"""Decorations without sound: fingerings, bowings, phrasing, layout."""
MOST_KINDS = 50  # of things left out that are named

LETTERS = {
    ".": "!staccato!",
    "~": "!roll!",
    "H": "!fermata!",
    "L": "!accent!",
    "M": "!lowermordent!",
    "O": "!coda!",
    "P": "!uppermordent!",
    "S": "!segno!",
    "T": "!trill!",
    "u": "!upbow!",
    "v": "!downbow!",
}
"""What each letter stands for, unless U: says otherwise (4.16)."""

_MUSIC = re.compile(r"(?=.*[A-Ga-gz])[A-Ga-gz\d/,'<>()^_.\-]{2,}")
_JUMPS = {
    "dc": Kind.JUMP,
    "dacapo": Kind.JUMP,
    "ds": Kind.JUMP,
    "dalsegno": Kind.JUMP,
    "segno": Kind.SEGNO,
    "coda": Kind.CODA,
    "dacoda": Kind.TO_CODA,
    "tocoda": Kind.TO_CODA,
    "fine": Kind.FINE,
}
_QUOTED = re.compile(r"[\W_\d]*(d\W*[cs]|da ?capo|dal? ?segno)\b[\w.() ]*", re.IGNORECASE)
_DEFINED = re.compile(r"([~H-Wh-w.])\s*=\s*(.*)")


def jump(name: str) -> tuple[Kind, str] | None:
    """Return the kind of a decoration that jumps and its name without dots, such as dcalfine."""
    said = re.sub(r"[^a-z]", "", name.lower())
    kind = _JUMPS.get(re.sub(r"al?(fine|coda)$", "", said) or said) or _JUMPS.get(said)
    return (kind, said) if kind else None


class Quoted(NamedTuple):
    """Text in quotation marks: an annotation (with its sign), or a chord symbol without blanks.

    `jump` says whether it asks for a jump, such as ^D.C. al Fine.
    """

    text: str
    annotation: bool
    jump: bool


@functools.lru_cache(maxsize=4096)
def quoted(text: str) -> Quoted:
    """Read text in quotation marks; the second one may be missing."""
    inside = text.strip('"')
    jump = _QUOTED.fullmatch(inside.strip()) is not None
    annotation = inside.startswith(("^", "_", "<", ">", "@"))
    return Quoted(inside if annotation else "".join(inside.split()), annotation, jump)


def silent(name: str) -> bool:
    """Return whether a decoration has no sound, or only ends one, such as crescendo)."""
    return name in QUIET or name.endswith(")") or not name


def music(name: str) -> bool:
    """Return whether an unknown decoration is music between two old line breaks (10.2.1)."""
    return name not in LEVELS and name not in LEFT_OUT and _MUSIC.fullmatch(name) is not None


def definition(value: str) -> tuple[str, str] | None:
    """Return the letter and the sign in a U: field; the sign is "" for !nil! and !none!."""
    found = _DEFINED.match(value)
    if not found:
        return None
    letter, sign = found[1], found[2].strip()
    if not sign.startswith(('"', "!")):
        sign = f"!{sign.strip('+').split(' ')[0]}!"
    return letter, "" if sign in ("!nil!", "!none!", "!!") else sign
