"""Runs of models that are counted, in one go: the journal has a line for each order, and best.symgen holds the best of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import TEST_STEPS, write
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings.base import inputs
from symgen.errors import BadOption, counted
from symgen.models import CountedModel, Model, Sizes
from symgen.training.loop import checkpoint
from symgen.training.loop import scores as metrics
from symgen.training.loop.checkpoint import Progress
from symgen.training.loop.journal import Journal
from symgen.training.reports import baseline, music
from symgen.training.reports.report import corpora, report

TRIED = 50_000  # held-out events of which the first choice is looked up


def check(model: Model, table: Mapping[str, Any]) -> None:
    """BadOption where the config `table` asks of a counted model what only networks take."""
    for section in ("training", "augment", "controls"):
        if asked := table.get(section):
            keys = (
                ", ".join(f"{section}.{key}" for key in asked)
                if isinstance(asked, Mapping)
                else section
            )
            raise BadOption(
                f"{keys}: the model {model.name} is counted in one go and takes no [{section}]; leave it out"
            )


def refuse(origin: Bundle, asked: Model) -> None:
    """BadOption where a run is to begin from the bundle `origin` and that or the model `asked` is counted."""
    if origin.counted:
        raise BadOption(
            f"--from {origin.path}: the model {origin.model.name} is counted in one go, and nothing goes on from it; "
            "leave --from out"
        )
    if isinstance(asked, CountedModel):
        raise BadOption(
            f"--from {origin.path}: the config asks for the model {asked.name}, which is counted in one go and begins from "
            "nothing; leave --from out, or take the config of a network"
        )


def run(
    folder: Path,
    dataset: Dataset,
    model: CountedModel,
    table: Mapping[str, Any],
    log: Callable[[str], None],
) -> None:
    """Count the training half, score each order on the other, and write the journal, the best bundle and that it is done."""
    begin, progress = time.monotonic(), Progress()
    train, half = dataset.half("train"), dataset.half("eval")
    sizes = Sizes(tuple((f.name, f.size) for f in dataset.encoding.fields))
    single = metrics.unigram(train, half)
    log(
        f"{folder}: {dataset.path}, counting {train.total:,} events in {counted(len(train), 'piece')}; "
        f"unigram entropy {sum(single.values()):.3f} nats per event{metrics.by_field(single)}"
    )
    learned = model.learn(train.values, train.lengths, sizes)
    journal, best = Journal(folder, tensorboard=False), None
    try:
        for order, score in enumerate(_scores(learned, half), 1):
            progress.step = order
            if progress.best is None or score.nats_per_event < progress.best:
                progress.best, progress.best_step, best = score.nats_per_event, order, score
            progress.journal_bytes = journal.write(
                {
                    "step": order,
                    "events": train.total,
                    **score.table(),
                    "best": float(f"{progress.best:.7g}"),
                }
            )
    finally:
        journal.close()
    assert best is not None
    kept = learned.shorter(progress.best_step)
    progress.elapsed, progress.done = time.monotonic() - begin, "all orders are counted"
    numbers = sum(len(level.grams) for levels in kept.fields for level in levels)
    write(
        folder / "best.symgen",
        name=folder.name,
        encoding=dataset.encoding,
        model=model,
        weights=model.arrays(kept),
        test=_test_vector(kept, dataset, half),
        corpora=corpora(dataset),
        training=report(table, dataset, best, progress, sum(single.values()), numbers)
        | {"controls": {}, "music": music.survey(dataset)},
    )
    checkpoint.save_progress(folder, progress)
    log(
        f"{folder}: {numbers:,} grams in {progress.elapsed:.1f} seconds; best {progress.best:.4f} nats per event "
        f"with order {progress.best_step}"
    )
    baseline.at_end(folder / "best.symgen", dataset, log)


def _scores(learned: Any, half: Split) -> list[metrics.Score]:
    """Return the score of each order; of the first choices some are looked up, and stand for all."""
    piece = np.repeat(np.arange(len(half)), half.lengths)
    rows = np.unique(np.linspace(0, half.total - 1, min(half.total, TRIED)).astype(np.int64))
    out, sizes = list[metrics.Score](), range(len(learned.sizes))
    for order, told in enumerate(learned.ladder(half.values, half.lengths), 1):
        nats = np.stack(
            [np.bincount(piece, -np.log(told[:, k]), len(half)).astype(np.float64) for k in sizes],
            axis=1,
        )
        best = learned.shorter(order).first_choices(half.values, half.lengths, rows)
        hits = np.array([(best[k][0] == half.values[rows, k]).mean() for k in sizes]) * half.total
        out.append(metrics.summarize(nats, hits, half))
    return out


def _test_vector(learned: Any, dataset: Dataset, half: Split) -> dict[str, Any]:
    """Return the inputs, the values chosen and the logits of the first steps of a held-out piece."""
    chosen = half.events(0)[:TEST_STEPS]
    told = [
        learned.distributions(k, learned.histories(chosen, [len(chosen)], k))
        for k in range(len(learned.sizes))
    ]
    named = {
        f"logits.{f.name}": np.log(p).astype(np.float32)
        for f, p in zip(dataset.encoding.fields, told, strict=True)
    }
    return {
        "event": inputs(dataset.encoding, chosen, 0, len(chosen)),
        "controls": np.zeros((len(chosen), 0), np.float32),
        "chosen": chosen,
        **named,
    }
