"""Players: what runs a trained model one step at a time. `OnnxPlayer` plays the step graph of a bundle.

A player holds one state a stream. It is fed an event of each stream and then asked for the logits of each field of the
next one. On one thread ONNX Runtime gives a row the same bits whatever stands in the other rows and however many there
are (tests hold it to that, from 1 to 33); as some of its kernels treat a lone row in another way, one stream is stepped
with an idle one beside it, which takes no more time. Of a chained head only what the field asked for needs is computed.
"""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle import Bundle
from symgen.encoding import Events

Floats = npt.NDArray[np.float32]
LEAST = 2  # rows of a step


class Player(abc.ABC):
    """One model at play, for a batch of streams side by side."""

    @abc.abstractmethod
    def start(self, batch: int) -> None:
        """Begin `batch` streams that have heard nothing."""

    @abc.abstractmethod
    def feed(self, events: Events, controls: Floats | None = None) -> None:
        """Take the event int32 `[batch, fields]` that each stream has come to, and controls `[batch, width]` if it has any."""

    @abc.abstractmethod
    def logits(self, field: int, chosen: Events) -> Floats:
        """Return float32 `[batch, size]`: the logits of `field` of the next event, of which `chosen` holds the fields before."""

    def later(self, field: int, chosen: Events) -> Floats:
        """Return float32 `[batch, n, size]`: the logits of `field` after each of the n rows `chosen` `[batch, n, fields]`."""
        return np.stack([self.logits(field, chosen[:, i]) for i in range(chosen.shape[1])], axis=1)

    @abc.abstractmethod
    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows` alone, in that order; a stream named twice becomes two."""

    @abc.abstractmethod
    def fresh(self) -> Player:
        """Return another player of the same model, which shares all that does not change."""


class OnnxPlayer(Player):
    """Plays `step.onnx` (and `head.onnx`, where the fields of a step are chained) of a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._step = _session(bundle.graph("step.onnx"))
        self._head = _session(bundle.graph("head.onnx")) if bundle.info["player"].get("chained") else None
        self._alone = _needed_alone()
        self._fields, self._sizes = zip(*bundle.encoding.fields, strict=True)
        self._width = bundle.width
        self._units = {i.name: i.shape[1] for i in self._step.get_inputs() if i.name.startswith("state.")}
        self._results = ["hidden"] if self._head else [f"logits.{name}" for name in self._fields]
        self._outputs = [name.replace("state.", "next.") for name in self._units] + self._results

    def fresh(self) -> Player:
        """Return another player of the same sessions."""
        other = object.__new__(OnnxPlayer)
        other.__dict__.update(self.__dict__)
        return other

    def start(self, batch: int) -> None:
        """Begin with states of zeros."""
        self._batch, rows = batch, max(batch, LEAST)
        self._feeds: dict[str, Any] = {name: np.zeros((rows, units), np.float32) for name, units in self._units.items()}
        self._feeds["event"] = np.zeros((rows, len(self._fields)), np.int32)
        if self._width:
            self._feeds["controls"] = np.zeros((rows, self._width), np.float32)
        self._last: list[Floats] = []

    def feed(self, events: Events, controls: Floats | None = None) -> None:
        """Run one step; without `controls` a model that has some hears that none is given."""
        self._feeds["event"][:self._batch] = events
        if self._width:
            self._feeds["controls"][:self._batch] = 0 if controls is None else controls
        out = self._step.run(self._outputs, self._feeds)
        self._feeds.update(zip(self._units, out, strict=False))
        self._last = out[len(self._units):]

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return the logits of the last step, through the head where fields are chained."""
        if self._head is None:
            return self._last[field][:self._batch]
        rows = np.zeros((len(self._last[0]), len(self._fields)), np.int32)
        rows[:self._batch] = chosen
        return self._through_head(field, self._last[0], rows)[:self._batch]

    def later(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, n, size]`, in one run of the head; where fields are not chained, a view on `[batch, 1, size]`."""
        batch, count = chosen.shape[:2]
        if self._head is None:
            return np.broadcast_to(self.logits(field, chosen[:, 0])[:, None], (batch, count, self._sizes[field]))
        hidden, rows = np.repeat(self._last[0][:batch], count, axis=0), chosen.reshape(batch * count, -1).astype(np.int32, copy=False)
        if len(rows) < LEAST:
            hidden, rows = np.repeat(hidden, LEAST, axis=0), np.repeat(rows, LEAST, axis=0)
        return self._through_head(field, hidden, rows)[:batch * count].reshape(batch, count, -1)

    def _through_head(self, field: int, hidden: Floats, chosen: Events) -> Floats:
        """Return the logits `[rows, size]` of `field`; there are at least LEAST rows."""
        assert self._head
        [logits] = self._head.run([f"logits.{self._fields[field]}"], {"hidden": hidden, "chosen": chosen}, self._alone)
        made: Floats = logits
        return made

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Pick rows of the states and of the last step's results."""
        self._batch = len(rows)
        rows = np.concatenate([rows, np.zeros(max(LEAST - len(rows), 0), np.int64)])
        self._feeds = {name: array[rows] for name, array in self._feeds.items()}
        self._last = [array[rows] for array in self._last]


def _needed_alone() -> Any:
    """Return the options of a run that computes nothing but what leads to the outputs asked for."""
    import onnxruntime
    options = onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


def _session(graph: bytes) -> Any:
    """Return an ONNX Runtime session on one thread."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
