"""A voice as it is played: its spans in order, as arrays, with tied notes joined."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from symgen import limits
from symgen.notes.abc import part_order as orders
from symgen.notes.abc.messages import Warnings
from symgen.notes.abc.playback import jumps
from symgen.notes.abc.playback.decorations import UNMARKED
from symgen.notes.abc.repeats import Span, Unroll
from symgen.notes.abc.voice import TIE_IN, TIE_OUT, Kind, Mark, Position, State, Voice
from symgen.types import Ints

ROWS = 8
VELOCITY = 80  # of a voice without dynamics marks
MOST_NOTES = 200_000  # of one tune, with its repeats
MOST_ITEMS = 1_000_000  # chords, bar lines and spans


@dataclasses.dataclass
class Played:
    """A voice in ticks.

    `notes` has the rows start, end, pitch, flags, layer, velocity, program, drums.

    `states` are the changes of meter, key and tempo.
    """

    notes: Ints
    chords: list[tuple[int, str]]
    bars: Ints
    states: list[State]
    seams: list[int]  # where a span begins
    ticks: int


class Budget:
    """Counts notes and other items while repeats are expanded; OverflowError names the limit.

    There is one for the tunes of a file, whose limits are those in force.
    """

    def __init__(self) -> None:
        self.notes = self.items = 0
        self.all_notes = self.all_items = 0

    def next_tune(self) -> None:
        """Begin another tune."""
        self.notes = self.items = 0

    def take(self, span: Span) -> None:
        """Count one span."""
        begin, end = span
        notes, chords = max(0, end.notes - begin.notes), max(0, end.chords - begin.chords)
        items = 1 + chords + end.bars - begin.bars + end.states - begin.states
        self.notes += notes
        self.items += items
        self.all_notes += notes + chords
        self.all_items += items
        most = limits.current()
        if self.all_notes > most.notes:
            raise OverflowError(f"with it, the file has {most.beyond('notes')}")
        if self.all_items > most.events:
            raise OverflowError(f"with it, the file has {most.beyond('events')}")
        if self.notes > MOST_NOTES:
            raise OverflowError(f"more than {MOST_NOTES:,} notes with its repeats and parts")
        if self.items > MOST_ITEMS:
            raise OverflowError(
                f"more than {MOST_ITEMS:,} bar lines and chords with its repeats and parts"
            )


def play(voice: Voice, order: str, warn: Warnings, budget: Budget) -> Played:
    """Expand one voice in the given order of parts; OverflowError if it is too long."""
    spans = []
    for span in spanned(voice, order, warn):
        budget.take(span)
        spans.append(span)
    begins = np.array([begin.time for begin, _ in spans], np.int64)
    lengths = np.array([end.time for _, end in spans], np.int64) - begins
    at = np.cumsum(lengths) - lengths
    shifts = (at - begins).tolist()
    chords: list[tuple[int, str]] = []
    bars: list[int] = []
    states: list[State] = []
    for (begin, end), shift in zip(spans, shifts, strict=True):
        chords += [(t + shift, symbol) for t, symbol in voice.chords[begin.chords : end.chords]]
        bars += [time + shift for time in voice.bars[begin.bars : end.bars]]
        states += [
            state._replace(time=max(state.time, begin.time) + shift)
            for state in voice.states[begin.states - 1 : end.states]
        ]
    return Played(
        _tied(_notes(voice, spans, shifts), warn),
        chords,
        np.array(bars, np.int64),
        states,
        at.tolist(),
        int(lengths.sum()),
    )


def _notes(voice: Voice, spans: list[Span], shifts: list[int]) -> Ints:
    written = _written(voice)
    if not spans:
        return written[:, :0]
    if voice.wide:  # an overlay of several bars is written after them
        written = written[:, np.argsort(written[0], kind="stable")]
        bounds = [np.searchsorted(written[0], [a.time, b.time]).tolist() for a, b in spans]
    else:
        bounds = [[a.notes, b.notes] for a, b in spans]
    bounds = [[low, max(low, high)] for low, high in bounds]  # a sign inside an overlay
    out = np.concatenate([written[:, low:high] for low, high in bounds], axis=1)
    out[:2] += np.repeat(np.array(shifts, np.int64), [high - low for low, high in bounds])
    return out


def _written(voice: Voice) -> Ints:
    """Return the notes of a voice as written."""
    count = 0 if voice.muted else len(voice.starts)
    out = np.zeros((ROWS, count), np.int64)
    if count:
        out[:5] = voice.starts, voice.durations, voice.pitches, voice.flags, voice.layers
        out[1] += out[0]
    out[5] = UNMARKED if voice.levels else VELOCITY
    for row, changes in ((5, voice.levels), (6, voice.programs), (7, voice.drums)):
        if changes and count:  # each holds from its note on
            begins = np.array([index for index, _ in changes])
            values = np.array([out[row, 0], *(value for _, value in changes)])
            out[row] = values[np.searchsorted(begins, np.arange(count), "right")]
    if voice.drum_map:
        table = np.arange(128)
        table[list(voice.drum_map)] = list(voice.drum_map.values())
        out[2] = np.where(out[7], table[out[2]], out[2])
    return out


def spanned(voice: Voice, order: str, warn: Warnings) -> list[Span]:
    """Return the spans of a voice in the order of playing."""
    begin, end = Position(0, 0, 0, 0, 1), voice.position()
    marks = voice.marks
    parts = [m for m in marks if m.kind is Kind.PART]
    if not order or not parts:
        if order:
            warn("an order of parts without parts; played as written")
        return jumps.follow(Unroll(begin, end, marks, warn), begin, end, marks, warn)
    if any(mark.kind is Kind.JUMP for mark in marks):
        warn("a D.C. or D.S. beside an order of parts, which decides")
    return _in_order(begin, end, marks, parts, order, warn)


def _in_order(
    begin: Position, end: Position, marks: list[Mark], parts: list[Mark], order: str, warn: Warnings
) -> list[Span]:
    letters, matched = _expanded(order)
    if not matched:
        warn("the brackets of the order of parts do not match")
    sections = _sections(begin, end, marks, warn)
    out = list(sections[""].spans()) if "" in sections else []
    looked = 0  # marks
    for letter, run in itertools.groupby(letters):
        times = len(list(run))
        if letter in sections:
            for number in range(times):
                out += sections[letter].spans(times, number + 1)
                looked += 1 + len(sections[letter].marks)
                if max(len(out), looked) > MOST_ITEMS:
                    raise OverflowError(f"more than {MOST_ITEMS:,} sections with its parts")
        else:
            warn(f"the order of parts names {letter}, which is not there")
    return out


class _Section(NamedTuple):
    """A part: its place and its marks."""

    begin: Position
    end: Position
    marks: list[Mark]
    warn: Callable[[str], None]

    def spans(self, times: int = 1, number: int = 1) -> list[Span]:
        """Return what is played of it the given time of `times` in a row.

        With endings for as many times it is played once each time, with the ending of that number
        (4.10). With a start of a repeat and two endings it is a repeat of its own.
        """
        endings = [m.passes for m in self.marks if m.kind is Kind.ENDING and m.passes]
        own = any(m.kind is Kind.START for m in self.marks) and times < 3
        each = times > 1 and not own and max(map(max, endings), default=0) == times
        only = number if each else None
        return Unroll(self.begin, self.end, self.marks, self.warn, only).played


def _expanded(order: str) -> tuple[list[str], bool]:
    try:
        return orders.expand(order)
    except OverflowError:
        raise OverflowError(f"an order of more than {orders.MOST_PARTS:,} parts") from None


def _sections(
    begin: Position, end: Position, marks: list[Mark], warn: Callable[[str], None]
) -> dict[str, _Section]:
    """Return the parts by their letters; "" is the music before the first part."""
    out: dict[str, _Section] = {}
    letter, inside = "", list[Mark]()
    for mark in [*marks, Mark(Kind.PART, end)]:
        if mark.kind is not Kind.PART:
            inside.append(mark)
            continue
        if letter in out:
            warn(f"part {letter} is there twice; the first one counts")
        else:
            out[letter] = _Section(begin, mark.at, inside, warn)
        letter, begin, inside = mark.part, mark.at, []
    return out


def _tied(notes: Ints, warn: Callable[[str], None]) -> Ints:
    """Join tied notes; a tie leads from the end of a note to a note of its pitch and layer."""
    out_of, into = np.flatnonzero(notes[3] & TIE_OUT), np.flatnonzero(notes[3] & TIE_IN)
    if not len(out_of) and not len(into):
        return notes
    start, end, pitch, _, layer = notes[:5].tolist()
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
        if there is not None and there != [i]:  # a unison is two notes with two ties
            after[i] = there.pop() if len(there) > 1 else there[0]
        else:
            warn("a tie that leads to no note of its pitch")
    for i in into.tolist():
        found = ends.get((start[i], pitch[i], layer[i]))
        if found is not None and found != i:
            after[found] = i
        else:
            warn("a tie that leads to no note of its pitch")
    joined = np.zeros(len(start), np.bool_)
    ended = notes[1].copy()
    for i in sorted(after, key=lambda i: start[i], reverse=True):
        ended[i] = ended[after[i]]
        joined[after[i]] = True
    notes = notes.copy()
    notes[1] = ended
    return notes[:, ~joined]
