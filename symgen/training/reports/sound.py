"""What a run reports of a model of sound."""

from __future__ import annotations

from typing import Any

from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Rows
from symgen.dataset.sound.baselines import baselines as baselines
from symgen.dataset.sound.baselines import verdict as verdict

WHOLE = 400_000  # held-out samples that are scored at the end of a run: 50 s at 8 kHz


def survey(dataset: Dataset) -> dict[str, Any]:
    """Return nothing: the statistics of training music are those of notes."""
    return {}


def whole(held_out: Rows) -> Rows:
    """Return about WHOLE held-out samples, evenly spread; all of them could take hours."""
    return held_out.share(WHOLE)


def part(watched: Rows, held_out: Rows) -> str:
    """Return how many of the held-out samples the evaluations of a run score."""
    return f"{watched.total:,} of {held_out.total:,} held-out samples"
