"""Small corpora of random piano music, and faulty encodings; other processes can import it."""

import dataclasses
import os
import signal
from pathlib import Path

import numpy as np

from symgen.encodings.performance.encoding import Performance
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of


def music(seed: int, notes: int = 40) -> NoteSequence:
    """A piece of `notes` notes, an eighth of a second apart, no pitch struck while it sounds."""
    rng = np.random.default_rng(seed)
    rows = [
        (int(p), int(v), i / 8, i / 8 + 0.125)
        for i, (p, v) in enumerate(
            zip(rng.integers(40, 90, notes), rng.integers(1, 128, notes), strict=True)
        )
    ]
    return NoteSequence(notes_of(rows))


def corpus(folder: Path, pieces: int = 12, table: str = "") -> Path:
    """Write pieces `00.mid`, `01.mid`, ... of 40, 41, ... notes, and the metadata.csv if given."""
    folder.mkdir()
    for i in range(pieces):
        write(music(i, 40 + i), folder / f"{i:02d}.mid")
    if table:
        (folder / "metadata.csv").write_text(table)
    return folder


@dataclasses.dataclass(frozen=True)
class Deadly(Performance):
    """Ends its process on the piece of 43 notes."""

    def encode(self, sequence, drops=None):
        if len(sequence.notes) == 43:
            os._exit(1)
        return super().encode(sequence, drops)


@dataclasses.dataclass(frozen=True)
class Slow(Performance):
    """Takes for ever over the piece of 43 notes."""

    def encode(self, sequence, drops=None):
        while len(sequence.notes) == 43:
            pass
        return super().encode(sequence, drops)


@dataclasses.dataclass(frozen=True)
class Stuck(Performance):
    """Does not react on the piece of 43 notes, like a library in C that does not come back."""

    def encode(self, sequence, drops=None):
        if len(sequence.notes) == 43:
            signal.signal(signal.SIGPROF, signal.SIG_IGN)
            while True:
                pass
        return super().encode(sequence, drops)


@dataclasses.dataclass(frozen=True)
class Failing(Performance):
    """Raises on the piece of 43 notes."""

    def encode(self, sequence, drops=None):
        if len(sequence.notes) == 43:
            raise IndexError("index 7 is out of bounds")
        return super().encode(sequence, drops)
