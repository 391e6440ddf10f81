"""From the events of a stream to a sample: decoding, measuring, and what was requested."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from symgen.controls import Control
from symgen.controls.compare import distance, measured, over_time
from symgen.controls.schedule import Schedule
from symgen.encodings import Events
from symgen.notes.sequence import NoteSequence
from symgen.sampling.engine.loop import Engine
from symgen.sampling.processors.cadence import CadenceProcessor
from symgen.sampling.processors.plan import PlanProcessor
from symgen.sampling.request.methods import DONE, choose
from symgen.sampling.request.params import SamplingParams
from symgen.sampling.request.primer import goes_on, length
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample
from symgen.sampling.tunes import finish


def measured_sample(
    made: Engine,
    request: Request,
    controls: Sequence[Control],
    index: int,
    row: int,
    events: Events,
) -> Sample:
    """Decode stream `row`, and measure it from the end of the primer on."""
    encoding, taken = made.view.encoding, request.gentle
    own = [name for name in request.targets.schedules if name not in taken]
    targets = request.targets.only(own)
    sequence, facts, lasts = _decoded(made, row, events)
    begin, before = 0.0, 0
    if request.primer is not None:
        slower = encoding.steps_per_second / made.view.rate
        begin = goes_on(request.primer, encoding) * slower
        before = length(request.primer, sequence, encoding)
    notes = sequence.notes[before:]
    found: dict[str, Any] = {"seconds": lasts, "notes": len(notes)} | facts
    if request.primer is not None:
        found["primer_seconds"] = begin
        if taken:
            found["from_primer"] = dict(taken)
    names = ("density", *targets.schedules)
    found |= measured(names, notes, begin, lasts, targets.schedules)
    methods = choose(targets, controls, request.method, encoding)
    return Sample(
        sequence,
        events,
        request.seed,
        index,
        _requested(request),
        {k: v for k, v in found.items() if v is not None},
        {name: DONE[method] for name, method in methods.items()},
        over_time(targets.schedules, notes, begin, lasts) if targets.schedules else {},
        distance(targets.schedules, notes, begin, lasts),
        before=before,
        again=request.again,
    )


def _decoded(made: Engine, row: int, events: Events) -> tuple[NoteSequence, dict[str, Any], float]:
    """Return the music of stream `row`, what is known of it as a tune, and its seconds."""
    view = made.view
    plan = made.processors.get("plan")
    encoding = view.encoding
    if isinstance(plan, PlanProcessor):
        cadence = made.processors.get("cadence")
        key = cadence.keys[row] if isinstance(cadence, CadenceProcessor) else plan.plan.key
        sequence, named = finish.music(plan.plan, encoding, events, key)
        slower = encoding.steps_per_second / view.rate
        facts = finish.measured(plan.plan, sequence, named)
        return sequence, facts, encoding.duration(events) * slower
    sequence = encoding.decode(events)
    if not view.whole_notes:
        return sequence, {}, encoding.duration(events)
    lasts = view.total / encoding.steps_per_second  # a rest may follow the last note
    return sequence.replace(total_time=lasts), {}, lasts


def _requested(request: Request) -> dict[str, Any]:
    """Return by name what was requested, without what is the default."""
    requested: dict[str, Any] = {"seconds": request.seconds}
    if request.plan:
        requested = finish.requested(request.plan, request.shape)
    requested |= {
        k: v
        for k, v in dataclasses.asdict(request.params).items()
        if v != getattr(SamplingParams, k)
    }
    for name, target in request.controls.schedules.items():
        if name not in request.gentle:
            requested[name] = _plain(target)
            if name == "key":
                requested["strict_key"] = request.controls.strict_key
    others = ("method", "guidance", "best_of", "ending", "free", "follow")
    return requested | {k: v for k in others if (v := getattr(request, k)) != getattr(Request, k)}


def _plain(target: Schedule) -> Any:
    """Return a target as plain JSON: its value, or text where it changes over time."""
    if not target.constant:
        return str(target)
    value = target.values[0]
    return list(value) if isinstance(value, tuple) else value
