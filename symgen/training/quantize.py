"""A bundle in whole numbers: its int8 graphs beside the float32 ones, and what they cost in nats per event of held-out music.

int8 plays several times as fast. It is what the bundle plays with where it costs less than LIMIT a field, measured on the same
events of the held-out half in both precisions, the state carried from the beginning of each piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.bundle.graphs import opened
from symgen.bundle.write import with_int8
from symgen.dataset import batches
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.models import Neural

LIMIT = 0.005  # nats for each field of an event
EVENTS = 30_000  # that are measured, or all where there are fewer
ROWS, LENGTH = 32, 512  # pieces abreast, and events of each that are laid out at once


def quantise(
    source: Bundle, half: Split, path: str | Path | None = None, most: int = EVENTS
) -> dict[str, Any]:
    """Write `source` with int8 graphs to `path` (itself), and return what they cost on `most` events of `half`.

    DataError where it has no weights, or its model is none that is stepped in whole numbers.
    """
    if source.player != "onnx":
        raise DataError(
            f"{source.path}: its player is {source.player}, which has no weights to make whole numbers of"
        )
    if source.precisions == ("int8",):
        raise DataError(
            f"{source.path}: it was made for shipping and has int8 graphs alone; "
            "quantise the bundle that it was made of"
        )
    weights, model = source.weights(), source.model
    assert isinstance(model, Neural)
    step, head = (
        model.step_graph(source.sizes, weights, "int8"),
        model.head_graph(source.sizes, weights, "int8"),
    )
    found = {
        "float32": (
            source.graph("step.onnx"),
            source.graph("head.onnx") if source.chained else None,
        ),
        "int8": (step, head),
    }
    nats, events = measure(source, list(found.values()), half, most)
    table = {name: float(f"{value:.6g}") for name, value in zip(found, nats, strict=True)}
    cost = round(float(nats[1] - nats[0]), 6)
    limit = LIMIT * len(source.sizes.fields)
    facts = {"cost": cost, "limit": limit, "nats_per_event": table, "events": events}
    with_int8(source, path or source.path, step, head, facts, "int8" if cost < limit else "float32")
    return facts


def at_end(path: Path, half: Split, log: Callable[[str], None]) -> None:
    """Do so to the bundle of a run that has ended, where it can be done and was not yet."""
    if (
        path.is_file()
        and (made := Bundle.open(path)).player == "onnx"
        and "int8" not in made.precisions
    ):
        log(f"{path}: {said(quantise(made, half))}")


def said(cost: dict[str, Any]) -> str:
    """Say in a line what int8 costs, and what will be played."""
    under, limit = cost["cost"] < cost["limit"], f"{cost['limit']:g}"
    chosen = (
        f"int8 is played, as that is under {limit}"
        if under
        else f"float32 is played, as that is not under {limit}"
    )
    return (
        f"int8 costs {cost['cost']:+.5f} nats per event on {cost['events']:,} held-out events "
        f"({cost['nats_per_event']['int8']:.4f}, float32 {cost['nats_per_event']['float32']:.4f}); {chosen}"
    )


def measure(
    source: Bundle, graphs: Sequence[tuple[bytes, bytes | None]], half: Split, most: int
) -> tuple[npt.NDArray[np.float64], int]:
    """Return the nats per event under each of `graphs` (step and head), all fields together, and how many events were measured."""
    scorers = [_Scorer(source, step, head) for step, head in graphs]
    totals, events = np.zeros(len(scorers)), 0
    for batch, _ in batches.whole(
        half, half.encoding, min(ROWS, len(half)), LENGTH, source.controls
    ):
        totals += [scorer.nats(batch) for scorer in scorers]
        events += int((batch.weights > 0).sum())
        if events >= most:
            break
    return totals / max(events, 1), events


class _Scorer:
    """One graph, or a step and a head, and the state of each row."""

    def __init__(self, source: Bundle, step: bytes, head: bytes | None) -> None:
        self.fields, self.width = [name for name, _ in source.sizes.fields], source.width
        self.session, self.names = opened(step)
        self.head = opened(head)[0] if head else None
        self.units = {
            i.name: i.shape[1] for i in self.session.get_inputs() if i.name.startswith("state.")
        }
        self.states: dict[str, Any] = {}

    def nats(self, batch: batches.Batch) -> float:
        """Return the nats of all events of `batch` together."""
        rows = len(batch.fresh)
        self.states = self.states or {
            name: np.zeros((rows, units), np.float32) for name, units in self.units.items()
        }
        for state in self.states.values():
            state[batch.fresh] = 0
        total = 0.0
        for t in np.flatnonzero(batch.weights.any(axis=0)):
            feed: dict[str, Any] = dict(self.states, event=batch.inputs[:, t])
            if self.width:
                feed["controls"] = batch.controls[:, t]
            out = dict(zip(self.names, self.session.run(self.names, feed), strict=True))
            if self.head:
                out |= zip(
                    self._logits,
                    self.head.run(
                        self._logits, {"hidden": out["hidden"], "chosen": batch.targets[:, t]}
                    ),
                    strict=True,
                )
            self.states = {name: out[name.replace("state.", "next.")] for name in self.states}
            for k, name in enumerate(self._logits):
                total += float(
                    (_surprise(out[name], batch.targets[:, t, k]) * batch.weights[:, t]).sum()
                )
        return total

    @property
    def _logits(self) -> list[str]:
        return [f"logits.{name}" for name in self.fields]


def _surprise(logits: Any, values: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return `[n]`: minus the logarithm of the chance that each row of logits gives to its value."""
    scores = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return np.asarray(
        np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(values)), values], np.float64
    )
