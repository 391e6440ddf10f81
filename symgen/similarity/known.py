"""The passages of a model's training music as numbers, a small file that goes with the model.

A passage is `NOTES` notes in a row: the intervals between them, which of them begin together, and
the rhythm in five classes (`letters`), so it is the same in any key and at any speed. Each passage
is a number; the file holds the numbers alone, in some two bytes each, and no music can be read
from it. One passage in `1 << SPARE` that is new is taken for a known one.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen import regular
from symgen.bounded import arrays
from symgen.errors import DataError, printable
from symgen.files import atomic
from symgen.notes.sequence import NoteSequence
from symgen.similarity.letters import BEGIN, CHORD, CLASSES, Letters, spell
from symgen.similarity.passages import Copy
from symgen.types import Array

NOTES = 16
SPARE = 16  # bits of a number beyond those that count the passages
VERSION = 1  # of the numbers and of the file
SUFFIX = ".passages"
MOST = 1 << 26  # passages of a file
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, with its bits spread evenly (Knuth)
PIECE = "the training music"

Numbers = npt.NDArray[np.uint64]


def numbers(letters: Letters, notes: int = NOTES) -> tuple[Numbers, Array]:
    """Return the number of each passage of `notes` notes, and the place of its last note.

    `letters` may hold several pieces; a passage lies inside one. The class of the ratio in the last
    letter does not count, because it depends on what follows.
    """
    words = notes - 1  # the first note has no letter: it is where the passage begins
    count = len(letters) - words + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    inner = np.cumsum(letters == BEGIN)
    before = np.concatenate([[0], inner[: count - 1]])
    whole = inner[words - 1 :] == before
    mixed = np.zeros(count, np.uint64)
    for k in range(words - 1):
        mixed = (mixed + letters[k : k + count]) * FACTOR
        mixed ^= mixed >> np.uint64(29)
    mixed = (mixed + letters[words - 1 :] // CLASSES) * FACTOR
    mixed = (mixed ^ mixed >> np.uint64(32)) * FACTOR
    last = np.flatnonzero(whole)
    return mixed[last] ^ mixed[last] >> np.uint64(29), last + words - 1


@dataclasses.dataclass(frozen=True, eq=False)
class Known:
    """Passages as sorted numbers of `bits` bits. `stamp` names the data that they are of."""

    found: Numbers
    bits: int
    stamp: str = ""
    fewest: ClassVar[int] = NOTES  # notes of a copy that is found

    @classmethod
    def build(cls, pieces: Iterable[NoteSequence], stamp: str = "") -> Known:
        """Return the passages of `pieces`."""
        parts = [numbers(spell(piece).letters)[0] for piece in pieces]
        distinct = np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]))
        bits = min(len(distinct).bit_length() + SPARE, 63)
        return cls(np.unique(distinct >> np.uint64(64 - bits)), bits, stamp)

    def __len__(self) -> int:
        return len(self.found)

    def has(self, asked: Numbers) -> npt.NDArray[np.bool_]:
        """Return which of the numbers are of known passages."""
        short = asked >> np.uint64(64 - self.bits)
        at = np.minimum(np.searchsorted(self.found, short), max(len(self) - 1, 0))
        return self.found[at] == short if len(self) else np.zeros(len(asked), np.bool_)

    def longest(self, sequence: NoteSequence) -> Copy | None:
        """Return the longest passage of `sequence` that is known, or None if there is none.

        It has at least `NOTES` notes. Where it is in the training music is not known.
        """
        words = spell(sequence)
        asked, last = numbers(words.letters)
        at = last[self.has(asked)]
        if not len(at):
            return None
        run = np.cumsum(np.concatenate([[True], np.diff(at) > 1]))
        sizes = np.bincount(run)
        best = int(sizes.argmax())
        end = int(at[run == best][-1])
        size = NOTES - 1 + int(sizes[best])
        begin = end - size + 1
        chords = 1 + int((words.letters[begin + 1 : end + 1] >= CHORD).sum())
        times = (float(words.starts[begin]), float(words.starts[end]))
        return Copy(size, chords, size, PIECE, times, None, None)

    def save(self, path: str | os.PathLike[str], *, force: bool = True) -> None:
        """Write the passages to `path`; the file is complete or absent."""
        with atomic(path, replace=force) as file:
            np.savez_compressed(
                file,
                version=VERSION,
                stamp=np.frombuffer(self.stamp.encode(), np.uint8),
                bits=self.bits,
                steps=_steps(self.found),
            )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Known:
        """Read what `save` wrote; DataError where it is missing, damaged or of another version."""
        try:
            with regular.opened(Path(path)) as file:
                found = arrays.load(file, 8 * MOST + 4096, _check)
            if int(found["version"]) != VERSION:
                raise DataError(
                    f"{path}: passages of version {int(found['version'])}, "
                    f"but this symgen reads version {VERSION}; make them again: "
                    "symgen bundle passages"
                )
            stamp = bytes(found["stamp"]).decode()
            bits = int(found["bits"])
            if not 0 < bits < 64:
                raise ValueError(f"its numbers have {bits} bits")
        except (OSError, ValueError) as error:
            reason = printable(getattr(error, "strerror", None) or error)
            raise DataError(f"{Path(path)}: not the passages of a model ({reason})") from None
        ways = np.ascontiguousarray(found["steps"].T).view("<u8")[:, 0]
        return cls(np.cumsum(ways, dtype=np.uint64), bits, stamp)


def beside(model: Path) -> Path:
    """Return where the passages of a model lie: beside it."""
    return model.with_suffix(SUFFIX)


def _steps(found: Numbers) -> npt.NDArray[np.uint8]:
    """Return the ways from number to number as bytes `[8, passages]`, which pack well by rows."""
    ways = np.diff(found, prepend=np.uint64(0))
    return ways.astype("<u8").view(np.uint8).reshape(-1, 8).T


def _check(headers: arrays.Headers) -> None:
    """Raise ValueError where the arrays are not those of passages."""
    kinds = {"version": "iu", "bits": "iu", "stamp": "u", "steps": "u"}
    if missing := sorted(set(kinds) - set(headers)):
        raise ValueError(f"it has no {missing[0]}")
    steps = headers["steps"]
    if any(headers[name].dtype.kind not in kind for name, kind in kinds.items()):
        raise ValueError("its parts are of other types")
    if headers["version"].shape or headers["bits"].shape or steps.shape[:-1] != (8,):
        raise ValueError("its parts do not fit")
    texts = (steps, headers["stamp"])
    if any(text.dtype != np.uint8 for text in texts) or steps.size > 8 * MOST:
        raise ValueError("its steps do not fit")
