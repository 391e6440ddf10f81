"""The training loop, on any Keras backend: batches in, a journal, checkpoints and the best bundle out.

What a step does depends on (dataset, config, step) and on the checkpoint alone, so that a run that was killed and
resumed goes the way of one that was not. A budget of minutes is the exception: where it ends the run, and the cosine
schedule that leads there, depend on the clock.
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
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.models import Neural, Sizes
from symgen.models.state import zeros
from symgen.training.loop import checkpoint
from symgen.training.loop import scores as metrics
from symgen.training.loop.checkpoint import Progress
from symgen.training.loop.journal import Journal
from symgen.training.options import Training
from symgen.training.reports import estimate as outlook

SAVE_EVERY = 120.0  # seconds between checkpoints


@dataclasses.dataclass(frozen=True)
class Status:
    """What a display shows after a step."""

    step: int
    steps: int
    loss: float  # nats per event of the last batches
    events_per_second: float
    seconds_left: float  # at most: to the last step or the last minute, whichever is sooner
    last: float | None  # nats per event of the last evaluation, and of the best
    best: float | None


class Loop:
    """One run in progress. `export` is called with (network, score, progress) whenever the held-out score is a new best."""

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
        self.folder, self.data, self.augment, self.options, self.controls = (
            folder,
            data,
            augment,
            options,
            controls,
        )
        self.windows = batches.Windows(options.batch, options.length, options.carry)
        self.learner, self.scorer, self.reference = backend.build(model, sizes, options)
        self.model, self.sizes, self.states = model, sizes, model.state_specs()
        self.parameters = model.parameters(sizes)
        held_out = data.half("eval")
        self.watched = metrics.share(held_out, options.eval_events or held_out.total, options.seed)
        self.every = options.evaluate_every(data.half("train").total)
        self.steps = options.total_steps(data.half("train").total)
        self.progress = Progress()
        self.last: float | None = None
        self.rate = Rate()
        self.tuned = False  # begins with the weights of a bundle

    def start_from(self, weights: Any) -> None:
        """Take the weights of a bundle before the first step."""
        self.learner.network.import_weights(weights)
        self.tuned = True

    def outlook(self) -> str:
        """Return the line that tells what to expect, after timing one scored batch (a training step takes about three)."""
        batch = self._batch(0)
        states = zeros(self.states, self.options.batch)
        seconds = outlook.seconds_of(
            lambda: self.scorer.predict_on_batch(
                {
                    "events": batch.inputs,
                    "controls": batch.controls,
                    "targets": batch.targets,
                    "fresh": np.ones(len(batch.fresh), np.float32),
                    "states": states,
                }
            )
        )
        return outlook.describe(
            self.data.half("train"),
            self.augment,
            self.model,
            self.sizes,
            3 * seconds / batch.weights.size,
        )

    def resume(self) -> None:
        """Go on from the folder's checkpoint."""
        self.progress = checkpoint.load_progress(self.folder)
        checkpoint.restore(self.folder, self.learner)

    def run(
        self,
        export: Callable[[Any, metrics.Score, Progress], None],
        watch: Callable[[Status], None],
    ) -> str:
        """Train until something ends it; return why.

        Ctrl-C, or a request to end (SIGTERM), ends it after the step or the evaluation under way and a checkpoint. Whatever
        ends it sooner leaves the checkpoint before: in the midst of a step the weights and the progress do not belong together.
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
                        raise KeyboardInterrupt
        finally:
            journal.close()
        return self.progress.done

    def score(self, half: Split) -> metrics.Score:
        """Score the reference network, as it is now, on `half`."""
        return metrics.score(self.scorer, self.states, half, controls=self.controls)

    def _batch(self, k: int) -> batches.Batch:
        return batches.batch(
            self.data, self.augment, self.windows, self.options.seed, k, self.controls
        )

    def _steps(self) -> Iterator[Status]:
        """Train one batch after another while the next is being made."""
        progress, begin = self.progress, time.monotonic() - self.progress.elapsed
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
                f"the loss of step {self.progress.step + 1} is {loss}: lower training.learning_rate "
                f"({self.options.learning_rate}) or training.clip ({self.options.clip})"
            )
        return loss

    def _over(self) -> bool:
        limit = 60 * self.options.minutes
        return self.progress.step >= self.steps or bool(limit and self.progress.elapsed >= limit)

    def _left(self) -> float:
        p, limit = self.progress, 60 * self.options.minutes
        left = p.elapsed / p.step * (self.steps - p.step)
        return max(0.0, min(left, limit - p.elapsed) if limit else left)

    def _score_now(self) -> metrics.Score:
        """Score the weights as they are, on the held-out pieces of the evaluations."""
        if self.reference is not self.learner.network:
            self.reference.import_weights(self.learner.network.export_weights())
        score = self.score(self.watched)
        self.rate = Rate()
        self.last = score.nats_per_event
        return score

    def _evaluate_start(
        self, journal: Journal, export: Callable[[Any, metrics.Score, Progress], None]
    ) -> None:
        """Score the weights of the bundle that a run begins from: as step 0, and the best so far.

        There is no checkpoint yet, so a run that ends here begins anew, and its journal too.
        """
        p, begin = self.progress, time.monotonic()
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

    def _evaluate(
        self, journal: Journal, export: Callable[[Any, metrics.Score, Progress], None]
    ) -> None:
        """Score the held-out half, write it down, keep the model where it is the best, and decide whether to go on."""
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
            p.done = "the last step" if p.step >= self.steps else "the time is up"
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
    """Yield a list that the first Ctrl-C or SIGTERM is put into instead of interrupting; the second interrupts at once.

    Outside the main thread, or where the caller handles a signal in a way of its own or ignores it, it is left alone.
    """
    noted: list[int] = []

    def note(number: int, frame: object) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append(number)

    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    ours = {
        s: how
        for s, how in usual.items()
        if threading.current_thread() is threading.main_thread() and signal.getsignal(s) is how
    }
    for number in ours:
        signal.signal(number, note)
    try:
        yield noted
    finally:
        for number, how in ours.items():
            signal.signal(number, how)


class Rate:
    """Events a second over the last twenty steps."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, float]] = []

    def add(self, events: float, now: float) -> float:
        """Count the events of a step that ended `now`; return the rate, 0 after the first step."""
        self.marks = [
            *self.marks[-20:],
            (now, (self.marks[-1][1] if self.marks else 0.0) + float(events)),
        ]
        (t0, e0), (t1, e1) = self.marks[0], self.marks[-1]
        return (e1 - e0) / max(t1 - t0, 1e-9)
