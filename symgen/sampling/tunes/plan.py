"""The plan of a tune: for each step what is given, what is repeated, and what its place allows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from symgen.controls import Control, Rows, columns, compute_all
from symgen.controls.schedule import Schedule
from symgen.encodings import Encoding, Events
from symgen.errors import BadOption
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory.bars import Bar, Meter, Tempo, changes, layout, meter, tempo
from symgen.notes.theory.chord_line import symbols
from symgen.notes.theory.scales import Key, scale
from symgen.sampling.engine.view import FOREVER
from symgen.sampling.request.sources import is_file
from symgen.sampling.request.structure import MOST_BARS, Structure
from symgen.sampling.tunes import form, given
from symgen.sampling.tunes.cadence import Cadence, cadence
from symgen.sampling.tunes.given import Words
from symgen.types import Bools, Ints

if TYPE_CHECKING:
    from symgen.notes.abc.lead_sheet import LeadSheet
    from symgen.sampling.request.request import Request


BARS = 32  # if no length is set
TEMPO = 120  # beats per minute, if none is set
# an endless piece repeats LOOP bars, as if AHEAD times as many were still to come
LOOP, AHEAD = 16, 2
PARTICLES = 16  # streams that search for the chords of a given melody


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A piece of `steps` steps; `context` is that of an encoding. Arrays begin at the first step.

    beats  where chords may change
    fresh  where no note may be held over
    given  int32 `[steps, fields]`, the fixed parts; -1 where the model chooses
    copy   the earlier step that is repeated, -1 for none; of a melody its chord alone
    loop   the last rows, which an endless plan repeats
    """

    steps: int
    context: Mapping[str, Any]
    beats: Bools
    fresh: Bools
    tempo: Tempo
    meter: Meter
    bars: int | None
    grid: int  # steps per quarter note
    given: Events | None = None
    copy: Ints | None = None
    loop: int = 0
    form: str | None = None
    cadence: Cadence | None = None
    key: Key | None = None  # of the fixed parts, or requested
    opening: Key | None = None  # requested, for the beginning
    source: NoteSequence | None = None  # the tune whose melody is given
    messages: tuple[str, ...] = ()  # messages for the user
    written: Words | None = None  # [steps] the given chord symbols, as they were written
    sheet: LeadSheet | None = None  # the text of the source, if it is ABC

    @property
    def endless(self) -> bool:
        """Whether it has no end."""
        return self.loop > 0

    @property
    def steps_per_second(self) -> float:
        """Steps per second at its tempo."""
        return self.grid * self.tempo.qpm / 60

    @property
    def particles(self) -> int:
        """How many streams search for one sample: several for a given melody, to fit all of it."""
        return PARTICLES if self.source is not None else 1

    def row(self, step: int) -> int:
        """Return the row of the arrays for `step`."""
        rows = len(self.beats)
        return step if step < rows else rows - self.loop + (step - rows) % self.loop

    def begins(self, step: int) -> bool:
        """Whether a strain that is not yet known begins at `step`."""
        return (
            not self.endless
            and step < self.steps
            and bool(self.fresh[step])
            and (self.copy is None or bool(self.copy[step] < 0))
        )

    def controls(self, controls: Sequence[Control], encoding: Encoding) -> Rows | None:
        """Return float32 `[rows, width]`: the input of a model with `controls`, if any."""
        if not controls:
            return None
        events = np.zeros((int(self.context["steps"]), len(encoding.fields)), np.int32)
        if self.given is not None:
            events[: len(self.given)] = np.maximum(self.given, 0)
        rows = compute_all(controls, encoding, events, self.context)[: len(self.beats)]
        for control, place in zip(controls, columns(controls, encoding), strict=True):
            rows[:, place] *= not control.future  # these events are not the music to come
        return rows


def planned(
    request: Request, encoding: Encoding, name: str = "this model", endless: bool = False
) -> Request:
    """Return `request` with a plan if the encoding is of tunes; BadOption if it is impossible."""
    shape = request.shape
    if request.best_of > 1 and not request.controls.schedules:
        raise BadOption(
            f"best-of {request.best_of} needs a target to come close to; "
            "add one, such as --density 3"
        )
    if not encoding.tune:
        shape.refuse(name, encoding.name)
        return request
    target = request.controls.schedules.get("key")
    if shape.melody is not None or (shape.chords is not None and is_file(shape.chords)):
        plan = _of_tune(shape, encoding, None if target is None else target.values[-1])
    else:
        open_end = shape.bars is None and shape.seconds is None and shape.form is None
        plan = _of_bars(shape, encoding, request, endless and open_end)
    if target is not None:
        plan = _in_key(plan, target, begins=request.primer is None)
    if request.primer is not None and len(request.primer) >= plan.steps:
        bar = plan.meter.bar(plan.grid)
        raise BadOption(
            f"the primer lasts {round(len(request.primer) / bar, 1):g} bars and the sample "
            f"{round(plan.steps / bar, 1):g}, primer included, so there is nothing left to play; "
            "ask for more --bars, or use less of the primer with --primer-seconds"
        )
    return dataclasses.replace(request, plan=plan)


def _in_key(plan: Plan, target: Schedule, begins: bool) -> Plan:
    """Return `plan` with the keys in which it begins, unless it continues a primer, and ends."""
    last = -1
    if not plan.endless:
        seconds = plan.steps / plan.steps_per_second
        last = int(target.over(seconds).index(seconds))
    opening = scale(target.values[0]) if begins else None
    return dataclasses.replace(plan, key=scale(target.values[last]), opening=opening)


def _of_tune(shape: Structure, encoding: Encoding, key_name: str | None) -> Plan:
    """Return the plan of a piece as long as the tune of its melody or chords."""
    made = given.of_tune(shape, encoding)
    key = scale(key_name) if key_name else made.key
    total = len(made.events)
    grid = encoding.steps_per_quarter
    bars = layout(made.context["bars"], total, grid)
    rhythm = bars[0].meter if bars else Meter(*made.context["bars"][1:3])
    melody = made.source if shape.melody is not None else None
    plan = Plan(
        total,
        made.context,
        _beats(shape, bars, total, grid),
        np.zeros(total, bool),
        _tempo(made.context, rhythm),
        rhythm,
        len(bars),
        grid,
        made.events,
        key=key,
        source=melody,
        messages=made.messages,
        written=made.written,
        cadence=_close(shape, bars, grid, made.last in key.triad),
    )
    return plan if made.sheet is None else _of_text(plan, made.sheet, shape, encoding, bars)


def _of_text(
    plan: Plan, sheet: LeadSheet, shape: Structure, encoding: Encoding, bars: list[Bar]
) -> Plan:
    """Return the plan of a melody whose text gets the chords.

    They change only where a note or rest begins, since a chord symbol stands before one. What is
    repeated has the chords of its first time, since they are written once. A pickup before the
    first beat has none.
    """
    assert plan.given is not None
    copy = sheet.repeats(plan.grid, plan.steps)
    events = plan.given.copy()
    if shape.chords_on != "any" and bars:
        early = math.ceil(bars[0].start % max(float(4 * plan.grid * bars[0].meter.change), 1.0))
        field = given.field_of(encoding, ("no_chord",))
        events[:early, field] = np.flatnonzero(encoding.table(field)["kind"] == "no_chord")[0]
    last = form.first_time(bars, copy)
    return dataclasses.replace(
        plan,
        beats=plan.beats & sheet.begins(plan.grid, plan.steps),
        given=events,
        copy=copy,
        sheet=sheet,
        cadence=None if plan.cadence is None else cadence(last, plan.grid),
    )


def _of_bars(shape: Structure, encoding: Encoding, request: Request, endless: bool) -> Plan:
    """Return the plan of a piece with a length in bars, which continues the primer if any."""
    grid, primer = encoding.steps_per_quarter, request.primer_context
    rows, rhythm, pace = _rhythm(shape, primer)
    count = LOOP * (AHEAD + 1) if endless else _count(shape, pace, rhythm, rows, grid)
    if request.primer is not None and shape.bars is None and shape.seconds is None and not endless:
        # no length is set: that many bars more than the primer
        count += -(-(len(request.primer) - rows[-3]) // rhythm.bar(grid))
    bars = layout(rows, rows[-3] + count * rhythm.bar(grid), grid)[:count]
    total = bars[-1].stop
    context = dict(primer or {"first_bar_time": 0.0, "meter": rhythm.name})
    context |= {"qpm": pace.qpm, "bars": rows, "steps": total}
    beats = _beats(shape, bars, total, grid)
    if not endless:
        fresh = np.zeros(total, bool)
        plan = Plan(total, context, beats, fresh, pace, rhythm, len(bars), grid)
        return _filled(plan, shape, encoding, request, bars)
    if shape.chords is not None:
        raise BadOption("chords need an end, and this stream has none; set bars or seconds too")
    shown = bars[2 * LOOP - 1].stop
    loop = shown - bars[LOOP].start
    fresh = np.zeros(shown, bool)
    return Plan(FOREVER, context, beats[:shown], fresh, pace, rhythm, None, grid, loop=loop)


def _rhythm(shape: Structure, context: Mapping[str, Any] | None) -> tuple[list[int], Meter, Tempo]:
    """Return the rows of bars, the meter and the tempo: those of the primer, if there is one."""
    if context is not None:
        if shape.meter or shape.tempo or shape.form:
            dataclasses.replace(shape, bars=None, seconds=None).keeps("the primer")
        rhythm = Meter(*context["bars"][-2:])
        return list(context["bars"]), rhythm, _tempo(context, rhythm)
    rhythm = meter(shape.meter or "4/4")
    return [0, *rhythm], rhythm, tempo(TEMPO if shape.tempo is None else shape.tempo, rhythm)


def _filled(
    plan: Plan, shape: Structure, encoding: Encoding, request: Request, bars: list[Bar]
) -> Plan:
    """Return `plan` with the chords, the form and the cadence of `shape`."""
    letters = None if shape.form is None else form.form(shape.form)
    if shape.chords is not None:
        line = symbols(str(shape.chords))
        made = given.of_symbols(line, encoding, bars, plan.context, letters)
        plan = dataclasses.replace(
            plan, given=made.events, key=made.key, messages=made.messages, written=made.written
        )
    strain = bars
    if letters is not None:
        copy, fresh = form.repeats(letters, bars)
        strain = form.last_strain(letters, bars)
        if plan.written is not None:
            form.agree(letters, bars, copy, plan.written)
        plan = dataclasses.replace(plan, form=letters, copy=copy, fresh=fresh)
    closes = request.primer is None if shape.cadence is None else shape.cadence
    return dataclasses.replace(plan, cadence=cadence(strain, plan.grid) if closes else None)


def _count(shape: Structure, pace: Tempo, rhythm: Meter, rows: list[int], grid: int) -> int:
    """Return the number of bars, by chords too; seconds are rounded up to whole bars."""
    pattern = "" if shape.form is None else form.form(shape.form)
    if shape.bars is not None:
        return shape.bars
    if shape.seconds is not None:
        steps = shape.seconds * pace.qpm / 60 * grid - rows[0]
        count = max(math.ceil(steps / rhythm.bar(grid) - 1e-9), 1)
        what = f"seconds {shape.seconds:g} are"
        count = -(-count // len(pattern)) * len(pattern) if pattern else count
    elif pattern:
        return form.STRAIN * len(pattern)
    else:
        count = BARS if shape.chords is None else symbols(str(shape.chords)).bars(BARS)
        what = "the chords make"
    if count > MOST_BARS:
        raise BadOption(f"{what} {count} bars: expected at most {MOST_BARS} bars; use less")
    return count


def _tempo(context: Mapping[str, Any], rhythm: Meter) -> Tempo:
    qpm = float(context.get("qpm", 120.0))
    return Tempo(rhythm.beat, qpm / float(4 * rhythm.beat))


def _beats(shape: Structure, bars: list[Bar], total: int, grid: int) -> Bools:
    if shape.chords_on == "any" or not bars:
        return np.ones(total, bool)
    return changes(bars, total, grid)


def _close(shape: Structure, bars: list[Bar], grid: int, closes: bool) -> Cadence | None:
    """Return where the cadence of a given tune is, or None.

    A melody that does not end on a note of the tonic chord has one only on request.
    """
    unlikely = shape.melody is not None and shape.cadence is None and not closes
    return None if shape.cadence is False or not bars or unlikely else cadence(bars, grid)
