"""Turn notes into voices: the regions of the soundfont that sound for a note, with time, length,
level and pan.

Supported: velocity, the sustain and sostenuto pedals, programs, banks, drums, exclusive classes,
and volume, expression, pan and bends, which move under a note. A repeated pitch under the pedal
ends the previous note.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import math
from typing import NamedTuple

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.rendering.base import Warn
from symgen.rendering.soundfont import zones
from symgen.rendering.soundfont.envelope import Contour
from symgen.rendering.soundfont.moves import Levels, Moves, Steps
from symgen.rendering.soundfont.region import Region
from symgen.rendering.soundfont.sf2 import Tables, bad
from symgen.rendering.soundfont.tone import frames
from symgen.types import Array

DRUMS = 128
CUTOFF_STEP = 150.0  # cents between the cutoffs of one region, so that tones repeat
LAYERS = 64  # regions at most for one note
CUT = 0.02  # seconds in which an exclusive class ends the previous note


class Tone(NamedTuple):
    """The key of a tone, which is computed once for all voices that share it."""

    region: int
    key: int
    cutoff: float
    held: int  # frames; 0 unless the region leaves its loop
    bend: Steps = ()  # cents


@dataclasses.dataclass(frozen=True)
class Voice:
    """One region sounding for one note; times in frames."""

    tone: Tone
    contour: Contour
    start: int
    held: int
    length: int
    levels: Levels
    exclusive: tuple[int, int] | None  # (instrument, class)
    fade: int = 0  # the last frames, over which it fades out

    @property
    def left(self) -> float:
        """The level on the left at its start."""
        return self.levels.left[0][1]

    @property
    def right(self) -> float:
        """The level on the right at its start."""
        return self.levels.right[0][1]


class Part(NamedTuple):
    """One region for a (preset, key, velocity)."""

    number: int
    region: Region
    cutoff: float
    contour: Contour
    gain: float


class Casting:
    """Finds the parts of a soundfont for each note, and caches them."""

    def __init__(self, font: Tables, rate: int, warn: Warn) -> None:
        self.font, self.rate, self.warn = font, rate, warn
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
        starts = np.round(notes["start_time"] * self.rate).astype(np.int64).tolist()
        ends = np.round(notes["end_time"] * self.rate).astype(np.int64).tolist()
        rows = zip(
            notes[["is_drum", "program", "pitch", "velocity", "instrument"]].tolist(),
            starts,
            ends,
            strict=True,
        )
        instruments = np.unique(notes["instrument"]).tolist()
        moves = {number: Moves(sequence, number, self.rate) for number in instruments}
        out: list[Voice] = []
        silent: dict[int, None] = {}
        for (drum, program, pitch, velocity, instrument), start, end in rows:
            own = moves[instrument]
            parts = self.parts(DRUMS if drum else own.bank, program, pitch, velocity)
            held = max(end - start, 1)
            out += [self._voice(part, pitch, start, held, own, instrument) for part in parts]
            if not parts:
                silent[pitch] = None
        if silent:
            pitches = ", ".join(map(str, sorted(silent)))
            self.warn(f"{self.font.path.name} has no sample for pitch {pitches}; not heard")
        return exclude(out, round(CUT * self.rate))

    def _voice(
        self, part: Part, pitch: int, start: int, held: int, moves: Moves, instrument: int
    ) -> Voice:
        region = part.region
        ends, lasts = part.contour.end(held), frames(region, pitch, self.rate, held)
        bend, length = _bent(moves.bend(start, start + ends), ends, lasts)
        return Voice(
            Tone(part.number, pitch, part.cutoff, held if region.leaves_loop else 0, bend),
            part.contour,
            start,
            held,
            length,
            moves.levels(start, start + length, region.pan, part.gain),
            (instrument, region.exclusive) if region.exclusive else None,
        )

    def _parts(self, bank: int, program: int, pitch: int, velocity: int) -> tuple[Part, ...]:
        ranges = self.preset(bank, program)
        above = ranges[:, 1:4:2] <= (pitch, velocity)
        below = ranges[:, 2:5:2] >= (pitch, velocity)
        fits = above & below
        found = [(i, self.regions[i]) for i in ranges[fits.all(1), 0].tolist()]
        if len(found) > LAYERS:
            raise bad(
                self.font.path,
                f"one note plays {len(found)} samples, over {LAYERS}: a damaged soundfont",
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
        """Read the regions of the preset for (bank, program).

        Returns rows: number, lowest and highest key, lowest and highest velocity.
        """
        first = len(self.regions)
        self.regions += zones.regions(self.font, self._row(bank, program))
        rows = [
            (i, *self.regions[i].keys, *self.regions[i].velocities)
            for i in range(first, len(self.regions))
        ]
        return np.array(rows, np.int64).reshape(-1, 5)

    def _row(self, bank: int, program: int) -> int:
        others = [(bank, 0)] if bank == DRUMS else [(0, program), (0, 0)]
        tries = [(bank, program), *others]
        found = next((t for t in tries if t in self.rows), None)
        if found is None:
            found = min(
                (k for k in self.rows if (k[0] == DRUMS) == (bank == DRUMS)), default=min(self.rows)
            )
        if found != (bank, program):
            what = "drum kit" if bank == DRUMS else "program"
            where = "" if bank in (0, DRUMS) else f" of bank {bank}"
            self.warn(
                f"{self.font.path.name} has no {what} {program}{where}; "
                f"played with program {found[1]} of bank {found[0]}"
            )
        return self.rows[found]


def _bent(bend: Steps, ends: int, lasts: float) -> tuple[Steps, int]:
    """Return the bends that come while a voice sounds, and how long that is.

    A lower sample lasts longer.
    """
    lowest, length, heard = 0.0, math.ceil(min(ends, lasts)), 0
    for at, cents in bend:
        if at >= length:
            break
        heard += 1
        lowest = min(lowest, cents)
        length = math.ceil(min(ends, lasts * 2 ** (-lowest / 1200)))
    return (bend[:heard] if any(cents for _, cents in bend[:heard]) else ()), length


def exclude(voices: list[Voice], cut: int) -> list[Voice]:
    """Return `voices`, each faded out when the next of its exclusive class begins."""
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
