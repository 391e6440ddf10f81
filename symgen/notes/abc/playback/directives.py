"""Directives that change the sound: %%MIDI (ABC 2.1, 11.2) and the scope of accidentals (11.3).

%%MIDI program counts from 0, as abc2midi does; instrument= of %%MIDI voice from 1, as the standard
does. drummap says which drum a written note is. All others of %%MIDI, such as the pattern of an
accompaniment, are left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from symgen.notes.abc import lexer
from symgen.notes.abc.voice import Voice

DRUMS = 10  # the MIDI channel
ALTERING = ("transpose", "abc-include", "playtempo", "deadslurs")  # not read, but heard
_NUMBER = re.compile(r"[+-]?\d{1,3}")
_OPTION = re.compile(r"(\w+)=(\d{1,3})")


class Sound(NamedTuple):
    """What directives say of a voice; None is not said. `transpose` is in semitones."""

    program: int | None = None
    drums: bool | None = None
    transpose: int | None = None
    muted: bool | None = None

    def give(self, voice: Voice) -> None:
        """Let the notes of a voice sound so from here on."""
        at = len(voice.starts)
        if self.program is not None:
            voice.programs.append((at, self.program))
        if self.drums is not None:
            voice.drums.append((at, self.drums))
        if self.transpose is not None:
            voice.shift += self.transpose - voice.transposed
            voice.transposed = self.transpose
        if self.muted is not None:
            voice.muted = self.muted

    def over(self, other: Sound) -> Sound:
        """Return this, with what it does not say from `other`."""
        said = {name: value for name, value in self._asdict().items() if value is not None}
        return other._replace(**said)


def midi(words: list[str], left: Counter[str], transposed: int) -> tuple[str | int | None, Sound]:
    """Read the words after %%MIDI.

    Returns the voice that is meant (its name, its number from 1, or None for the current one) and
    its sound. `transposed` is what %%MIDI transpose says so far. Others are counted in `left`.
    """
    name, rest = (words[0].lower() if words else ""), words[1:]
    numbers = [int(word) for word in rest if _NUMBER.fullmatch(word)]
    if name == "voice":
        return _voice(rest)
    if name == "program" and numbers and 0 <= numbers[-1] <= 127:
        return (numbers[0] if len(numbers) > 1 else None), Sound(program=numbers[-1])
    if name == "channel" and numbers:
        return None, Sound(drums=numbers[0] == DRUMS)
    if name in ("transpose", "rtranspose") and numbers:
        return None, Sound(transpose=numbers[0] + transposed * (name == "rtranspose"))
    left[f"%%MIDI {name} line"] += 1
    return None, Sound()


def drum(words: Sequence[str]) -> tuple[int, int] | None:
    """Read the words after %%MIDI: drummap, a note as written, and the MIDI pitch of its drum."""
    if len(words) < 3 or words[0].lower() != "drummap" or not _NUMBER.fullmatch(words[2]):
        return None
    if not lexer.NOTE.fullmatch(words[1]):
        return None
    note, played = lexer.note(words[1]), int(words[2])
    written = note.pitch + (note.sign or 0)
    return (written, played) if 0 <= written <= 127 and 0 <= played <= 127 else None


def _voice(words: list[str]) -> tuple[str | None, Sound]:
    """Read %%MIDI voice [<ID>] [instrument=N [bank=N]] [mute]."""
    options = dict(_OPTION.findall(" ".join(words)))
    name = words[0] if words and "=" not in words[0] and words[0] != "mute" else None
    number = int(options.get("instrument", 0))
    return name, Sound(
        program=number - 1 if 1 <= number <= 128 else None,
        muted=True if "mute" in words else None,
    )
