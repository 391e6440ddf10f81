"""The dataset of a run: one that is named, the newest that fits, or music to convert."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from symgen.dataset import dataset as datasets
from symgen.dataset.build import build
from symgen.dataset.dataset import Dataset
from symgen.dataset.store.manifest import MANIFEST, SPLITS
from symgen.encodings import Codec
from symgen.errors import DataError

Data = Dataset | str | Path | None


def fitting(
    data: Data,
    encoding: Codec | None,
    log: Callable[[str], None] = lambda _: None,
    start: str | Path | None = None,
) -> Dataset:
    """Return the dataset of a run; DataError where it does not fit `encoding`.

    `data` is a dataset, its path, music (a folder, file, archive or the name of a corpus), which is
    converted with `encoding`, or None for the newest dataset that fits. `start` is the bundle that
    training begins from; messages name it.
    """
    dataset = _opened(data, encoding, log)
    if encoding and not encoding.accepts(dataset.codec):
        raise DataError(_unfit(dataset, encoding, start))
    for split in SPLITS:
        if not dataset.rows(split).total:
            raise DataError(f"{dataset.path}: its {split} split is empty; convert more music")
    return dataset


def _opened(data: Data, encoding: Codec | None, log: Callable[[str], None]) -> Dataset:
    if data is None:
        return datasets.find(encoding=encoding)
    if isinstance(data, Dataset):
        return data
    if not is_music(data):
        return Dataset.open(data)
    built = build(str(data), encoding)
    for line in built.messages:
        log(line)
    state = "converted" if built.fresh else "was converted before"
    name = built.dataset.codec.name
    log(f"{data}: {state}, to {built.dataset.path.as_posix()} (encoding {name})")
    return built.dataset


def is_music(data: str | Path) -> bool:
    """Return whether `data` names music: it exists, and holds no dataset.json."""
    path = Path(data)
    if (path / MANIFEST).is_file():
        return False
    from symgen.corpus.manifest import shipped_names

    named = path.parts[:-1] in ((), ("corpora",)) and path.name in shipped_names()
    return path.exists() or named


def _unfit(dataset: Dataset, encoding: Codec, start: str | Path | None) -> str:
    theirs = dataset.codec.spec()
    ours = encoding.spec()
    keys = [key for key in {**ours, **theirs} if theirs.get(key) != ours.get(key)]
    if "name" in keys:  # the options of another encoding say nothing
        keys = ["name"]
    differ = ", ".join(
        f"{key} {_short(theirs.get(key))} and not {_short(ours.get(key))}" for key in keys[:3]
    )
    step = f"make one that fits with: symgen convert SOURCE{datasets.flags(encoding)}"
    if start:
        step = (
            f"make one that fits with: symgen train --from {start} FOLDER, which converts the "
            f"music in FOLDER, or symgen convert FOLDER --encoding {encoding.name}"
        )
    differ = differ or "another version"
    return f"{dataset.path} does not fit the model: its encoding has {differ}; {step}"


def _short(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) > 4:
        return f"of {len(value)}, {value[0]!r} to {value[-1]!r}"
    return value
