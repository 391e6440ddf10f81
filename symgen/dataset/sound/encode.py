"""One recording as bytes on disk, read in blocks; what is there already is not read again."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from symgen import files
from symgen.audio import reading
from symgen.dataset.encode import Refused
from symgen.dataset.sound.cuts import Levels
from symgen.encodings.sound import Sound
from symgen.errors import ReadError, SymgenError, printable
from symgen.files import atomic

BLOCK = 10.0  # seconds that are in memory at a time
BYTES, FACTS = ".bytes", ".json"
LEAST = 0.1  # seconds: a shorter recording is refused


class Recording(NamedTuple):
    """A recording to encode: its id in the corpus, and where it lies."""

    id: str
    path: Path


@dataclasses.dataclass(frozen=True)
class Encoded:
    """A recording that lies encoded in the folder of its conversion."""

    id: str
    name: str  # of its bytes in that folder
    samples: int
    cuts: tuple[int, ...]  # samples at which it is cut into tracks
    sha256: str  # of the recording
    bytes_sha256: str  # of what was encoded
    warnings: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Task:
    """Encodes a recording into `folder`, cut into tracks of at most `longest` seconds."""

    folder: Path
    codec: Sound
    longest: float

    def __call__(self, recording: Recording) -> Encoded | Refused:
        """Return what was encoded, now or by an earlier conversion; Refused says why not."""
        try:
            stat = recording.path.stat()
            facts = {"id": recording.id, "bytes": stat.st_size, "modified": stat.st_mtime_ns}
            name = hashlib.sha256(recording.id.encode()).hexdigest()[:20]
            return self._known(name, facts) or self._encoded(name, recording, facts)
        except SymgenError as error:
            reason = error.reason if isinstance(error, ReadError) else str(error)
            return Refused(recording.id, reason)
        except OSError as error:
            return Refused(recording.id, error.strerror or str(error))

    def _known(self, name: str, facts: dict[str, Any]) -> Encoded | None:
        """Return what an interrupted conversion has encoded of the same file."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads((self.folder / (name + FACTS)).read_bytes())
            encoded = found.pop("encoded")
            size = (self.folder / (name + BYTES)).stat().st_size
            if found == facts and size == encoded["samples"] * len(self.codec.fields):
                lists = {key: tuple(encoded[key]) for key in ("cuts", "warnings")}
                return Encoded(**encoded | lists)
        return None

    def _encoded(self, name: str, recording: Recording, facts: dict[str, Any]) -> Encoded:
        warnings = list[str]()
        levels = Levels(self.codec.rate)
        digest, samples = hashlib.sha256(), 0
        with atomic(self.folder / (name + BYTES)) as file:
            for block in reading.blocks(
                recording.path, self.codec.rate, 1, BLOCK, warn=warnings.append
            ):
                sound = np.ascontiguousarray(block[:, 0])
                data = self.codec.pack(sound).tobytes()
                levels.add(sound)
                digest.update(data)
                file.write(data)
                samples += len(sound)
            if samples < LEAST * self.codec.rate:
                raise ReadError(
                    recording.path, f"holds {samples / self.codec.rate:.3f} s of sound, too little"
                )
        encoded = Encoded(
            recording.id,
            name + BYTES,
            samples,
            tuple(levels.cuts(self.longest)),
            files.sha256(recording.path),
            digest.hexdigest(),
            tuple(printable(line) for line in warnings),
        )
        with atomic(self.folder / (name + FACTS), "w") as file:
            file.write(json.dumps(facts | {"encoded": dataclasses.asdict(encoded)}))
        return encoded
