"""The plan of a piece on a grid of beats: for every step what is given, what is repeated, and what its place allows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.controls import Control, Rows, columns, compute_all
from symgen.encodings import Encoding
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

if TYPE_CHECKING:
    from symgen.sampling.request.request import Request

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

BARS = 32  # where no length is asked
TEMPO = 120  # beats a minute, where none is asked
LOOP, AHEAD = (
    16,
    2,
)  # an endless piece goes round in LOOP bars, as if AHEAD times as many were still to come
PARTICLES = 16  # streams that look for the chords of a given melody


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """`steps` in all; `context` as an encoding tells it of a piece. Arrays have a row for each of the first `len(beats)` steps.

    `beats` says where chords may change, `fresh` where nothing may be held over, `given` int32 `[steps, fields]` what is
    given (-1 free), `copy` which earlier step is repeated (-1 none). An endless plan goes round in its last `loop` rows.
    """

    steps: int
    context: Mapping[str, Any]
    beats: Bools
    fresh: Bools
    tempo: Tempo
    meter: Meter
    bars: int | None
    grid: int  # steps a quarter note
    given: npt.NDArray[np.int32] | None = None
    copy: Ints | None = None
    loop: int = 0
    form: str | None = None
    cadence: Cadence | None = None
    key: Key | None = None  # of what is given, or asked
    opening: Key | None = None  # asked, and leant to at the beginning
    source: NoteSequence | None = None  # the tune whose melody is given
    said: tuple[str, ...] = ()  # what the listener is to be told
    written: Words | None = None  # [steps] the chord symbols that are given, as they were written

    @property
    def endless(self) -> bool:
        """Whether it has no end."""
        return self.loop > 0

    @property
    def steps_per_second(self) -> float:
        """Steps a second at its tempo."""
        return self.grid * self.tempo.qpm / 60

    @property
    def particles(self) -> int:
        """How many streams are to look for one sample: several where a melody is given, so that its chords fit what follows."""
        return PARTICLES if self.source is not None else 1

    def row(self, step: int) -> int:
        """Return the row of the arrays that tells of `step`."""
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
        """Return float32 `[rows, width]`: what a model with `controls` is told before each step; None where it has none."""
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
    """Return `request` with a plan where `encoding` is on a grid of beats; BadOption where what is asked cannot be had."""
    shape = request.shape
    if request.attempts > 1 and not request.controls.schedules:
        raise BadOption(
            f"best-of {request.attempts} needs a target to come close to; "
            "add a control, such as --density 3"
        )
    if not encoding.tune:
        shape.refuse(name, encoding.name)
        return request
    if shape.melody is not None or (shape.chords is not None and is_file(shape.chords)):
        plan = _of_tune(
            shape,
            encoding,
            request.controls.schedules["key"].values[-1]
            if "key" in request.controls.schedules
            else None,
        )
    else:
        plan = _of_wishes(
            shape,
            encoding,
            request,
            endless and shape.bars is None and shape.seconds is None and shape.form is None,
        )
    if (wish := request.controls.schedules.get("key")) is not None:
        ends = (
            -1
            if plan.endless
            else int(
                wish.over(plan.steps / plan.steps_per_second).index(
                    plan.steps / plan.steps_per_second
                )
            )
        )
        opening, last = scale(wish.values[0]), scale(wish.values[ends])
        plan = dataclasses.replace(
            plan, key=last, opening=opening if request.primer is None else None
        )
    if request.primer is not None and len(request.primer) >= plan.steps:
        bar = plan.meter.bar(plan.grid)
        raise BadOption(
            f"the primer lasts {round(len(request.primer) / bar, 1):g} bars and the sample "
            f"{round(plan.steps / bar, 1):g}, primer included, so there is nothing left to play; "
            "ask for more --bars, or use less of the primer with --primer-seconds"
        )
    return dataclasses.replace(request, plan=plan)


def _of_tune(shape: Structure, encoding: Encoding, asked: str | None) -> Plan:
    """Return the plan of a piece as long as the tune that gives its melody or its chords."""
    made = given.of_tune(shape, encoding)
    key = scale(asked) if asked else made.key
    total, grid = len(made.events), encoding.steps_per_quarter
    bars = layout(made.context["bars"], total, grid)
    rhythm = bars[0].meter if bars else Meter(*made.context["bars"][1:3])
    melody = made.source if shape.melody is not None else None
    return Plan(
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
        said=made.said,
        written=made.written,
        cadence=_close(shape, bars, grid, made.last in key.triad),
    )


def _of_wishes(shape: Structure, encoding: Encoding, request: Request, endless: bool) -> Plan:
    """Return the plan of a piece of so many bars, which goes on from the primer if there is one."""
    grid, heard = encoding.steps_per_quarter, request.heard
    if heard is not None:
        if shape.meter or shape.tempo or shape.form:
            dataclasses.replace(shape, bars=None, seconds=None).keeps("the primer")
        rows, rhythm = list(heard["bars"]), Meter(*heard["bars"][-2:])
        pace = _tempo(heard, rhythm)
    else:
        rhythm = meter(shape.meter or "4/4")
        rows, pace = [0, *rhythm], tempo(TEMPO if shape.tempo is None else shape.tempo, rhythm)
    count = LOOP * (AHEAD + 1) if endless else _count(shape, pace, rhythm, rows, grid)
    if request.primer is not None and shape.bars is None and shape.seconds is None and not endless:
        count += -(
            -(len(request.primer) - rows[-3]) // rhythm.bar(grid)
        )  # no length is asked: so many bars more
    bars = layout(rows, rows[-3] + count * rhythm.bar(grid), grid)[:count]
    total = bars[-1].stop
    context = dict(heard or {"first_bar_time": 0.0, "meter": rhythm.name}) | {
        "qpm": pace.qpm,
        "bars": rows,
        "steps": total,
    }
    if endless:
        if shape.chords is not None:
            raise BadOption("chords are given to a stream without an end; give bars or seconds too")
        shown = bars[2 * LOOP - 1].stop
        return Plan(
            FOREVER,
            context,
            _beats(shape, bars, total, grid)[:shown],
            np.zeros(shown, bool),
            pace,
            rhythm,
            None,
            grid,
            loop=shown - bars[LOOP].start,
        )
    plan = Plan(
        total,
        context,
        _beats(shape, bars, total, grid),
        np.zeros(total, bool),
        pace,
        rhythm,
        len(bars),
        grid,
    )
    asked = None if shape.form is None else form.form(shape.form)
    if shape.chords is not None:
        made = given.of_symbols(symbols(str(shape.chords)), encoding, bars, context, asked)
        plan = dataclasses.replace(
            plan, given=made.events, key=made.key, said=made.said, written=made.written
        )
    strain = bars
    if asked is not None:
        copy, fresh = form.repeats(asked, bars)
        strain = form.last_strain(asked, bars)
        if plan.written is not None:
            form.agree(asked, bars, copy, plan.written)
        plan = dataclasses.replace(plan, form=asked, copy=copy, fresh=fresh)
    wanted = request.primer is None if shape.cadence is None else shape.cadence
    return dataclasses.replace(plan, cadence=cadence(strain, grid) if wanted else None)


def _count(shape: Structure, pace: Tempo, rhythm: Meter, rows: list[int], grid: int) -> int:
    """Return how many bars are asked for, by chords too; seconds are rounded up to whole ones."""
    asked = "" if shape.form is None else form.form(shape.form)
    if shape.bars is not None:
        return shape.bars
    if shape.seconds is not None:
        steps = shape.seconds * pace.qpm / 60 * grid - rows[0]
        count, what = (
            max(math.ceil(steps / rhythm.bar(grid) - 1e-9), 1),
            f"seconds {shape.seconds:g} are",
        )
        count = -(-count // len(asked)) * len(asked) if asked else count
    elif asked:
        return form.STRAIN * len(asked)
    else:
        count, what = (
            BARS if shape.chords is None else symbols(str(shape.chords)).bars(BARS),
            "the chords make",
        )
    if count > MOST_BARS:
        raise BadOption(f"{what} {count} bars: expected up to {MOST_BARS} bars; ask for less")
    return count


def _tempo(context: Mapping[str, Any], rhythm: Meter) -> Tempo:
    qpm = float(context.get("qpm", 120.0))
    return Tempo(rhythm.beat, qpm / float(4 * rhythm.beat))


def _beats(shape: Structure, bars: list[Bar], total: int, grid: int) -> Bools:
    return (
        np.ones(total, bool) if shape.chords_on == "any" or not bars else changes(bars, total, grid)
    )


def _close(shape: Structure, bars: list[Bar], grid: int, closes: bool) -> Cadence | None:
    """Return where the cadence of a given tune is: none of a melody that does not end on its tonic's chord, unless it is asked for."""
    if (
        shape.cadence is False
        or not bars
        or (shape.melody is not None and shape.cadence is None and not closes)
    ):
        return None
    return cadence(bars, grid)
