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
from symgen.sampling.request.methods import NAMED, ways
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
    wanted = request.wanted.only([name for name in request.wanted.schedules if name not in taken])
    sequence, facts, lasts = _decoded(made, row, events)
    begun, before = 0.0, 0
    if request.primer is not None:
        slower = encoding.steps_per_second / made.view.rate
        begun = goes_on(request.primer, encoding) * slower
        before = length(request.primer, sequence, encoding)
    notes = sequence.notes[before:]
    reached: dict[str, Any] = {"seconds": lasts, "notes": len(notes)} | facts
    if request.primer is not None:
        reached["primer_seconds"] = begun
        if taken:
            reached["from_primer"] = dict(taken)
    reached |= measured(("density", *wanted.schedules), notes, begun, lasts, wanted.schedules)
    found = ways(wanted, controls, request.way, encoding)
    return Sample(
        sequence,
        events,
        request.seed,
        index,
        _asked(request),
        {k: v for k, v in reached.items() if v is not None},
        {name: NAMED[way] for name, way in found.items()},
        over_time(wanted.schedules, notes, begun, lasts) if wanted.schedules else {},
        distance(wanted.schedules, notes, begun, lasts),
        before=before,
    )


def _decoded(made: Engine, row: int, events: Events) -> tuple[NoteSequence, dict[str, Any], float]:
    """Return the music of stream `row`, what is known of it as a tune, and its seconds."""
    view, plan = made.view, made.processors.get("plan")
    encoding = view.encoding
    if isinstance(plan, PlanProcessor):
        cadence = made.processors.get("cadence")
        key = cadence.keys[row] if isinstance(cadence, CadenceProcessor) else plan.plan.key
        sequence, named = finish.music(plan.plan, encoding, events, key)
        slower = encoding.steps_per_second / view.rate
        facts = finish.reached(plan.plan, sequence, named)
        return sequence, facts, encoding.duration(events) * slower
    sequence = encoding.decode(events)
    if not view.whole_notes:
        return sequence, {}, encoding.duration(events)
    lasts = view.total / encoding.steps_per_second  # a rest may follow the last note
    return sequence.replace(total_time=lasts), {}, lasts


def _asked(request: Request) -> dict[str, Any]:
    """Return by name what was requested, without what is the default."""
    asked: dict[str, Any] = {"seconds": request.seconds}
    if request.plan:
        asked = finish.asked(request.plan, request.shape)
    asked |= {
        k: v
        for k, v in dataclasses.asdict(request.taste).items()
        if v != getattr(SamplingParams, k)
    }
    for name, target in request.controls.schedules.items():
        if name not in request.gentle:
            asked[name] = _plain(target)
            if name == "key":
                asked["strict_key"] = request.controls.strict_key
    others = ("way", "guidance", "attempts", "ending", "free", "follow")
    return asked | {k: v for k in others if (v := getattr(request, k)) != getattr(Request, k)}


def _plain(target: Schedule) -> Any:
    """Return a target as plain JSON: its value, or text where it changes over time."""
    if not target.constant:
        return str(target)
    value = target.values[0]
    return list(value) if isinstance(value, tuple) else value
