"""The dataset that a model was trained on: one place that looks for it.

A bundle records the folder and the fingerprint of its dataset. The folder may be gone, or may have
been converted again since then; a bundle made by other tools may record neither.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.dataset.dataset import Dataset, find
from symgen.dataset.passages import indexed
from symgen.errors import DataError
from symgen.notes.sequence import NoteSequence, Source
from symgen.similarity.known import NOTES, Known, beside
from symgen.similarity.passages import Index

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle

Progress = Callable[[int, int, str], None]
Data = str | os.PathLike[str] | None


def dataset_of(bundle: Bundle, data: Data = None, *, newest: bool = False) -> Dataset:
    """Open the dataset that `bundle` was trained on, or the one at `data` where that is given.

    With `newest`, the newest dataset of the same encoding under data/ is used where the recorded
    folder is gone. DataError says what is missing and how to name a dataset.
    """
    recorded = dataset_path(bundle, data)
    if data is not None or (recorded and Path(recorded).is_dir()):
        return Dataset.open(recorded or "")
    if newest:
        try:
            return find(encoding=bundle.codec)
        except DataError:
            pass  # the message below says more
    if not recorded:
        raise DataError(
            f"{bundle.path} does not record its training dataset; name it with --data FOLDER"
        )
    raise DataError(
        f"{bundle.name} was trained on {recorded}, which is not here; name it, or another dataset "
        f"of its encoding ({bundle.codec.name}), with --data FOLDER"
    )


def dataset_path(bundle: Bundle, data: Data = None) -> str | None:
    """Return `data`, or the folder of the dataset that `bundle` records, or None."""
    named = bundle.training.dataset if data is None else data
    return os.fspath(named) if named else None


def recorded_dataset(bundle: Bundle) -> Dataset | None:
    """Return the training dataset where it is still as it was in training, else None."""
    try:
        dataset = dataset_of(bundle)
    except DataError:
        return None
    return dataset if bundle.training.dataset_fingerprint == _stamp(dataset) else None


def is_unchanged(bundle: Bundle, dataset: Dataset) -> bool:
    """Return False where the bundle records a fingerprint that `dataset` does not have."""
    return bundle.training.dataset_fingerprint in (None, _stamp(dataset))


def check_encoding(bundle: Bundle, dataset: Dataset) -> None:
    """Raise DataError where `dataset` has another encoding than `bundle`."""
    if dataset.codec.fingerprint() != bundle.record.encoding_fingerprint:
        raise DataError(
            f"{dataset.path}: its encoding is not that of {bundle.path}; "
            "name another with --data FOLDER"
        )


def held_out_piece(bundle: Bundle, seed: int, data: Data = None) -> NoteSequence:
    """Return a piece of the held-out split, chosen by `seed`; its source names the piece.

    DataError where the dataset is missing or has changed: its held-out pieces may then have been
    in the training data.
    """
    try:
        dataset = dataset_of(bundle, data)
        if not is_unchanged(bundle, dataset):
            raise DataError(
                f"{dataset.path} was rebuilt after {bundle.name} was trained, so its held-out "
                "pieces may have been in the training data"
            )
        split = dataset.split("eval")
        if not len(split):
            raise DataError(f"{dataset.path} holds out no piece")
    except DataError as error:
        raise DataError(f"no held-out piece: {error}; or name a file with --primer FILE") from None
    i = seed % len(split)
    return dataset.encoding.decode(split.events(i), split.contexts[i]).replace(
        source=Source(split.ids[i])
    )


def training_index(
    bundle: Bundle, data: Data = None, progress: Progress | None = None, fewest: int = NOTES
) -> tuple[Index | Known, list[str]]:
    """Return the index of the training split, in which copied passages are found, and messages.

    Where the dataset is missing, or the recorded one has changed since training, return the
    passages that go with the model, if copies of `fewest` notes are enough; else DataError. A
    dataset that is named with `data` may differ; a message says so.
    """
    known = beside(bundle.path)
    if data is None and fewest >= NOTES and recorded_dataset(bundle) is None and known.is_file():
        return Known.load(known), []
    try:
        dataset = dataset_of(bundle, data)
        messages = []
        if not is_unchanged(bundle, dataset):
            if data is None:
                raise DataError(
                    f"{dataset.path} was rebuilt after {bundle.name} was trained; "
                    "name the original with --data FOLDER"
                )
            messages.append(f"{data} differs from the dataset that {bundle.name} was trained on")
        index, more = indexed(dataset, progress=progress)
    except DataError as error:
        there = f" (without it: {NOTES - 1} notes or more)" if known.is_file() else ""
        raise DataError(f"--max-copy needs the training music: {error}{there}") from None
    return index, messages + more


def _stamp(dataset: Dataset) -> Any:
    return dataset.info["fingerprint"]
