"""After the last step: the score of the best weights on the whole eval split, and the overfitting.

The best weights are scored again on pieces of the training split that hold about as many events as
the held-out pieces of the evaluations, without augmentation and dropout, so that the two scores can
be compared. How much better the model is on music that it was trained on shows how much of it the
model has memorised. The bundle gets both scores, and the curve of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import with_report
from symgen.training.loop import journal
from symgen.training.loop import scores as metrics
from symgen.training.reports.kinds import kind

if TYPE_CHECKING:
    from symgen.training.loop.loop import Loop

# Gaps between the splits, as shares of the held-out nats. Measured on 53 calm piano pieces in 7
# keys and at 5 speeds, 30 epochs: 4 % with 0.9 weights per event of the training split, 6 % with
# 4.6, 10 % with 5.4, 8 % with 26.
SLIGHT, LARGE = 0.05, 0.2
RISEN = 0.005  # of the best nats: a last evaluation that is higher by more is not chance

Rows = Sequence[Mapping[str, Any]]


def at_end(loop: Loop, path: Path, log: Callable[[str], None]) -> None:
    """Write the gap and the curve into the bundle of a run that has ended, and log them."""
    made: Bundle = Bundle.open(path)
    loop.reference.import_weights(made.weights())
    score = made.training.score.to_dict()
    held_out = loop.data.rows("eval")
    whole = kind(loop.data).whole(held_out)
    held = float(score["nats_per_event"])  # on the pieces by which these weights were chosen
    if loop.watched is not whole:
        score = loop.score(whole).table()
        log(
            f"{loop.folder}: {score['nats_per_event']:.4f} nats per event on all {len(whole)} "
            "held-out pieces"
            if whole is held_out
            else f"{loop.folder}: {score['bits_per_sample']:.3f} bits per sample on "
            f"{whole.total:,} of {held_out.total:,} held-out samples"
        )
    part = metrics.share(loop.data.rows("train"), loop.watched.total, loop.options.seed)
    train = float(f"{loop.score(part).nats_per_event:.7g}")
    lines = journal.read(loop.folder)
    message = verdict(train, held, risen(lines))
    gap = {"train": train, "held_out": held, "message": message}
    curve = [[row["step"], row.get("loss"), row["nats_per_event"]] for row in lines]
    facts = {"score": score, "scored": whole.total, "gap": gap, "curve": curve}
    with_report(made, path, facts)
    log(
        f"{loop.folder}: {train:.4f} nats per event on as much training music, {held:.4f} on "
        f"held-out music: {message}"
    )


def gained(rows: Rows) -> str:
    """Return what a run that began from a bundle gained, by its journal.

    Return "" where the start was not scored.
    """
    if len(rows) < 2 or rows[0]["step"]:
        return ""
    best = min(rows[1:], key=lambda row: float(row["nats_per_event"]))
    notes = all(row.get("nats_per_note") is not None for row in (rows[0], best))
    unit = "nats_per_note" if notes else "nats_per_event"
    before = rows[0][unit]
    after = best[unit]
    if best["nats_per_event"] < rows[0]["nats_per_event"]:
        return f"held-out {unit.replace('_', ' ')}: {before:.3f} before, {after:.3f} after"
    return (
        f"nothing was gained: {before:.3f} held-out {unit.replace('_', ' ')} before, "
        f"{after:.3f} at best; the bundle holds the model as it was before"
    )


def risen(rows: Rows) -> int | None:
    """Return the step of the best evaluation if the held-out score has risen since, else None."""
    if not rows:
        return None
    best = min(rows, key=lambda row: float(row["nats_per_event"]))
    last = rows[-1]["nats_per_event"]
    return int(best["step"]) if last > (1 + RISEN) * best["nats_per_event"] else None


def verdict(train: float, held_out: float, since: int | None = None) -> str:
    """Return what the nats of the two splits say about overfitting.

    `since` is the step after which the held-out score has risen, if it has.
    """
    more = (held_out - train) / max(held_out, 1e-9)
    if since is not None:
        return (
            f"overfitting: the held-out score has become worse since step {since}; the bundle "
            "holds that step"
        )
    if more < 0:
        return "the held-out pieces are easier, so this says nothing about overfitting"
    if more < SLIGHT:
        return (
            f"{100 * more:.0f} % apart, no significant overfitting; a larger model or more "
            "training may do better"
        )
    if more < LARGE:
        return f"{100 * more:.0f} % apart, some overfitting; more music or dropout would do better"
    return (
        f"{100 * more:.0f} % apart, strong overfitting; more music, a smaller model or more "
        "dropout would do better"
    )
