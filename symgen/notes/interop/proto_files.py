"""TFRecord files of NoteSequence protocol buffers, as Magenta's converters write them.

They need note_seq (extra `interop`).
"""

from __future__ import annotations

import dataclasses
import io
from typing import Any, ClassVar

from symgen.errors import DataError, ReadError
from symgen.notes.base import Reader, Writer
from symgen.notes.interop import note_seq as proto
from symgen.notes.sequence import NoteSequence
from symgen.tfrecord import framing as tfrecord

GZIP = b"\x1f\x8b"


@dataclasses.dataclass(frozen=True)
class SequencesReader(Reader):
    """Any number of pieces, one per record."""

    format: ClassVar[str] = "tfrecord"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the piece of each record."""
        cls = proto.message_class()
        messages = [_parsed(cls, raw, name, i) for i, raw in enumerate(_records(data, name), 1)]
        single = len(messages) == 1
        try:
            return [
                ("" if single else f"#{i}", _named(proto.from_proto(m), name))
                for i, m in enumerate(messages, 1)
            ]
        except DataError as error:
            raise ReadError(name, str(error)) from None


@dataclasses.dataclass(frozen=True)
class SequencesWriter(Writer):
    """A file with one record."""

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the file."""
        return tfrecord.frame(_bytes(sequence))


def _bytes(sequence: NoteSequence) -> bytes:
    data: bytes = proto.to_proto(sequence).SerializeToString(deterministic=True)
    return data


def _records(data: bytes, name: str) -> list[bytes]:
    try:
        return list(tfrecord.read_records(io.BytesIO(data), name))
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
