"""A dataset folder: TFRecord shards of two splits, `train` and `eval`, and `dataset.json`.

A split is held as one array of the smallest integers that fit, `[events of all pieces, fields]`:
twenty million events of the performance encoding take 40 MB. It is read once, on first use, and
the checksum of each shard is verified then. `dataset.json` says whether the shards are compressed.
"""

from __future__ import annotations

import gzip
import json
import os
import shlex
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from symgen import files, regular
from symgen.dataset.augment import Augment
from symgen.dataset.pieces import Split, compact
from symgen.dataset.rows import Rows
from symgen.dataset.store import schema
from symgen.dataset.store.manifest import (
    COMPRESSION,
    MANIFEST,
    SPLITS,
    Info,
    SplitName,
    read_manifest,
)
from symgen.encodings import Codec, Encoding, codecs
from symgen.errors import BadOption, DataError, counted, printable
from symgen.tfrecord import example as records
from symgen.tfrecord import framing as tfrecord

ODD = (AttributeError, KeyError, OverflowError, TypeError, ValueError)  # of options of any type
EVENT, NUMBER = 24, 12  # bytes of a record that an event, and each number in it, may take
CONTEXT = 1 << 16  # bytes of a record for what it says about its piece
SPARE = 1 << 20  # bytes of a shard


class Dataset:
    """A dataset folder, opened. `info` holds the contents of `dataset.json`."""

    def __init__(self, path: Path, info: Info, codec: Codec, augment: Augment) -> None:
        self.path, self.info, self.codec, self.augment = path, info, codec, augment
        self._halves: dict[str, Rows] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Dataset:
        """Open the dataset at `path`; DataError says what is missing, damaged or too new."""
        folder = Path(path)
        info = read_manifest(folder)
        try:
            codec: Codec = codecs.make(info["encoding"])
            dataset = _kind(codec)(folder, info, codec, Augment(**info["augment"]))
        except (BadOption, *ODD) as error:
            raise DataError(
                f"{folder / MANIFEST}: does not describe a dataset that this symgen can read: "
                f"{error}"
            ) from None
        if codec.fingerprint() != info["encoding_fingerprint"]:
            raise DataError(
                f"{folder}: was made with another version of the {codec.name} encoding; "
                "convert again"
            )
        for shard in info["shards"]:
            _check_size(folder / shard["name"], shard["bytes"])
        return dataset

    def __repr__(self) -> str:
        pieces = counted(len(self.info["pieces"]), "piece")
        return f"<Dataset {str(self.path)!r}: {pieces}, {self.codec.name}>"

    @property
    def encoding(self) -> Encoding:
        """The encoding of its notes; DataError for a dataset of sound."""
        if not isinstance(self.codec, Encoding):
            raise self._not_notes()
        return self.codec

    def _not_notes(self) -> DataError:
        return DataError(
            f"{self.path}: is a dataset of sound ({self.codec.name}), and this needs one of notes; "
            "make one with: symgen convert SOURCE"
        )

    def split(self, name: SplitName) -> Split:
        """Return the `train` or the `eval` split of notes; see `rows`."""
        found = self.rows(name)
        if not isinstance(found, Split):
            raise self._not_notes()
        return found

    def augmented(self, given: Augment | None) -> Augment:
        """Return how its training split is augmented: as `given`, or as it records."""
        return given or self.augment

    def summary(self) -> str:
        """Return in words what was read, what each split holds, and every loss."""
        from symgen.dataset.ledger import summary

        return summary(self.info)

    def rows(self, name: SplitName) -> Rows:
        """Return the `train` or the `eval` split; DataError names a shard that is damaged."""
        if name not in SPLITS:
            raise BadOption(f"no split is called {name!r}; there are {' and '.join(SPLITS)}")
        if name not in self._halves:
            self._halves[name] = self._read(name)
        return self._halves[name]

    half = split  # its earlier name

    def check(self) -> None:
        """Raise DataError where a shard is damaged."""
        for shard in self.info["shards"]:
            _check_sum(self.path / shard["name"], shard["sha256"])

    def _read(self, name: SplitName) -> Rows:
        rows = [row for row in self.info["pieces"] if row["half"] == name]
        sizes = np.array([field.size for field in self.encoding.fields])
        values = np.empty((sum(row["events"] for row in rows), len(sizes)), compact(self.encoding))
        contexts = list[dict[str, Any]]()
        lengths, place = list[int](), 0
        for path, data in self._records(name):
            context, events = records.loads(data, len(sizes))
            if len(events) > len(values) - place or len(contexts) == len(rows):
                raise _damaged(path, f"more events than {MANIFEST} says")
            if (events < 0).any() or (events >= sizes).any():
                raise _damaged(path, "an event that its encoding has not")
            try:
                schema.check_context(context)
            except ValueError as error:
                raise _damaged(path, f"a piece that cannot be used ({error})") from None
            values[place : place + len(events)] = events
            contexts.append(context)
            lengths.append(len(events))
            place += len(events)
        if place < len(values) or len(contexts) < len(rows):
            raise DataError(f"{self.path}: its {name} split is not whole; convert again")
        return Split(self.encoding, contexts, lengths, values)

    def _records(self, name: SplitName) -> Iterator[tuple[Path, bytes]]:
        """Yield the records of a split, each with its shard, which is checked."""
        packed = self.info.get("compression") == COMPRESSION
        for shard in self.info["shards"]:
            if shard["half"] != name:
                continue
            path = self.path / shard["name"]
            _check_sum(path, shard["sha256"])
            event = EVENT + NUMBER * len(self.encoding.fields)
            most = SPARE + CONTEXT * shard["records"] + event * shard["events"]
            with regular.opened(path) as whole:
                file: Any = gzip.GzipFile(fileobj=whole) if packed else whole
                limited = cast(IO[bytes], Limited(file, most))
                try:
                    for data in tfrecord.read_records(limited, str(path)):
                        yield path, data
                except (OSError, EOFError, zlib.error) as error:
                    raise _damaged(path, f"what cannot be unpacked ({error})") from None


def _kind(codec: Codec) -> type[Dataset]:
    """Return the class of datasets of `codec`."""
    if isinstance(codec, Encoding):
        return Dataset
    from symgen.dataset.sound.dataset import SoundDataset

    return SoundDataset


class Limited:
    """A file of which no more than `most` bytes are read; OSError beyond them."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._left = file, most

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`."""
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError("it has more bytes than its events need")
        return data


def _damaged(path: Path, what: str) -> DataError:
    return DataError(f"{path}: damaged: it holds {printable(what)}; convert again")


def is_intact(folder: Path) -> bool:
    """Return whether `folder` holds a dataset without damage."""
    try:
        Dataset.open(folder).check()
    except DataError:
        return False
    return True


def _check_size(path: Path, size: int) -> None:
    if not path.is_file():
        raise DataError(f"{path}: missing from the dataset; convert again")
    if path.stat().st_size != size:
        raise DataError(
            f"{path}: damaged: {path.stat().st_size} bytes, but {size} were written; convert again"
        )


def _check_sum(path: Path, expected: str) -> None:
    found = files.sha256(path)
    if found != expected:
        raise DataError(
            f"{path}: damaged: its SHA-256 is {found[:12]}..., but {expected[:12]}... was written; "
            "convert again"
        )


def find(folder: str | os.PathLike[str] = "data", encoding: Codec | None = None) -> Dataset:
    """Open the newest dataset in `folder`; with `encoding`, of those that it accepts."""
    manifests = sorted(
        Path(folder).glob(f"*/{MANIFEST}"), key=lambda p: (p.stat().st_mtime, str(p)), reverse=True
    )
    for path in manifests:
        if encoding is None or _fits(path.parent, encoding):
            return Dataset.open(path.parent)
    name, options = "", ""
    if encoding:
        name = f" for the {encoding.name} encoding as configured"
        options = flags(encoding)
    what = "recordings"
    if encoding is None or isinstance(encoding, Encoding):
        what = "music, such as corpora/einaudi"
    raise DataError(
        f"{folder} holds no dataset{name}; make one with: symgen convert SOURCE{options}, "
        f"where SOURCE is a folder of {what}"
    )


def flags(encoding: Codec) -> str:
    """Return the options of `symgen convert` for this encoding; none for the default one."""
    usual = codecs.make({"name": encoding.name}).spec()
    name = "" if encoding.name == "performance" else f" --encoding {encoding.name}"
    other = [_flag(key, value) for key, value in encoding.spec().items() if value != usual[key]]
    return name + "".join(other)


def _flag(key: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return " --set " + shlex.quote(f"encoding.{key}={text}")


def _fits(folder: Path, encoding: Codec) -> bool:
    try:
        info = read_manifest(folder)
        found: Codec = codecs.make(info["encoding"])
    except (DataError, BadOption, *ODD):
        return False
    return found.fingerprint() == info.get("encoding_fingerprint") and encoding.accepts(found)
