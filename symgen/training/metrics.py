"""What a model scores on held-out music: every event of every piece once, the state carried through whole pieces."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.dataset import batches
from symgen.dataset.dataset import Half


@dataclasses.dataclass(frozen=True)
class Score:
    """Nats (natural logarithm) of the events, summed over the fields of a step, by three measures of music."""

    nats_per_event: float
    nats_per_note: float
    nats_per_second: float
    perplexity: float        # e to the nats an event
    accuracy: float          # the share of values that were the model's first choice
    events: int

    def table(self) -> dict[str, float]:
        """Return the measures as a dictionary, rounded to seven digits."""
        return {k: float(f"{v:.7g}") for k, v in dataclasses.asdict(self).items() if k != "events"}


def score(scorer: Any, state_sizes: tuple[int, ...], half: Half, rows: int = 32, length: int = 512) -> Score:
    """Score `half` with a `symgen.model.learner.Scorer`, `rows` pieces side by side."""
    rows = min(rows, len(half))
    states = [np.zeros((rows, units), np.float32) for units in state_sizes]
    nats = np.zeros(len(half))
    hits = 0.0
    for batch, pieces in batches.whole(half, half.encoding, rows, length):
        out = scorer.predict_on_batch({"events": batch.inputs, "controls": batch.controls, "targets": batch.targets,
                                       "fresh": batch.fresh.astype(np.float32), "states": states})
        states = out["states"]
        taken = pieces >= 0
        np.add.at(nats, pieces[taken], (out["nats"].sum(-1, dtype=np.float64) * batch.weights).sum(1)[taken])
        hits += float((out["hits"].mean(-1) * batch.weights).sum())
    return summarize(nats, hits, half)


def summarize(nats: npt.NDArray[np.float64], hits: float, half: Half) -> Score:
    """Turn the nats of each piece `[pieces]` and the number of right first choices into a Score."""
    notes, seconds = extent(half)
    total, events = float(nats.sum()), half.total
    each = total / max(events, 1)
    return Score(each, total / max(notes, 1), total / max(seconds, 1e-9), math.exp(min(each, 700)), hits / max(events, 1), events)


def extent(half: Half) -> tuple[int, float]:
    """Return the notes and the seconds that the events of `half` hold."""
    tables = [half.encoding.table(k) for k in range(len(half.encoding.fields))]
    notes = sum(int((t["kind"] == "note_on")[half.values[:, k]].sum()) for k, t in enumerate(tables))
    steps = sum(int(t["advance"][half.values[:, k]].sum(dtype=np.int64)) for k, t in enumerate(tables))
    return notes, steps / half.encoding.steps_per_second


def unigram_nats(train: Half, held_out: Half) -> float:
    """Return the nats an event of `held_out` under the frequencies of single values in `train`, one added to each."""
    total = 0.0
    for k, field in enumerate(train.encoding.fields):
        counts = np.bincount(train.values[:, k], minlength=field.size) + 1.0
        total -= float(np.log(counts / counts.sum())[held_out.values[:, k]].mean())
    return total
