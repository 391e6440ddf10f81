"""After the last step: how far the halves lie apart, kept in the best bundle together with the curve of its run.

The best weights are scored once more on pieces of the training half that hold about as many events as the held-out half,
as they were played (no augmentation, no dropout), so that the two figures are of one kind. What the model gains on music
that it has heard it has learned by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from symgen import bundle
from symgen.bundle import Bundle
from symgen.dataset.dataset import Half
from symgen.training import journal, metrics

if TYPE_CHECKING:
    from symgen.training.loop import Loop

SLIGHT, LARGE = 0.05, 0.2  # of the nats of the held-out half. Measured on 53 calm piano pieces, 30 epochs, played in 7 keys and at
#                            5 speeds: 4 % with 0.9 weights an event of the training half, 6 % with 4.6, 10 % with 5.4, 8 % with 26


def share(half: Half, events: int, seed: int = 0) -> Half:
    """Return pieces of `half`, drawn by the seed, that hold about `events` events together; at least one."""
    order = np.random.default_rng([seed, 7]).permutation(len(half))
    total = np.cumsum(half.lengths[order])
    count = 1 + int(np.argmin(np.abs(total - events)))
    chosen = np.sort(order[:count]).tolist()
    values = np.concatenate([half.part(i) for i in chosen])
    return Half(half.encoding, [half.contexts[i] for i in chosen], half.lengths[chosen].tolist(), values)


def measure(loop: Loop, weights: Mapping[str, Any]) -> float:
    """Return the nats an event of `weights` on a share of the training half; they stay in the loop's network."""
    loop.reference.import_weights(weights)
    part = share(loop.data.half("train"), loop.data.half("eval").total, loop.options.seed)
    return metrics.score(loop.scorer, loop.state_sizes, part, controls=loop.controls).nats_per_event


def at_end(loop: Loop, path: Path, log: Callable[[str], None]) -> None:
    """Put the gap and the curve into the bundle of a run that has ended, and say in a line what the gap tells."""
    made: Bundle = Bundle.open(path)
    held = float(made.info["training"]["score"]["nats_per_event"])
    heard = float(f"{measure(loop, made.weights()):.7g}")
    gap = {"train": heard, "held_out": held, "said": verdict(heard, held)}
    rows = [[row["step"], row["loss"], row["nats_per_event"]] for row in journal.read(loop.folder)]
    bundle.with_report(made, path, {"gap": gap, "curve": rows})
    log(f"{loop.folder}: {heard:.4f} nats an event on a like share of the training half, {held:.4f} held out: {verdict(heard, held)}")


def verdict(train: float, held_out: float) -> str:
    """Say what the nats of the two halves tell of over-fitting."""
    more = (held_out - train) / max(held_out, 1e-9)
    if more < SLIGHT:
        return f"{100 * max(more, 0):.0f} % apart, no over-fitting to speak of; a larger model, or a longer training, may do better"
    if more < LARGE:
        return f"{100 * more:.0f} % apart, some over-fitting; more music or more dropout would do better"
    return f"{100 * more:.0f} % apart, much of it is learned by heart; more music, a smaller model or more dropout would do better"
