"""After the last step: what the best weights score on the whole held-out half, and how far the halves lie apart.

The best weights are scored once more on pieces of the training half that hold about as many events as the held-out ones of
the evaluations, as they were played (no augmentation, no dropout), so that the two figures are of one kind. What the model
gains on music that it has heard it has learned by heart. The bundle keeps both, and the curve of its run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import with_report
from symgen.training.loop import journal
from symgen.training.loop import scores as metrics

if TYPE_CHECKING:
    from symgen.training.loop.loop import Loop

SLIGHT, LARGE = (
    0.05,
    0.2,
)  # of the nats of the held-out half. Measured on 53 calm piano pieces, 30 epochs, played in 7 keys and at
#                            5 speeds: 4 % with 0.9 weights an event of the training half, 6 % with 4.6, 10 % with 5.4, 8 % with 26
RISEN = 0.005  # of the best nats: a last evaluation that lies so far above is no chance

Rows = Sequence[Mapping[str, Any]]


def at_end(loop: Loop, path: Path, log: Callable[[str], None]) -> None:
    """Put the gap and the curve into the bundle of a run that has ended, and say in a line what the gap tells."""
    made: Bundle = Bundle.open(path)
    loop.reference.import_weights(made.weights())
    score, whole = made.training.score.to_dict(), loop.data.half("eval")
    held = float(score["nats_per_event"])  # of the same pieces that chose these weights
    if loop.watched is not whole:
        score = loop.score(whole).table()
        log(
            f"{loop.folder}: {score['nats_per_event']:.4f} nats per event on all {len(whole)} pieces that are held out"
        )
    heard = float(
        f"{loop.score(metrics.share(loop.data.half('train'), loop.watched.total, loop.options.seed)).nats_per_event:.7g}"
    )
    lines = journal.read(loop.folder)
    said = verdict(heard, held, risen(lines))
    gap = {"train": heard, "held_out": held, "said": said}
    rows = [[row["step"], row["loss"], row["nats_per_event"]] for row in lines]
    with_report(made, path, {"score": score, "scored": whole.total, "gap": gap, "curve": rows})
    log(
        f"{loop.folder}: {heard:.4f} nats per event on a like share of the training half, "
        f"{held:.4f} held out: {said}"
    )


def gained(rows: Rows) -> str:
    """Say what a run that began from a bundle gained, from its journal; nothing where the start was not scored."""
    if len(rows) < 2 or rows[0]["step"]:
        return ""
    unit = "nats_per_note" if "nats_per_note" in rows[0] else "nats_per_event"
    best = min(rows[1:], key=lambda row: float(row["nats_per_event"]))
    before, after = rows[0][unit], best[unit]
    if best["nats_per_event"] < rows[0]["nats_per_event"]:
        return f"held-out {unit.replace('_', ' ')}: {before:.3f} before, {after:.3f} after"
    return (
        f"nothing was gained: {before:.3f} held-out {unit.replace('_', ' ')} before, "
        f"{after:.3f} at best; the model is as it was"
    )


def risen(rows: Rows) -> int | None:
    """Return the step of the best evaluation where the held-out score has risen since; else None."""
    if not rows:
        return None
    best = min(rows, key=lambda row: float(row["nats_per_event"]))
    last = rows[-1]["nats_per_event"] / best["nats_per_event"]
    return int(best["step"]) if last > 1 + RISEN else None


def verdict(train: float, held_out: float, since: int | None = None) -> str:
    """Say what the nats of the two halves tell of over-fitting.

    `since` is the step from which on the held-out score has risen, where it has.
    """
    more = (held_out - train) / max(held_out, 1e-9)
    if since is not None:
        return f"held-out has risen since step {since}: over-fitting; the best step is kept"
    if more < 0:
        return "the held-out pieces are the easier ones, so this comparison tells nothing of over-fitting"
    if more < SLIGHT:
        return f"{100 * more:.0f} % apart, no over-fitting to speak of; a larger model, or a longer training, may do better"
    if more < LARGE:
        return f"{100 * more:.0f} % apart, some over-fitting; more music or more dropout would do better"
    return f"{100 * more:.0f} % apart, much of it is learned by heart; more music, a smaller model or more dropout would do better"
