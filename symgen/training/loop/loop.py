"""The training loop, on any Keras backend: batches in; a journal, checkpoints and a bundle out.

A step depends only on the dataset, the config, its number and the checkpoint. So a run that was
killed and resumed gives the same result as one that was not. A budget of minutes is the exception:
where it ends the run, and the cosine schedule that leads there, depend on the clock.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from symgen.controls import Control
from symgen.dataset import batches
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Rows
from symgen.errors import DataError
from symgen.models import Neural, Sizes
from symgen.models.state import zeros
from symgen.process import Terminated, terminate
from symgen.training.loop import checkpoint
from symgen.training.loop import scores as metrics
from symgen.training.loop.checkpoint import Progress
from symgen.training.loop.journal import Journal
from symgen.training.options import Training
from symgen.training.reports import estimate

SAVE_EVERY = 120.0  # seconds between checkpoints
RATE_STEPS = 20  # over which the speed is measured
LAST_STEP, TIME_IS_UP = "the last step", "the time is up"  # why a run ended
USUAL: dict[int, tuple[Any, ...]] = {  # the handlers of signals that nobody has changed
    signal.SIGINT: (signal.default_int_handler,),
    signal.SIGTERM: (signal.SIG_DFL, terminate),
}

Export = Callable[[Any, metrics.Score, Progress], None]


@dataclasses.dataclass(frozen=True)
class Status:
    """What a display shows after a step."""

    step: int
    steps: int
    loss: float  # nats per event of the last batches
    events_per_second: float
    seconds_left: float  # at most: to the last step or the last minute, whichever comes first
    last: float | None  # nats per event of the last evaluation, and of the best
    best: float | None


class Loop:
    """One run in progress."""

    def __init__(
        self,
        folder: Path,
        data: Dataset,
        augment: Augment,
        model: Neural,
        sizes: Sizes,
        options: Training,
        controls: tuple[Control, ...] = (),
    ) -> None:
        from symgen.training.loop import backend

        precision, self.reason = backend.precision(options, model)
        options = dataclasses.replace(options, precision=precision)
        self.folder, self.data, self.augment = folder, data, augment
        self.options, self.controls = options, controls
        self.windows = batches.Windows(options.batch, options.length, options.carry)
        self.learner, self.scorer, self.reference = backend.build(model, sizes, options)
        self.model, self.sizes, self.states = model, sizes, model.state_specs()
        self.parameters = model.parameters(sizes)
        held_out = data.rows("eval")
        self.watched = metrics.share(held_out, options.eval_events or held_out.total, options.seed)
        self.every = options.evaluate_every(data.rows("train").total)
        self.steps = options.total_steps(data.rows("train").total)
        self.progress = Progress()
        self.last: float | None = None
        self.rate = Rate()
        self.tuned = False  # whether it begins with the weights of a bundle

    def start_from(self, weights: Any) -> None:
        """Use the weights of a bundle before the first step."""
        self.learner.network.import_weights(weights)
        self.tuned = True

    def estimate(self) -> str:
        """Return the line that says what to expect, after scoring a batch to measure the time.

        A training step takes about three times as long.
        """
        batch = self._batch(0)
        inputs = {
            "events": batch.inputs,
            "controls": batch.controls,
            "targets": batch.targets,
            "fresh": np.ones(len(batch.fresh), np.float32),
            "states": zeros(self.states, self.options.batch),
        }
        seconds = estimate.seconds_of(lambda: self.scorer.predict_on_batch(inputs))
        per_event = 3 * seconds / batch.weights.size
        train = self.data.rows("train")
        return estimate.describe(train, self.augment, self.model, self.sizes, per_event)

    def resume(self) -> None:
        """Continue from the checkpoint in the folder."""
        self.progress = checkpoint.load_progress(self.folder)
        checkpoint.restore(self.folder, self.learner)

    def run(self, export: Export, watch: Callable[[Status], None]) -> str:
        """Train until something ends the run; return why.

        `export` is called with (network, score, progress) at each new best held-out score. Ctrl-C
        or SIGTERM ends the run after the current step or evaluation, and a checkpoint. If it is
        killed in the middle of a step, the previous checkpoint remains, because weights and
        progress may disagree.
        """
        journal = Journal(self.folder, self.progress.journal_bytes)
        saved = time.monotonic()
        try:
            with _interrupts_noted() as interrupts:
                if self.tuned and self.progress.best is None:
                    self._evaluate_start(journal, export)
                for status in self._steps():
                    watch(status)
                    if self.progress.step % self.every == 0 or self._over():
                        self._evaluate(journal, export)
                        watch(dataclasses.replace(status, last=self.last, best=self.progress.best))
                    elif not interrupts and time.monotonic() - saved < SAVE_EVERY:
                        continue
                    checkpoint.save(self.folder, self.progress, self.learner)
                    saved = time.monotonic()
                    if self.progress.done:
                        break
                    if interrupts:
                        raise _interrupt(interrupts[0])
        finally:
            journal.close()
        return self.progress.done

    def score(self, split: Rows) -> metrics.Score:
        """Score the reference network on `split`."""
        return metrics.score(self.scorer, self.states, split, controls=self.controls)

    def _batch(self, k: int) -> batches.Batch:
        return batches.batch(
            self.data, self.augment, self.windows, self.options.seed, k, self.controls
        )

    def _steps(self) -> Iterator[Status]:
        """Train one batch after another; the next one is made at the same time."""
        progress = self.progress
        begin = time.monotonic() - self.progress.elapsed
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self._batch, progress.step)
            while not progress.done:
                batch = ahead.result()
                ahead = pool.submit(self._batch, progress.step + 1)
                progress.loss_sum += self._train(batch)
                progress.loss_count += 1
                progress.step += 1
                progress.elapsed = time.monotonic() - begin
                speed = self.rate.add(batch.weights.sum(), progress.elapsed)
                yield Status(
                    progress.step,
                    self.steps,
                    progress.loss_sum / progress.loss_count,
                    speed,
                    self._left(),
                    self.last,
                    progress.best,
                )

    def _train(self, batch: batches.Batch) -> float:
        self.learner.optimizer.learning_rate = self.options.rate(
            self.progress.step, self.steps, self.progress.elapsed, self.progress.drops
        )
        self.learner.reset_metrics()
        inputs = {
            "events": batch.inputs,
            "controls": batch.controls,
            "targets": batch.targets,
            "fresh": batch.fresh.astype(np.float32),
        }
        loss = float(
            self.learner.train_on_batch(inputs, batch.targets, sample_weight=batch.weights)
        )
        if not math.isfinite(loss):
            raise DataError(
                f"the loss of step {self.progress.step + 1} is {loss}: lower "
                f"training.learning_rate ({self.options.learning_rate}) or training.clip "
                f"({self.options.clip})"
            )
        return loss

    def _over(self) -> bool:
        limit = 60 * self.options.minutes
        return self.progress.step >= self.steps or bool(limit and self.progress.elapsed >= limit)

    def _left(self) -> float:
        p = self.progress
        limit = 60 * self.options.minutes
        left = p.elapsed / p.step * (self.steps - p.step)
        return max(0.0, min(left, limit - p.elapsed) if limit else left)

    def _score_now(self) -> metrics.Score:
        """Score the current weights on the held-out pieces of the evaluations."""
        if self.reference is not self.learner.network:
            self.reference.import_weights(self.learner.network.export_weights())
        score = self.score(self.watched)
        self.rate = Rate()
        self.last = score.nats_per_event
        return score

    def _evaluate_start(self, journal: Journal, export: Export) -> None:
        """Score the weights of the bundle that a run begins from: as step 0, and the best so far.

        There is no checkpoint yet, so a run that ends here starts again, and its journal too.
        """
        p = self.progress
        begin = time.monotonic()
        score = self._score_now()
        p.best, p.elapsed = score.nats_per_event, time.monotonic() - begin
        export(self.reference, score, p)
        p.journal_bytes = journal.write(
            {
                "step": 0,
                "events": 0,
                "learning_rate": 0.0,
                "loss": None,
                **score.table(),
                "best": float(f"{p.best:.7g}"),
            }
        )

    def _evaluate(self, journal: Journal, export: Export) -> None:
        """Score the held-out pieces, export the model if it is the best, and decide if it ends."""
        p, options = self.progress, self.options
        score = self._score_now()
        rate = options.rate(p.step - 1, self.steps, p.elapsed, p.drops)
        p.stale += 1
        if p.best is None or score.nats_per_event < p.best:
            p.best, p.best_step, p.stale = score.nats_per_event, p.step, 0
            export(self.reference, score, p)
        elif options.schedule == "plateau" and p.stale % options.drop_after == 0:
            p.drops += 1
        if self._over():
            p.done = LAST_STEP if p.step >= self.steps else TIME_IS_UP
        elif options.patience and p.stale >= options.patience:
            p.done = f"no gain in {options.patience} evaluations"
        line = {
            "step": p.step,
            "events": p.step * options.batch * options.length,
            "learning_rate": float(f"{rate:.7g}"),
            "loss": float(f"{p.loss_sum / max(p.loss_count, 1):.7g}"),
            **score.table(),
            "best": float(f"{p.best:.7g}"),
        }
        p.loss_sum, p.loss_count = 0.0, 0
        p.journal_bytes = journal.write(line)


@contextlib.contextmanager
def _interrupts_noted() -> Iterator[list[int]]:
    """Yield a list that notes the first Ctrl-C or SIGTERM; the second one interrupts at once.

    A signal is not touched outside the main thread, or where the caller handles or ignores it.
    """
    noted: list[int] = []

    def note(number: int, frame: object) -> None:
        if noted:
            raise _interrupt(number)
        noted.append(number)

    ours = {}
    if threading.current_thread() is threading.main_thread():
        found = {number: signal.getsignal(number) for number in USUAL}
        ours = {number: how for number, how in found.items() if how in USUAL[number]}
    for number in ours:
        signal.signal(number, note)
    try:
        yield noted
    finally:
        for number, how in ours.items():
            signal.signal(number, how)


def _interrupt(number: int) -> KeyboardInterrupt:
    """Return what to raise for a signal."""
    return Terminated() if number == signal.SIGTERM else KeyboardInterrupt()


class Rate:
    """Events per second over the last steps."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, float]] = []

    def add(self, events: float, now: float) -> float:
        """Count the events of a step that ended `now`; return the rate, 0 after the first step."""
        before = self.marks[-1][1] if self.marks else 0.0
        self.marks = [*self.marks[-RATE_STEPS:], (now, before + float(events))]
        t0, e0 = self.marks[0]
        t1, e1 = self.marks[-1]
        return (e1 - e0) / max(t1 - t0, 1e-9)
