"""Before the first step: is the corpus large enough for the model, how long does an epoch take?

The rule is a limit of weights per event of the training split, which depends on the dropout. Its
source is Zaremba, Sutskever and Vinyals, "Recurrent neural network regularization" (2014, section
4.1). On the 929,000 words of the Penn Treebank, an LSTM without dropout did best with 2 x 200 units
(5 weights per word). With dropout 0.5 one of 2 x 650 (20) did better, and with 0.65 one of 2 x 1500
(70). Our measurements agree: on small piano corpora in 7 keys and at 5 speeds, with dropout 0.1,
models of 5 and of 26 weights per event still improved on held-out music after 30 epochs. The gap
between the splits was 6 to 10 % of the nats.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from symgen.dataset.augment import Augment
from symgen.dataset.rows import Rows
from symgen.errors import counted, span
from symgen.models import Neural, Sizes

DROPOUT = (0.0, 0.5, 0.65)
WEIGHTS = (5.0, 20.0, 70.0)  # per event that are plenty, at each DROPOUT
UNITS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
FEW = 1.0  # weights per event up to which no overfitting is expected


def ample(dropout: float) -> float:
    """Return the weights per event up to which overfitting is slight, with this dropout."""
    return float(np.interp(dropout, DROPOUT, WEIGHTS))


def describe(
    train: Rows, augment: Augment, model: Neural, sizes: Sizes, seconds_per_event: float
) -> str:
    """Return a line on the size of the corpus for this model; if needed, with a size that fits."""
    parameters = model.parameters(sizes)
    dropout = float(getattr(model, "dropout", 0.0))
    ratio = parameters / max(train.total, 1)
    limit = ample(dropout)
    if ratio <= FEW:
        verdict = "no overfitting is expected"
    elif ratio <= limit:
        verdict = "some overfitting is expected; training stops when the held-out score gets worse"
    else:
        verdict = (
            f"overfitting is expected, because more than {limit:.3g} per event are too many with "
            f"dropout {dropout:g}; "
            f"{fitting(model, sizes, limit * train.total)}, or use more music"
        )
    keys = 2 * augment.transpose + 1
    speeds = len(augment.stretch)
    varied = f", augmented to {keys} keys x {speeds} speeds" if keys * speeds > 1 else ""
    return (
        f"{train.total:,} training events in {counted(len(train), 'piece')}{varied}, "
        f"for {parameters:,} weights, which is {ratio:.3g} weights per "
        f"event: {verdict}; an epoch takes about {span(train.total * seconds_per_event)} here"
    )


def fitting(model: Neural, sizes: Sizes, most: float) -> str:
    """Return the option for the largest model of this kind with at most `most` weights.

    It has as many layers, or else one.
    """
    layers = getattr(model, "layers", ())
    for count in dict.fromkeys((len(layers), 1)):
        for units in reversed(UNITS):
            smaller = [{**layer, "units": units} for layer in layers[:count]]
            if not smaller:
                continue
            made = dataclasses.replace(model, layers=smaller)  # type: ignore[call-arg]
            if (found := made.parameters(sizes)) <= most:
                texts = [f'{{cell = "{each["cell"]}", units = {units}}}' for each in smaller]
                option = f"model.layers=[{', '.join(texts)}]"
                return f"a size that fits is --set '{option}' ({found:,} weights)"
    return "no network is small enough for it: use --config ngram, which is counted, not trained"


def seconds_of(call: Callable[[], object]) -> float:
    """Return the seconds that the second of two calls takes; the first may compile."""
    call()
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
