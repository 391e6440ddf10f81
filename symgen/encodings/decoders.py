"""Decoders of streams, for the two usual families; see `Encoding.decoder`."""

from __future__ import annotations

from collections import defaultdict, deque

from symgen.encodings.base import Change, Decoder, Events
from symgen.types import Array


class ReleaseDecoder(Decoder):
    """For a field with note-ons and note-offs by pitch; a note-off ends the oldest open note."""

    def __init__(self, table: Array, velocity: int) -> None:
        self._rows = list(
            zip(*(table[k].tolist() for k in ("kind", "pitch", "advance", "velocity")), strict=True)
        )
        self._velocity = velocity  # of notes before the first velocity
        self._open: dict[int, deque[int]] = defaultdict(deque)

    def take(self, row: Events) -> list[Change]:
        """Take one event; see Decoder."""
        kind, pitch, advance, velocity = self._rows[int(row[0])]
        time, out = self.steps, list[Change]()
        self._velocity = velocity or self._velocity
        self.steps += advance
        if kind == "note_on":
            self._open[pitch].append(self._velocity)
            out.append(Change("on", time, pitch, self._velocity))
        elif kind == "note_off" and self._open.get(pitch):
            out.append(Change("off", time, pitch, self._open[pitch].popleft()))
        return out

    def finish(self) -> list[Change]:
        """End what sounds; see Decoder."""
        left = [
            (pitch, velocity) for pitch, notes in sorted(self._open.items()) for velocity in notes
        ]
        self._open.clear()
        return [Change("off", self.steps, pitch, velocity) for pitch, velocity in left]


class VoiceDecoder(Decoder):
    """For a field with one note at a time, which sounds until anything but a hold comes."""

    def __init__(self, table: Array, velocity: int) -> None:
        self._rows = list(
            zip(*(table[k].tolist() for k in ("kind", "pitch", "advance")), strict=True)
        )
        self._velocity = velocity
        self._pitch = -1  # the one that sounds

    def take(self, row: Events) -> list[Change]:
        """Take one event; see Decoder."""
        kind, pitch, advance = self._rows[int(row[0])]
        held = kind == "hold" or (kind == "sounding" and pitch == self._pitch)
        out = [] if held else self.finish()
        if not held and pitch >= 0:
            self._pitch = pitch
            out.append(Change("on", self.steps, pitch, self._velocity))
        self.steps += advance
        return out

    def finish(self) -> list[Change]:
        """End the note that sounds; see Decoder."""
        pitch, self._pitch = self._pitch, -1
        return [] if pitch < 0 else [Change("off", self.steps, pitch, self._velocity)]
