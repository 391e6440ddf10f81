"""An index of the passages in a training split, kept beside its shards as `passages.npz`.

The notes are decoded from the events, so they are the music that a model was trained on; the
original files are not needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from symgen.dataset.dataset import Dataset
from symgen.dataset.store.manifest import SplitName
from symgen.errors import DataError, counted
from symgen.notes.sequence import NoteSequence
from symgen.similarity.known import Known
from symgen.similarity.passages import Index

FILE = "passages.npz"
Progress = Callable[[int, int, str], None]


def indexed(
    dataset: Dataset, path: str | os.PathLike[str] | None = None, progress: Progress | None = None
) -> tuple[Index, list[str]]:
    """Return the index of the training split, and messages: where it was written, or why not.

    It is read from `path` (by default in the dataset's folder) where that is of this dataset, else
    built and written there. DataError where `path` is given and holds something else.
    """
    place = dataset.path / FILE if path is None else Path(path)
    stamp = str(dataset.info["fingerprint"])
    try:
        events = sum(row["events"] for row in dataset.info["pieces"] if row["half"] == "train")
        found = Index.load(place, events) if path is None else Index.load(place)
        if found.stamp == stamp:
            return found, []
    except DataError:
        if path is not None and place.exists():
            raise
    made = Index.build(_pieces(dataset, progress), progress, stamp)
    try:
        made.save(place)
    except OSError as error:
        return made, [f"the index of passages is not kept: {place}: {error.strerror or error}"]
    pieces = counted(len(made.names), "piece")
    notes = counted(len(made.order), "note")
    return made, [f"indexed the passages of {pieces}, {notes}: {place}"]


def known(
    dataset: Dataset, progress: Progress | None = None, halves: Sequence[SplitName] = ("train",)
) -> Known:
    """Return the passages of the training split, or of these `halves`, to go with a model."""
    pieces = (piece for half in halves for _, piece in _pieces(dataset, progress, half))
    return Known.build(pieces, str(dataset.info["fingerprint"]))


def _pieces(
    dataset: Dataset, progress: Progress | None, half: SplitName = "train"
) -> Iterator[tuple[str, NoteSequence]]:
    split = dataset.split(half)
    for i, name in enumerate(split.ids):
        if progress:
            progress(i, len(split), "indexing passages")
        yield name, dataset.encoding.decode(split.events(i), split.contexts[i])
