"""Players: what runs a trained model one step at a time. `OnnxPlayer` plays the step graph of a bundle.

A player holds one state a stream. It is fed an event of each stream and then asked for the logits of each field of the
next one, which may be overwritten by the next step. ONNX Runtime gives a row the same bits whatever stands in the other
rows, however many there are and on however many threads (tests hold it to that, from 1 to 33 rows and 1 to 4 threads), but
that on some processors its kernels treat a lone row in another way. So that is tried: where it does, one stream is stepped
with an idle one beside it. Of a chained head only what the field asked for needs is computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.encodings import Events
from symgen.errors import DataError
from symgen.process import cores
from symgen.runtime.base import Floats, Player
from symgen.runtime.heads import LEAST, BoundHeads

THREADS = 2  # of a step, where there are cores for them: a sample of 3 x 512 takes a third less time in float32, a fifth less in int8
SPIN = 200  # microseconds for which a thread waits awake, about what the choices of a step take. By itself it would for up to half
# a second, and so be busy while a live stream rests (as it is before ONNX Runtime 1.26, which knows no such option)


class OnnxPlayer(Player):
    """Plays `step.onnx` (and `head.onnx`, where the fields of a step are chained) of a bundle, in the bundle's precision.

    States go to and fro between two sets of arrays, which the session reads and writes in place.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._step = _session(bundle.graph("step.onnx", bundle.precision))
        self._heads = _heads(bundle) if bundle.chained else None
        self._fields, self._sizes = zip(*bundle.encoding.fields, strict=True)
        self._units = {
            i.name: i.shape[1] for i in self._step.get_inputs() if i.name.startswith("state.")
        }
        self._told = {"event": len(self._fields)} | (
            {"controls": bundle.width} if bundle.width else {}
        )
        self._widths = {
            o.name: o.shape[1] for o in self._step.get_outputs() if not o.name.startswith("next.")
        }
        self._results = ["hidden"] if self._heads else [f"logits.{name}" for name in self._fields]
        self._known: dict[
            str, int
        ] = {}  # the rows that one stream needs, once they have been tried

    def fresh(self) -> Player:
        """Return another player of the same sessions."""
        other = object.__new__(OnnxPlayer)
        other.__dict__.update(self.__dict__)
        return other

    def start(self, batch: int) -> None:
        """Begin with states of zeros."""
        self._batch, rows = batch, self._rows(batch)
        self._set(
            {name: np.zeros((rows, units), np.float32) for name, units in self._units.items()},
            {name: np.zeros((rows, self._widths[name]), np.float32) for name in self._results},
        )

    def _rows(self, batch: int) -> int:
        """Return how many rows `batch` streams are stepped in."""
        if batch >= LEAST:
            return batch
        if "one" not in self._known:
            self._known["one"] = 1 if self._same_alone() else LEAST
        return self._known["one"]

    def _same_alone(self) -> bool:
        """Return whether a row alone comes to the same bits as with another beside it, on one that is drawn."""
        rng = np.random.default_rng(0)
        feeds: dict[str, Any] = {
            name: rng.uniform(-1, 1, (LEAST, n)).astype(np.float32)
            for name, n in (self._units | self._told).items()
        }
        feeds["event"] = np.zeros((LEAST, len(self._fields)), np.int32)
        both, one = (
            self._step.run(None, {name: rows[:n] for name, rows in feeds.items()})
            for n in (LEAST, 1)
        )
        return all(np.array_equal(a[:1], b) for a, b in zip(both, one, strict=True))

    def _set(self, states: dict[str, Any], last: dict[str, Any]) -> None:
        """Take the states and the results of the last step, and bind the session to them and to room for the next."""
        rows = len(next(iter(states.values())))
        self._feeds: dict[str, Any] = {
            name: np.zeros((rows, width), np.int32 if name == "event" else np.float32)
            for name, width in self._told.items()
        }
        self._states, self._last, self._turn = (
            [states, {name: np.empty_like(array) for name, array in states.items()}],
            last,
            0,
        )
        self._bound = [self._binding(self._states[turn], self._states[1 - turn]) for turn in (0, 1)]
        if self._heads:
            self._head = BoundHeads(self._heads, self._last["hidden"])

    def _binding(self, before: dict[str, Any], after: dict[str, Any]) -> Any:
        """Return a step from the states `before` to `after`; the arrays are to live as long as it does."""
        made = self._step.io_binding()
        for name, array in (self._feeds | before).items():
            made.bind_input(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        for name, array in (
            {n.replace("state.", "next."): a for n, a in after.items()} | self._last
        ).items():
            made.bind_output(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        return made

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Run one step; without `controls` a model that has some hears that none is given."""
        self._feeds["event"][: self._batch] = events
        if "controls" in self._feeds:
            self._feeds["controls"][: self._batch] = 0 if controls is None else controls
        self._step.run_with_iobinding(self._bound[self._turn])
        self._turn = 1 - self._turn

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return the logits of the last step, through the head where fields are chained."""
        if self._heads:
            return self._head.logits(field, chosen)
        last: Floats = self._last[self._results[field]][: self._batch]
        return last

    def candidate_logits(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, n, size]`, in one run of the head; where fields are not chained, a view on `[batch, 1, size]`."""
        batch, count = chosen.shape[:2]
        if not self._heads:
            return np.broadcast_to(
                self.logits(field, chosen[:, 0])[:, None], (batch, count, self._sizes[field])
            )
        hidden = np.repeat(self._last["hidden"][:batch], count, axis=0)
        rows = chosen.reshape(batch * count, -1)
        return BoundHeads(self._heads, hidden).logits(field, rows).reshape(batch, count, -1)

    def select(self, rows: npt.NDArray[np.int64]) -> None:
        """Pick rows of the states and of the last step's results."""
        self._batch = len(rows)
        rows = np.concatenate([rows, np.zeros(self._rows(len(rows)) - len(rows), np.int64)])
        self._set(
            {name: array[rows] for name, array in self._states[self._turn].items()},
            {name: array[rows] for name, array in self._last.items()},
        )


def _heads(bundle: Bundle) -> list[Any]:
    """Return a session for the logits of each field; DataError where the head cannot be used."""
    try:
        graphs = bundle.heads(bundle.precision)
        return [_session(graphs[f"logits.{name}"], 1) for name, _ in bundle.encoding.fields]
    except (ValueError, KeyError) as error:
        raise DataError(f"{bundle.path}: its head cannot be used: {error}") from None


def _session(graph: bytes, threads: int | None = None) -> Any:
    """Return an ONNX Runtime session on `threads` (THREADS), or on as many as there are cores.

    A head is soon done: threads of its own would only wait for it, awake.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = min(threads or THREADS, cores()), 1
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(SPIN))
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
