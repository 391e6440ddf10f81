"""The left hand: a pattern of notes for each chord of a bar.

To add a pattern, write a function and a line of PATTERNS. It takes the pitches of a chord in close
position, from the lowest on, and the length of its time in quarter notes, and yields (begin, end,
pitch), from the beginning of that time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from symgen.notes.accompany import chord_spans
from symgen.notes.sequence import CHORD, NOTE, NoteSequence, table
from symgen.notes.theory import keys, meter
from symgen.notes.theory.chords import Chord, symbol
from symgen.notes.theory.kinds import KINDS
from symgen.types import Floats

Row = tuple[float, float, int]  # begin and end in quarter notes, pitch
Pattern = Callable[[Sequence[int], float, float], Iterator[Row]]

LOW = 41  # F2, the lowest note of a chord
OCTAVE = 12
GRID = 48  # per quarter note
SOFTER = 0.8  # of the velocity of the melody


def held(chord: Sequence[int], lasts: float, beat: float) -> Iterator[Row]:
    """Yield the root, held."""
    yield 0, lasts, chord[0]


def fifths(chord: Sequence[int], lasts: float, beat: float) -> Iterator[Row]:
    """Yield the root and the fifth together, held."""
    yield 0, lasts, chord[0]
    yield 0, lasts, chord[2]


def blocks(chord: Sequence[int], lasts: float, beat: float) -> Iterator[Row]:
    """Yield the three notes together, held."""
    yield from ((0, lasts, pitch) for pitch in chord[:3])


def broken(chord: Sequence[int], lasts: float, beat: float) -> Iterator[Row]:
    """Yield the notes one by one: lowest, highest, middle, highest."""
    step = beat / 2 if beat == 1 else beat / 3
    order = (0, 2, 1, 2) if beat == 1 else (0, 1, 2)
    for k in range(max(round(lasts / step), 1)):
        yield k * step, min((k + 1) * step, lasts), chord[order[k % len(order)]]


def bass_and_chord(chord: Sequence[int], lasts: float, beat: float) -> Iterator[Row]:
    """Yield the root an octave below, then the other notes on the beats that follow."""
    beats = max(round(lasts / beat), 1)
    yield 0, min(beat, lasts), chord[0] - OCTAVE
    for k in range(1, beats):
        yield from ((k * beat, min((k + 1) * beat, lasts), pitch) for pitch in chord[1:3])


PATTERNS: dict[str, Pattern] = {
    "held": held,
    "fifths": fifths,
    "blocks": blocks,
    "broken": broken,
    "bass and chord": bass_and_chord,
}


def left_hand(tune: NoteSequence, pattern: str, instrument: int) -> NoteSequence:
    """Return the tune with a left hand for its chord symbols, as another instrument.

    A chord begins again with each bar. The tune must begin with a bar line and have one meter.
    Where no chord is named, up to the first one or at all, it is that of the key.
    """
    tune = _with_chords(tune)
    lines = _on_grid(meter.quarters(tune, meter.bar_lines(tune)))
    _, numerator, denominator = meter.meters(tune)
    beat = 4 * float(meter.beat(int(numerator[0]), int(denominator[0])))
    rows = list[tuple[float, float, int]]()
    for span in chord_spans(tune):
        begin, end = _on_grid(np.array(span[:2]))
        cuts = [begin, *(line for line in lines if begin < line < end), end]
        pitches = triad(span.chord)
        for start, stop in itertools.pairwise(cuts):
            played = PATTERNS[pattern](pitches, stop - start, beat)
            rows += [(start + a, start + b, pitch) for a, b, pitch in played]
    begins, ends, pitch = np.array(rows).T
    velocity = round(SOFTER * float(np.median(tune.notes["velocity"])))
    made = table(
        NOTE,
        pitch=pitch.astype(int),
        velocity=velocity,
        start_time=meter.seconds_at(tune, begins),
        end_time=meter.seconds_at(tune, ends),
        instrument=instrument,
    )
    return tune.replace(notes=np.concatenate([tune.notes, made]))


def _with_chords(tune: NoteSequence) -> NoteSequence:
    """Return the tune with a chord from its beginning on."""
    if len(tune.chords) and tune.chords["time"][0] <= 0:
        return tune
    key = keys.key_of(tune)
    tonic = symbol(Chord(key.tonic, "m" if key.mode else "", key.tonic), key.chord_sharps)
    first = table(CHORD, time=0.0, symbol=tonic)
    return tune.replace(chords=np.concatenate([first, tune.chords]))


def _on_grid(quarters: Floats) -> list[float]:
    """Return times in quarter notes, without what seconds have rounded."""
    return [float(time) for time in np.rint(quarters * GRID) / GRID]


def triad(chord: Chord) -> list[int]:
    """Return three pitches of a chord upwards from its root, which is in the octave from LOW.

    They are the root and the two tones of the chord that are closest to a third and a fifth.
    """
    low = LOW + (chord.root - LOW) % OCTAVE
    tones = sorted({tone % OCTAVE for tone in KINDS[chord.kind]} - {0})
    third = min(tones, key=lambda tone: abs(tone - 3.5))
    above = [tone for tone in tones if tone > third] or [OCTAVE]  # a chord of root and fifth
    return [low, low + third, low + min(above, key=lambda tone: abs(tone - 7))]
