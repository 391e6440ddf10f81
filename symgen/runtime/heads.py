"""The head of a chained model at play: one session per field, of what leads to its logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.runtime.cut import parts
from symgen.runtime.session import bind_input, bind_output, run_bound, session

Floats = npt.NDArray[np.float32]
LEAST = 2  # rows, where a single row would not give the same bits


def head_sessions(head: bytes, fields: Sequence[str]) -> list[Any]:
    """Return a session for the logits of each field; ValueError where the head lacks one.

    A head is soon done, so it runs on one thread: more would only wait for it, spinning.
    """
    graphs = parts(head)
    if missing := [name for name in fields if f"logits.{name}" not in graphs]:
        raise ValueError(f"it has no logits.{missing[0]}")
    return [session(graphs[f"logits.{name}"], 1) for name in fields]


class BoundHeads:
    """The sessions of all fields, bound to `hidden` `[rows, units]`.

    They read `hidden` as it is when they run. All arrays live as long as this object.
    """

    def __init__(self, sessions: Sequence[Any], hidden: Floats) -> None:
        self._sessions = sessions
        self._given = hidden
        rows = max(len(hidden), LEAST)
        self._single = len(hidden) < LEAST
        self._hidden = np.zeros((rows, hidden.shape[1]), np.float32) if self._single else hidden
        self._chosen = np.zeros((rows, len(sessions)), np.int32)
        self._bound: list[tuple[Any, Floats] | None] = [None] * len(sessions)

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return float32 `[n, size]` of the first n rows.

        `chosen` `[n, fields]` holds the values of the fields before.
        """
        self._chosen[: len(chosen)] = chosen
        if self._single:
            self._hidden[:] = self._given
        binding, logits = self._bound[field] or self._bind(field)
        run_bound(self._sessions[field], binding)
        return logits[: len(chosen)].copy()

    def _bind(self, field: int) -> tuple[Any, Floats]:
        """Bind the session of `field`; return the binding and the array of its logits."""
        session = self._sessions[field]
        [output] = session.get_outputs()
        logits = np.zeros((len(self._hidden), output.shape[1]), np.float32)
        binding = session.io_binding()
        arrays = {"hidden": self._hidden, "chosen": self._chosen}
        for each in session.get_inputs():
            bind_input(binding, each.name, arrays[each.name])
        bind_output(binding, output.name, logits)
        self._bound[field] = binding, logits
        return binding, logits
