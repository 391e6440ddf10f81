"""The head of a chained model at play: one session for each field, of what leads to its logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events

Floats = npt.NDArray[np.float32]
LEAST = 2  # rows, where a lone one would not come to the same bits


class BoundHeads:
    """The `sessions` of all fields, bound to `hidden` `[rows, units]` as it is when they are run.

    What is bound lives as long as this does.
    """

    def __init__(self, sessions: Sequence[Any], hidden: Floats) -> None:
        self._sessions, self._given, rows = sessions, hidden, max(len(hidden), LEAST)
        self._lone = len(hidden) < LEAST
        self._hidden = np.zeros((rows, hidden.shape[1]), np.float32) if self._lone else hidden
        self._chosen = np.zeros((rows, len(sessions)), np.int32)
        self._bound: list[tuple[Any, Floats] | None] = [None] * len(sessions)

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return float32 `[n, size]` of the first n rows.

        `chosen` `[n, fields]` holds the fields before.
        """
        self._chosen[: len(chosen)] = chosen
        if self._lone:
            self._hidden[:] = self._given
        binding, logits = self._bound[field] or self._bind(field)
        self._sessions[field].run_with_iobinding(binding)
        return logits[: len(chosen)].copy()

    def _bind(self, field: int) -> tuple[Any, Floats]:
        """Bind the session of `field`; return that and where its logits come to."""
        session = self._sessions[field]
        [output] = session.get_outputs()
        logits = np.zeros((len(self._hidden), output.shape[1]), np.float32)
        binding, arrays = session.io_binding(), {"hidden": self._hidden, "chosen": self._chosen}
        for given in session.get_inputs():
            array = arrays[given.name]
            kind, place = array.dtype.type, array.ctypes.data
            binding.bind_input(given.name, "cpu", 0, kind, array.shape, place)
        binding.bind_output(output.name, "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._bound[field] = binding, logits
        return binding, logits
