"""Before the first step: is the corpus large enough for the model, which size would fit it, and how long will an epoch take?

The rule is weights an event of the training half, by dropout. Its source is Zaremba, Sutskever and Vinyals, "Recurrent neural
network regularization" (2014, section 4.1): on the 929,000 words of the Penn Treebank an LSTM without dropout did best with
2 x 200 units (5 weights a word), with dropout 0.5 one of 2 x 650 (20) did better, and with 0.65 one of 2 x 1500 (70). What was
measured here agrees: on small piano corpora in 7 keys and at 5 speeds, with dropout 0.1, models of 5 and of 26 weights an
event were still gaining on held-out music after 30 epochs, the gap between the halves 6 to 10 % of the nats.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

import numpy as np

from symgen.dataset.augment import Augment
from symgen.dataset.pieces import Split
from symgen.errors import counted
from symgen.models import Neural, Sizes

DROPOUT, WEIGHTS = (
    (0.0, 0.5, 0.65),
    (5.0, 20.0, 70.0),
)  # weights an event that are ample, by dropout
UNITS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
FEW = 1.0  # weights an event up to which over-fitting is not to be expected


def ample(dropout: float) -> float:
    """Return the weights an event up to which over-fitting is slight, with so much dropout."""
    return float(np.interp(dropout, DROPOUT, WEIGHTS))


def describe(
    train: Split, augment: Augment, model: Neural, sizes: Sizes, seconds_an_event: float
) -> str:
    """Return one line on the size of the corpus for this model, with the size that fits where this one does not."""
    parameters, dropout = model.parameters(sizes), float(getattr(model, "dropout", 0.0))
    ratio, limit = parameters / max(train.total, 1), ample(dropout)
    if ratio <= FEW:
        verdict = "over-fitting is not to be expected"
    elif ratio <= limit:
        verdict = "some over-fitting is to be expected; the evaluations will stop it"
    else:
        verdict = (
            f"over-fitting is to be expected, for {limit:.3g} are ample with dropout {dropout:g}; "
            f"{fitting(model, sizes, limit * train.total)}, or take more music"
        )
    return (
        f"{train.total:,} training events in {counted(len(train), 'piece')} for {parameters:,} weights, {ratio:.3g} weights an event "
        f"({2 * augment.transpose + 1} keys x {len(augment.stretch)} speeds besides): {verdict}; "
        f"an epoch takes about {span(train.total * seconds_an_event)} here"
    )


def fitting(model: Neural, sizes: Sizes, most: float) -> str:
    """Return the option that gives the largest model of this kind with at most `most` weights, of as many layers or else of one."""
    layers = getattr(model, "layers", ())
    for count in dict.fromkeys((len(layers), 1)):
        for units in reversed(UNITS):
            smaller = [{**layer, "units": units} for layer in layers[:count]]
            if not smaller:
                continue
            found = dataclasses.replace(model, layers=smaller).parameters(sizes)  # type: ignore[call-arg]
            if found <= most:
                spelled = ", ".join(
                    f'{{cell = "{layer["cell"]}", units = {units}}}' for layer in smaller
                )
                return f"what fits is --set 'model.layers=[{spelled}]' ({found:,} weights)"
    return "no network is small enough for it: --config ngram is counted and not trained"


def span(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    for limit, unit, size in ((90, "seconds", 1), (5400, "minutes", 60), (math.inf, "hours", 3600)):
        if seconds < limit:
            return (
                f"{seconds / size:.1f} {unit}"
                if seconds < 10 * size
                else f"{seconds / size:.0f} {unit}"
            )
    return "for ever"


def seconds_of(call: Callable[[], object]) -> float:
    """Return the seconds of the second of two calls; the first may compile."""
    call()
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
