"""Samples: a request becomes sequences, each with what was asked of it and what it reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from symgen.encoding import Encoding, Events
from symgen.encoding.controls import Control
from symgen.errors import BadOption
from symgen.notes.sequence import NoteSequence
from symgen.sampling import finish, steers
from symgen.sampling.choose import Draws, Taste
from symgen.sampling.engine import Engine
from symgen.sampling.follow import Follow
from symgen.sampling.key import scale
from symgen.sampling.particles import Particles
from symgen.sampling.player import Player
from symgen.sampling.request import Request

BATCH = 32  # samples that are stepped side by side; more would gain little speed and take more memory
EVERY = 50  # steps between two words on progress

Progress = Callable[[int, int, str], None]


class Playable(Protocol):
    """What can be sampled: an encoding, and a player of it."""

    @property
    def encoding(self) -> Encoding:
        """What the events mean."""

    def play(self) -> Player:
        """Return a player that has not begun."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """Sample `index` of `seed`: its music, its events `[steps, fields]`, and by name what was asked and what was reached."""

    sequence: NoteSequence
    events: Events
    seed: int
    index: int
    asked: dict[str, Any]
    reached: dict[str, Any]


def draw(model: Playable, request: Request, progress: Progress | None = None) -> list[Sample]:
    """Return the samples of `request`; what one of them is does not depend on how many there are."""
    encoding, player, samples = model.encoding, model.play(), list[Sample]()
    if request.seconds is None and request.plan is None:
        raise BadOption("a sample has an end: give seconds; only a stream goes on for ever")
    most = max(BATCH // request.plan.particles, 1) if request.plan else BATCH
    for first in range(0, request.num, most):
        batch = min(most, request.num - first)
        made = engine(encoding, player, request, batch, request.first + first, getattr(model, "controls", ()), True)
        for place, (row, events) in enumerate(_run(made, request, progress, first)):
            samples.append(_sample(made, request, request.first + first + place, row, events))
    return samples


def engine(encoding: Encoding, player: Player, request: Request, batch: int, first: int, controls: Sequence[Control] = (),
           search: bool = False) -> Engine:
    """Return the engine of `batch` samples from index `first`, steered, planned and primed; with `search` several streams
    may look for one sample."""
    plan = request.plan
    count = plan.particles if plan is not None and search else 1
    working = [steers.load(name)(encoding, batch * count, plan.steps_per_second if plan else None) for name in steers]
    for steer in working:
        steer.set(request.controls)
    made = Engine(encoding, player, Draws(request.seed, first, batch, count), request.taste, working, batch * count,
                  request.steps(encoding), Follow(plan, encoding, controls, batch * count) if plan else None,
                  Particles(request.seed, first, batch, count) if count > 1 else None)
    if request.primer is not None:
        made.prime(request.primer)
    return made


def _run(made: Engine, request: Request, progress: Progress | None, before: int) -> list[tuple[int, Events]]:
    """Step to the end; return the row and the events of each sample, primer and closing releases included."""
    taken: list[tuple[Any, Events]] = []
    total, rate = made.limits.total, max(round(request.plan.steps_per_second if request.plan else made.encoding.steps_per_second), 1)
    count = request.plan.particles if request.plan else 1
    while len(made.live):
        taken.append(made.step())
        if progress and len(taken) % EVERY == 0:
            progress((before * total + made.limits.passed() // count) // rate, request.num * total // rate, "seconds of music")
    if made.follow is not None:
        rows = made.particles.pick(request.taste.temperature > 0) if made.particles else np.arange(made.batch)
        return [(row, made.follow.heard(row)) for row in rows.tolist()]
    return list(enumerate(_parted(made, request, taken)))


def _parted(made: Engine, request: Request, taken: list[tuple[Any, Events]]) -> list[Events]:
    """Return the events of each stream of a run, which are told in the order of their steps."""
    rows = np.concatenate([r for r, _ in taken]) if taken else np.zeros(0, np.int64)
    events = np.concatenate([e for _, e in taken]) if taken else np.zeros((0, len(made.encoding.fields)), np.int32)
    order = np.argsort(rows, kind="stable")
    parts = np.split(events[order], np.searchsorted(rows[order], np.arange(1, made.batch)))
    begin = [request.primer] if request.primer is not None else []
    return [np.concatenate([*begin, part, made.grammar.closing(row)]).astype(np.int32) for row, part in enumerate(parts)]


def _sample(made: Engine, request: Request, index: int, row: int, events: Events) -> Sample:
    """Decode stream `row` and measure what it reached, from the end of the primer on."""
    encoding, controls, plan = made.encoding, request.controls, request.plan
    asked: dict[str, Any] = finish.asked(plan, request.shape) if plan else {"seconds": request.seconds}
    asked |= {k: v for k, v in dataclasses.asdict(request.taste).items() if v != getattr(Taste, k)}
    if controls.key is not None:
        asked |= {"key": scale(controls.key).name, "strict_key": controls.strict_key}
    if controls.density is not None:
        asked["density"] = controls.density
    slower = encoding.steps_per_second / plan.steps_per_second if plan else 1.0
    lasts = encoding.duration(events) * slower
    begun = encoding.duration(request.primer) * slower if request.primer is not None else 0.0
    if plan and made.follow:
        key = made.follow.close.keys[row] if made.follow.close else plan.key
        sequence, named = finish.music(plan, encoding, events, key)
        facts = finish.reached(plan, sequence, named)
    else:
        sequence, facts = encoding.decode(events), {}
    notes = sequence.notes[sequence.notes["start_time"] >= begun - 1e-9]
    reached: dict[str, Any] = {"seconds": lasts, "notes": len(notes)} | facts
    if request.primer is not None:
        reached["primer_seconds"] = begun
    reached |= {name: steer.reached(notes, lasts - begun) for name, steer in zip(steers, made.steers, strict=True)}
    return Sample(sequence, events, request.seed, index, asked, {k: v for k, v in reached.items() if v is not None})
