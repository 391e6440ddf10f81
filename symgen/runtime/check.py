"""The test vector of a bundle: what a correct player makes of some 64 steps.

A test vector holds `event` and `chosen` int `[steps, fields]`, `controls` `[steps, width]` and
`logits.<field>` `[steps, size]`. A correct player comes to these logits within TOLERANCE (float32)
or TOLERANCE_INT8, relative to the largest of them where that is over 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import DataError
from symgen.runtime.base import Floats, Player

Vector = Mapping[str, npt.NDArray[Any]]

TOLERANCE = 1e-3
# The sums of int8 are exact everywhere. But a state between two integers may be rounded to the
# other one, where the tanh of a processor differs in its last bit. States that were off by 1e-6,
# ten times that, moved the logits (at most 9.8) by at most 0.013 in 64 steps of 3 x 336. Three
# times that is allowed.
TOLERANCE_INT8 = 4e-3


def replay(
    player: Player,
    test: Vector,
    fields: Sequence[str],
    going_on: Callable[[int], bool] = lambda step: True,
) -> dict[str, Floats]:
    """Return `logits.<field>` `[steps, size]` of `player` for the steps of a test vector.

    `going_on` is asked before each step, with its number.
    """
    player.start(1)
    made: dict[str, list[Floats]] = {f"logits.{field}": [] for field in fields}
    chosen_values = test.get("chosen", test["event"])  # older bundles, not chained, lack them
    steps = zip(test["event"], chosen_values, test["controls"], strict=True)
    for i, (event, chosen, controls) in enumerate(steps):
        if not going_on(i):
            break
        player.step(event[None], controls[None] if controls.size else None)
        for k, rows in enumerate(made.values()):
            rows.append(player.logits(k, chosen[None]).copy())
    return {name: np.concatenate(rows) for name, rows in made.items()}


def differences(made: Vector, test: Vector) -> Floats:
    """Return float `[steps]`: the largest difference of the logits of each step.

    It is relative to the largest of all where that is over 1. `test` is finite; where `made` is
    not, the difference is not either.
    """
    wanted = {name: test[name][: len(rows)] for name, rows in made.items()}
    largest = max(1.0, *(float(np.abs(rows).max()) for rows in wanted.values()))
    worst = np.max([np.abs(made[name] - wanted[name]).max(axis=1) for name in made], axis=0)
    return np.asarray(worst / largest, np.float32)


def check_player(
    player: Player, test: Vector, fields: Sequence[str], tolerance: float = TOLERANCE
) -> None:
    """Replay the test vector; DataError where a logit differs by more than `tolerance` allows."""
    off = differences(replay(player, test, fields), test)
    if (wrong := ~(off <= tolerance)).any():
        step = int(np.argmax(wrong))
        raise DataError(
            f"the step graph differs from the network by {off[step]:.2g} of the largest logit in "
            f"step {step} (limit {tolerance:.2g}); not exported: if the loss has grown, lower "
            "training.learning_rate"
        )
