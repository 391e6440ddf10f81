"""Samples that copy a long passage are drawn again; see `symgen.sampling.originality`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from symgen.errors import BadOption
from symgen.sampling.originality import Original, title
from symgen.sampling.sample import Sample
from symgen.sampling.watchers.base import Setup, Watcher
from symgen.similarity.passages import Copy, Index


class CopyWatcher(Watcher):
    """Rejects samples that share more notes in a row with other music than `rule` allows."""

    tries: ClassVar[int] = 20
    stride: ClassVar[int] = 1

    def __init__(self, setup: Setup, rule: Original) -> None:
        super().__init__(setup)
        self.rule = rule
        self._own = None if rule.played is None else Index.build([])  # the samples kept so far
        self._least: dict[int, Copy] = {}  # of the draws of a sample, the shortest copy

    @classmethod
    def make(cls, setup: Setup) -> Watcher | None:
        """Return the watcher where copies are limited. BadOption where the melody is fixed."""
        if setup.rule is None:
            return None
        if setup.request.shape.melody is not None:
            raise BadOption(
                "--melody fixes the notes, so there is nothing to copy; leave out --max-copy and "
                "--never-repeat"
            )
        return cls(setup, setup.rule)

    def judge(self, sample: Sample, draw: int) -> Sample | None:
        """Return the sample with its `originality`; None where it copies too much."""
        music = sample.continuation
        indices = (self.rule.index, self.rule.played, self._own)
        found = [None if index is None else index.longest(music) for index in indices]
        worst = _longest(found)
        if worst and worst.notes > self.rule.most:
            least = self._least.get(sample.index, worst)
            self._least[sample.index] = worst if worst.notes < least.notes else least
            return None
        if self._own is not None:
            size = len(self._own.order) + len(music)
            self._own = self._own.added([(title(sample), music)], size)
        return dataclasses.replace(sample, originality=self._report(found, draw))

    def give_up(self, index: int) -> str:
        """Return why the sample is left out."""
        tries = f"all of {self.tries} draws have"
        if self.request.params.greedy:
            tries = "temperature 0 has only one result, with"
        copy = self._least[index]
        return (
            f"sample {index} is left out: {tries} more than {self.rule.most} notes in a row of "
            f"other music, at least {copy.notes} of {copy.piece}; allow more with --max-copy, or "
            "raise --temperature"
        )

    def _report(self, found: Sequence[Copy | None], draw: int) -> dict[str, Any]:
        """Return the report on a sample that is kept, in plain JSON types."""
        copied, *repeated = found
        out: dict[str, Any] = {"max_copy": self.rule.most, "drawn_again": draw}
        if self.rule.index is not None:
            out["longest"] = copied.table() if copied else None
            out["found_from"] = self.rule.index.fewest
        if self.rule.played is not None:
            most = _longest(repeated)
            out["repeated"] = most.table() if most else None
        return out


def _longest(copies: Sequence[Copy | None]) -> Copy | None:
    """Return the longest copy, the first of equally long ones."""
    return max((copy for copy in copies if copy), key=lambda copy: copy.notes, default=None)
