"""A piano accompaniment for a melody with chord symbols: bass notes and close chords on the beats.

A bar has groups of two or three beats (4/4: 2 + 2, 3/4: 3, 6/8, 6/4: 3 + 3, 5/4: 2 + 3). A group
begins with a bass note, alternately the root and the fifth, and the chord follows. In compound
meters the chord is the third note of three. A chord that begins elsewhere begins with its bass, and
the last one is held to the end. Bass notes are between E2 and E flat 3, chords around F3 to E4.
Each chord is close to the previous one and below the melody.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from symgen.notes.sequence import NOTE, TIME_SIGNATURE, NoteSequence, table
from symgen.notes.theory import meter
from symgen.notes.theory.chords import Chord, parse
from symgen.notes.theory.kinds import KINDS
from symgen.types import Array

BASS = 40  # E2, the lowest bass
LOW, MIDDLE, HIGH = 52, 59, 67  # chords: lowest note, preferred middle, upper limit
LOUDNESS = {"bass": 0.72, "chord": 0.58}  # relative to the velocity of the melody
STEP = 1e-6  # quarter notes; times closer than this are equal
PROGRAM = 0

Row = tuple[float, float, int, str]  # begin and end in quarter notes, pitch, role


class Hit(NamedTuple):
    """One event of the pattern in quarter notes; its role is `bass` or `chord`.

    `first` marks the first of several groups in the bar.
    """

    begin: float
    end: float
    role: str
    first: bool


class Span(NamedTuple):
    """A chord in force, in quarter notes."""

    begin: float
    end: float
    chord: Chord


def accompany(sequence: NoteSequence) -> NoteSequence:
    """Return the piece with an accompaniment of its chords as another instrument.

    A piece without chords is returned unchanged.
    """
    spans = chord_spans(sequence) if len(sequence.chords) else []
    if not spans:
        return sequence
    if not len(sequence.time_signatures):
        metered = sequence.replace(time_signatures=np.array([(0, 4, 4)], TIME_SIGNATURE))
        return accompany(metered).replace(time_signatures=sequence.time_signatures)
    hits = list(_hits(sequence))
    held = _held(sequence)
    begins = [hit.begin for hit in hits]
    rows: list[Row] = []
    for span, pitches in _voiced(sequence, spans):
        low, high = (bisect_left(begins, edge - STEP) for edge in (span.begin, span.end))
        rows += _played(span, pitches, hits[low:high], held if span is spans[-1] else np.inf)
    return sequence.replace(notes=_added(sequence, rows)) if rows else sequence


def pattern(numerator: int, denominator: int) -> list[Hit]:
    """Return the hits of a bar that begins at 0."""
    # 3/8 is played as 3/4
    compound = meter.compound(numerator, denominator) and numerator > 3
    beats = numerator
    beat = 4 / denominator
    if denominator <= 2 and not compound:
        beats = numerator * 4 // denominator
        beat = 1.0
    threes = beats // 3 if compound else beats % 2 * (beats > 1)
    groups = [2] * ((beats - 3 * threes) // 2) + [3] * threes or [1]
    hits, now = [], 0.0
    for place, size in enumerate(groups):
        first = place == 0 and len(groups) > 1
        cuts = [0, 2, 3] if compound else list(range(size + 1))
        hits += [
            Hit(now + a * beat, now + b * beat, "chord" if a else "bass", first)
            for a, b in pairwise(cuts)
        ]
        now += size * beat
    return hits


def voicing(chord: Chord, before: tuple[int, ...] | None, below: int) -> tuple[int, ...]:
    """Return the pitches of a chord in close position, near the previous chord.

    If possible, all are under `below`.
    """
    classes = sorted((chord.root + t) % 12 for t in _tones(chord.kind))
    starts = [pitch for pitch in range(LOW, LOW + 12) if pitch % 12 in classes]
    choices = [tuple(sorted(start + (c - start) % 12 for c in classes)) for start in starts]
    return min(
        choices,
        key=lambda pitches: (max(0, pitches[-1] - below + 1), _moved(before, pitches), pitches),
    )


@functools.cache
def _tones(kind: str) -> tuple[int, ...]:
    """Return at most four tones of a kind; if there are more, drop fifth, root, then eleventh."""
    tones = list(KINDS[kind])
    for least in (7, 0, 5, 6):
        if len(tones) > 4 and least in tones:
            tones.remove(least)
    return tuple(tones[:4])


def _moved(before: tuple[int, ...] | None, pitches: tuple[int, ...]) -> float:
    """Return a cost: how far the voices move, plus their distance from the preferred range."""
    mean = sum(pitches) / len(pitches)
    away = abs(mean - MIDDLE) + 2 * max(0, pitches[-1] - HIGH)
    if before is None:
        return away
    return (
        0.3 * away
        + sum(min(abs(p - q) for q in before) for p in pitches)
        + sum(min(abs(p - q) for p in pitches) for q in before)
    )


def chord_spans(sequence: NoteSequence) -> list[Span]:
    """Return the chords in force, without symbols that are not chords.

    The last one lasts to the end of the piece.
    """
    begins = meter.quarters(sequence, sequence.chords["time"]).tolist()
    ends = [*begins[1:], float(meter.quarters(sequence, sequence.total_time))]
    spans: list[Span] = []
    for begin, end, symbol in zip(begins, ends, sequence.chords["symbol"].tolist(), strict=True):
        chord = parse(symbol)
        if chord is None or end - begin < STEP:
            continue
        if spans and spans[-1].chord == chord and begin - spans[-1].end < STEP:  # repeated
            spans[-1] = spans[-1]._replace(end=end)
        else:
            spans.append(Span(begin, end, chord))
    return spans


def _hits(sequence: NoteSequence) -> Iterator[Hit]:
    """Yield the hits of all bars; a pickup has those of the end of a bar."""
    rows, numerators, denominators = meter.meters(sequence)
    lines = meter.quarters(sequence, meter.bar_lines(sequence)).tolist()
    at = np.maximum(np.searchsorted(rows, np.add(lines, STEP), "right") - 1, 0).tolist()
    shapes = [
        pattern(n, d) for n, d in zip(numerators.tolist(), denominators.tolist(), strict=True)
    ]
    lengths = (4 * numerators / denominators).tolist()
    bars = [(line, line + lengths[row], row) for line, row in zip(lines, at, strict=True)]
    for (line, stop, row), following in zip(
        [(lines[0] - lengths[0], lines[0], 0), *bars], [*lines, np.inf], strict=True
    ):
        for hit in shapes[row]:
            begin = line + hit.begin
            end = min(line + hit.end, stop, following)
            if begin > -STEP and end - begin > STEP:
                yield hit._replace(begin=max(begin, 0.0), end=end)


def _voiced(sequence: NoteSequence, spans: list[Span]) -> Iterator[tuple[Span, tuple[int, ...]]]:
    """Yield each chord with the pitches of its voicing."""
    notes = sequence.notes[~sequence.notes["is_drum"]]
    begins, ends = meter.quarters(sequence, np.stack([notes["start_time"], notes["end_time"]]))
    before = None
    for span in spans:
        over = notes["pitch"][(begins < span.end - STEP) & (ends > span.begin + STEP)]
        before = voicing(span.chord, before, int(over.min(initial=127)))
        yield span, tuple(p for p in before if p < over.min(initial=127))


def _held(sequence: NoteSequence) -> float:
    """Return when the last note or the last bar begins, whichever is later, in quarter notes."""
    ends = sequence.total_time - 1e-9
    last = max(
        sequence.notes["start_time"].max(initial=0.0),
        max((t for t in meter.bar_lines(sequence).tolist() if t < ends), default=0.0),
    )
    return float(meter.quarters(sequence, last))


def _played(span: Span, pitches: tuple[int, ...], own: list[Hit], held: float) -> Iterator[Row]:
    """Yield the notes of a chord at its `own` hits.

    From the last bass at or before `held`, the chord sounds to its end.
    """
    last = max(
        [0, *(k for k, hit in enumerate(own) if hit.role == "bass" and hit.begin < held + STEP)]
    )
    fifth = False
    for k, hit in enumerate(own):
        ring = held < np.inf and k == last
        end = span.end if ring else min(hit.end, span.end)
        if k == 0 or ring or hit.role == "bass":
            fifth = fifth and not (k == 0 or ring or hit.first)
            yield hit.begin, end, bass(span.chord, fifth), "bass"
            fifth = not fifth
        if ring or hit.role == "chord":
            yield from ((hit.begin, end, pitch, "chord") for pitch in pitches)
        if ring:
            return


def bass(chord: Chord, fifth: bool) -> int:
    """Return the bass of a chord; with `fifth` its fifth, if the bass is the root."""
    over = 0
    if fifth and chord.bass == chord.root:
        over = next((tone for tone in (7, 6, 8) if tone in KINDS[chord.kind]), 0)
    return BASS + (chord.bass + over - BASS) % 12


def _added(sequence: NoteSequence, rows: list[Row]) -> Array:
    """Return the notes with those of `rows` added as another instrument."""
    notes = sequence.notes
    loud = float(np.median(notes["velocity"])) if len(notes) else 80.0
    begins, ends = meter.seconds_at(sequence, np.array([row[:2] for row in rows]).T)
    made = table(
        NOTE,
        pitch=[row[2] for row in rows],
        velocity=[max(1, round(loud * LOUDNESS[row[3]])) for row in rows],
        start_time=begins,
        end_time=np.minimum(ends, sequence.total_time),
        instrument=int(notes["instrument"].max(initial=0)) + 1,
        program=PROGRAM,
    )
    both = np.concatenate([notes, made])
    return both[np.lexsort((both["pitch"], both["start_time"]))]
