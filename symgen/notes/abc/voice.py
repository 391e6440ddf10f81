"""One voice as it is written: notes on its own clock, and the marks that say in which order it is played."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple

from symgen.notes.abc.fields import COMMON, WHOLE, Meter
from symgen.notes.abc.key import C_MAJOR, Key

LONGEST = 100_000 * WHOLE  # ticks of one voice
LAYERS = 16  # overlays of one bar; more are read into the last
TIE_OUT, TIE_IN = (
    1,
    2,
)  # a note's flags: held on into the next of its pitch, or held over from the one before


class Position(NamedTuple):
    """A place between what is written: the time in ticks, and how many notes, chords, bar lines and states come before it."""

    time: int
    notes: int
    chords: int
    bars: int
    states: int


class Kind(enum.Enum):
    """What a mark in the music says of the order of playing."""

    START = "|:"
    END = ":|"
    ENDING = "[1"
    DOUBLE = "||"
    PART = "P:"


class Mark(NamedTuple):
    """`times` is how often a repeat is played, `passes` those that an ending is for, `part` the letter of a part."""

    kind: Kind
    at: Position
    times: int = 2
    passes: tuple[int, ...] = ()
    part: str = ""


class State(NamedTuple):
    """What is in force from `time` on; `qpm` is None where no tempo was given."""

    time: int
    meter: Meter | None
    key: Key
    qpm: float | None


class Voice:
    """Lists that grow while a tune is read. Notes are five lists of one length: times and durations in ticks."""

    def __init__(self, name: str, unit: int, state: State, shift: int) -> None:
        self.name, self.unit, self.shift = name, unit, shift
        self.starts: list[int] = []
        self.durations: list[int] = []
        self.pitches: list[int] = []
        self.flags: list[int] = []
        self.layers: list[int] = []
        self.chords: list[tuple[int, str]] = []
        self.alternatives: list[
            tuple[int, str]
        ] = []  # second chord symbols of one note, for the second time through
        self.annotations: list[tuple[int, str]] = []
        self.graces: list[tuple[int, tuple[int, ...]]] = []
        self.bars: list[int] = []
        self.states = [state._replace(time=0)]
        self.marks: list[Mark] = []
        self.time = self.bar_start = self.widest = self.layer = 0
        self.chord_bar = -1  # how many bar lines came before the last chord symbol
        self.accidentals: dict[int, int] = {}
        self.signs: dict[int, int] = {}  # place -> accidental of the note or chord before
        self.held: dict[int, int] = {}  # the same where a tie follows it,
        self.carried: dict[int, int] = {}  # and when the next note is read
        self.group: tuple[int, int, int] | None = (
            None  # first note's index, time and ticks of the note, chord or rest before
        )
        self.broken: tuple[int, int] | None = None  # what the next length is multiplied by
        self.tuplet: tuple[int, int, int] | None = None  # the factor q/p, and for how many more
        self.tie_next = self.tied = (
            False  # a tie was written after the bar line, before its second note
        )

    @property
    def state(self) -> State:
        """What is in force now."""
        return self.states[-1]

    def position(self) -> Position:
        """Return the place that the voice has come to."""
        return Position(
            self.time, len(self.starts), len(self.chords), len(self.bars), len(self.states)
        )

    def change(self, meter: Meter | None, key: Key, qpm: float | None) -> None:
        """Put another meter, key or tempo in force from now on."""
        self.states.append(State(self.time, meter, key, qpm))

    def lasting(self, top: int, bottom: int, said: Callable[[str], None]) -> int:
        """Return the ticks of `top`/`bottom` unit notes under the tuplet and the broken rhythm in force, which this uses up."""
        top *= self.unit
        if self.broken:
            top, bottom, self.broken = top * self.broken[0], bottom * self.broken[1], None
        if self.tuplet:
            q, p, left = self.tuplet
            top, bottom = top * q, bottom * p
            self.tuplet = (q, p, left - 1) if left > 1 else None
        return exact(top, bottom, said)

    def begin(self, ticks: int) -> None:
        """Begin a note, chord or rest."""
        self.group = (len(self.starts), self.time, ticks)
        self.tied, self.tie_next = self.tie_next, False
        self.carried, self.held, self.signs = self.held, {}, {}

    def advance(self, ticks: int) -> None:
        """Move the clock on; OverflowError past what a tune may last."""
        self.time += ticks
        if self.time > LONGEST:
            raise OverflowError

    def close_bar(self) -> int:
        """End the bar at a bar line, overlays too; return its length in ticks."""
        self.time = max(self.time, self.widest)
        lasted = self.time - self.bar_start
        self.bars.append(self.time)
        self.bar_start = self.widest = self.time
        self.layer = 0
        self.accidentals.clear()
        return lasted

    def chord(self, symbol: str) -> None:
        """Add a chord symbol; where two stand before one note the first counts."""
        again = self.chord_bar == len(self.bars) and self.chords[-1][0] == self.time
        (self.alternatives if again else self.chords).append((self.time, symbol))
        self.chord_bar = len(self.bars)

    def overlay(self) -> None:
        """Go back to the beginning of the bar for another layer of notes."""
        self.widest = max(self.widest, self.time)
        self.time = self.bar_start
        self.layer = min(self.layer + 1, LAYERS)
        self.group = self.broken = self.tuplet = None
        self.tie_next = False
        self.held.clear()

    def bar_ticks(self) -> int:
        """Return the length of a bar in the meter in force, a whole note in free meter."""
        return (self.state.meter or COMMON).ticks


def exact(top: int, bottom: int, said: Callable[[str], None]) -> int:
    """Return top/bottom as whole ticks."""
    if not bottom:
        said("a length is divided by 0; it is taken undivided")
        return top
    ticks, rest = divmod(top, bottom)
    if rest:
        said(f"a length of 1/{bottom} is too fine and is rounded")
    return ticks


FREE = State(0, None, C_MAJOR, None)
