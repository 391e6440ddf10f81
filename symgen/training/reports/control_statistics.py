"""What the controls learn from the training music, and what a run reports about it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from symgen.controls import Control
from symgen.dataset.dataset import Dataset


def learned(controls: tuple[Control, ...], dataset: Dataset) -> tuple[Control, ...]:
    """Return the controls; those that learn from music have learned from the training split."""
    return tuple(c.learned(dataset.rows("train").contexts) if c.learns else c for c in controls)


def frequent(dataset: Dataset, fact: str) -> dict[str, int]:
    """Return how many training pieces begin in each key or meter, the most frequent first.

    `fact` is "key" or "meter". Pieces that do not record it are left out.
    """
    contexts = dataset.rows("train").contexts
    found = Counter(str(context[fact]) for context in contexts if fact in context)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def survey(controls: tuple[Control, ...], dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Return by name the `about` of each control, and its `survey` of the training split."""
    if not controls:
        return {}
    split = dataset.split("train")
    return {
        c.name: {"about": c.about(), **c.survey(dataset.encoding, split.contexts, split.events)}
        for c in controls
    }
