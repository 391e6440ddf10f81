"""The record of a run: `journal.jsonl`, one line per evaluation, and the same for TensorBoard.

The journal holds no times. So a resumed run writes the same bytes as an undisturbed one, unless it
has a budget of minutes.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from symgen.errors import DataError, shorten
from symgen.files import read_json_lines

NAME = "journal.jsonl"


class Journal:
    """Appends to the journal of a run, and to its TensorBoard log where that is installed."""

    def __init__(self, folder: Path, keep: int = 0, tensorboard: bool = True) -> None:
        """Open the journal and drop what comes after its first `keep` bytes."""
        self.path = folder / NAME
        with open(self.path, "ab") as file:
            file.truncate(min(keep, file.tell()))
        self.logs = folder / "logs"
        self.events: Any = None
        if tensorboard:
            with _naming(self.logs):
                self.events = _event_writer(self.logs)

    def write(self, line: Mapping[str, Any]) -> int:
        """Append one line and flush it to the disk; return the bytes of the journal."""
        with open(self.path, "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if self.events:
            with _naming(self.logs):
                self._log(line)
        return size

    def _log(self, line: Mapping[str, Any]) -> None:
        import time

        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=k, simple_value=float(v))
            for k, v in _flat(line)
            if isinstance(v, int | float) and not isinstance(v, bool) and k != "step"
        ]
        self.events.add_event(
            Event(wall_time=time.time(), step=line["step"], summary=Summary(value=values))
        )
        self.events.flush()

    def close(self) -> None:
        """Close the TensorBoard log."""
        if self.events:
            with _naming(self.logs):
                self.events.close()


def _flat(line: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of a line; keys of inner tables as `table/key`."""
    for key, value in line.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}/")
        else:
            yield above + key, value


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of the journal, without a last one that was cut off.

    DataError where one is no line of a journal.
    """
    path = folder / NAME
    rows = read_json_lines(path) if path.is_file() else []
    for row in rows:
        notes = row.get("nats_per_note")
        scores = [row.get("nats_per_event"), *([] if notes is None else [notes])]
        if not isinstance(row.get("step"), int) or not all(_is_number(score) for score in scores):
            raise DataError(
                f"{path}: is damaged: a line in it has no step or no score; start the run again"
            )
    return rows


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@contextlib.contextmanager
def _naming(logs: Path) -> Iterator[None]:
    """Make an error of TensorBoard's writer, such as of a full disk, a DataError.

    Its files are written by TensorFlow where that is installed, with exceptions of its own.
    """
    try:
        yield
    except OSError as error:
        raise DataError(f"{logs}: {error.strerror or error}") from None
    except Exception as error:
        raise DataError(f"{logs}: cannot be written: {shorten(error, 200)}") from None


def _event_writer(folder: Path) -> Any:
    try:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        return None
    return EventFileWriter(str(folder))
