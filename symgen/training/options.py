"""The [training] section of a config: every option of the loop, its default and its limits."""

from __future__ import annotations

import dataclasses
import math

from symgen import checks
from symgen.errors import BadOption

MOST = 1_000_000_000  # of whole numbers that cost nothing
WHOLE: dict[str, tuple[int, int | None]] = {  # the least and the highest value of each whole number
    "batch": (1, 4096),
    "length": (2, 65_536),
    "carry": (1, 65_536),
    "warmup": (0, MOST),
    "drop_after": (1, MOST),
    "steps": (0, MOST),
    "eval_every": (0, MOST),
    "eval_events": (0, MOST),
    "patience": (0, MOST),
    "threads": (0, 256),
    "seed": (0, None),
}
MOST_EVENTS = 1 << 22  # of a batch
ABOVE_ZERO = ("learning_rate", "drop")
FROM_ZERO = ("weight_decay", "clip", "minutes", "epochs")
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
    carry: int = 4  # windows of a row before its state is reset
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0  # of adamw
    clip: float = 3.0  # the largest norm of all gradients together; 0 for no limit
    warmup: int = 100  # steps in which the learning rate rises from zero
    # cosine: down to a tenth at the end; plateau: times `drop` after `drop_after` evaluations
    # without a gain
    schedule: str = "cosine"
    drop: float = 0.5
    drop_after: int = 2
    epochs: float = 30.0  # at most, counted in events: windows are random; 0 for no limit
    steps: int = 0  # at most; 0 for no limit other than the epochs
    minutes: float = 0.0  # at most, of training time; 0 for no limit
    eval_every: int = 0  # steps; 0 for about once per epoch, from 20 to 200 steps
    # events in whole pieces that an evaluation scores; all are scored at the end. 0 for always all
    eval_events: int = 200_000
    patience: int = 5  # evaluations without a gain before the run ends; 0 for no limit
    # auto: bfloat16 for large lstm layers on a processor with instructions for it, else float32
    precision: str = "auto"
    # of the processor, for TensorFlow, in a process that has not used it yet; 0 for all
    threads: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for key, (low, high) in WHOLE.items():
            checks.whole(f"training.{key} =", getattr(self, key), low, high)
        if self.batch * self.length > MOST_EVENTS:
            raise BadOption(
                f"training.batch {self.batch} and training.length {self.length} make a batch of "
                f"{self.batch * self.length:,} events; the limit is {MOST_EVENTS:,}"
            )
        for key in ABOVE_ZERO:
            checks.number(f"training.{key} =", getattr(self, key), 0, above=True)
        for key in FROM_ZERO:
            checks.number(f"training.{key} =", getattr(self, key), 0)
        for key, names in CHOICES.items():
            checks.one_of(f"training.{key} =", getattr(self, key), names)
        if not self.epochs and not self.steps:
            raise BadOption(
                "training.epochs and training.steps are both 0: set one of them; --minutes stops "
                "sooner"
            )

    def evaluate_every(self, train_events: int) -> int:
        """Return the steps between two evaluations, for a training split of that many events."""
        epoch = round(train_events / (self.batch * self.length))
        return self.eval_every or min(max(epoch, 20), 200)

    def total_steps(self, train_events: int) -> int:
        """Return the most steps of a run, for a training split of that many events."""
        by_epochs = math.ceil(self.epochs * train_events / (self.batch * self.length))
        return min(n for n in (by_epochs, self.steps) if n)

    def rate(self, step: int, steps: int, elapsed: float, drops: int) -> float:
        """Return the learning rate of `step` (0, 1, ...) of `steps`.

        `elapsed` are the seconds so far, `drops` the plateaus.
        """
        rate = self.learning_rate * min(1.0, (step + 1) / max(self.warmup, 1))
        if self.schedule == "plateau":
            return float(rate * self.drop**drops)
        if self.schedule == "cosine":
            spent = elapsed / (60 * self.minutes) if self.minutes else 0.0
            done = min(1.0, max(step / steps, spent))
            return rate * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))
        return rate
