"""One voice as written: notes with times in ticks, and the marks for repeats and parts."""

from __future__ import annotations

import dataclasses
import enum
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from typing import Any, NamedTuple

from symgen.notes.abc.fields import COMMON, WHOLE, Meter
from symgen.notes.abc.key import C_MAJOR, Key, Shift
from symgen.notes.theory.chords import names_chord

MOST_TICKS = 100_000 * WHOLE  # of one voice
MOST_SIGNS = 200  # of jumps, in one voice
LAYERS = 16  # overlays in one bar; more are read into the last
TIE_OUT, TIE_IN = 1, 2  # flags of a note: tied to the next or to the previous of its pitch


def _list() -> Any:
    return dataclasses.field(default_factory=list)


def _dict() -> Any:
    return dataclasses.field(default_factory=dict)


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
    JUMP = "D.C."
    SEGNO = "segno"
    CODA = "coda"
    TO_CODA = "dacoda"
    FINE = "fine"


class Mark(NamedTuple):
    """A mark: `times` to play a repeat, or `passes` of an ending.

    `part` is the letter of a part, or what a jump says, such as dcalfine.
    """

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


@dataclasses.dataclass(slots=True, eq=False)
class Voice:
    """Lists that grow while a tune is read. Notes are five lists; times and durations in ticks.

    It has slots because reading a note takes dozens of its attributes: a plain object with more
    than 30 of them is slower by a fifth (CPython 3.11).
    """

    name: str
    unit: int
    state_before: dataclasses.InitVar[State]
    shifts: Shift
    shift: int = 0  # in all: that of `shifts` and `transposed`
    transposed: int = 0  # semitones by %%MIDI transpose
    starts: list[int] = _list()
    durations: list[int] = _list()
    pitches: list[int] = _list()
    flags: list[int] = _list()
    layers: list[int] = _list()
    chords: list[tuple[int, str]] = _list()
    alternatives: list[tuple[int, str]] = _list()  # second chord symbols of one note
    annotations: list[tuple[int, str]] = _list()
    graces: list[tuple[int, tuple[int, ...]]] = _list()
    bars: list[int] = _list()
    states: list[State] = _list()
    marks: list[Mark] = _list()
    waiting: list[Mark] = _list()  # marks that hold from the next bar line on
    # from which note on: velocity, program, drums
    levels: list[tuple[int, int]] = _list()
    programs: list[tuple[int, int]] = _list()
    drums: list[tuple[int, bool]] = _list()
    drum_map: dict[int, int] = _dict()  # pitch of a drum as written -> as played
    muted: bool = False
    told: int = 0  # notes that a symbol line has passed
    signed: int = 0  # signs of jumps
    inside: list[int] = _list()  # bar lines still ahead inside an overlay of several bars
    wide: bool = False  # there was an overlay of several bars
    time: int = 0
    bar_start: int = 0
    widest: int = 0
    layer: int = 0
    chord_bar: int = -1  # bar lines before the last chord symbol
    accidentals: dict[int, int] = _dict()
    # place -> accidental: of the previous note or chord; if it is tied; at its tied note
    signs: dict[int, int] = _dict()
    held: dict[int, int] = _dict()
    carried: dict[int, int] = _dict()
    # of the previous note, chord or rest: index of its first note, time, ticks
    group: tuple[int, int, int] | None = None
    written: tuple[int, int] = (1, 1)  # the last length, in unit notes
    broken: tuple[int, int] | None = None  # factor of the next length
    tuplet: tuple[int, int, int] | None = None  # factor q/p, and notes left
    tie_next: bool = False  # a tie was written after the bar line
    tied: bool = False

    def __post_init__(self, state_before: State) -> None:
        self.shift = self.shifts.semitones
        self.states.append(state_before._replace(time=0))
        if self.shifts.drums:
            self.drums.append((0, True))

    @property
    def state(self) -> State:
        """The current meter, key and tempo."""
        return self.states[-1]

    def position(self) -> Position:
        """Return the current place."""
        return Position(
            self.time, len(self.starts), len(self.chords), len(self.bars), len(self.states)
        )

    def move(self, shift: Shift) -> None:
        """Change the clef, octave= or transpose= from here on; what is not given stays."""
        if shift.drums is not None and shift.drums != bool(self.shifts.drums):
            self.drums.append((len(self.starts), shift.drums))
        self.shifts = shift.over(self.shifts)
        self.shift = self.shifts.semitones + self.transposed

    def sign(self, kind: Kind, said: str = "") -> None:
        """Add a mark of a jump.

        A destination is where it stands. The others hold at the end of their bar, since they are
        written at its last note or over its bar line.
        """
        if self._many_signs():
            return
        here = self.time == self.bar_start and kind is Kind.CODA
        mark = Mark(kind, self.position(), part=said)
        (self.marks if here or kind is Kind.SEGNO else self.waiting).append(mark)

    def sign_at(self, time: int, kind: Kind, said: str) -> None:
        """Add a mark of a jump to a note that was read before."""
        if self._many_signs():
            return
        ends = kind not in (Kind.SEGNO, Kind.CODA)
        at = bisect_right(self.bars, time)
        if ends and at == len(self.bars):
            self.waiting.append(Mark(kind, self.position(), part=said))
        else:
            place = self.place(self.bars[at] if ends else time)
            self.marks.append(Mark(kind, place, part=said))

    def _many_signs(self) -> bool:
        """Count a sign; return whether there are more than MOST_SIGNS, which are passed over."""
        self.signed += 1
        return self.signed > MOST_SIGNS

    def place(self, time: int) -> Position:
        """Return the place of what begins at `time`."""
        return Position(
            time,
            bisect_left(self.starts, time),
            sum(t < time for t, _ in self.chords),
            bisect_right(self.bars, time),
            max(sum(state.time < time for state in self.states), 1),
        )

    def level(self, velocity: int, index: int | None = None) -> None:
        """Set the velocity from here on, or from the note with an index on."""
        insort(self.levels, (len(self.starts) if index is None else index, velocity))

    def settle(self) -> None:
        """Place the marks that waited for a bar line here."""
        at = self.position()
        self.marks += [mark._replace(at=at) for mark in self.waiting]
        self.waiting.clear()

    def change(self, meter: Meter | None, key: Key, qpm: float | None) -> None:
        """Change the meter, key or tempo from here on."""
        self.states.append(State(self.time, meter, key, qpm))

    def lasting(self, top: int, bottom: int, warn: Callable[[str], None]) -> int:
        """Return the ticks of `top`/`bottom` unit notes, with the tuplet and the broken rhythm.

        This counts as one note of them.
        """
        self.written = top, bottom
        top *= self.unit
        if bottom == 1 and not self.broken and not self.tuplet:
            return top
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
        if self.inside:
            return self._step()
        self.time = max(self.time, self.widest)
        lasted = self.time - self.bar_start
        if not (self.layer and self.bars[-1:] == [self.time]):  # not that of the bar overlaid
            self.bars.append(self.time)
        self.bar_start = self.widest = self.time
        self.layer = 0
        self.accidentals.clear()
        if self.waiting:
            self.settle()
        return lasted

    def _step(self) -> int:
        """Pass a bar line inside an overlay of several bars, which the voice has already."""
        self.time = self.bar_start = self.inside.pop(0)
        self.accidentals.clear()
        return 0

    def chord(self, symbol: str) -> None:
        """Add a chord symbol; of two before one note, the first that names a chord counts."""
        again = self.chord_bar == len(self.bars) and self.chords[-1][0] == self.time
        if again and names_chord(symbol) and not names_chord(self.chords[-1][1]):
            self.alternatives.append(self.chords.pop())  # as in "4" "G", a fingering and a chord
            again = False
        (self.alternatives if again else self.chords).append((self.time, symbol))
        self.chord_bar = len(self.bars)

    def insert_chords(self, found: list[tuple[int, str]]) -> None:
        """Add the chord symbols of notes that were read before, with their times."""
        added = []
        for time, symbol in found:
            at = bisect_left(self.chords, (time, ""))
            if self.chords[at : at + 1] and self.chords[at][0] == time:
                self.alternatives.append((time, symbol))
            else:
                self.chords.insert(at, (time, symbol))
                added.append(time)
        added.sort()
        self.marks = [
            m._replace(at=m.at._replace(chords=m.at.chords + bisect_left(added, m.at.time)))
            for m in self.marks
        ]

    def overlay(self, bars: int) -> None:
        """Go back by `bars` bar lines for another layer of notes (ABC 2.1, 7.4).

        The first of them is the beginning of this bar, or of the one before if nothing is in it.
        """
        self.widest = max(self.widest, self.time)
        if bars > 1 or self.bar_start == self.widest:
            before = bisect_left(self.bars, self.widest)  # bar lines
            self.bar_start = self.bars[before - bars] if before >= bars else 0
            self.inside = self.bars[bisect_right(self.bars, self.bar_start) : before]
            self.wide = True
        self.time = self.bar_start
        self.layer = min(self.layer + 1, LAYERS)
        self.group = self.broken = self.tuplet = None
        self.tie_next = False
        self.held.clear()
        self.accidentals.clear()

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
