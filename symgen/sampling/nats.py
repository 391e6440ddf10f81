"""How likely music is under the model: its nats per event, without steering.

The model is given no targets unless they are named. This shows what steering costs: music that
steering bends out of shape takes more nats than the model's own.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from symgen.controls import Control
from symgen.encodings import Encoding, Events
from symgen.runtime.base import Player
from symgen.runtime.passages import Passage
from symgen.runtime.score import score
from symgen.sampling.engine.conditioning import Conditioner
from symgen.sampling.request.request import Request
from symgen.types import Floats, Floats32


def nats(
    encoding: Encoding,
    player: Player,
    controls: Sequence[Control],
    request: Request,
    parts: Sequence[Events],
    skip: int = 0,
    names: Sequence[str] = (),
) -> Floats:
    """Return float64 `[samples]`: the mean nats per event of each of `parts`.

    A part holds events int32 `[steps, fields]`; the first `skip` do not count. All fields of a step
    count together. Controls that follow the music get their true values, and of the targets of
    `request` the model is given those in `names`.
    """
    start = encoding.start()
    plan = request.plan
    passages = [Passage(start, part) for part in parts]
    if controls:
        conditioner = Conditioner(
            controls, encoding, len(parts), request.targets, names, request.lasts, plan
        )
        rate = plan.steps_per_second if plan else encoding.steps_per_second
        rows = _conditions(conditioner, encoding, rate, parts)
        passages = [
            Passage(start, part, functools.partial(np.asarray, each))
            for part, each in zip(parts, rows, strict=True)
        ]
    each = score(player, passages).nats.sum(axis=1, dtype=np.float64)
    ends = np.cumsum([len(part) for part in parts])
    found = [each[end - len(part) :][: len(part)] for part, end in zip(parts, ends, strict=True)]
    sums = [steps[skip:].sum() for steps in found]
    counts = [max(len(steps) - skip, 1) for steps in found]
    return np.array(sums) / counts


def _conditions(
    conditioner: Conditioner, encoding: Encoding, rate: float, parts: Sequence[Events]
) -> list[Floats32]:
    """Return the controls of each step of each of `parts`, float32 `[steps, width]`."""
    count = len(parts)
    lengths = np.array([len(part) for part in parts])
    highest = [field.size - 1 for field in encoding.fields]
    advance = [encoding.table(k)["advance"] for k in range(len(highest))]
    out: list[list[Floats32]] = [[] for _ in parts]
    fed = np.repeat(encoding.start()[None], count, axis=0)
    elapsed = np.zeros(count)
    for step in range(max(lengths, default=0)):
        live = np.flatnonzero(lengths > step)
        for row, controls in zip(live, conditioner.rows(live, elapsed[live] / rate), strict=True):
            out[row].append(controls)
        fed[live] = [parts[row][step] for row in live.tolist()]
        elapsed[live] += sum(table[fed[live, k]] for k, table in enumerate(advance))
        conditioner.update(np.minimum(fed, highest))
    return [np.stack(rows) if rows else np.zeros((0, 0), np.float32) for rows in out]
