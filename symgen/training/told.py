"""What a run learns of its music for the controls, and what it reports of it."""

from __future__ import annotations

from typing import Any

from symgen.dataset.dataset import Dataset
from symgen.encoding.controls import Control


def learned(controls: tuple[Control, ...], dataset: Dataset) -> tuple[Control, ...]:
    """Return the controls with what they leave open filled from the training half."""
    return tuple(c.learned(dataset.half("train").contexts) if c.learns else c for c in controls)


def survey(controls: tuple[Control, ...], dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Return for each control's name `about`, and what its own `survey` tells of the training half."""
    half = dataset.half("train")
    return {c.name: {"about": c.about(), **c.survey(dataset.encoding, half.contexts, half.events)} for c in controls}
