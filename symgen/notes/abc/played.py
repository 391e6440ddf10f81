"""A voice as it is played: its stretches in order, as arrays, with tied notes joined."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from symgen.notes.abc import part_order as orders
from symgen.notes.abc.messages import Said
from symgen.notes.abc.repeats import Stretch, Unroll
from symgen.notes.abc.voice import TIE_IN, TIE_OUT, Kind, Mark, Position, State, Voice

NOTES = 200_000  # notes of one tune, played out
THINGS = 1_000_000  # its chords, bar lines and stretches

Ticks = npt.NDArray[np.int64]


@dataclasses.dataclass
class Played:
    """Times and durations in ticks; `notes` has the rows start, end, pitch, flags, layer; `states` are changes of what is in force."""

    notes: Ticks
    chords: list[tuple[int, str]]
    bars: Ticks
    states: list[State]
    seams: list[int]  # where a stretch begins
    ticks: int


class Budget:
    """Counts what a tune comes to while it is played out; OverflowError says which bound it is past."""

    def __init__(self) -> None:
        self.notes = self.things = 0

    def take(self, stretch: Stretch) -> None:
        """Count one stretch."""
        begin, end = stretch
        self.notes += end.notes - begin.notes
        self.things += (
            1 + end.chords - begin.chords + end.bars - begin.bars + end.states - begin.states
        )
        if self.notes > NOTES:
            raise OverflowError(
                f"more than {NOTES:,} notes when its repeats and parts are played out"
            )
        if self.things > THINGS:
            raise OverflowError(
                f"more than {THINGS:,} bar lines and chords when its repeats and parts are played out"
            )


def play(voice: Voice, order: str, said: Said, budget: Budget) -> Played:
    """Play out one voice in the given order of parts; OverflowError where it comes to too much."""
    stretches = []
    for stretch in _stretches(voice, order, said):
        budget.take(stretch)
        stretches.append(stretch)
    begins = np.array([begin.time for begin, _ in stretches], np.int64)
    lengths = np.array([end.time for _, end in stretches], np.int64) - begins
    at = np.cumsum(lengths) - lengths
    moved = (at - begins).tolist()
    notes = _notes(voice, stretches, moved)
    chords = [
        (time + by, symbol)
        for (a, b), by in zip(stretches, moved, strict=True)
        for time, symbol in voice.chords[a.chords : b.chords]
    ]
    bars = [
        time + by
        for (a, b), by in zip(stretches, moved, strict=True)
        for time in voice.bars[a.bars : b.bars]
    ]
    states = [
        s._replace(time=max(s.time, a.time) + by)
        for (a, b), by in zip(stretches, moved, strict=True)
        for s in voice.states[a.states - 1 : b.states]
    ]
    return Played(
        _tied(notes, said),
        chords,
        np.array(bars, np.int64),
        states,
        at.tolist(),
        int(lengths.sum()),
    )


def _notes(voice: Voice, stretches: list[Stretch], moved: list[int]) -> Ticks:
    starts = np.array(voice.starts, np.int64)
    written = np.array(
        [
            starts,
            starts + np.array(voice.durations, np.int64),
            voice.pitches,
            voice.flags,
            voice.layers,
        ],
        np.int64,
    )
    if not stretches:
        return written[:, :0]
    counts = [b.notes - a.notes for a, b in stretches]
    out = np.concatenate([written[:, a.notes : b.notes] for a, b in stretches], axis=1)
    out[:2] += np.repeat(np.array(moved, np.int64), counts)
    return out


def _stretches(voice: Voice, order: str, said: Said) -> list[Stretch]:
    begin, end = Position(0, 0, 0, 0, 1), voice.position()
    marks = voice.marks
    parts = [m for m in marks if m.kind is Kind.PART]
    if not order or not parts:
        if order:
            said("an order of parts, and no parts; played as written")
        return Unroll(begin, end, marks, said).played
    return _in_order(begin, end, marks, parts, order, said)


def _in_order(
    begin: Position, end: Position, marks: list[Mark], parts: list[Mark], order: str, said: Said
) -> list[Stretch]:
    letters, sound = _expanded(order)
    if not sound:
        said("the brackets of the order of parts do not match")
    sections = _sections(begin, end, marks, said)
    out = list(sections.get("", []))
    for letter in letters:
        if letter in sections:
            out += sections[letter]
            if len(out) > THINGS:
                raise OverflowError(f"more than {THINGS:,} stretches when its parts are played out")
        else:
            said(f"the order of parts names {letter}, which is not there")
    return out


def _expanded(order: str) -> tuple[list[str], bool]:
    try:
        return orders.expand(order)
    except OverflowError:
        raise OverflowError(f"an order of more than {orders.LARGEST:,} parts") from None


def _sections(
    begin: Position, end: Position, marks: list[Mark], said: Callable[[str], None]
) -> dict[str, list[Stretch]]:
    """Return what each part plays; "" is the music before the first part."""
    out: dict[str, list[Stretch]] = {}
    letter, inside = "", list[Mark]()
    for mark in [*marks, Mark(Kind.PART, end)]:
        if mark.kind is not Kind.PART:
            inside.append(mark)
            continue
        if letter in out:
            said(f"part {letter} is there twice; the first one counts")
        else:
            out[letter] = Unroll(begin, mark.at, inside, said).played
        letter, begin, inside = mark.part, mark.at, []
    return out


def _tied(notes: Ticks, said: Callable[[str], None]) -> Ticks:
    """Return the notes with those joined that ties join; a tie holds from a note's end to one of its pitch and layer."""
    out_of, into = np.flatnonzero(notes[3] & TIE_OUT), np.flatnonzero(notes[3] & TIE_IN)
    if not len(out_of) and not len(into):
        return notes
    start, end, pitch, _, layer = notes.tolist()
    begins: dict[tuple[int, int, int], list[int]] = {}
    for i in np.flatnonzero(np.isin(notes[0], notes[1, out_of])).tolist():
        begins.setdefault((start[i], pitch[i], layer[i]), []).append(i)
    ends = {
        (end[i], pitch[i], layer[i]): i
        for i in np.flatnonzero(np.isin(notes[1], notes[0, into])).tolist()
    }
    after: dict[int, int] = {}
    for i in out_of.tolist():
        there = begins.get((end[i], pitch[i], layer[i]))
        if there is not None and there != [i]:
            after[i] = (
                there.pop() if len(there) > 1 else there[0]
            )  # a unison is two notes, each with its tie
        else:
            said("a tie that leads to no note of its pitch")
    for i in into.tolist():
        found = ends.get((start[i], pitch[i], layer[i]))
        if found is not None and found != i:
            after[found] = i
        else:
            said("a tie that leads to no note of its pitch")
    joined = np.zeros(len(start), np.bool_)
    ended = notes[1].copy()
    for i in sorted(after, key=lambda i: start[i], reverse=True):
        ended[i] = ended[after[i]]
        joined[after[i]] = True
    notes = notes.copy()
    notes[1] = ended
    return notes[:, ~joined]
