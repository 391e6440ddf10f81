"""Notes become voices: which region of the soundfont sounds for each, from when, how long, how loud and where.

Heard: velocity, the sustain pedal, programs, drums, volume, expression and pan as they stand when a note begins, exclusive
classes. A pitch struck again under the pedal lets the note before it go. Pitch bends are no part of a NoteSequence.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.rendering.soundfont import zones
from symgen.rendering.soundfont.envelope import Contour
from symgen.rendering.soundfont.region import Region
from symgen.rendering.soundfont.sf2 import Array, Tables, bad
from symgen.rendering.soundfont.tone import frames

DRUMS = 128
CUTOFF_STEP = 150.0  # cents between the cutoffs of one region, so that tones repeat
LAYERS = 64  # regions that one note may sound
VOLUME, PAN, EXPRESSION = 7, 10, 11
CUT = 0.02  # seconds in which an exclusive class ends the note before


class Tone(NamedTuple):
    """What is computed once and used for every voice that is equal in it."""

    region: int
    key: int
    cutoff: float
    held: int  # frames; only where the region leaves its loop, else 0


@dataclasses.dataclass(frozen=True)
class Voice:
    """One region sounding for one note; times in frames."""

    tone: Tone
    contour: Contour
    start: int
    held: int
    length: int
    left: float
    right: float
    exclusive: tuple[int, int] | None  # (instrument, class)
    fade: int = 0  # the last frames, over which it is cut off


class Part(NamedTuple):
    """One region that answers to a (preset, key, velocity)."""

    number: int
    region: Region
    cutoff: float
    contour: Contour
    gain: float


class Casting:
    """Finds the parts of a soundfont for each note and remembers them."""

    def __init__(self, font: Tables, rate: int, say: Callable[[str], None]) -> None:
        self.font, self.rate, self.say = font, rate, say
        self.regions: list[Region] = []
        rows = font.presets[:-1]
        self.rows = {
            (int(b), int(p)): i
            for i, (b, p) in enumerate(zip(rows["bank"], rows["program"], strict=True))
        }
        self.parts = functools.cache(self._parts)
        self.preset = functools.cache(self._preset)

    def voices(self, sequence: NoteSequence) -> list[Voice]:
        """Return the voices of every note, in the order of the notes."""
        notes = sequence.notes[np.argsort(sequence.notes["start_time"], kind="stable")]
        gains, pans = controls(sequence, notes)
        starts = np.round(notes["start_time"] * self.rate).astype(np.int64).tolist()
        ends = np.round(notes["end_time"] * self.rate).astype(np.int64).tolist()
        rows = zip(
            notes["is_drum"].tolist(),
            notes["program"].tolist(),
            notes["pitch"].tolist(),
            notes["velocity"].tolist(),
            starts,
            ends,
            gains.tolist(),
            pans.tolist(),
            notes["instrument"].tolist(),
            strict=True,
        )
        out: list[Voice] = []
        silent: dict[int, None] = {}
        for drum, program, pitch, velocity, start, end, gain, pan, instrument in rows:
            parts = self.parts(DRUMS if drum else 0, program, pitch, velocity)
            out += [
                self._voice(part, pitch, start, max(end - start, 1), gain, pan, instrument)
                for part in parts
            ]
            if not parts:
                silent[pitch] = None
        if silent:
            self.say(
                f"{self.font.path.name} has no sample for pitch {', '.join(map(str, sorted(silent)))}; not heard"
            )
        return exclude(out, round(CUT * self.rate))

    def _voice(
        self,
        part: Part,
        pitch: int,
        start: int,
        held: int,
        gain: float,
        pan: float,
        instrument: int,
    ) -> Voice:
        region = part.region
        tone = Tone(part.number, pitch, part.cutoff, held if region.leaves_loop else 0)
        length = math.ceil(min(part.contour.end(held), frames(region, pitch, self.rate, held)))
        angle = (min(max(region.pan + pan, -0.5), 0.5) + 0.5) * math.pi / 2
        return Voice(
            tone,
            part.contour,
            start,
            held,
            length,
            part.gain * gain * math.cos(angle),
            part.gain * gain * math.sin(angle),
            (instrument, region.exclusive) if region.exclusive else None,
        )

    def _parts(self, bank: int, program: int, pitch: int, velocity: int) -> tuple[Part, ...]:
        ranges = self.preset(bank, program)
        fits = (ranges[:, 1:4:2] <= (pitch, velocity)) & (ranges[:, 2:5:2] >= (pitch, velocity))
        found = [(i, self.regions[i]) for i in ranges[fits.all(1), 0].tolist()]
        if len(found) > LAYERS:
            raise bad(
                self.font.path,
                f"one note sounds {len(found)} samples at once, over {LAYERS}: a damaged soundfont",
            )
        return tuple(
            Part(
                i,
                region,
                round(region.cutoff(pitch, velocity) / CUTOFF_STEP) * CUTOFF_STEP,
                Contour.of(region.volume(pitch), self.rate),
                region.gain(pitch, velocity),
            )
            for i, region in found
        )

    def _preset(self, bank: int, program: int) -> Array:
        """Read the regions of the preset for (bank, program): rows of number, lowest and highest key, the same of velocity."""
        first = len(self.regions)
        self.regions += zones.regions(self.font, self._row(bank, program))
        rows = [
            (i, *self.regions[i].keys, *self.regions[i].velocities)
            for i in range(first, len(self.regions))
        ]
        return np.array(rows, np.int64).reshape(-1, 5)

    def _row(self, bank: int, program: int) -> int:
        tries = [(bank, program), (bank, 0)] if bank == DRUMS else [(0, program), (0, 0)]
        found = next((t for t in tries if t in self.rows), None)
        if found is None:
            found = min(
                (k for k in self.rows if (k[0] == DRUMS) == (bank == DRUMS)), default=min(self.rows)
            )
        if found != (bank, program):
            what = "drum kit" if bank == DRUMS else "program"
            self.say(
                f"{self.font.path.name} has no {what} {program}; played with program {found[1]} of bank {found[0]}"
            )
        return self.rows[found]


def exclude(voices: list[Voice], cut: int) -> list[Voice]:
    """Return `voices`, each one of an exclusive class faded within `cut` frames where the next note of that class begins."""
    starts: dict[tuple[int, int] | None, list[int]] = {}
    for voice in voices:
        starts.setdefault(voice.exclusive, []).append(voice.start)
    return [
        voice if voice.exclusive is None else _ended(voice, starts[voice.exclusive], cut)
        for voice in voices
    ]


def _ended(voice: Voice, starts: list[int], cut: int) -> Voice:
    following = bisect.bisect_right(starts, voice.start)
    if following == len(starts) or starts[following] + cut >= voice.start + voice.length:
        return voice
    return dataclasses.replace(voice, length=starts[following] + cut - voice.start, fade=cut)


def controls(sequence: NoteSequence, notes: Array) -> tuple[Array, Array]:
    """Return each note's factor from volume and expression, and its pan from -0.5 to 0.5, as they stand at its start."""
    gains = (
        _standing(sequence, notes, VOLUME, 100)
        / 127
        * _standing(sequence, notes, EXPRESSION, 127)
        / 127
    )
    return gains**2, np.clip((_standing(sequence, notes, PAN, 64) - 64) / 127, -0.5, 0.5)


def _standing(sequence: NoteSequence, notes: Array, number: int, default: int) -> Array:
    out = np.full(len(notes), float(default))
    changes = sequence.control_changes[sequence.control_changes["control_number"] == number]
    for instrument in np.unique(changes["instrument"]).tolist():
        mine, said = notes["instrument"] == instrument, changes[changes["instrument"] == instrument]
        place = np.searchsorted(said["time"], notes["start_time"][mine], side="right") - 1
        values = np.clip(said["control_value"].astype(np.float64), 0, 127)
        out[mine] = np.where(place >= 0, values[np.maximum(place, 0)], default)
    return out
