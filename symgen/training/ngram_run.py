"""Runs of models that are counted: the journal has a line per order, best.symgen the best order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
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

TRIED = 50_000  # held-out events whose first choice is looked up


def check(model: Model, table: Mapping[str, Any]) -> None:
    """Raise BadOption where `table` has a section for a counted model that only networks take."""
    for section in ("training", "augment", "controls"):
        if not (options := table.get(section)):
            continue
        keys = section
        if isinstance(options, Mapping):
            keys = ", ".join(f"{section}.{key}" for key in options)
        raise BadOption(
            f"{keys}: the model {model.name} is counted, not trained in steps, and takes no "
            f"[{section}]; remove it"
        )


def refuse(origin: Bundle, model: Model) -> None:
    """Raise BadOption where the bundle to begin from, or the `model` of the config, is counted."""
    if origin.counted:
        raise BadOption(
            f"--from {origin.path}: {origin.model.name} models cannot be fine-tuned; remove --from"
        )
    if isinstance(model, CountedModel):
        raise BadOption(
            f"--from {origin.path}: the config is for the model {model.name}, which is counted and "
            "begins from nothing; remove --from, or use the config of a network"
        )


def run(
    folder: Path,
    dataset: Dataset,
    model: CountedModel,
    table: Mapping[str, Any],
    log: Callable[[str], None],
) -> None:
    """Count the training split, score each order on the eval split, and write the best bundle."""
    begin = time.monotonic()
    progress = Progress()
    train = dataset.split("train")
    held_out = dataset.split("eval")
    sizes = Sizes(tuple((f.name, f.size) for f in dataset.encoding.fields))
    unigram = metrics.unigram(train, held_out)
    log(
        f"{folder}: {dataset.path}, counting {train.total:,} events in "
        f"{counted(len(train), 'piece')}; unigram entropy {sum(unigram.values()):.3f} nats per "
        f"event{metrics.by_field(unigram)}"
    )
    learned = model.learn(train.values, train.lengths, sizes)
    best = _write_journal(folder, _scores(learned, held_out), train.total, progress)
    kept = learned.shorter(progress.best_step)
    progress.elapsed = time.monotonic() - begin
    progress.done = "all orders are counted"
    numbers = sum(len(level.grams) for levels in kept.fields for level in levels)
    facts = report(table, dataset, best, progress, sum(unigram.values()), numbers)
    write(
        folder / "best.symgen",
        name=folder.name,
        encoding=dataset.encoding,
        model=model,
        weights=model.arrays(kept),
        test=_test_vector(kept, dataset, held_out),
        corpora=corpora(dataset),
        training=facts | {"controls": {}, "music": music.survey(dataset)},
    )
    checkpoint.save_progress(folder, progress)
    log(
        f"{folder}: {numbers:,} grams in {progress.elapsed:.1f} seconds; best "
        f"{progress.best:.4f} nats per event with order {progress.best_step}"
    )
    finish(folder / "best.symgen", dataset, log)


def finish(best: Path, dataset: Dataset, log: Callable[[str], None]) -> None:
    """Add the baselines to the best bundle, unless it has them."""
    if not Bundle.open(best).training.to_dict().get("baselines"):
        baseline.at_end(best, dataset, log)


def _write_journal(
    folder: Path, found: Sequence[metrics.Score], events: int, progress: Progress
) -> metrics.Score:
    """Write the score of each order to the journal, and the best one to `progress`; return it."""
    journal = Journal(folder, tensorboard=False)
    best = found[0]
    try:
        for order, score in enumerate(found, 1):
            progress.step = order
            if progress.best is None or score.nats_per_event < progress.best:
                progress.best, progress.best_step, best = score.nats_per_event, order, score
            line = {"step": order, "events": events, **score.table()}
            line["best"] = float(f"{progress.best:.7g}")
            progress.journal_bytes = journal.write(line)
    finally:
        journal.close()
    return best


def _scores(learned: Any, split: Split) -> list[metrics.Score]:
    """Return the score of each order; the accuracy is that of some events, spread over `split`."""
    piece = np.repeat(np.arange(len(split)), split.lengths)
    spread = np.linspace(0, split.total - 1, min(split.total, TRIED))
    rows = np.unique(spread.astype(np.int64))
    out = list[metrics.Score]()
    for order, probabilities in enumerate(learned.ladder(split.values, split.lengths), 1):
        nats = [np.bincount(piece, -np.log(column), len(split)) for column in probabilities.T]
        best = learned.shorter(order).first_choices(split.values, split.lengths, rows)
        right = [(value == split.values[rows, k]).mean() for k, (value, _) in enumerate(best)]
        hits = np.array(right) * split.total
        out.append(metrics.summarize(np.stack(nats, 1).astype(np.float64), hits, split))
    return out


def _test_vector(learned: Any, dataset: Dataset, split: Split) -> dict[str, Any]:
    """Return inputs, chosen values and logits for the first steps of a held-out piece."""
    chosen = split.events(0)[:TEST_STEPS]
    made = {
        "event": inputs(dataset.encoding, chosen, 0, len(chosen)),
        "controls": np.zeros((len(chosen), 0), np.float32),
        "chosen": chosen,
    }
    for k, field in enumerate(dataset.encoding.fields):
        histories = learned.histories(chosen, [len(chosen)], k)
        probabilities = learned.distributions(k, histories)
        made[f"logits.{field.name}"] = np.log(probabilities).astype(np.float32)
    return made
