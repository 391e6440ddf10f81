"""The player `onnx`: plays the step graph of a bundle, and its head graph where it has one.

ONNX Runtime gives a row the same bits whatever the other rows hold, however many there are and on
any number of threads (tests check this for 1 to 33 rows and 1 to 4 threads). The exception is a
single row, which its kernels treat differently on some processors. The player tries that out:
where the bits differ, it steps one stream with an idle one beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.errors import DataError
from symgen.models.state import AFTER
from symgen.runtime.base import Floats, Ints, Playable, Player
from symgen.runtime.heads import LEAST, BoundHeads, head_sessions
from symgen.runtime.session import run, session, state_specs
from symgen.runtime.steps import BoundStep, Step

ARRAYS = {"event": np.int32, "controls": np.float32}  # inputs of a step, beside its states


class OnnxPlayer(Player):
    """Plays a step graph. With a head graph, only what leads to the wanted field is computed."""

    def __init__(
        self, step: bytes, head: bytes | None, fields: Sequence[str], threads: int | None = None
    ) -> None:
        self._step = session(step, threads)
        self._head = head
        self._whole: Any = None  # the session of all fields, once it is needed
        self._heads = head_sessions(head, fields) if head else None
        self._logits = [f"logits.{name}" for name in fields]
        self.states = state_specs(self._step)
        self.resettable = not any(spec.grows for spec in self.states)
        self._inputs = {i.name: i.shape[1] for i in self._step.get_inputs() if i.name in ARRAYS}
        self._results = ["hidden"] if head else self._logits
        self._widths = {
            o.name: o.shape[1] for o in self._step.get_outputs() if not o.name.startswith(AFTER)
        }
        self._tried: dict[str, int] = {}  # the rows that one stream needs; shared with fresh ones

    @classmethod
    def open(cls, bundle: Playable, threads: int | None = None) -> Player:
        """Return a player of the graphs of `bundle`, in its precision."""
        step = bundle.graph("step.onnx", bundle.precision)
        head = bundle.graph("head.onnx", bundle.precision) if bundle.chained else None
        try:
            return cls(step, head, [name for name, _ in bundle.sizes.fields], threads)
        except ValueError as error:
            raise DataError(f"{bundle.path}: its head cannot be used: {error}") from None
        except DataError as error:
            raise DataError(f"{bundle.path}: {error}") from None

    def fresh(self) -> Player:
        """Return another player of the same sessions."""
        other = object.__new__(OnnxPlayer)
        other.__dict__.update(self.__dict__)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> OnnxPlayer:
        """Return a player of the same sessions whose streams are where those of this one are."""
        other = object.__new__(OnnxPlayer)
        other.__dict__.update(self.__dict__)
        if hasattr(self, "_now"):
            other.select(np.arange(self._batch))
        return other

    def start(self, batch: int) -> None:
        """Begin with states of zeros."""
        self._batch, rows = batch, self._rows(batch)
        self._play(
            [spec.zeros(rows) for spec in self.states],
            {name: np.zeros((rows, self._widths[name]), np.float32) for name in self._results},
        )

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Run one step."""
        inputs = self._now.inputs
        inputs["event"][: self._batch] = events
        if "controls" in inputs:
            inputs["controls"][: self._batch] = 0 if controls is None else controls
        self._now.run()

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats:
        """Return the logits of the last step, through the head where fields are chained."""
        if not self._heads:
            last: Floats = self._now.results[self._results[field]][: self._batch]
            return last if rows is None else last[rows]
        if rows is None:
            return self._bound.logits(field, chosen)
        hidden = self._now.results["hidden"][rows]
        return BoundHeads(self._heads, hidden).logits(field, chosen)

    def all_logits(self, events: Events) -> list[Floats]:
        """Return the logits of every field; a head computes them together."""
        if not self._head:
            return super().all_logits(events)
        if self._whole is None:
            self._whole = session(self._head, 1)
        hidden = self._now.results["hidden"]
        chosen = np.zeros((len(hidden), events.shape[1]), np.int32)
        chosen[: self._batch] = events
        made = run(self._whole, self._logits, {"hidden": hidden, "chosen": chosen})
        return [logits[: self._batch] for logits in made]

    def select(self, rows: Ints) -> None:
        """Pick rows of the states and of the results of the last step."""
        self._batch = len(rows)
        idle = np.zeros(self._rows(len(rows)) - len(rows), np.int64)
        rows = np.concatenate([rows, idle])
        self._play(
            [state[rows] for state in self._now.states],
            {name: array[rows] for name, array in self._now.results.items()},
        )

    def reset(self, rows: Ints) -> None:
        """Set the states of `rows` to zeros."""
        assert self.resettable, "the state grows, so its rows are of one length"
        for state in self._now.states:
            state[rows] = 0

    def _play(self, states: list[npt.NDArray[Any]], results: Mapping[str, Any]) -> None:
        """Continue from `states` and the `results` of the last step."""
        rows = len(next(iter(results.values())))
        inputs = {name: np.zeros((rows, w), ARRAYS[name]) for name, w in self._inputs.items()}
        kind = BoundStep if self.resettable else Step
        self._now = kind(self._step, self.states, inputs, states, dict(results))
        if self._heads:
            self._bound = BoundHeads(self._heads, self._now.results["hidden"])

    def _rows(self, batch: int) -> int:
        """Return how many rows `batch` streams are stepped in."""
        if batch >= LEAST:
            return batch
        if "one" not in self._tried:
            self._tried["one"] = 1 if self._same_alone() else LEAST
        return self._tried["one"]

    def _same_alone(self) -> bool:
        """Return whether a single row has the same bits as beside another, for random inputs."""
        rng = np.random.default_rng(0)
        feeds: dict[str, Any] = {
            spec.before: rng.uniform(-1, 1, spec.zeros(LEAST).shape).astype(spec.dtype)
            for spec in self.states
        }
        for name, width in self._inputs.items():
            feeds[name] = rng.uniform(-1, 1, (LEAST, width)).astype(ARRAYS[name])
        feeds["event"] = np.zeros_like(feeds["event"])
        outputs = [each.name for each in self._step.get_outputs()]
        both, one = (
            run(self._step, outputs, {name: rows[:n] for name, rows in feeds.items()})
            for n in (LEAST, 1)
        )
        return all(np.array_equal(a[:1], b) for a, b in zip(both, one, strict=True))
