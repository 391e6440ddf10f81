"""One voice as written: notes with times in ticks, and the marks for repeats and parts."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple

from symgen.notes.abc.fields import COMMON, WHOLE, Meter
from symgen.notes.abc.key import C_MAJOR, Key

MOST_TICKS = 100_000 * WHOLE  # of one voice
LAYERS = 16  # overlays in one bar; more are read into the last
TIE_OUT, TIE_IN = 1, 2  # flags of a note: tied to the next or to the previous of its pitch


class Position(NamedTuple):
    """A place in a voice: time in ticks, and the notes, chords, bar lines and states before it."""

    time: int
    notes: int
    chords: int
    bars: int
    states: int


class Kind(enum.Enum):
    """The kinds of marks that affect the order of playing."""

    START = "|:"
    END = ":|"
    ENDING = "[1"
    DOUBLE = "||"
    PART = "P:"


class Mark(NamedTuple):
    """A mark: `times` to play a repeat, `passes` of an ending, or the letter of a `part`."""

    kind: Kind
    at: Position
    times: int = 2
    passes: tuple[int, ...] = ()
    part: str = ""


class State(NamedTuple):
    """The meter, key and tempo in force from `time` on; `qpm` is None without a tempo."""

    time: int
    meter: Meter | None
    key: Key
    qpm: float | None


class Voice:
    """Lists that grow while a tune is read. Notes are five lists; times and durations in ticks."""

    def __init__(self, name: str, unit: int, state: State, shift: int) -> None:
        self.name, self.unit, self.shift = name, unit, shift
        self.starts: list[int] = []
        self.durations: list[int] = []
        self.pitches: list[int] = []
        self.flags: list[int] = []
        self.layers: list[int] = []
        self.chords: list[tuple[int, str]] = []
        self.alternatives: list[tuple[int, str]] = []  # second chord symbols of one note
        self.annotations: list[tuple[int, str]] = []
        self.graces: list[tuple[int, tuple[int, ...]]] = []
        self.bars: list[int] = []
        self.states = [state._replace(time=0)]
        self.marks: list[Mark] = []
        self.time = self.bar_start = self.widest = self.layer = 0
        self.chord_bar = -1  # bar lines before the last chord symbol
        self.accidentals: dict[int, int] = {}
        # place -> accidental: of the previous note or chord; if it is tied; at its tied note
        self.signs: dict[int, int] = {}
        self.held: dict[int, int] = {}
        self.carried: dict[int, int] = {}
        # of the previous note, chord or rest: index of its first note, time, ticks
        self.group: tuple[int, int, int] | None = None
        self.broken: tuple[int, int] | None = None  # factor of the next length
        self.tuplet: tuple[int, int, int] | None = None  # factor q/p, and notes left
        self.tie_next = self.tied = False  # a tie was written after the bar line

    @property
    def state(self) -> State:
        """The current meter, key and tempo."""
        return self.states[-1]

    def position(self) -> Position:
        """Return the current place."""
        return Position(
            self.time, len(self.starts), len(self.chords), len(self.bars), len(self.states)
        )

    def change(self, meter: Meter | None, key: Key, qpm: float | None) -> None:
        """Change the meter, key or tempo from here on."""
        self.states.append(State(self.time, meter, key, qpm))

    def lasting(self, top: int, bottom: int, warn: Callable[[str], None]) -> int:
        """Return the ticks of `top`/`bottom` unit notes, with the tuplet and the broken rhythm.

        This counts as one note of them.
        """
        top *= self.unit
        if self.broken:
            top, bottom, self.broken = top * self.broken[0], bottom * self.broken[1], None
        if self.tuplet:
            q, p, left = self.tuplet
            top, bottom = top * q, bottom * p
            self.tuplet = (q, p, left - 1) if left > 1 else None
        return exact(top, bottom, warn)

    def begin(self, ticks: int) -> None:
        """Begin a note, chord or rest."""
        self.group = (len(self.starts), self.time, ticks)
        self.tied, self.tie_next = self.tie_next, False
        self.carried, self.held, self.signs = self.held, {}, {}

    def advance(self, ticks: int) -> None:
        """Advance the time; OverflowError beyond the limit."""
        self.time += ticks
        if self.time > MOST_TICKS:
            raise OverflowError

    def close_bar(self) -> int:
        """End the bar and its overlays; return its length in ticks."""
        self.time = max(self.time, self.widest)
        lasted = self.time - self.bar_start
        self.bars.append(self.time)
        self.bar_start = self.widest = self.time
        self.layer = 0
        self.accidentals.clear()
        return lasted

    def chord(self, symbol: str) -> None:
        """Add a chord symbol; of two before one note, the first counts."""
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
        """Return the length of a bar in the current meter; a whole note in free meter."""
        return (self.state.meter or COMMON).ticks


def exact(top: int, bottom: int, warn: Callable[[str], None]) -> int:
    """Return top/bottom, rounded to ticks."""
    if not bottom:
        warn("a length is divided by 0; the division is ignored")
        return top
    ticks, rest = divmod(top, bottom)
    if rest:
        warn(f"a length of 1/{bottom} is too fine and is rounded")
    return ticks


FREE = State(0, None, C_MAJOR, None)
