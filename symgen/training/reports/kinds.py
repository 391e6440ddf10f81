"""What a run reports by the kind of its data: of notes or of sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Rows
from symgen.dataset.sound.dataset import SoundDataset
from symgen.training.reports import baseline, music, sound


class Kind(NamedTuple):
    """The reports of one kind of data.

    `survey` describes the training data, `baselines` scores models that only count, and `verdict`
    says from their nats that a model is not better. `whole` is what is scored at the end of a run.
    """

    survey: Callable[[Dataset], dict[str, Any]]
    baselines: Callable[[Dataset], dict[str, Any]]
    verdict: Callable[[float, Mapping[str, Any]], str]
    whole: Callable[[Rows], Rows]


NOTES = Kind(music.survey, baseline.ngram, baseline.verdict, lambda held_out: held_out)
SOUND = Kind(sound.survey, sound.baselines, sound.verdict, sound.whole)


def kind(dataset: Dataset) -> Kind:
    """Return the reports for the kind of `dataset`."""
    return SOUND if isinstance(dataset, SoundDataset) else NOTES
