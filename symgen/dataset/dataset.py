"""A dataset folder: TFRecord shards of two halves, `train` and `eval`, and `dataset.json`, which says what they are.

A half is held as one array of the smallest integers that fit, `[events of all pieces, fields]`: twenty million events of
the performance encoding take 40 MB. It is read once, when first asked for, and each shard's checksum is tested then. Shards
are compressed as `dataset.json` says: "GZIP", the word that TensorFlow has for it, or not at all where it says nothing.
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from symgen import files
from symgen.controls import Control, compute_all, compute_part, total_width
from symgen.controls.timeline import Timeline, timeline
from symgen.dataset.augment import Augment, Cache
from symgen.encodings import Encoding, Events, encodings
from symgen.errors import BadOption, DataError, counted
from symgen.tfrecord import example as records
from symgen.tfrecord import framing as tfrecord

FORMAT = 2  # 1 had shards that are not compressed
COMPRESSION = "GZIP"
MANIFEST = "dataset.json"
STRETCHED = 96 << 20  # bytes of pieces at another speed that a half keeps
LINES = 128 << 20  # of their time lines
TOLD = 128 << 20  # of the controls of whole pieces
Name = Literal["train", "eval"]
HALVES: tuple[Name, ...] = ("train", "eval")
Array = npt.NDArray[Any]
Info = dict[str, Any]


def compact(encoding: Encoding) -> np.dtype[Any]:
    """Return the smallest integer type that holds every event value of `encoding`."""
    return np.dtype(np.min_scalar_type(max(f.size for f in encoding.fields)))


class Split:
    """The pieces of one half, in the order of their ids."""

    def __init__(
        self,
        encoding: Encoding,
        contexts: Sequence[dict[str, Any]],
        lengths: Sequence[int],
        values: Array,
    ) -> None:
        self.encoding = encoding
        self.contexts = list(contexts)
        self.ids = [str(c["id"]) for c in self.contexts]
        self.lengths = np.asarray(lengths, np.int64)  # events of each piece
        self.ends = np.cumsum(self.lengths)  # where each piece ends in `values`
        self.values = values  # [events of all pieces, fields], the smallest type that fits
        self._stretched: Cache[Array] = Cache(STRETCHED)
        self._lines: Cache[Timeline] = Cache(LINES)
        self._told: Cache[npt.NDArray[np.float32]] = Cache(TOLD)
        self._outlines: dict[Any, Any] = {}

    @classmethod
    def of(cls, encoding: Encoding, pieces: dict[str, Array]) -> Split:
        """Hold the events `[steps, fields]` of each piece id."""
        empty = np.zeros((0, len(encoding.fields)), np.int32)
        values = np.concatenate([empty, *pieces.values()]).astype(compact(encoding))
        return cls(encoding, [{"id": i} for i in pieces], [len(e) for e in pieces.values()], values)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def total(self) -> int:
        """The events of all pieces."""
        return len(self.values)

    def part(self, i: int) -> Array:
        """Return the events of piece `i` as they are held, `[steps, fields]` of a small integer type, not copied."""
        return self.values[self.ends[i] - self.lengths[i] : self.ends[i]]

    def events(self, i: int) -> Events:
        """Return int32 `[steps, fields]`: the events of piece `i`."""
        return self.part(i).astype(np.int32)

    def at_speed(self, i: int, factor: float) -> Array:
        """Return the events of piece `i` with all times multiplied by `factor`, held as `part` is."""
        if factor == 1:
            return self.part(i)
        return self._stretched.get(
            (i, factor),
            lambda: self.encoding.stretch(self.events(i), factor).astype(self.values.dtype),
        )

    def told(
        self, controls: tuple[Control, ...], i: int, factor: float = 1.0, semitones: int = 0
    ) -> npt.NDArray[np.float32]:
        """Return float32 `[steps, width]`: the controls of piece `i` at that speed, moved by `semitones`."""

        def make() -> npt.NDArray[np.float32]:
            events = self.encoding.transpose(self.at_speed(i, factor).astype(np.int32), semitones)
            outlines = [self._outline(control, i, factor) for control in controls]
            return compute_all(controls, self.encoding, events, self.contexts[i], outlines)

        return self._told.get((controls, i, factor, semitones), make)

    def told_part(
        self,
        controls: tuple[Control, ...],
        i: int,
        start: int,
        stop: int,
        factor: float = 1.0,
        semitones: int = 0,
    ) -> npt.NDArray[np.float32]:
        """Return the rows `start`..`stop` of what `told` returns, without computing the others where the controls allow it."""
        stop = min(stop, len(self.at_speed(i, factor)))
        if start >= stop:
            return np.zeros((0, total_width(controls, self.encoding)), np.float32)
        line = self._lines.get(
            (i, factor),
            lambda: timeline(
                self.encoding, self.at_speed(i, factor).astype(np.int32), self.contexts[i]
            ),
        )
        return compute_part(
            controls,
            self.encoding,
            line.moved(semitones),
            start,
            stop,
            self.contexts[i],
            lambda control: self.told((control,), i, factor, semitones),
        )

    def _outline(self, control: Control, i: int, factor: float) -> Any:
        key = (control, i, factor)
        if key not in self._outlines:
            self._outlines[key] = control.outline(
                self.encoding, self.at_speed(i, factor).astype(np.int32), self.contexts[i]
            )
        return self._outlines[key]

    @functools.cached_property
    def spans(self) -> npt.NDArray[np.int64]:
        """The lowest and the highest pitch of each piece, `[pieces, 2]`; 127 and 0 where it has none."""
        return np.array([self._span(i) for i in range(len(self))], np.int64).reshape(-1, 2)

    def _span(self, i: int) -> tuple[int, int]:
        pitches = np.concatenate(
            [
                self.encoding.table(k)["pitch"][np.unique(self.part(i)[:, k])]
                for k in range(len(self.encoding.fields))
            ]
        )
        pitches = pitches[pitches >= 0]
        return (int(pitches.min()), int(pitches.max())) if len(pitches) else (127, 0)


class Dataset:
    """A dataset folder, opened. `info` is what `dataset.json` holds."""

    def __init__(self, path: Path, info: Info, encoding: Encoding, augment: Augment) -> None:
        self.path, self.info, self.encoding, self.augment = path, info, encoding, augment
        self._halves: dict[str, Split] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Dataset:
        """Open the dataset at `path`; DataError says what is missing, damaged, or newer than this symgen."""
        folder = Path(path)
        info = read_manifest(folder)
        try:
            encoding: Encoding = encodings.make(info["encoding"])
            dataset = cls(folder, info, encoding, Augment(**info["augment"]))
        except (BadOption, KeyError, TypeError) as error:
            raise DataError(
                f"{folder / MANIFEST}: does not describe a dataset that this symgen can read: {error}"
            ) from None
        if encoding.fingerprint() != info["encoding_fingerprint"]:
            raise DataError(
                f"{folder}: the {encoding.name} encoding gives other events since this was made; convert again"
            )
        for shard in info["shards"]:
            _check_size(folder / shard["name"], shard["bytes"])
        return dataset

    def __repr__(self) -> str:
        return f"<Dataset {str(self.path)!r}: {counted(len(self.info['pieces']), 'piece')}, {self.encoding.name}>"

    def half(self, name: Name) -> Split:
        """Return the `train` or the `eval` half; DataError names the shard whose bytes are not what was written."""
        if name not in HALVES:
            raise BadOption(f"no half is called {name!r}; there are {' and '.join(HALVES)}")
        if name not in self._halves:
            self._halves[name] = self._read(name)
        return self._halves[name]

    def check(self) -> None:
        """Raise DataError where a shard's bytes are not what was written."""
        for shard in self.info["shards"]:
            _check_sum(self.path / shard["name"], shard["sha256"])

    def _read(self, name: Name) -> Split:
        rows = [row for row in self.info["pieces"] if row["half"] == name]
        width = len(self.encoding.fields)
        values = np.empty((sum(row["events"] for row in rows), width), compact(self.encoding))
        contexts, lengths, place = [], [], 0
        for shard in self.info["shards"]:
            if shard["half"] != name:
                continue
            _check_sum(self.path / shard["name"], shard["sha256"])
            for data in self._records(self.path / shard["name"]):
                context, events = records.loads(data, width)
                values[place : place + len(events)] = events
                contexts.append(context)
                lengths.append(len(events))
                place += len(events)
        return Split(self.encoding, contexts, lengths, values)

    def _records(self, path: Path) -> Iterator[bytes]:
        opened = gzip.open if self.info.get("compression") == COMPRESSION else open
        with opened(path, "rb") as file:
            yield from tfrecord.read_records(cast(IO[bytes], file), str(path))


def read_manifest(folder: Path) -> Info:
    """Return what `folder`/dataset.json holds; DataError where there is none, or a newer or a broken one."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise DataError(
            f"{folder}: no such folder; make a dataset with: symgen convert SOURCE -o {folder}"
        )
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{folder}: not a dataset, for it has no {MANIFEST}; make one with: symgen convert {folder}"
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if not isinstance(info, dict) or not isinstance(info.get("format"), int):
        raise DataError(f"{path}: not the description of a dataset; convert again")
    if info["format"] > FORMAT:
        raise DataError(
            f"{path}: format {info['format']}, of a newer symgen; this one reads up to {FORMAT}: update it"
        )
    return info


def write_manifest(folder: Path, info: Info) -> None:
    """Write `folder`/dataset.json: sorted keys, one line an entry of each list, so that it can be read and compared."""
    text = ",\n".join(f" {json.dumps(key)}: {_lines(info[key])}" for key in sorted(info))
    (folder / MANIFEST).write_bytes(f"{{\n{text}\n}}\n".encode())


def _lines(value: Any, indent: str = " ") -> str:
    inner = indent + " "
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return (
            "[\n"
            + ",\n".join(inner + json.dumps(item, sort_keys=True) for item in value)
            + f"\n{indent}]"
        )
    if isinstance(value, dict) and value:
        return (
            "{\n"
            + ",\n".join(
                f"{inner}{json.dumps(k)}: {_lines(value[k], inner)}" for k in sorted(value)
            )
            + f"\n{indent}}}"
        )
    return json.dumps(value, sort_keys=True)


def _check_size(path: Path, size: int) -> None:
    if not path.is_file():
        raise DataError(f"{path}: missing from the dataset; convert again")
    if path.stat().st_size != size:
        raise DataError(
            f"{path}: damaged: {path.stat().st_size} bytes where {size} were written; convert again"
        )


def _check_sum(path: Path, expected: str) -> None:
    found = files.sha256(path)
    if found != expected:
        raise DataError(
            f"{path}: damaged: its SHA-256 is {found[:12]}... where {expected[:12]}... was written; convert again"
        )


def find(folder: str | os.PathLike[str] = "data", encoding: Encoding | None = None) -> Dataset:
    """Open the newest dataset in `folder`, of those whose encoding `encoding` accepts where one is given."""
    manifests = sorted(
        Path(folder).glob(f"*/{MANIFEST}"), key=lambda p: (p.stat().st_mtime, str(p)), reverse=True
    )
    for path in manifests:
        if encoding is None or _fits(path.parent, encoding):
            return Dataset.open(path.parent)
    name = f" for the {encoding.name} encoding as configured" if encoding else ""
    raise DataError(
        f"{folder} holds no dataset{name}; make one with: symgen convert SOURCE{flags(encoding) if encoding else ''}, "
        "where SOURCE is a folder of music, such as corpora/einaudi"
    )


def flags(encoding: Encoding) -> str:
    """Return the options with which `symgen convert` makes a dataset of this encoding; none for the default one."""
    usual = encodings.make({"name": encoding.name}).spec()
    other = [
        " --set "
        + shlex.quote(f"encoding.{key}={value if isinstance(value, str) else json.dumps(value)}")
        for key, value in encoding.spec().items()
        if value != usual[key]
    ]
    return (f" --encoding {encoding.name}" if encoding.name != "performance" else "") + "".join(
        other
    )


def _fits(folder: Path, encoding: Encoding) -> bool:
    try:
        info = read_manifest(folder)
        found: Encoding = encodings.make(info["encoding"])
    except (DataError, BadOption, KeyError, TypeError):
        return False
    return found.fingerprint() == info.get("encoding_fingerprint") and encoding.accepts(found)
