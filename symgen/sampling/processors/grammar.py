"""The grammar of the encoding: only events that it can decode may come."""

from __future__ import annotations

from symgen.encodings import Events
from symgen.sampling.processors.base import Processor
from symgen.types import Floats32, Ints


class GrammarProcessor(Processor):
    """Bars what is not legal next, and tells the grammar of `view` what was chosen.

    The grammar cannot reorder streams. Only `Particles` does so, and its streams have the same
    fixed melody, on which alone the grammar of a tune depends.
    """

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar the values of `field` that are not legal."""
        self.view.grammar.bar(field, scores)

    def choose(self, field: int, values: Ints) -> Ints:
        """Tell the grammar what was chosen in the streams that go on."""
        if self.view.all_live and self.view.dropped is None:
            self.view.grammar.choose(field, values)
        else:
            rows = self.view.kept
            self.view.grammar.choose(field, values[rows], rows)
        return values

    def primed(self, events: Events) -> None:
        """Tell the grammar of an event of the primer."""
        for field in range(events.shape[1]):
            self.view.grammar.choose(field, events[:, field])
