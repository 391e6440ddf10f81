"""ONNX Runtime sessions of graphs, and the states that a step graph declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from symgen.errors import DataError, SymgenError, shorten
from symgen.models.state import BEFORE, StateSpec
from symgen.process import cores

# Threads of a step. A sample of 3 x 512 takes a third less time on two than on one in float32, a
# fifth less in int8.
THREADS = 2
# Microseconds for which a thread spins, about what the choices of a step take. By default it would
# be up to half a second, and so be busy while a live stream rests (as it is before ONNX Runtime
# 1.26, which has no such option).
SPIN = 200
FATAL = 4  # the severity of messages that are logged
DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(uint8)": "uint8",
    "tensor(bool)": "bool",
}


def session(graph: bytes, threads: int | None = None) -> Any:
    """Return a session on `threads`, or on every core where that is fewer or `threads` is 0.

    None takes `THREADS`, which suits steps of a few streams. DataError says what ONNX Runtime has
    against the graph; its own log, with names of the graph as they are, is silent.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    wanted = THREADS if threads is None else threads
    options.intra_op_num_threads = min(wanted or cores(), cores())
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(SPIN))
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = FATAL
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise refused(error) from None


def run(session: Any, names: Sequence[str], inputs: Mapping[str, Any]) -> Any:
    """Return the outputs `names` for `inputs`; DataError where that fails."""
    try:
        return session.run(names, inputs)
    except Exception as error:
        raise refused(error) from None


def run_bound(session: Any, binding: Any) -> None:
    """Run from and to the arrays of `binding`; DataError where that fails."""
    try:
        session.run_with_iobinding(binding)
    except Exception as error:
        raise refused(error) from None


def refused(error: Exception) -> Exception:
    """Return what ONNX Runtime raised, which has no base class of its own, as one line."""
    if isinstance(error, MemoryError | SymgenError):
        return error
    reason = shorten(" ".join(str(error).split()), 200)
    return DataError(f"a graph of the model cannot be played: {reason}")


def state_specs(session: Any) -> tuple[StateSpec, ...]:
    """Return the states that a step graph takes; a named axis other than the batch grows."""
    return tuple(
        StateSpec(
            each.name.removeprefix(BEFORE),
            tuple(size if isinstance(size, int) else None for size in each.shape[1:]),
            DTYPES[each.type],
        )
        for each in session.get_inputs()
        if each.name.startswith(BEFORE)
    )


def bind_input(binding: Any, name: str, array: npt.NDArray[Any]) -> None:
    """Let `binding` read the input `name` from `array`, which must live as long as it does."""
    binding.bind_input(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)


def bind_output(binding: Any, name: str, array: npt.NDArray[Any]) -> None:
    """Let `binding` write the output `name` into `array`, which must live as long as it does."""
    binding.bind_output(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
