"""The score of a model on held-out music: every event once, the state carried through pieces."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls import Control
from symgen.dataset import batches
from symgen.dataset.rows import Rows
from symgen.models.state import StateSpec, zeros


@dataclasses.dataclass(frozen=True)
class Score:
    """Nats (natural logarithm) of events, summed over the fields of a step, by three measures."""

    nats_per_event: float
    nats_per_note: float | None  # None in sound
    nats_per_second: float
    perplexity: float | None  # e to the nats per event; None where a step has several fields
    accuracy: float  # the share of values that were the model's first choice
    events: int
    fields: dict[str, dict[str, float]]  # `nats` and `accuracy` of each of several fields
    bits_per_sample: float | None = None  # of sound

    def table(self) -> dict[str, Any]:
        """Return the measures as a table, rounded to seven digits."""
        measures = {
            k: v for k, v in dataclasses.asdict(self).items() if k not in ("events", "fields")
        }
        whole = {k: float(f"{v:.7g}") for k, v in measures.items() if v is not None}
        each = {
            name: {k: float(f"{v:.7g}") for k, v in measures.items()}
            for name, measures in self.fields.items()
        }
        return whole | ({"fields": each} if each else {})


def share(split: Rows, events: int, seed: int = 0) -> Rows:
    """Return random pieces of `split` that hold about `events` events, at least one piece.

    Return all where they hold fewer.
    """
    return split.share(events, seed)


def score(
    scorer: Any,
    states: Sequence[StateSpec],
    split: Rows,
    rows: int = 32,
    length: int = 512,
    controls: tuple[Control, ...] = (),
) -> Score:
    """Score `split` with a `symgen.models.learner.Scorer`, `rows` pieces side by side."""
    rows = min(rows, len(split))
    carried = zeros(states, rows)
    nats = np.zeros((len(split), len(split.codec.fields)))
    hits = np.zeros(len(split.codec.fields))
    for batch, pieces in batches.whole(split, split.codec, rows, length, controls):
        out = scorer.predict_on_batch(
            {
                "events": batch.inputs,
                "controls": batch.controls,
                "targets": batch.targets,
                "fresh": batch.fresh.astype(np.float32),
                "states": carried,
            }
        )
        carried = out["states"]
        taken = pieces >= 0
        np.add.at(
            nats,
            pieces[taken],
            (out["nats"].astype(np.float64) * batch.weights[..., None]).sum(1)[taken],
        )
        hits += (out["hits"] * batch.weights[..., None]).sum((0, 1), dtype=np.float64)
    return summarize(nats, hits, split)


def summarize(nats: npt.NDArray[np.float64], hits: npt.NDArray[np.float64], split: Rows) -> Score:
    """Return the Score of the nats `[pieces, fields]` and the right first choices `[fields]`."""
    notes, seconds = split.extent()
    total = float(nats.sum())
    events = split.total
    each = total / max(events, 1)
    names = [f.name for f in split.codec.fields]
    fields = (
        {
            name: {"nats": float(n) / max(events, 1), "accuracy": float(h) / max(events, 1)}
            for name, n, h in zip(names, nats.sum(0), hits, strict=True)
        }
        if len(names) > 1
        else {}
    )
    perplexity = math.exp(min(each, 700)) if len(names) == 1 else None
    return Score(
        each,
        None if notes is None else total / max(notes, 1),
        total / max(seconds, 1e-9),
        perplexity,
        float(hits.mean()) / max(events, 1),
        events,
        fields,
        each / math.log(2) if notes is None else None,
    )


def unigram(train: Rows, held_out: Rows) -> dict[str, float]:
    """Return for each field the nats of a value of `held_out` under the frequencies in `train`.

    One is added to each count.
    """
    return train.unigram(held_out)


def unigram_nats(train: Rows, held_out: Rows) -> float:
    """Return the sum of `unigram` over the fields: nats per event."""
    return sum(unigram(train, held_out).values())


def by_field(nats: Mapping[str, float]) -> str:
    """Return " (melody 0.912, chord 0.304)", or nothing where there is one field."""
    each = ", ".join(f"{spoken(name)} {value:.3f}" for name, value in nats.items())
    return f" ({each})" if len(nats) > 1 else ""


def spoken(name: str) -> str:
    """Return the name of a field in words."""
    return name.replace("_", " ")
