"""Whether a model has learned more than counting gives: its nats beside those of two baselines.

The unigram uses only frequencies. The n-gram is counted in a few seconds on the training split, or
on pieces that hold about COUNTED of its values; the best of its orders counts. Both are scored on
the same eval split as the model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import with_report
from symgen.dataset.dataset import Dataset
from symgen.models.ngram.kneser_ney import NGram

ORDER = 6  # at least
COUNTED = 4_000_000  # values of the training split, about 3 s
SCORED = 2_000_000  # values of the eval split
LITTLE = 0.01  # of the unigram's nats: a model that gains less has hardly learned anything
ALIKE = 0.01  # of the n-gram's nats: a model that is not better by more is only as good


def at_end(path: Path, dataset: Dataset, log: Callable[[str], None]) -> None:
    """Write the baselines into the bundle of a run that has ended; log if it is not better."""
    from symgen.training.reports import kinds

    made: Bundle = Bundle.open(path)
    report = made.training.to_dict()
    kind = kinds.kind(dataset)
    found = {"unigram": report["unigram"]} | ({} if made.counted else kind.baselines(dataset))
    message = kind.verdict(report["score"]["nats_per_event"], found)
    with_report(made, path, {"baselines": found | {"message": message}})
    if message:
        log(f"{path.parent}: {message}")


def ngram(dataset: Dataset) -> dict[str, Any]:
    """Return the nats per event of an n-gram, its order, and the seconds and events of counting."""
    begin = time.monotonic()
    sizes = tuple(field.size for field in dataset.encoding.fields)
    train = dataset.split("train").share(COUNTED // len(sizes))
    held = dataset.split("eval").share(SCORED // len(sizes))
    order = max(ORDER, len(sizes) + 1)  # which reaches to the same field of the event before
    model = NGram.fit(train.values, train.lengths, sizes, order, singles=False)
    ladder = list[float]()
    for probabilities in model.ladder(held.values, held.lengths):
        nats = -np.log(probabilities).sum(axis=1)
        ladder.append(float(nats.mean()))
    best = int(np.argmin(ladder))
    return {
        "ngram": float(f"{ladder[best]:.7g}"),
        "order": best + 1,
        "events": train.total,
        "seconds": round(time.monotonic() - begin, 1),
    }


def verdict(nats: float, baselines: Mapping[str, Any]) -> str:
    """Return a line that a model is not better than a baseline; "" where it is better."""
    unigram = baselines["unigram"]
    counted = baselines.get("ngram")
    if nats > (1 - LITTLE) * unigram:
        return (
            f"it has hardly learned anything yet: {nats:.2f} nats per event; the frequencies of "
            f"values alone give {unigram:.2f}; train longer"
        )
    if counted is None or nats < (1 - ALIKE) * counted:
        return ""
    seconds = max(baselines["seconds"], 1)
    better = "better" if nats > (1 + ALIKE) * counted else "as good"
    return (
        f"an n-gram counted in {seconds:.0f} s is {better}: {counted:.2f} nats per event, the "
        f"model {nats:.2f}; train longer"
    )
