"""The state of one instrument while it plays: its controllers, its pedals and its keys.

The pedals do what `symgen.notes.pedal` does to a whole piece, as the changes come.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from symgen.notes import bends
from symgen.notes.pedal import DOWN, SOSTENUTO, SOUND_OFF, SUSTAIN
from symgen.rendering.soundfont.live.sounding import Sides, Sounding
from symgen.rendering.soundfont.moves import BANK, EXPRESSION, PAN, VOLUME

LEVELS = (VOLUME, PAN, EXPRESSION)


@dataclass(eq=False)
class Struck:
    """A note from its onset on; its voices sound until it is let go."""

    pitch: int
    time: float
    drum: bool
    voices: list[Sounding] = field(default_factory=list)
    down: bool = True  # its key
    kept: bool = False  # by the sostenuto pedal
    over: bool = False


class Channel:
    """The state of one instrument."""

    def __init__(self) -> None:
        self.values = {VOLUME: 100.0, EXPRESSION: 127.0, PAN: 64.0, BANK: 0.0}
        self.bent, self.semitones, self.fine, self.selected = 0, 2, 0, [127, 127]
        self.pedal = self.sostenuto = False
        self.struck: list[Struck] = []

    @property
    def bank(self) -> int:
        """The bank of notes that begin now."""
        return int(self.values[BANK])

    @property
    def cents(self) -> float:
        """The bend in cents."""
        return self.bent / bends.FULL * (100.0 * self.semitones + self.fine)

    def levels(self, pan: float, gain: float) -> Sides:
        """Return the levels of a voice of `gain` in a place of `pan`, from -0.5 to 0.5."""
        volume = (self.values[VOLUME] * self.values[EXPRESSION] / 127**2) ** 2
        place = min(max((self.values[PAN] - 64) / 127, -0.5), 0.5)
        angle = (min(max(pan + place, -0.5), 0.5) + 0.5) * math.pi / 2
        return gain * volume * math.cos(angle), gain * volume * math.sin(angle)

    def control(self, number: int, value: int, frame: int) -> None:
        """Take a change of a controller."""
        if number in self.values:
            self.values[number] = float(min(max(value, 0), 127))
        elif number == SUSTAIN:
            self._sustain(value >= DOWN, frame)
        elif number == SOSTENUTO:
            self._sostenuto(value >= DOWN, frame)
        elif number == SOUND_OFF:
            self._lift(frame)
        else:
            self._parameter(number, value)

    def _parameter(self, number: int, value: int) -> None:
        """Select a parameter, or set the bend range."""
        if number in (*bends.NRPN, bends.RESET):
            self.selected = [127, 127]
        elif number in (bends.RPN_COARSE, bends.RPN_FINE):
            self.selected[number == bends.RPN_FINE] = value
        elif number == bends.COARSE and self.selected == [0, 0]:
            self.semitones = value
        elif number == bends.FINE and self.selected == [0, 0]:
            self.fine = value

    def strike(self, note: Struck, frame: int) -> None:
        """Take a note that begins; under the pedal it ends the notes of its pitch."""
        if self.pedal and not note.drum:
            for other in self.struck:
                if other.pitch == note.pitch and not other.drum and not other.over:
                    if other.time >= note.time:  # two that begin together are one
                        for voice in other.voices:
                            voice.drop(frame)
                    self._end(other, frame)
        self.struck = [other for other in self.struck if other.down or not other.over]
        self.struck.append(note)

    def off(self, note: Struck, frame: int) -> None:
        """Take the note-off of a note."""
        note.down = False
        if note.over or note.kept:
            return
        if note.drum or not self.pedal:
            self._end(note, frame)

    def first(self, pitch: int) -> Struck | None:
        """Return the note of this pitch whose key has been down longest."""
        return next((note for note in self.struck if note.pitch == pitch and note.down), None)

    def release(self, frame: int) -> None:
        """Release every key and pedal."""
        self.pedal = self.sostenuto = False
        for note in self.struck:
            note.down = note.kept = False
        self._lift(frame)

    def _sustain(self, down: bool, frame: int) -> None:
        self.pedal = down
        if not down:
            self._lift(frame)

    def _sostenuto(self, down: bool, frame: int) -> None:
        if down and not self.sostenuto:
            for note in self.struck:
                note.kept = note.down and not note.drum and not note.over
        elif not down and self.sostenuto:
            for note in self.struck:
                kept, note.kept = note.kept, False
                if kept and not note.down:
                    self.off(note, frame)
        self.sostenuto = down

    def _lift(self, frame: int) -> None:
        """End the notes that only the sustain pedal holds."""
        for note in self.struck:
            if not note.down and not note.kept:
                self._end(note, frame)

    def _end(self, note: Struck, frame: int) -> None:
        if note.over:
            return
        note.over = True
        for voice in note.voices:
            voice.let_go(frame)
        note.voices.clear()
