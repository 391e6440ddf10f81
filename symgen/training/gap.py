"""After the last step: what the best weights score on the whole held-out half, and how far the halves lie apart.

The best weights are scored once more on pieces of the training half that hold about as many events as the held-out ones of
the evaluations, as they were played (no augmentation, no dropout), so that the two figures are of one kind. What the model
gains on music that it has heard it has learned by heart. The bundle keeps both, and the curve of its run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from symgen import bundle
from symgen.bundle import Bundle
from symgen.training import journal, metrics

if TYPE_CHECKING:
    from symgen.training.loop import Loop

SLIGHT, LARGE = 0.05, 0.2  # of the nats of the held-out half. Measured on 53 calm piano pieces, 30 epochs, played in 7 keys and at
#                            5 speeds: 4 % with 0.9 weights an event of the training half, 6 % with 4.6, 10 % with 5.4, 8 % with 26


def at_end(loop: Loop, path: Path, log: Callable[[str], None]) -> None:
    """Put the gap and the curve into the bundle of a run that has ended, and say in a line what the gap tells."""
    made: Bundle = Bundle.open(path)
    loop.reference.import_weights(made.weights())
    score, whole = made.info["training"]["score"], loop.data.half("eval")
    held = float(score["nats_per_event"])  # of the same pieces that chose these weights
    if loop.watched is not whole:
        score = loop.score(whole).table()
        log(f"{loop.folder}: {score['nats_per_event']:.4f} nats an event on all {len(whole)} pieces that are held out")
    heard = float(f"{loop.score(metrics.share(loop.data.half('train'), loop.watched.total, loop.options.seed)).nats_per_event:.7g}")
    gap = {"train": heard, "held_out": held, "said": verdict(heard, held)}
    rows = [[row["step"], row["loss"], row["nats_per_event"]] for row in journal.read(loop.folder)]
    bundle.with_report(made, path, {"score": score, "scored": whole.total, "gap": gap, "curve": rows})
    log(f"{loop.folder}: {heard:.4f} nats an event on a like share of the training half, {held:.4f} held out: {verdict(heard, held)}")


def verdict(train: float, held_out: float) -> str:
    """Say what the nats of the two halves tell of over-fitting."""
    more = (held_out - train) / max(held_out, 1e-9)
    if more < SLIGHT:
        return f"{100 * max(more, 0):.0f} % apart, no over-fitting to speak of; a larger model, or a longer training, may do better"
    if more < LARGE:
        return f"{100 * more:.0f} % apart, some over-fitting; more music or more dropout would do better"
    return f"{100 * more:.0f} % apart, much of it is learned by heart; more music, a smaller model or more dropout would do better"
