"""The evaluation of a model of raw audio: bits a sample on held-out tracks, beside counting.

    {"kind": "sound", "version": 1, "symgen", "model", "data", "bits", "fields", "scored", "cost"}

`bits` has those of the model and of three baselines (`symgen.dataset.sound.baselines`), `cost` how
fast it was trained and scored, and how many hours an epoch takes at that speed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import symgen
from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.of import dataset_of
from symgen.dataset.sound import baselines
from symgen.dataset.sound.baselines import bits
from symgen.dataset.sound.dataset import SoundDataset
from symgen.errors import DataError
from symgen.runtime.passages import Passage
from symgen.runtime.score import score
from symgen.types import Progress

SCORED = 131_072  # held-out samples: 16 s at 8 kHz, in excerpts of 2 s
HOUR = 3600.0
LARGE = 100.0  # hours of sound, as an example of a large corpus
PATIENCE = 12.0  # hours of one epoch beyond which a processor is no use
NAMES = {
    "model": "the model",
    "ngram": "an n-gram of order 2",
    "repeat": "repeat the last sample",
    "unigram": "frequencies of values",
}


def evaluate(
    bundle: Bundle, data: str | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the document of `bundle` on its dataset, or on the one at `data`."""
    dataset = dataset_of(bundle, data, newest=True)
    if not isinstance(dataset, SoundDataset) or not bundle.codec.accepts(dataset.codec):
        raise DataError(
            f"{dataset.path} is of the encoding {dataset.codec.name}, and {bundle.path} is not; "
            "name a dataset of its encoding with --data FOLDER"
        )
    held = dataset.rows("eval").share(SCORED)
    passages = [Passage(held.codec.start(), held.part(i)) for i in range(len(held))]
    begin = time.process_time()
    nats = score(bundle.open_player(threads=1), passages, _shown(progress)).nats.mean(axis=0)
    took = time.process_time() - begin
    unigram = sum(dataset.rows("train").unigram(dataset.rows("eval")).values())
    counted = baselines.baselines(dataset)
    nats_of = {"model": float(nats.sum()), "unigram": unigram} | {
        key: counted[key] for key in ("ngram", "repeat")
    }
    return {
        "kind": "sound",
        "version": 1,
        "symgen": symgen.__version__,
        "model": _model(bundle),
        "data": _data(dataset),
        "bits": {key: round(bits(value), 4) for key, value in nats_of.items()},
        "fields": {
            f.name: round(bits(float(n)), 4) for f, n in zip(held.codec.fields, nats, strict=True)
        },
        "scored": held.total,
        "cost": _cost(bundle, dataset, held.total / max(took, 1e-9)),
    }


def _shown(progress: Progress | None) -> Any:
    return None if progress is None else lambda done, total: progress(done, total, "scoring")


def _model(bundle: Bundle) -> dict[str, Any]:
    return {
        "path": bundle.path.as_posix(),
        "name": bundle.name,
        "encoding": dict(bundle.record.encoding),
        "model": dict(bundle.record.model),
        "parameters": bundle.training.parameters,
    }


def _data(dataset: Dataset) -> dict[str, Any]:
    hours = {name: round(dataset.rows(name).extent()[1] / HOUR, 3) for name in ("train", "eval")}
    return {"path": dataset.path.as_posix(), "hours": hours}


def _cost(bundle: Bundle, dataset: Dataset, scored: float) -> dict[str, Any]:
    """Return the samples a second of training and scoring, and the hours of an epoch."""
    report = bundle.training
    options = report.config.get("training", {})
    per_step = options.get("batch", 0) * options.get("length", 0)
    rate = dataset.codec.steps_per_second
    cost: dict[str, Any] = {"scored_per_cpu_second": round(scored), "machine": report.machine}
    if report.step and report.seconds and isinstance(per_step, int) and per_step:
        speed = report.step * per_step / report.seconds
        cost["trained_per_second"] = round(speed)
        cost["epoch_hours"] = round(dataset.rows("train").total / speed / HOUR, 3)
        cost["epoch_hours_of_100_hours"] = round(LARGE * rate / speed, 1)
    return cost


def verdict(document: Mapping[str, Any]) -> str:
    """Return whether the model is better than counting, and what its training costs."""
    found = document["bits"]
    best = min((value, key) for key, value in found.items() if key != "model")
    less = best[0] - found["model"]
    than = f"{NAMES[best[1]]}, {best[0]:.3f}"
    if less > 0:
        return (
            f"{found['model']:.3f} bits a sample, {less:.3f} fewer than the best of counting "
            f"({than})"
        )
    return f"{found['model']:.3f} bits a sample, no better than counting ({than}): train longer"


def price(cost: Mapping[str, Any]) -> str:
    """Return what a processor can do and what wants an accelerator, in hours; "" if unknown."""
    if "epoch_hours" not in cost:
        return ""
    large = cost["epoch_hours_of_100_hours"]
    end = "a processor can do that" if large <= PATIENCE else "that wants a GPU"
    return (
        f"trained at {cost['trained_per_second']:,} samples a second on {cost['machine']}: "
        f"an epoch of this corpus takes {cost['epoch_hours']:.2f} hours, one of 100 hours of sound "
        f"{large:,.0f} hours; {end}"
    )


def text(document: Mapping[str, Any]) -> str:
    """Return the evaluation as lines for a terminal."""
    rows = sorted(document["bits"].items(), key=lambda item: item[1])
    width = max(map(len, NAMES.values()))
    lines = [verdict(document), f"{'bits a sample':>{width}}"]
    lines += [f"{NAMES[key]:>{width}}  {value:.3f}" for key, value in rows]
    if len(document["fields"]) > 1:
        each = ", ".join(f"{name} {value:.3f}" for name, value in document["fields"].items())
        lines.append(f"{'by field':>{width}}  {each}")
    return "\n".join([*lines, *filter(None, [price(document["cost"])])])
