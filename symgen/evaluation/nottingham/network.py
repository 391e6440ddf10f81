"""A trained bundle as a Predictor: its graphs stepped by ONNX Runtime through whole tunes, many side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.bundle.graphs import opened
from symgen.controls import compute_all
from symgen.dataset.pieces import Split
from symgen.encodings.base import inputs
from symgen.errors import DataError
from symgen.evaluation.nottingham.predict import (
    Array,
    Chunk,
    Floats,
    Ints,
    Later,
    Predictor,
    blend,
    softmax,
)

ABREAST = 64  # tunes played side by side
BUFFERED = 1024  # steps of all tunes that are held before they are given out
PAIRS = 8192  # rows of the head computed at once


class GraphPredictor(Predictor):
    """The model of `bundle`, told the tunes of `half` and their controls."""

    def __init__(self, bundle: Bundle, half: Split, threads: int = 1) -> None:
        if bundle.player != "onnx":
            raise DataError(
                f"{bundle.path}: only the player onnx can be scored, and its is {bundle.player}"
            )
        if len(bundle.sizes.fields) != 2:
            raise DataError(
                f"{bundle.path}: its {bundle.encoding.name} encoding has no melody and chord, which this protocol scores"
            )
        self.half, self.bundle = half, bundle
        self._first, self._second = (f"logits.{name}" for name, _ in bundle.sizes.fields)
        self._step = opened(bundle.graph("step.onnx"), threads)[0]
        heads = bundle.heads() if bundle.chained else {}
        self._head = {name: opened(graph, threads)[0] for name, graph in heads.items()}
        self._results = ["hidden"] if self._head else [self._first, self._second]
        self._states = {
            i.name: i.shape[1] for i in self._step.get_inputs() if i.name.startswith("state.")
        }

    def chunks(self) -> Iterator[Chunk]:
        """Yield the distributions of every step; the state is carried through a tune from its beginning."""
        longest_first = np.argsort(-self.half.lengths, kind="stable")
        for start in range(0, len(longest_first), ABREAST):
            held: list[tuple[Ints, list[Array]]] = []
            for made in self._play(longest_first[start : start + ABREAST]):
                held.append(made)
                if sum(len(rows) for rows, _ in held) >= BUFFERED:
                    yield self._chunk(held)
                    held = []
            if held:
                yield self._chunk(held)

    def _play(self, tunes: Ints) -> Iterator[tuple[Ints, list[Array]]]:
        """Yield for each step (rows, results) of the tunes that are not over; the longest tune comes first."""
        lengths = self.half.lengths[tunes]
        lengths, tunes = lengths[lengths > 0], tunes[lengths > 0]
        if not len(tunes):
            return
        begin = self.half.ends[tunes] - lengths
        events, controls = zip(*(self._inputs(int(i)) for i in tunes), strict=True)
        feeds: dict[str, Any] = {
            name: np.zeros((len(tunes), units), np.float32) for name, units in self._states.items()
        }
        names = [name.replace("state.", "next.") for name in feeds]
        for t in range(int(lengths[0])):
            live = int(np.searchsorted(-lengths, -t))
            feeds = {name: feeds[name][:live] for name in self._states}
            step = {"event": np.stack([e[t] for e in events[:live]])}
            if self.bundle.width:
                step["controls"] = np.stack([c[t] for c in controls[:live]])
            out = self._step.run([*names, *self._results], feeds | step)
            feeds = dict(zip(self._states, out, strict=False))
            yield begin[:live] + t, out[len(names) :]

    def _inputs(self, tune: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        encoding, events = self.bundle.encoding, self.half.events(tune)
        rows = compute_all(self.bundle.controls, encoding, events, self.half.contexts[tune])
        return inputs(encoding, events, 0, len(events)).astype(np.int32), rows

    def _chunk(self, held: list[tuple[Ints, list[Array]]]) -> Chunk:
        rows = np.concatenate([rows for rows, _ in held])
        results = [
            np.concatenate(parts) for parts in zip(*(results for _, results in held), strict=True)
        ]
        if not self._head:
            second = softmax(results[1])
            return Chunk(
                rows,
                softmax(results[0]),
                lambda weights: np.repeat(second[:, None], weights.shape[1], axis=1),
            )
        hidden = results[0]
        first = self._heads(self._first, hidden, np.zeros((len(hidden), 2), np.int32))
        return Chunk(rows, softmax(first), self._later(hidden))

    def _later(self, hidden: Array) -> Later:
        def answer(rows: Ints, values: Ints) -> Floats:
            chosen = np.stack([values, np.zeros_like(values)], axis=1).astype(np.int32)
            parts = [slice(at, at + PAIRS) for at in range(0, len(rows), PAIRS)]
            return np.concatenate(
                [softmax(self._heads(self._second, hidden[rows[p]], chosen[p])) for p in parts]
            )

        return lambda weights: blend(weights, answer)

    def _heads(self, name: str, hidden: Array, chosen: Array) -> Array:
        [logits] = self._head[name].run([name], {"hidden": hidden, "chosen": chosen})
        made: Array = logits
        return made
