"""What a run reports by the kind of its data: of notes or of sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Rows
from symgen.dataset.sound.dataset import SoundDataset
from symgen.errors import counted
from symgen.training.reports import baseline, music, sound


class Kind(NamedTuple):
    """The reports of one kind of data.

    `survey` describes the training data, `baselines` scores models that only count, and `verdict`
    says from their nats that a model is not better. `whole` is what is scored at the end of a run,
    and `part` says how much of the held-out data the evaluations score.
    """

    survey: Callable[[Dataset], dict[str, Any]]
    baselines: Callable[[Dataset], dict[str, Any]]
    verdict: Callable[[float, Mapping[str, Any]], str]
    whole: Callable[[Rows], Rows]
    part: Callable[[Rows, Rows], str]


def _pieces(watched: Rows, held_out: Rows) -> str:
    pieces = counted(len(held_out), "held-out piece")
    return f"{len(watched)} of {pieces} ({watched.total:,} events)"


NOTES = Kind(music.survey, baseline.ngram, baseline.verdict, lambda held_out: held_out, _pieces)
SOUND = Kind(sound.survey, sound.baselines, sound.verdict, sound.whole, sound.part)


def kind(dataset: Dataset) -> Kind:
    """Return the reports for the kind of `dataset`."""
    return SOUND if isinstance(dataset, SoundDataset) else NOTES
