"""Samples: a request becomes sequences, each with what was asked of it and what it reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from symgen.controls import Control
from symgen.controls.measures import MEASURES, distance, over_time
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.errors import BadOption
from symgen.runtime.base import Player
from symgen.sampling import steers
from symgen.sampling.engine.conditioning import Conditioner
from symgen.sampling.engine.guidance import Guided
from symgen.sampling.engine.loop import Engine
from symgen.sampling.engine.particles import Particles
from symgen.sampling.engine.rng import SampleStreams
from symgen.sampling.nats import nats
from symgen.sampling.processors.ending import EndingProcessor
from symgen.sampling.processors.key import Steer
from symgen.sampling.processors.plan import PlanProcessor
from symgen.sampling.processors.training_range import Inside
from symgen.sampling.processors.whole_notes.ending import NotesEnding
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.processors.whole_notes.training_range import NotesInside
from symgen.sampling.request.continuation import Gentle
from symgen.sampling.request.methods import NAMED, met, ways
from symgen.sampling.request.params import SamplingParams
from symgen.sampling.request.primer import goes_on, length
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample
from symgen.sampling.tunes import finish

BATCH = (
    32  # samples that are stepped side by side; more would gain little speed and take more memory
)
EVERY = 50  # steps between two words on progress

Progress = Callable[[int, int, str], None]


class Playable(Protocol):
    """What can be sampled: an encoding, and a player of it."""

    @property
    def encoding(self) -> Encoding:
        """What the events mean."""

    def play(self) -> Player:
        """Return a player that has not begun."""


def draw(
    model: Playable, request: Request, progress: Progress | None = None, likelihood: bool = False
) -> list[Sample]:
    """Return the samples of `request`; what one of them is does not depend on how many there are.

    With `likelihood` the nats of each under the model alone are found too, which takes about as long again.
    """
    encoding, player, made = model.encoding, model.play(), list[Sample]()
    controls = getattr(model, "controls", ())
    if request.seconds is None and request.plan is None:
        raise BadOption("a sample has an end: give seconds; only a stream goes on for ever")
    most, total, base = (
        max(BATCH // request.plan.particles, 1) if request.plan else BATCH,
        request.num * request.attempts,
        request.first,
    )
    for first in range(0, total, most):
        batch = min(most, total - first)
        running = engine(
            encoding, player, request, batch, base * request.attempts + first, controls, True
        )
        for place, (row, events) in enumerate(_run(running, request, progress, first)):
            made.append(
                _sample(
                    running,
                    request,
                    controls,
                    base + (first + place) // request.attempts,
                    row,
                    events,
                )
            )
    groups = [made[i : i + request.attempts] for i in range(0, total, request.attempts)]
    samples = [min(group, key=lambda sample: sample.distance) for group in groups]
    return _scored(model, request, samples, controls) if likelihood else samples


def _scored(
    model: Playable, request: Request, samples: list[Sample], controls: Sequence[Control]
) -> list[Sample]:
    """Return `samples` with their nats."""
    skip, out = 0 if request.primer is None else len(request.primer), list[Sample]()
    for first in range(0, len(samples), BATCH):
        some = samples[first : first + BATCH]
        found = nats(
            model.encoding, model.play(), controls, request, [s.events for s in some], skip
        )
        out += [dataclasses.replace(s, nats=float(n)) for s, n in zip(some, found, strict=True)]
    return out


def engine(
    encoding: Encoding,
    player: Player,
    request: Request,
    batch: int,
    first: int,
    controls: Sequence[Control] = (),
    search: bool = False,
) -> Engine:
    """Return the engine of `batch` samples from index `first`, told, steered, planned and primed; with `search` several streams
    may look for one sample."""
    plan, asked, total = request.plan, request.wanted, request.steps(encoding)
    count = plan.particles if plan is not None and search else 1
    rows, rate = batch * count, plan.steps_per_second if plan else None
    told = (
        Conditioner(controls, encoding, rows, asked, (), request.lasts, plan) if controls else None
    )
    if told and request.guidance != 1:
        player = Guided(player, request.guidance, told.wished)
    inside, follow = (
        _inside(encoding, rows, request),
        PlanProcessor(plan, encoding, rows) if plan else None,
    )
    if inside and follow and follow.close:
        follow.close.pitches = inside.extent.lowest, inside.extent.highest
    kind = NotesEnding if is_whole(encoding) else EndingProcessor
    ends = request.ends(encoding)
    ending = kind(encoding, rows, total, asked.wishes.get("key")) if ends else None
    made = Engine(
        encoding,
        player,
        SampleStreams(request.seed, first, batch, count, request.again),
        request.taste,
        [_steer(name, encoding, rows, rate, request) for name in steers],
        rows,
        total,
        follow,
        Particles(request.seed, first, batch, count, request.again) if count > 1 else None,
        told,
        ending,
        rate,
        inside,
    )
    steer(made, asked, controls, request.way)
    if request.guidance != 1 and not (told and told.wished.any()):
        raise BadOption(
            f"guidance {request.guidance:g}: the model is told nothing of what is asked, so there is nothing to strengthen; "
            "leave it out"
        )
    if request.primer is not None:
        made.prime(request.primer)
    return made


def _steer(name: str, encoding: Encoding, rows: int, rate: float | None, request: Request) -> Steer:
    """Return the steer of a control, a gentle one where its target is from the primer."""
    made: Steer = steers.load(name).of(encoding, rows, rate)
    if name in request.balance:
        made.at_least()
    return Gentle(made, name, request.wanted.wishes[name]) if name in request.gentle else made


def _inside(encoding: Encoding, rows: int, request: Request) -> Inside | None:
    """Return what holds the streams to the music of their model; targets widen its limits."""
    if (extent := request.extent) is None:
        return None
    made = (NotesInside if is_whole(encoding) else Inside)(encoding, rows, extent)
    made.set(request.wanted)
    return made


def steer(made: Engine, asked: Targets, controls: Sequence[Control], way: str) -> None:
    """Let what works on `made`, of a model that knows `controls`, take what is `asked`; BadOption where it can be met in no way."""
    found = ways(asked, controls, way, made.encoding)
    if made.told:
        made.told.set(asked, met(asked, found, "told"))
    steered = asked.only(met(asked, found, "steered"))
    if made.ending and "density" in steered.wishes:
        steered = dataclasses.replace(
            steered, density=made.ending.makes_up(steered.wishes["density"])
        )
    for each in made.steers:
        each.set(steered)
    if made.inside:
        made.inside.set(asked)
    stops = [made.ending.begin] if made.ending else []
    if asked.strict_key and not made.whole:  # of whole notes it is the lengths that are held
        stops += [round(time * made.rate) for time in asked.wishes["key"].changes()]
    made.limits.stop_at(stops)


def _run(
    made: Engine, request: Request, progress: Progress | None, before: int
) -> list[tuple[int, Events]]:
    """Step to the end; return the row and the events of each sample, primer and closing releases included."""
    taken: list[tuple[Any, Events]] = []
    total, rate = (
        made.limits.total,
        max(
            round(
                request.plan.steps_per_second if request.plan else made.encoding.steps_per_second
            ),
            1,
        ),
    )
    count = request.plan.particles if request.plan else 1
    while len(made.live):
        taken.append(made.step())
        if progress and len(taken) % EVERY == 0:
            progress(
                (before * total + made.limits.passed() // count) // rate,
                request.num * total // rate,
                "seconds of music",
            )
    if made.follow is not None:
        rows = (
            made.particles.pick(request.taste.temperature > 0)
            if made.particles
            else np.arange(made.batch)
        )
        return [(row, made.follow.heard(row)) for row in rows.tolist()]
    return list(enumerate(_parted(made, request, taken)))


def _parted(made: Engine, request: Request, taken: list[tuple[Any, Events]]) -> list[Events]:
    """Return the events of each stream of a run, which are told in the order of their steps."""
    rows = np.concatenate([r for r, _ in taken]) if taken else np.zeros(0, np.int64)
    events = (
        np.concatenate([e for _, e in taken])
        if taken
        else np.zeros((0, len(made.encoding.fields)), np.int32)
    )
    order = np.argsort(rows, kind="stable")
    parts = np.split(events[order], np.searchsorted(rows[order], np.arange(1, made.batch)))
    begin = [request.primer] if request.primer is not None else []
    return [
        np.concatenate([*begin, part, made.grammar.closing(row)]).astype(np.int32)
        for row, part in enumerate(parts)
    ]


def _sample(
    made: Engine,
    request: Request,
    controls: Sequence[Control],
    index: int,
    row: int,
    events: Events,
) -> Sample:
    """Decode stream `row` and measure what it reached, from the end of the primer on."""
    encoding, plan, taken = made.encoding, request.plan, request.gentle
    wanted = request.wanted.only([name for name in request.wanted.wishes if name not in taken])
    slower = encoding.steps_per_second / plan.steps_per_second if plan else 1.0
    lasts = encoding.duration(events) * slower
    begun = goes_on(request.primer, encoding) * slower if request.primer is not None else 0.0
    if plan and made.follow:
        key = made.follow.close.keys[row] if made.follow.close else plan.key
        sequence, named = finish.music(plan, encoding, events, key)
        facts = finish.reached(plan, sequence, named)
    else:
        sequence, facts = encoding.decode(events), {}
        if made.whole:  # a rest may follow the last note
            lasts = made.limits.total / encoding.steps_per_second
            sequence = sequence.replace(total_time=lasts)
    before = length(request.primer, sequence, encoding) if request.primer is not None else 0
    notes = sequence.notes[before:]
    reached: dict[str, Any] = {"seconds": lasts, "notes": len(notes)} | facts
    if request.primer is not None:
        reached["primer_seconds"] = begun
        if taken:
            reached["from_primer"] = dict(taken)
    for name in ("density", *wanted.wishes):
        if name in MEASURES:
            reached[name] = MEASURES[name](notes, begun, lasts, wanted.wishes.get(name))
    found = {
        name: NAMED[way] for name, way in ways(wanted, controls, request.way, encoding).items()
    }
    told = over_time(wanted.wishes, notes, begun, lasts) if wanted.wishes else {}
    return Sample(
        sequence,
        events,
        request.seed,
        index,
        _asked(request),
        {k: v for k, v in reached.items() if v is not None},
        found,
        told,
        distance(wanted.wishes, notes, begun, lasts),
        before=before,
    )


def _asked(request: Request) -> dict[str, Any]:
    """Return by name what was asked, as far as it is not what stands where nothing is."""
    asked: dict[str, Any] = (
        finish.asked(request.plan, request.shape) if request.plan else {"seconds": request.seconds}
    )
    asked |= {
        k: v
        for k, v in dataclasses.asdict(request.taste).items()
        if v != getattr(SamplingParams, k)
    }
    for name, wish in request.controls.wishes.items():
        if name in request.gentle:
            continue
        asked[name] = (
            list(wish.values[0])
            if isinstance(wish.values[0], tuple) and wish.constant
            else wish.values[0]
            if wish.constant
            else str(wish)
        )
        if name == "key":
            asked["strict_key"] = request.controls.strict_key
    others = ("way", "guidance", "attempts", "ending", "free", "follow")
    return asked | {k: v for k in others if (v := getattr(request, k)) != getattr(Request, k)}
