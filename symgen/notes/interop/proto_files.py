"""TFRecord files of NoteSequence protocol buffers, as Magenta's converters write them.

They need note_seq (extra `interop`).
"""

from __future__ import annotations

import dataclasses
import io
import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from symgen import limits
from symgen.errors import DataError, ReadError
from symgen.notes.base import Reader, Writer
from symgen.notes.interop import note_seq as proto
from symgen.notes.sequence import TABLES, NoteSequence
from symgen.tfrecord import framing as tfrecord

GZIP = b"\x1f\x8b"
_REPEATED = (
    "tempos", "time_signatures", "key_signatures", "control_changes", "pitch_bends",
    "text_annotations",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class SequencesReader(Reader):
    """Any number of pieces, one per record."""

    format: ClassVar[str] = "tfrecord"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the piece of each record; of several, one that makes no sense is a ReadError."""
        cls, most = proto.message_class(), limits.current()
        out: list[tuple[str, NoteSequence | ReadError]] = []
        notes = rows = 0
        for i, raw in enumerate(_records(data, name, most.pieces), 1):
            message = _parsed(cls, raw, name, i)
            notes += len(message.notes)
            rows += sum(len(getattr(message, table)) for table in _REPEATED)
            for limit, found in (("notes", notes), ("events", rows)):
                if found > getattr(most, limit):
                    raise most.refuse(name, limit)
            out.append((f"#{i}", _sequence(message, name, i)))
        if len(out) == 1:
            if isinstance(out[0][1], ReadError):
                raise out[0][1]
            return [("", out[0][1])]
        return out


def _sequence(message: Any, name: str, index: int) -> NoteSequence | ReadError:
    try:
        sequence = _named(proto.from_proto(message), name)
    except DataError as error:
        return ReadError(name, f"record {index}: {error}")
    wrong = _wrong(sequence)
    return ReadError(name, f"record {index}: {wrong}; correct it first") if wrong else sequence


def _wrong(sequence: NoteSequence) -> str:
    """Return what the tables of a piece hold that makes no sense, or ""."""
    ends = [sequence.total_time, sequence.first_bar_time]
    times = [getattr(sequence, name)["time"] for name in TABLES if name != "notes"]
    times += [sequence.notes["start_time"], np.array(ends)]
    for column in times:
        if not ((column >= 0) & (column <= limits.current().music)).all():
            return f"a time is not in 0 to {limits.current().music:g} s (the limit music)"
    meters, keys = sequence.time_signatures, sequence.key_signatures
    if not ((meters["numerator"] > 0) & (meters["denominator"] > 0)).all():
        return "a time signature is not above 0"
    if not ((keys["key"] >= 0) & (keys["key"] < 12)).all():
        return "a key is not one of 12"
    return ""


@dataclasses.dataclass(frozen=True)
class SequencesWriter(Writer):
    """A file with one record."""

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the file."""
        return tfrecord.frame(_bytes(sequence))


def _bytes(sequence: NoteSequence) -> bytes:
    data: bytes = proto.to_proto(sequence).SerializeToString(deterministic=True)
    return data


def _records(data: bytes, name: str, most: int) -> Iterator[bytes]:
    """Yield the records, one above the limit at most."""
    try:
        yield from itertools.islice(tfrecord.read_records(io.BytesIO(data), name), most + 1)
    except ReadError:
        if data.startswith(GZIP):
            raise ReadError(
                name,
                "is compressed; open a symgen dataset with symgen.Dataset.open, gunzip any other",
            ) from None
        raise


def _parsed(cls: Any, raw: bytes, name: str, index: int) -> Any:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        return cls.FromString(raw)
    except DecodeError:
        raise ReadError(
            name,
            f"record {index} is not a NoteSequence; open a symgen dataset with symgen.Dataset.open",
        ) from None


def _named(sequence: NoteSequence, name: str) -> NoteSequence:
    source = sequence.source
    return sequence.replace(source=dataclasses.replace(source, path=source.path or name))
