"""Play a whole piece, or a stream, with a player in blocks; what is to come is given in time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.rendering.base import Block
from symgen.rendering.soundfont.live.blocks import AHEAD, BlockSynth, Event
from symgen.rendering.soundfont.moves import BANK
from symgen.rendering.soundfont.reverb import SECONDS

Change = tuple[float, Callable[..., None], tuple[Any, ...]]
"""A time in seconds, a method of the player, and its arguments."""


def perform(sequence: NoteSequence, synth: BlockSynth, frames: int) -> Iterator[Block]:
    """Yield the sound of a piece in blocks of `frames`, until its last note and the reverb end."""
    return _blocks(changes(sequence), synth, frames)


def follow(events: Iterable[Event], synth: BlockSynth, frames: int) -> Iterator[Block]:
    """Yield the sound of a stream in blocks of `frames`; it is read no further than is heard."""
    return _blocks(_events(events), synth, frames)


def changes(sequence: NoteSequence) -> Iterator[Change]:
    """Yield everything in a piece, in order of time; the pedals are up at its end."""
    yield from _banks(sequence)
    yield from heapq.merge(
        _notes(sequence), _controls(sequence), _bends(sequence), key=lambda change: change[0]
    )
    moves = sequence.control_changes["time"]
    end = max(sequence.total_time, float(moves.max(initial=0.0)))
    yield end, BlockSynth.release, (end,)


def _blocks(coming: Iterator[Change], synth: BlockSynth, frames: int) -> Iterator[Block]:
    following = next(coming, None)
    while following is not None or not synth.idle:
        known = synth.time + frames / synth.rate + AHEAD
        while following is not None and following[0] < known:
            _, method, arguments = following
            method(synth, *arguments)
            following = next(coming, None)
        yield synth.render(frames)
    for _ in range(-(-round(SECONDS * synth.rate) // frames)):
        yield synth.render(frames)


def _events(events: Iterable[Event]) -> Iterator[Change]:
    for event in events:
        yield event.time, BlockSynth.take, (event, event.voice)


def _banks(sequence: NoteSequence) -> Iterator[Change]:
    """Yield the last bank of each instrument, which holds for all of its notes."""
    table = sequence.control_changes
    banks = table[table["control_number"] == BANK]
    for value, instrument in banks[["control_value", "instrument"]].tolist():
        yield 0.0, BlockSynth.control, (0.0, BANK, value, instrument)


def _notes(sequence: NoteSequence) -> Iterator[Change]:
    notes = sequence.notes
    for row in np.argsort(notes["start_time"], kind="stable").tolist():
        pitch, velocity, start, end, *rest = notes[row].tolist()
        yield start, BlockSynth.note, (start, end, pitch, velocity, *rest)


def _controls(sequence: NoteSequence) -> Iterator[Change]:
    table = sequence.control_changes[sequence.control_changes["control_number"] != BANK]
    for row in np.argsort(table["time"], kind="stable").tolist():
        time, number, value, instrument, *_ = table[row].tolist()
        yield time, BlockSynth.control, (time, number, value, instrument)


def _bends(sequence: NoteSequence) -> Iterator[Change]:
    table = sequence.pitch_bends
    for row in np.argsort(table["time"], kind="stable").tolist():
        time, bend, instrument, *_ = table[row].tolist()
        yield time, BlockSynth.bend, (time, bend, instrument)
