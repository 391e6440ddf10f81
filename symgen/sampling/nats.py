"""How likely music is under the model: nats per event, not steered, and told nothing of what was asked unless that is wanted.

What steering costs: music that it bends out of shape takes more nats than the model's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls import Control
from symgen.encodings import Encoding, Events
from symgen.runtime.base import Player
from symgen.sampling.engine.conditioning import Conditioner
from symgen.sampling.request.request import Request


def nats(
    encoding: Encoding,
    player: Player,
    controls: Sequence[Control],
    request: Request,
    parts: Sequence[Events],
    skip: int = 0,
    names: Sequence[str] = (),
) -> npt.NDArray[np.float64]:
    """Return float64 `[samples]`: the mean nats of the events int32 `[steps, fields]` of each of `parts`, after the first `skip`.

    All fields of a step count together. Position, meter and what followers hear are told as they were, and of what was asked
    the wishes `names`.
    """
    order = sorted(range(len(parts)), key=lambda i: -len(parts[i]))
    steps, count = max(map(len, parts), default=0), len(parts)
    plan, rate = (
        request.plan,
        request.plan.steps_per_second if request.plan else encoding.steps_per_second,
    )
    told = (
        Conditioner(controls, encoding, count, request.wanted, names, request.lasts, plan)
        if controls
        else None
    )
    fed, elapsed = np.repeat(encoding.start()[None], count, axis=0), np.zeros(count)
    out, live = np.zeros(count), np.arange(count)
    player.start(count)
    for step in range(steps):
        stays = np.flatnonzero([len(parts[order[row]]) > step for row in live])
        if len(stays) < len(live):
            player.select(stays)
            live = live[stays]
        player.step(fed[live], told.rows(live, elapsed[live] / rate) if told else None)
        events = np.array([parts[order[row]][step] for row in live], np.int32)
        if step >= skip:
            for field in range(events.shape[1]):
                out[live] += _surprise(player.logits(field, events), events[:, field])
        fed[live] = events
        elapsed[live] += sum(
            encoding.table(k)["advance"][events[:, k]] for k in range(events.shape[1])
        )
        if told:
            told.update(np.minimum(fed, [f.size - 1 for f in encoding.fields]))
    made = np.empty(count)
    made[order] = out / np.maximum([len(parts[i]) - skip for i in order], 1)
    return made


def _surprise(logits: Any, values: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return `[n]`: minus the logarithm of the chance that each row of logits gives to its value."""
    scores = np.asarray(logits, np.float64)
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(
        np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(values)), values], np.float64
    )
