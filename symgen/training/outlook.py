"""Before the first step: is the corpus large enough for the model, and how long will an epoch take here?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Half

AMPLE = 20.0  # weights an event of the training half, augmentation apart, up to which over-fitting is slight


def describe(train: Half, augment: Augment, parameters: int, seconds_an_event: float) -> str:
    """Return one line on the size of the corpus for this model."""
    ratio = parameters / max(train.total, 1)
    if ratio <= 1:
        verdict = "over-fitting is not to be expected"
    elif ratio <= AMPLE:
        verdict = "some over-fitting is to be expected; the evaluations will stop it"
    else:
        verdict = "over-fitting is to be expected early; a smaller model (a `small` config) or more music would do better"
    return (f"{train.total:,} training events in {len(train)} pieces for {parameters:,} weights, {ratio:.3g} weights an event "
            f"({2 * augment.transpose + 1} keys x {len(augment.stretch)} speeds besides): {verdict}; "
            f"an epoch takes about {span(train.total * seconds_an_event)} here")


def span(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    for limit, unit, size in ((90, "seconds", 1), (5400, "minutes", 60), (math.inf, "hours", 3600)):
        if seconds < limit:
            return f"{seconds / size:.1f} {unit}" if seconds < 10 * size else f"{seconds / size:.0f} {unit}"
    return "for ever"


def seconds_of(call: Callable[[], object]) -> float:
    """Return the seconds of the second of two calls; the first may compile."""
    call()
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
