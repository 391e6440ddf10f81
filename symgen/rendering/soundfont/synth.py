"""The built-in synthesiser: plays a soundfont with NumPy.

Voices with the same region, pitch and cutoff share one tone. It is computed once per minute of
sound, then scaled and added. So time grows with the number of different tones, not of notes. Memory
is one minute of sound for a piece of any length.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.rendering.base import Block, Progress, Synth, Warn
from symgen.rendering.soundfont import fonts, sf2
from symgen.rendering.soundfont.envelope import Wave, ramp
from symgen.rendering.soundfont.moves import Steps, along, unplayed
from symgen.rendering.soundfont.reverb import Reverb
from symgen.rendering.soundfont.tone import REACH, Voicebox
from symgen.rendering.soundfont.voices import Casting, Voice

SPAN = 60  # seconds of sound at a time
REST = 0.3  # seconds after the last note has decayed


@dataclass(frozen=True)
class Soundfont(Synth):
    """Plays a SoundFont 2 file, by default pretty_midi's. `reverb` is in dB; -200 turns it off."""

    reverb: float = -14.0

    @property
    def font(self) -> Path:
        """The soundfont that is used; ReadError if it is missing or not a soundfont."""
        path = Path(self.soundfont) if self.soundfont else fonts.shipped()
        sf2.check_header(path)
        return path

    def play(
        self, sequence: NoteSequence, rate: int, warn: Warn, progress: Progress | None = None
    ) -> Iterator[Block]:
        """Yield the sound of `sequence`; `warn` names programs that the font lacks, and
        controllers that are not played.
        """
        font = sf2.read(self.font)
        for line in unplayed(sequence):
            warn(line)
        stage = Stage(font, rate, Casting(font, rate, warn), progress)
        room = Reverb(rate, self.reverb)
        for block in stage.blocks(_pedalled(sequence)):
            yield room.add(block) if self.reverb > -100 else block
        if self.reverb > -100:
            yield room.add(np.zeros((room.length, 2), np.float32))


def _pedalled(sequence: NoteSequence) -> NoteSequence:
    from symgen.notes.pedal import sostenuto, sustain

    return sustain(sostenuto(sequence))


class Stage:
    """Mixes the voices of a piece, one span after the other."""

    def __init__(
        self, font: sf2.Tables, rate: int, casting: Casting, progress: Progress | None
    ) -> None:
        self.font, self.rate, self.casting, self.progress = font, rate, casting, progress

    def blocks(self, sequence: NoteSequence) -> Iterator[Block]:
        """Yield the mix, float32 [frames, 2], until the last note has decayed."""
        voices = sorted(self.casting.voices(sequence), key=lambda v: v.tone)
        starts = np.array([v.start for v in voices], np.int64)
        ends = starts + np.array([v.length for v in voices], np.int64)
        last = int(ends.max(initial=0)) + round(REST * self.rate)
        for begin in range(0, last, SPAN * self.rate):
            end = min(begin + SPAN * self.rate, last)
            here = np.flatnonzero((starts < end) & (ends > begin)).tolist()
            mix = np.zeros((2, end - begin), np.float32)
            self._mix(mix, [voices[i] for i in here], begin)
            if self.progress is not None:
                self.progress(end // self.rate, last // self.rate, "rendering")
            yield np.ascontiguousarray(mix.T)

    def _mix(self, mix: Wave, voices: list[Voice], begin: int) -> None:
        """Add the part of each voice inside `mix`, which begins at frame `begin`.

        Voices must be sorted by tone.
        """
        for index, alike in itertools.groupby(voices, lambda v: v.tone.region):
            group, region = list(alike), self.casting.regions[index]
            reach = max(map(self._reach, group))
            box = Voicebox(self.font, region, self.rate, reach + REACH)
            for _, equal in itertools.groupby(group, lambda v: v.tone):
                self._equal(mix, box, list(equal), begin)

    def _reach(self, voice: Voice) -> int:
        """Return how many samples `voice` reads."""
        region = self.casting.regions[voice.tone.region]
        ratio = region.ratio(voice.tone.key, self.rate)
        highest = max([0.0, *(cents for _, cents in voice.tone.bend)]) + max(region.bend, 0.0)
        return math.ceil(voice.length * ratio * 2 ** (highest / 1200))

    def _equal(self, mix: Wave, box: Voicebox, voices: list[Voice], begin: int) -> None:
        """Add voices of one tone: new ones together, those that began earlier one by one."""
        new = [v for v in voices if v.start >= begin]
        count = max((min(v.length, begin + mix.shape[1] - v.start) for v in new), default=0)
        _place(mix, box, new, begin, 0, count)
        for voice in voices:
            first = begin - voice.start
            if first > 0:
                _place(mix, box, [voice], begin, first, min(voice.length - first, mix.shape[1]))


def _place(
    mix: Wave, box: Voicebox, voices: list[Voice], begin: int, first: int, count: int
) -> None:
    """Add `count` frames of voices of one tone, from frame `first` of each."""
    if not voices:
        return
    same = voices[0].tone
    tone = box.tone(same.key, same.cutoff, first, count, voices[0].held, same.bend)
    for voice in voices:
        at = voice.start + first - begin
        sound = tone[: min(voice.length - first, mix.shape[1] - at)].copy()
        voice.contour.shape(sound, first, voice.held)
        fading = voice.length - voice.fade - first
        if voice.fade and fading < len(sound):
            since = max(fading, 0)
            sound[since:] *= 1 - ramp(since, len(sound), fading, fading + voice.fade)
        left, right = (_level(steps, first, len(sound), box.rate) for steps in voice.levels)
        mix[0, at : at + len(sound)] += sound * left
        sound *= right
        mix[1, at : at + len(sound)] += sound


def _level(steps: Steps, first: int, count: int, rate: int) -> Wave | np.float32:
    """Return the gain at each of `count` frames, or the one gain of all."""
    if len(steps) == 1:
        return np.float32(steps[0][1])
    return along(steps, first, count, rate).astype(np.float32)
