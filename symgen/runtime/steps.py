"""The step graph at play: a session with the arrays that it reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.models.state import StateSpec
from symgen.runtime.session import bind_input, bind_output, run, run_bound

Arrays = dict[str, npt.NDArray[Any]]
States = list[npt.NDArray[Any]]  # in the order of their specs


class Step:
    """Runs from `inputs` and `states` to `results`; every row of an array is a stream.

    `inputs` and `results` stay the same arrays. The states are new ones after each step, so they
    may grow.
    """

    def __init__(
        self,
        session: Any,
        specs: Sequence[StateSpec],
        inputs: Arrays,
        states: States,
        results: Arrays,
    ) -> None:
        self.session, self.specs = session, specs
        self.inputs, self.states, self.results = inputs, states, results

    def run(self) -> None:
        """Move the states by one step and write the results."""
        names = [*(spec.after for spec in self.specs), *self.results]
        states = {spec.before: state for spec, state in zip(self.specs, self.states, strict=True)}
        made = run(self.session, names, self.inputs | states)
        self.states = made[: len(self.specs)]
        for array, new in zip(self.results.values(), made[len(self.specs) :], strict=True):
            array[...] = new


class BoundStep(Step):
    """The same for states of a fixed shape, without new arrays.

    The states go back and forth between two sets, which the session reads and writes in place.
    """

    def __init__(
        self,
        session: Any,
        specs: Sequence[StateSpec],
        inputs: Arrays,
        states: States,
        results: Arrays,
    ) -> None:
        super().__init__(session, specs, inputs, states, results)
        self._spare = [np.empty_like(state) for state in states]
        self._there = self._bind(states, self._spare)
        self._back = self._bind(self._spare, states)

    def _bind(self, before: States, after: States) -> Any:
        binding = self.session.io_binding()
        for name, array in self.inputs.items():
            bind_input(binding, name, array)
        for spec, old, new in zip(self.specs, before, after, strict=True):
            bind_input(binding, spec.before, old)
            bind_output(binding, spec.after, new)
        for name, array in self.results.items():
            bind_output(binding, name, array)
        return binding

    def run(self) -> None:
        """Move the states by one step and write the results."""
        run_bound(self.session, self._there)
        self._there, self._back = self._back, self._there
        self.states, self._spare = self._spare, self.states
