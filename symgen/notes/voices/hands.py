"""Which hand of a pianist plays each note, from its onset, end and pitch alone.

A hand spans a ninth with ease, moves as little as it has to, and keeps to its side of the other
one. These are the costs of the piano import of notation programs, and the constraints of the
merged-output model of hands of E. Nakamura, N. Ono and S. Sagayama (Merged-output HMM for piano
fingering of both hands, ISMIR 2014), here with weights set on real scores.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from symgen.notes.voices.streams import Note, Stream, split

EASY, WIDE = 12, 14  # semitones that a hand spans: an octave with ease, a ninth with effort
MIDDLE = 60  # middle C, the middle of a grand staff
LEFT, RIGHT = 48.0, 72.0  # pitches about which the hands begin
MOVE = 0.08  # cost of a semitone of movement
REST = 1.5  # quarter notes in which a hand has moved as far as it likes, by half
SIDE = 0.02  # cost of a semitone on the other side of middle C
CROSS = 12.0  # cost of going beyond what the other hand holds
FINGERS = 5
WIDEST = 16  # semitones that sound together: no hand holds a tenth with ease
LOW, HIGH = 53, 67  # pitches far from the middle of the treble clef, and of the bass clef
SHARE = 0.1  # of the notes that are beyond each of them, in music for two hands


def upper(notes: Sequence[Note], quarter: int) -> list[bool]:
    """Return for each note whether the right hand plays it.

    `notes` are (begin, end, pitch) in order of begin, and `quarter` is a quarter note in the same
    unit.
    """
    return split(notes, functools.partial(_cost, quarter), LEFT, RIGHT)


def _cost(
    quarter: int,
    now: int,
    low: Stream,
    left: tuple[Note, ...],
    high: Stream,
    right: tuple[Note, ...],
) -> float:
    total = 0.0
    if left:
        total += _hand(quarter, now, low, left)
        total += SIDE * sum(pitch - MIDDLE for _, _, pitch in left if pitch > MIDDLE)
        top = left[-1][2]
        total += CROSS * any(pitch < top for _, _, pitch in high.held)
    if right:
        total += _hand(quarter, now, high, right)
        total += SIDE * sum(MIDDLE - pitch for _, _, pitch in right if pitch < MIDDLE)
        bottom = right[0][2]
        total += CROSS * any(pitch > bottom for _, _, pitch in low.held)
    return total


def _hand(quarter: int, now: int, hand: Stream, chord: tuple[Note, ...]) -> float:
    """Return what it costs a hand to play a chord after what it played and while it holds."""
    first, last = chord[0][2], chord[-1][2]
    total = _span(last - first) + 2.0 * max(0, len(chord) - FINGERS)
    held = [pitch for _, end, pitch in hand.held if end - now > quarter // 8]
    if held:
        total += 0.5 * _span(max(last, *held) - min(first, *held))
    centre = sum(pitch for _, _, pitch in chord) / len(chord)
    away = abs(centre - hand.pitch)
    return total + MOVE * away / (1 + max(0.0, now - hand.last) / quarter / REST)


def _span(semitones: int) -> float:
    if semitones <= EASY:
        return 0.0
    return 1.0 if semitones <= WIDE else 5.0 + 0.5 * (semitones - WIDE)


def needed(notes: Sequence[Note]) -> bool:
    """Return whether notes need two hands: their chords or their range are too wide for one."""
    if not notes:
        return False
    low = sum(pitch < LOW for _, _, pitch in notes)
    high = sum(pitch > HIGH for _, _, pitch in notes)
    if min(low, high) >= SHARE * len(notes):
        return True
    wide, sounding = 0, list[Note]()
    for note in notes:
        sounding = [*(other for other in sounding if other[1] > note[0]), note]
        heard = [pitch for _, _, pitch in sounding]
        wide += max(heard) - min(heard) > WIDEST
    return wide >= SHARE * len(notes)
