"""Write pitches as ABC: the name of a key, and notes with the accidentals that a bar needs.

An accidental holds to the end of the bar, in some programs for its octave and in others for all
octaves. A sign is written wherever one of the two readings needs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from symgen.errors import BadOption, shorten
from symgen.notes.abc.key import MODES as ABC_MODES
from symgen.notes.abc.key import parse
from symgen.notes.theory.chords import FIFTHS, LETTERS

MODES = ((("", 0), ("mix", -1)), (("m", 0), ("dor", 1)))
"""For major and minor: the modes of folk tunes with that third, and their additional sharps."""
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}


class Key(NamedTuple):
    """A key of ABC: its name, such as `Am` or `Dmix`, and its sharps (flats if negative)."""

    name: str
    sharps: int


def key(tonic: int, mode: int, pitches: Iterable[int]) -> Key:
    """Return the key on `tonic` (0..11), in the mode with the fewest of `pitches` outside.

    `mode` 0 is major and its relatives, 1 is minor.
    """
    sharps = (tonic * 7 + 6 - mode * 3) % 12 - 6  # -6 to 5 ...
    sharps += 12 if sharps == -6 and not mode else 0  # ... but F sharp major, and E flat minor
    letter, alter = _letter(sharps + 3 * mode)
    classes = [p % 12 for p in pitches]
    more = [sum((c * 7 - sharps - extra + 1) % 12 > 6 for c in classes) for _, extra in MODES[mode]]
    suffix, extra = MODES[mode][more.index(min(more))]
    return Key(letter + {-1: "b", 0: "", 1: "#"}[alter] + suffix, sharps + extra)


def named(text: str) -> Key:
    """Return the key with an ABC name (`Ddor`, `F# minor`); BadOption if it is not a key.

    It has at most seven sharps or flats.
    """
    try:
        found = parse(text).key
    except ValueError:
        found = None
    if found is None or found.tonic < 0:
        raise BadOption(
            f"key {shorten(text)!r}: expected a tonic and a mode as in ABC, "
            "such as G, Am or D dorian"
        )
    default = "min" if text.rstrip().endswith("m") else "maj"
    mode = next((m for m in ABC_MODES if m in text[1:].lower()), default)
    sharps = sum(found.altered)
    sharps -= 12 * (sharps > 7) - 12 * (sharps < -7)
    letter, alter = _letter(sharps - ABC_MODES[mode])
    suffix = {"maj": "", "ion": "", "min": "m"}.get(mode, mode)
    return Key(letter + ("#" if alter > 0 else "b") * abs(alter) + suffix, sharps)


class Speller:
    """Writes pitches in order; call `bar` where a bar begins."""

    def __init__(self, key: Key) -> None:
        self.letters: dict[str, int] = {}
        self.bar()
        self.enter(key)

    def enter(self, key: Key) -> None:
        """Change the key."""
        self.low = key.sharps - (2 if key.name.endswith("m") else 3)
        self.signature = dict(_letter(key.sharps + place) for place in range(-1, 6))
        self.blur()

    def bar(self, tied: bool = False) -> None:
        """Begin a bar.

        If a note is `tied` into it, alterations of the last bar are written again, because some
        programs keep the accidental for that note.
        """
        self.again = set(self.letters) if tied else set()
        self.octaves: dict[tuple[str, int], int] = {}
        self.letters = {}
        self.unsure: set[str] = set()

    def blur(self) -> None:
        """Pass a repeat sign or a change of key, where programs differ on accidentals."""
        unsure = self.unsure | set(self.letters)
        self.bar()
        self.unsure = unsure

    def note(self, pitch: int) -> str:
        """Return a pitch with its octave, and a sign if needed."""
        letter, alter = _letter(self.low + (pitch * 7 - self.low) % 12)
        octave = (pitch - alter - LETTERS[letter]) // 12 - 5
        held = {
            self.octaves.get((letter, octave), self.signature[letter]),
            self.letters.get(letter, self.signature[letter]),
        }
        sign = ""
        if held != {alter} or letter in self.unsure | self.again:
            sign = SIGNS[alter]
            self.octaves[letter, octave] = self.letters[letter] = alter
            self.again.discard(letter)
        return sign + (
            letter.lower() + "'" * (octave - 1) if octave > 0 else letter + "," * -octave
        )


def _letter(place: int) -> tuple[str, int]:
    """Return the letter and the sharps (flats if negative) of a place on the line of fifths."""
    turns, at = divmod(place + 1, 7)
    return FIFTHS[at], turns
