"""Samples: a request becomes sequences, each with what was asked of it and what it reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from symgen.encoding import Encoding, Events
from symgen.errors import BadOption
from symgen.notes.sequence import NoteSequence
from symgen.sampling import steers
from symgen.sampling.choose import Draws, Taste
from symgen.sampling.engine import Engine
from symgen.sampling.key import scale
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
    if request.seconds is None:
        raise BadOption("a sample has an end: give seconds; only a stream goes on for ever")
    for first in range(0, request.num, BATCH):
        batch = min(BATCH, request.num - first)
        made = engine(encoding, player, request, batch, request.first + first)
        for row, events in enumerate(_run(made, request, progress, first)):
            samples.append(_sample(made, request, request.first + first + row, events))
    return samples


def engine(encoding: Encoding, player: Player, request: Request, batch: int, first: int) -> Engine:
    """Return the engine of `batch` streams from index `first`, steered and primed."""
    working = [steers.load(name)(encoding, batch) for name in steers]
    for steer in working:
        steer.set(request.controls)
    made = Engine(encoding, player, Draws(request.seed, first, batch), request.taste, working, batch, request.steps(encoding))
    if request.primer is not None:
        made.prime(request.primer)
    return made


def _run(made: Engine, request: Request, progress: Progress | None, before: int) -> list[Events]:
    """Step to the end; return the events of each stream, primer and closing releases included."""
    taken: list[tuple[Any, Events]] = []
    total, rate = made.limits.total, max(round(made.encoding.steps_per_second), 1)
    while len(made.live):
        taken.append(made.step())
        if progress and len(taken) % EVERY == 0:
            progress((before * total + made.limits.passed()) // rate, request.num * total // rate, "seconds of music")
    rows = np.concatenate([r for r, _ in taken]) if taken else np.zeros(0, np.int64)
    events = np.concatenate([e for _, e in taken]) if taken else np.zeros((0, len(made.encoding.fields)), np.int32)
    order = np.argsort(rows, kind="stable")
    parts = np.split(events[order], np.searchsorted(rows[order], np.arange(1, made.batch)))
    begin = [request.primer] if request.primer is not None else []
    return [np.concatenate([*begin, part, made.grammar.closing(row)]).astype(np.int32) for row, part in enumerate(parts)]


def _sample(made: Engine, request: Request, index: int, events: Events) -> Sample:
    """Decode one stream and measure what it reached, from the end of the primer on."""
    encoding, controls = made.encoding, request.controls
    sequence = encoding.decode(events)
    begun = encoding.duration(request.primer) if request.primer is not None else 0.0
    notes = sequence.notes[sequence.notes["start_time"] >= begun]
    lasts = encoding.duration(events)
    asked: dict[str, Any] = {"seconds": request.seconds}
    asked |= {k: v for k, v in dataclasses.asdict(request.taste).items() if v != getattr(Taste, k)}
    if controls.key is not None:
        asked |= {"key": scale(controls.key).name, "strict_key": controls.strict_key}
    if controls.density is not None:
        asked["density"] = controls.density
    reached: dict[str, Any] = {"seconds": lasts, "notes": len(notes)}
    if request.primer is not None:
        reached["primer_seconds"] = begun
    reached |= {name: steer.reached(notes, lasts - begun) for name, steer in zip(steers, made.steers, strict=True)}
    return Sample(sequence, events, request.seed, index, asked, {k: v for k, v in reached.items() if v is not None})
