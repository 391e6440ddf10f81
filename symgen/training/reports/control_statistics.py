"""What a run learns of its music for the controls, and what it reports of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from symgen.controls import Control
from symgen.dataset.dataset import Dataset


def learned(controls: tuple[Control, ...], dataset: Dataset) -> tuple[Control, ...]:
    """Return the controls with what they leave open filled from the training half."""
    return tuple(c.learned(dataset.half("train").contexts) if c.learns else c for c in controls)


def frequent(dataset: Dataset, fact: str) -> dict[str, int]:
    """Return how many pieces of the training half begin in each key or meter (`fact`) that they say, the most frequent first."""
    said = Counter(
        str(context[fact]) for context in dataset.half("train").contexts if fact in context
    )
    return dict(sorted(said.items(), key=lambda item: (-item[1], item[0])))


def survey(controls: tuple[Control, ...], dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Return for each control's name `about`, and what its own `survey` tells of the training half."""
    half = dataset.half("train")
    return {
        c.name: {"about": c.about(), **c.survey(dataset.encoding, half.contexts, half.events)}
        for c in controls
    }
