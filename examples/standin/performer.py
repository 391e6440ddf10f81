"""Perform a score: flexible tempo, hands slightly apart, phrased dynamics, and pedal."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from standin.plan import METERS, Plan, Rng, Section

from symgen.notes import NoteSequence
from symgen.notes.sequence import CONTROL_CHANGE, KEY_SIGNATURE, NOTE, TEMPO, TIME_SIGNATURE, table

Array = npt.NDArray[Any]
Clock = Callable[[float], float]  # sixteenths to seconds
VOICES = {
    "melody": 16.0,
    "octave": 12.0,
    "double": 4.0,
    "bass": 1.0,
    "inner": -5.0,
}  # how much louder than the middle


class Note(NamedTuple):
    """A written note: onset and length in sixteenths, and its part, a key of VOICES."""

    onset: float
    length: float
    pitch: int
    voice: str

    @property
    def left(self) -> bool:
        """Whether the left hand plays it."""
        return self.voice in ("bass", "inner")


class Score(NamedTuple):
    """A written piece: notes by onset and pitch, sections, times of new harmony, last chord."""

    notes: list[Note]
    sections: list[Section]
    changes: list[float]
    last: float
    end: float


def perform(rng: Rng, plan: Plan, score: Score) -> NoteSequence:
    """Turn a score into a performance in seconds."""
    qpm = tempo_curve(rng, plan, score)
    grid = np.arange(len(qpm) + 1) * plan.pulse
    clock = np.append(0.0, np.cumsum(plan.pulse * 15 / np.array(qpm)))

    def at(sixteenth: float) -> float:
        return float(np.interp(sixteenth, grid, clock))

    end = at(score.end)
    starts, ends = (np.array(times) for times in zip(*touch(rng, score, at), strict=True))
    pitches = np.array([note.pitch for note in score.notes])
    notes = table(
        NOTE,
        pitch=pitches,
        velocity=[velocity(rng, plan, score, note) for note in score.notes],
        start_time=starts,
        end_time=np.minimum(released(starts, ends, pitches), end - 0.1),
    )
    pedal = pedalling(rng, plan, score, at)
    return NoteSequence(
        notes=notes[np.lexsort((notes["pitch"], notes["start_time"]))],
        tempos=table(TEMPO, time=clock[:-1], qpm=qpm),
        time_signatures=table(
            TIME_SIGNATURE,
            time=0.0,
            numerator=METERS[plan.meter][0],
            denominator=METERS[plan.meter][1],
        ),
        key_signatures=table(KEY_SIGNATURE, time=0.0, key=plan.tonic, mode=int(plan.minor)),
        control_changes=table(
            CONTROL_CHANGE,
            time=[t for t, _ in pedal],
            control_number=64,
            control_value=[v for _, v in pedal],
        ),
        total_time=end,
        ticks_per_quarter=960,
    )


def section_at(score: Score, onset: float) -> Section:
    """Return the section that a time lies in."""
    return next(s for s in reversed(score.sections) if s.onset <= onset)


def phrase_at(plan: Plan, section: Section, onset: float) -> float:
    """Return how much of the four-bar phrase has passed, 0 to 1."""
    return (onset - section.onset) % (4 * plan.bar) / (4 * plan.bar)


def tempo_curve(rng: Rng, plan: Plan, score: Score) -> list[float]:
    """Return quarter notes per minute for each pulse.

    The tempo follows the phrases, and slows down before a new section and at the end.
    """
    drift, out = 0.0, []
    for onset in range(0, int(score.end), plan.pulse):
        section = section_at(score, onset)
        phase, left = (
            phrase_at(plan, section, onset),
            section.onset + section.bars * plan.bar - onset,
        )
        drift = 0.8 * drift + rng.gauss(0, 0.006)
        breath = (
            0.03 * math.sin(math.pi * phase)
            - 0.045 * (phase >= 1 - plan.pulse / (4 * plan.bar))
            - 0.05 * (left <= plan.pulse)
        )
        slower = (
            0.68
            if onset >= score.last
            else 1 - 0.3 * max(0.0, 1 - (score.last - onset) / (2 * plan.bar))
        )
        out.append(
            plan.qpm * slower * (1 + plan.rubato * (breath + drift) + 0.05 * (section.level - 0.5))
        )
    return [
        60e6 / round(60e6 / qpm) for qpm in out
    ]  # whole microseconds a quarter, as MIDI holds them


def velocity(rng: Rng, plan: Plan, score: Score, note: Note) -> int:
    """Return the velocity of a note, from form, phrase, meter, voice and chance."""
    section, place = section_at(score, note.onset), note.onset % plan.bar
    centres = [s.onset + s.bars * plan.bar / 2 for s in score.sections]
    level = float(np.interp(note.onset, centres, [s.level for s in score.sections]))
    phrase = 7 * (math.sin(math.pi * phrase_at(plan, section, note.onset)) - 0.5)
    accent = 1.5 if place % plan.pulse == 0 else -1.0
    if place == 0:
        accent = 4.0
    loud = (
        plan.touch
        + 28 * (level - 0.45)
        + phrase
        + accent
        + VOICES[note.voice]
        + min(3, note.length / 4)
        + rng.gauss(0, 2.2)
    )
    return max(12, min(118, round(loud)))


def touch(rng: Rng, score: Score, at: Clock) -> Iterator[tuple[float, float]]:
    """Yield start and end of each note in seconds: hands apart, chords rolled, legato melody."""
    lag, roll = rng.uniform(0.006, 0.02), rng.uniform(0.004, 0.011)
    for (onset, left), chord in itertools.groupby(
        score.notes, key=lambda n: (n.onset, n.left or n.onset >= score.last)
    ):
        for place, note in enumerate(chord):
            slip = (
                max(-0.014, min(0.014, rng.gauss(0, 0.0055)))
                + lag * left
                + place * roll * (6 if onset == score.last else 1)
            )
            start, over = max(0.0, at(onset) + slip), 0.03 if note.voice == "melody" else 0.0
            yield start, max(at(onset + note.length) + over + rng.gauss(0, 0.008), start + 0.06)


def released(starts: Array, ends: Array, pitches: Array) -> Array:
    """Return the ends, each moved to just before the next onset of the same pitch."""
    order = np.lexsort((starts, pitches))
    again = np.append(np.diff(pitches[order]) == 0, False)
    following = np.where(again, np.append(starts[order][1:], 0.0), np.inf)
    out = ends.copy()
    out[order] = np.minimum(ends[order], np.maximum(following - 0.03, starts[order] + 0.03))
    return out


def pedalling(rng: Rng, plan: Plan, score: Score, at: Clock) -> list[tuple[float, int]]:
    """Return pedal changes as (seconds, value), one pair for each new harmony.

    The pedal goes up just after the new bass note, and down when the old chord has faded.
    """
    deep = rng.randint(88, 112) if plan.pedal == "half" else 127
    out = [(0.0, deep)]
    for change in score.changes[1:]:
        up = at(change) + rng.uniform(0.02, 0.05)
        again = up + rng.uniform(0.09, 0.15)
        if plan.pedal == "half":
            out += [
                (up - 0.015, 70),
                (up, rng.randint(0, 20)),
                (again, 50),
                (again + 0.03, deep + rng.randint(-8, 8)),
            ]
        else:
            out += [(up, 0), (again, deep)]
    return [*out, (at(score.end), 0)]
