"""Shards: encoded pieces in any order become files in the order of their ids.

Only one piece is in memory at a time. Shards are compressed with gzip at its fastest level: a note
of the performance encoding takes 7 bytes instead of 32. They record no time and no name, so their
bytes depend only on the pieces and the version of zlib. Threads write several at a time, because
most of the work is done outside Python.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from symgen import files
from symgen.dataset.encode import Encoded
from symgen.dataset.pieces import compact
from symgen.dataset.store.manifest import SPLITS
from symgen.encodings import Encoding, Events
from symgen.tfrecord import example as records
from symgen.tfrecord import framing as tfrecord

PIECES = 256  # in a shard
LEVEL = 1  # of gzip; level 6 takes five times as long and saves a fifth


class Row:
    """A piece whose events are on disk: its facts, its place there, and its split.

    `alike` is the number of the first row with nearly the same music.
    """

    def __init__(self, piece: Encoded, corpus: str, place: int) -> None:
        self.piece = piece
        self.corpus = corpus
        self.place = place
        self.size = len(piece.data)
        self.digest, self.group, self.split = piece.digest, piece.group, ""
        self.alike = -1
        piece.data = b""


class Spool:
    """A temporary file with the events of all pieces, until the split is decided.

    It has no name; errors of the disk name `named`, the dataset.
    """

    def __init__(self, folder: Path, encoding: Encoding, named: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self.encoding, self.rows, self._reading = encoding, list[Row](), threading.Lock()
        self._named = named

    def add(self, piece: Encoded, corpus: str) -> Row:
        """Add a piece, whose data moves to disk."""
        with files.naming(self._named):
            place = self._file.seek(0, 2)
            self._file.write(piece.data)
        row = Row(piece, corpus, place)
        self.rows.append(row)
        return row

    def events(self, row: Row) -> Events:
        """Return the events of a piece, int32 `[steps, fields]`."""
        with self._reading, files.naming(self._named):
            self._file.seek(row.place)
            data = np.frombuffer(self._file.read(row.size), compact(self.encoding))
        return data.reshape(-1, len(self.encoding.fields)).astype(np.int32)

    def close(self) -> None:
        """Delete the file."""
        with contextlib.suppress(OSError):  # a full disk has been reported
            self._file.close()


def write(folder: Path, spool: Spool, workers: int = 1) -> list[dict[str, Any]]:
    """Write the shards of both splits into `folder`; return an entry of `dataset.json` for each."""
    planned: list[tuple[Path, str, list[Row]]] = []
    for name in SPLITS:
        rows = [row for row in spool.rows if row.split == name]
        count = -(-len(rows) // PIECES)
        for i, some in enumerate(np.array_split(np.arange(len(rows)), count) if count else []):
            path = folder / f"{name}-{i:05d}-of-{count:05d}.tfrecord"
            planned.append((path, name, [rows[k] for k in some]))
    with ThreadPoolExecutor(max(workers, 1)) as threads:
        return list(threads.map(functools.partial(_shard, spool), planned))


def _shard(spool: Spool, planned: tuple[Path, str, list[Row]]) -> dict[str, Any]:
    path, name, rows = planned
    with open(path, "wb") as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
        tfrecord.write_records(cast(IO[bytes], packed), _records(rows, spool))
    return {
        "name": path.name,
        "half": name,
        "records": len(rows),
        "events": sum(row.piece.steps for row in rows),
        "bytes": path.stat().st_size,
        "sha256": files.sha256(path),
    }


def _records(rows: Sequence[Row], spool: Spool) -> Iterator[bytes]:
    fingerprint = spool.encoding.fingerprint()
    for row in rows:
        context = row.piece.facts | {
            "id": row.piece.id,
            "group": row.group,
            "corpus": row.corpus,
            "sha256": row.piece.sha256,
            "encoding": fingerprint,
            "seconds": float(row.piece.seconds),
        }
        yield records.dumps(context, spool.events(row))
