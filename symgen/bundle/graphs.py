"""The graphs of a bundle, opened and stepped through its test vector.

A test vector holds `event`, `chosen` `[steps, fields]`, `controls` `[steps, width]` and
`logits.<field>` `[steps, size]`. A correct player reproduces the logits within TOLERANCE (float32)
or TOLERANCE_INT8, relative to the largest of them. ONNX Runtime is loaded with the first graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import DataError

Vector = Mapping[str, npt.NDArray[Any]]

TOLERANCE = 1e-3
# int8: the sums are exact on every processor, but a state near the middle of two integers may be
# rounded differently where the last bit of tanh differs. States that were off by 1e-6, ten times
# that, moved the logits (at most 9.8) by at most 0.013 in 64 steps of 3 x 336 units. The limit is
# three times that.
TOLERANCE_INT8 = 4e-3


def opened(graph: bytes, threads: int = 1) -> tuple[Any, list[str]]:
    """Return an ONNX Runtime session on `threads` (0: every core), and the names of its outputs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return session, [o.name for o in session.get_outputs()]


def play(graph: bytes, test: Vector, head: bytes | None = None) -> Iterator[dict[str, Any]]:
    """Yield the outputs of `graph` and `head` in each step, from an empty state."""
    session, names = opened(graph)
    last, logits = opened(head) if head else (None, [])
    feed = {
        i.name: np.zeros((1, i.shape[1]), np.float32)
        for i in session.get_inputs()
        if i.name.startswith("state.")
    }
    for t in range(len(test["event"])):
        step = {"event": test["event"][t : t + 1]}
        if test["controls"].size:
            step["controls"] = test["controls"][t : t + 1]
        out = dict(zip(names, session.run(None, feed | step), strict=True))
        if last:
            given = {"hidden": out["hidden"], "chosen": test["chosen"][t : t + 1]}
            out |= zip(logits, last.run(logits, given), strict=True)
        yield out
        feed = {
            f"state.{name.removeprefix('next.')}": value
            for name, value in out.items()
            if name.startswith("next.")
        }


def check_player(
    graph: bytes,
    test: Vector,
    fields: Sequence[str],
    head: bytes | None = None,
    tolerance: float = TOLERANCE,
) -> None:
    """Play the test vector; DataError where a logit differs by more than `tolerance`."""
    names = [f"logits.{field}" for field in fields]
    limit = tolerance * max(1.0, *(float(np.abs(test[name]).max()) for name in names))
    for t, out in enumerate(play(graph, test, head)):
        worst = max(float(np.abs(out[name][0] - test[name][t]).max()) for name in names)
        if not worst <= limit:
            raise DataError(
                f"the step graph differs from the network by {worst:.2g} in step {t} "
                f"(limit {limit:.2g}); not exported: if the loss has grown, "
                "lower training.learning_rate"
            )
