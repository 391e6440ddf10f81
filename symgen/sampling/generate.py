"""Samples: a request becomes sequences, each with its targets and what was measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from symgen.controls import Control
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.errors import BadOption
from symgen.runtime.base import Player
from symgen.sampling.engine.conditioning import ConditionedPlayer, ConditionsProcessor
from symgen.sampling.engine.guidance import Guided
from symgen.sampling.engine.loop import Engine
from symgen.sampling.engine.particles import Particles
from symgen.sampling.engine.rng import SampleStreams
from symgen.sampling.engine.view import View
from symgen.sampling.measure import measured_sample
from symgen.sampling.nats import nats
from symgen.sampling.processors import processors
from symgen.sampling.processors.base import SHARE, SHARES, Goals, Setup
from symgen.sampling.processors.plan import Lookahead, PlanProcessor
from symgen.sampling.request.methods import choose, met
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample

# samples that are stepped side by side; more would gain little speed and take more memory
BATCH = 32
EVERY = 50  # steps between two reports of progress

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
    """Return the samples of `request`; a sample does not depend on how many there are.

    With `likelihood` each gets its nats per event under the model itself, which takes about twice
    as long.
    """
    encoding = model.encoding
    player = model.play()
    made = list[Sample]()
    controls = getattr(model, "controls", ())
    if request.seconds is None and request.plan is None:
        raise BadOption("a sample needs a length; add seconds, or use a stream, which has no end")
    most = max(BATCH // request.plan.particles, 1) if request.plan else BATCH
    total = request.num * request.best_of
    base = request.first
    for first in range(0, total, most):
        batch = min(most, total - first)
        running = engine(
            encoding, player, request, batch, base * request.best_of + first, controls, True
        )
        for place, (row, events) in enumerate(_run(running, request, progress, first)):
            made.append(
                measured_sample(
                    running,
                    request,
                    controls,
                    base + (first + place) // request.best_of,
                    row,
                    events,
                )
            )
    groups = [made[i : i + request.best_of] for i in range(0, total, request.best_of)]
    samples = [min(group, key=lambda sample: sample.distance) for group in groups]
    return _scored(model, request, samples, controls) if likelihood else samples


def _scored(
    model: Playable, request: Request, samples: list[Sample], controls: Sequence[Control]
) -> list[Sample]:
    """Return `samples` with their nats."""
    skip = 0 if request.primer is None else len(request.primer)
    out = list[Sample]()
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
    """Return the engine of `batch` samples from index `first`, with its processors, and primed.

    With `search` several streams may search for one sample. BadOption where a target cannot be
    met.
    """
    plan = request.plan
    copies = plan.particles if plan is not None and search else 1
    rate = plan.steps_per_second if plan is not None else None
    view = View(encoding, batch * copies, rate, request.steps(encoding))
    setup = Setup(view, request, controls, first, copies)
    for name in processors:
        if (processor := processors.load(name).make(setup)) is not None:
            setup.made[name] = processor
    made = Engine(
        view,
        _player(player, setup),
        SampleStreams(request.seed, first, batch, copies, request.again),
        request.params,
        setup.made,
    )
    aim(made, request.targets, controls, request.method, request.gentle, request.balance)
    if request.guidance != 1 and not _conditioned(made):
        raise BadOption(
            f"guidance {request.guidance:g}: the model is conditioned on none of the targets, so "
            "there is nothing to strengthen; leave it out"
        )
    if request.primer is not None:
        made.prime(request.primer)
    return made


def _player(player: Player, setup: Setup) -> Player:
    """Return `player` with what processors add to it: conditions, guidance, and looking ahead."""
    conditions = setup.made.get("conditions")
    plan = setup.made.get("plan")
    if isinstance(conditions, ConditionsProcessor):
        if setup.request.guidance != 1:
            player = Guided(player, setup.request.guidance, conditions.conditioner.requested)
        player = ConditionedPlayer(player, conditions)
    if isinstance(plan, PlanProcessor) and plan.plan.given is not None:
        player = Lookahead(player, plan)
    return player


def _conditioned(made: Engine) -> bool:
    """Return whether the model is conditioned on any target."""
    conditions = made.processors.get("conditions")
    if not isinstance(conditions, ConditionsProcessor):
        return False
    return bool(conditions.conditioner.requested.any())


def aim(
    made: Engine,
    targets: Targets,
    controls: Sequence[Control],
    method: str,
    gentle: Iterable[str] = (),
    floors: Iterable[str] = (),
) -> None:
    """Give the processors their `targets` from now on, for a model that knows `controls`.

    Only a share of the steering is done for the targets in `gentle`; those in `floors` are lower
    limits. BadOption where a target cannot be met.
    """
    found = choose(targets, controls, method, made.view.encoding)
    shares = {name: SHARES.get(name, SHARE) for name in gentle}
    if made.view.closing_chord is not None:
        shares.pop("density", None)  # it is made up for the ending, and counts in full
    conditioned = met(targets, found, "condition")
    steered = met(targets, found, "steer")
    goals = Goals(targets, conditioned, steered, shares, tuple(floors))
    for processor in made.processors.values():
        processor.set(goals)


def _run(
    made: Engine, request: Request, progress: Progress | None, before: int
) -> list[tuple[int, Events]]:
    """Step to the end; return the row and the events of each sample.

    The events include those of the primer, and the note-offs of what sounds at the end.
    """
    view, taken = made.view, list[tuple[Any, Events]]()
    rate = max(round(view.rate), 1)
    count = request.plan.particles if request.plan else 1
    while len(view.live):
        taken.append(made.step())
        if progress and len(taken) % EVERY == 0:
            passed = before * view.total + view.passed() // count
            progress(passed // rate, request.num * view.total // rate, "seconds of music")
    plan = made.processors.get("plan")
    particles = made.processors.get("particles")
    if not isinstance(plan, PlanProcessor):
        return list(enumerate(_parted(made, request, taken)))
    rows = np.arange(view.batch)
    if isinstance(particles, Particles):
        rows = particles.pick(drawn=not request.params.greedy)
    return [(row, plan.events(row)) for row in rows.tolist()]


def _parted(made: Engine, request: Request, taken: list[tuple[Any, Events]]) -> list[Events]:
    """Return the events of each stream of a run, whose steps are `taken` in their order."""
    view = made.view
    rows = np.concatenate([r for r, _ in taken]) if taken else np.zeros(0, np.int64)
    fields = len(view.encoding.fields)
    events = np.concatenate([np.zeros((0, fields), np.int32), *(e for _, e in taken)])
    order = np.argsort(rows, kind="stable")
    parts = np.split(events[order], np.searchsorted(rows[order], np.arange(1, view.batch)))
    begin = [request.primer] if request.primer is not None else []
    return [
        np.concatenate([*begin, part, view.grammar.closing(row)]).astype(np.int32)
        for row, part in enumerate(parts)
    ]
