"""The [training] section of a config: every option of the loop, its default and its limits."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from symgen.errors import BadOption

CHOICES = {
    "optimizer": ("adam", "adamw", "rmsprop"),
    "schedule": ("constant", "plateau", "cosine"),
    "precision": ("auto", "float32", "bfloat16"),
}


@dataclasses.dataclass(frozen=True)
class Training:
    """How a model is trained."""

    batch: int = 16  # rows of a batch
    length: int = 512  # events of a window
    carry: int = 4  # windows of a row before its state is forgotten
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0  # of adamw
    clip: float = 3.0  # the norm that all gradients together are cut to; 0 for none
    warmup: int = 100  # steps in which the learning rate rises from zero
    schedule: str = "cosine"  # cosine: to a tenth at the end; plateau: times `drop` after `drop_after` evaluations without a gain
    drop: float = 0.5
    drop_after: int = 2
    epochs: float = 30.0  # at most, by events: windows are drawn at random; 0 for no limit
    steps: int = 0  # at most; 0 for no limit but the epochs
    minutes: float = 0.0  # at most, of training time; 0 for no limit
    eval_every: int = 0  # steps; 0 for about once an epoch, from 20 to 200 steps
    eval_events: int = 200_000  # that an evaluation scores, in whole pieces; all are scored at the end. 0 for all at all times
    patience: int = 5  # evaluations without a gain before it stops; 0 for never
    precision: str = "auto"  # auto: bfloat16 for large lstm layers on a processor that is made for it, float32 elsewhere
    threads: int = (
        0  # of the processor, with TensorFlow, in a process that has not begun; 0 for all
    )
    seed: int = 0

    def __post_init__(self) -> None:
        for key, low in (
            ("batch", 1),
            ("length", 2),
            ("carry", 1),
            ("warmup", 0),
            ("drop_after", 1),
            ("steps", 0),
            ("eval_every", 0),
            ("eval_events", 0),
            ("patience", 0),
            ("threads", 0),
            ("seed", 0),
        ):
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise BadOption(
                    f"training.{key} = {value!r}: expected a whole number of at least {low}"
                )
        for key, least, open_end in (
            ("learning_rate", 0, True),
            ("weight_decay", 0, False),
            ("clip", 0, False),
            ("drop", 0, True),
            ("minutes", 0, False),
            ("epochs", 0, False),
        ):
            _check_number(key, getattr(self, key), least, open_end)
        for key, names in CHOICES.items():
            if getattr(self, key) not in names:
                raise BadOption(
                    f"training.{key} = {getattr(self, key)!r}: expected one of {', '.join(names)}"
                )
        if not self.epochs and not self.steps:
            raise BadOption(
                "training.epochs and training.steps are both 0: give one of them, and --minutes to stop sooner"
            )

    def evaluate_every(self, train_events: int) -> int:
        """Return the steps between two evaluations, for a training half of that many events."""
        return self.eval_every or min(
            max(round(train_events / (self.batch * self.length)), 20), 200
        )

    def total_steps(self, train_events: int) -> int:
        """Return the steps that a run takes at most, for a training half of that many events."""
        by_epochs = math.ceil(self.epochs * train_events / (self.batch * self.length))
        return min(n for n in (by_epochs, self.steps) if n)

    def rate(self, step: int, steps: int, elapsed: float, drops: int) -> float:
        """Return the learning rate of `step` (0, 1, ...) of `steps`, after `elapsed` seconds and `drops` plateaus."""
        rate = self.learning_rate * min(1.0, (step + 1) / max(self.warmup, 1))
        if self.schedule == "plateau":
            return float(rate * self.drop**drops)
        if self.schedule == "cosine":
            done = min(
                1.0, max(step / steps, elapsed / (60 * self.minutes) if self.minutes else 0.0)
            )
            return rate * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))
        return rate


def _check_number(key: str, value: Any, least: float, open_end: bool) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or value < least or (open_end and value == least):
        raise BadOption(
            f"training.{key} = {value!r}: expected a number {'above' if open_end else 'of at least'} {least}"
        )
