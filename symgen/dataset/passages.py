"""The passages of a dataset's training half, indexed once and kept beside its shards as `passages.npz`.

The notes are decoded from the events, so they are the music as a model heard it; the files it came from need not be there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from symgen.dataset.dataset import Dataset
from symgen.errors import DataError, counted
from symgen.notes.sequence import NoteSequence
from symgen.similarity.passages import Index

FILE = "passages.npz"
Progress = Callable[[int, int, str], None]


def indexed(
    dataset: Dataset, path: str | os.PathLike[str] | None = None, progress: Progress | None = None
) -> tuple[Index, list[str]]:
    """Return the index of the training half, and what is to be said of it: where it was written, or why it was not.

    It is read from `path` (`passages.npz` in the dataset's folder) where that is of this dataset, else built and written there.
    DataError where `path` is given and is something else.
    """
    place = dataset.path / FILE if path is None else Path(path)
    stamp = str(dataset.info["fingerprint"])
    try:
        found = Index.load(place)
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
    return made, [
        f"indexed the passages of {counted(len(made.names), 'piece')}, {counted(len(made.order), 'note')}: {place}"
    ]


def _pieces(dataset: Dataset, progress: Progress | None) -> Iterator[tuple[str, NoteSequence]]:
    half = dataset.half("train")
    for i, name in enumerate(half.ids):
        if progress:
            progress(i, len(half), "indexing passages")
        yield name, dataset.encoding.decode(half.events(i), half.contexts[i])
