"""A region: one sample and how it sounds for a range of keys and velocities, in seconds, hertz and
factors.

Departures from the SoundFont 2 standard: `initialAttenuation` is multiplied by 0.4, as the hardware
does for which soundfonts are made. By default, softer notes lose up to one octave of cutoff (two in
the standard, none in fluidsynth). Modulators count only from velocity or key to attenuation or
cutoff. Vibrato, tremolo, chorus and the reverb level of a zone are ignored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symgen.types import Array

START, END, LOOP_START, LOOP_END, START_COARSE = 0, 1, 2, 3, 4
PITCH_ENVELOPE, CUTOFF, RESONANCE, CUTOFF_ENVELOPE, END_COARSE = 7, 8, 9, 11, 12
PAN, MODULATION_DELAY, VOLUME_DELAY, VOLUME_KEY_HOLD, MODULATION_KEY_HOLD = 17, 25, 33, 39, 31
INSTRUMENT, KEYS, VELOCITIES, LOOP_START_COARSE, KEY, VELOCITY = 41, 43, 44, 45, 46, 47
ATTENUATION, LOOP_END_COARSE, COARSE, FINE = 48, 50, 51, 52
SAMPLE, LOOPING, SCALE, CLASS, ROOT = 53, 54, 56, 57, 58
OPERATORS = 61
INSTANT = -12000  # time cents that mean 0 seconds, and all below

OPEN = 13500.0  # cents of cutoff from which nothing is filtered
ATTENUATION_SHARE = 0.4
CONCAVE = 400 / 960
Modulators = dict[tuple[int, int], float]
"""(source, target) -> amount"""
MODULATORS: Modulators = {(0x0502, ATTENUATION): 960.0, (0x0102, CUTOFF): -1200.0}


@dataclass(frozen=True)
class Envelope:
    """Times in seconds. `sustain` is an amplitude for volume, a fraction for modulation."""

    delay: float
    attack: float
    hold: float
    decay: float  # seconds to 0 (for volume, to -100 dB)
    sustain: float
    release: float  # as decay


@dataclass(frozen=True, eq=False)
class Region:
    """One zone of an instrument in one zone of a preset; `start` to `loop_end` index samples."""

    keys: tuple[int, int]
    velocities: tuple[int, int]
    settings: Array  # int32 [61]: the generators, summed and limited
    modulators: Modulators
    start: int
    end: int
    loop_start: int
    loop_end: int
    rate: int  # samples per second
    root: float  # the key at which the sample was recorded, with cents

    @cached_property
    def loops(self) -> bool:
        """Whether the sample repeats between its loop points."""
        return int(self.settings[LOOPING]) & 3 in (1, 3) and self.loop_end - self.loop_start >= 2

    @cached_property
    def leaves_loop(self) -> bool:
        """Whether the rest of the sample follows when the key is released."""
        return self.loops and int(self.settings[LOOPING]) & 3 == 3

    @cached_property
    def exclusive(self) -> int:
        """The class in which a new note ends the previous one, such as the hi-hats; 0 for none."""
        return int(self.settings[CLASS])

    @cached_property
    def pan(self) -> float:
        """-0.5 for left to 0.5 for right."""
        return float(self.settings[PAN]) / 1000

    @cached_property
    def resonance(self) -> float:
        """The height in decibels of the peak at the cutoff."""
        return float(self.settings[RESONANCE]) / 10

    @cached_property
    def sweep(self) -> float:
        """Cents by which the modulation envelope raises the cutoff."""
        return float(self.settings[CUTOFF_ENVELOPE])

    @cached_property
    def bend(self) -> float:
        """Cents by which the modulation envelope raises the pitch."""
        return float(self.settings[PITCH_ENVELOPE])

    def ratio(self, key: int, rate: int) -> float:
        """Return the number of samples per frame at `rate` frames per second."""
        key = int(self.settings[KEY]) if self.settings[KEY] >= 0 else key
        cents = (
            (key - self.root) * float(self.settings[SCALE])
            + 100.0 * float(self.settings[COARSE])
            + float(self.settings[FINE])
        )
        return float(min(max(2 ** (cents / 1200), 2.0**-10), 2.0**10) * self.rate / rate)

    def gain(self, key: int, velocity: int) -> float:
        """Return the amplitude of a note, between 0 and 1."""
        decibels = ATTENUATION_SHARE * float(self.settings[ATTENUATION]) + self._modulated(
            ATTENUATION, key, velocity
        )
        return float(10 ** (-max(decibels, 0.0) / 200))

    def cutoff(self, key: int, velocity: int) -> float:
        """Return the cutoff in cents above 8.176 Hz, without the modulation envelope."""
        return float(self.settings[CUTOFF]) + self._modulated(CUTOFF, key, velocity)

    def volume(self, key: int) -> Envelope:
        """Return the envelope of the amplitude."""
        return self._envelope(VOLUME_DELAY, VOLUME_KEY_HOLD, key, lambda lost: 10 ** (-lost / 200))

    def modulation(self, key: int) -> Envelope:
        """Return the envelope that moves cutoff and pitch."""
        return self._envelope(
            MODULATION_DELAY, MODULATION_KEY_HOLD, key, lambda lost: 1 - min(lost, 1000) / 1000
        )

    def _envelope(self, first: int, scaled: int, key: int, level: Any) -> Envelope:
        delay, attack, hold, decay, sustain, release = (
            int(v) for v in self.settings[first : first + 6]
        )
        hold += (60 - key) * int(self.settings[scaled])
        decay += (60 - key) * int(self.settings[scaled + 1])
        return Envelope(
            _seconds(delay),
            _seconds(attack),
            _seconds(hold),
            _seconds(decay),
            float(level(sustain)),
            _seconds(release),
        )

    def _modulated(self, target: int, key: int, velocity: int) -> float:
        velocity = int(self.settings[VELOCITY]) if self.settings[VELOCITY] >= 0 else velocity
        return sum(
            amount * _curve(source, key if source & 0x7F == 3 else velocity)
            for (source, to), amount in self.modulators.items()
            if to == target
        )


def _seconds(cents: int) -> float:
    return 0.0 if cents <= INSTANT else float(2 ** (min(cents, 8000) / 1200))


def _curve(source: int, value: int) -> float:
    """Return the output of a modulator for a velocity or key.

    Bit 8 of `source` is the direction, bit 9 the polarity, bits 10 and 11 the shape.
    """
    x = min(max(value / 127, 0.0), 1.0)
    x = 1 - x if source & 0x100 else x
    shape = source >> 10
    if shape == 1:
        x = _concave(x)
    elif shape == 2:
        x = 1 - _concave(1 - x)
    elif shape == 3:
        x = float(x >= 0.5)
    return 2 * x - 1 if source & 0x200 else x


def _concave(x: float) -> float:
    return 1.0 if x >= 1 else min(-CONCAVE * math.log10(1 - x), 1.0)
