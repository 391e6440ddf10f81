"""One file of a corpus to encoded pieces: the part of converting that runs in other processes."""

from __future__ import annotations

import dataclasses
import hashlib
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.corpus import Entry, Piece, load
from symgen.dataset.pieces import compact
from symgen.encodings import Encoding
from symgen.errors import ReadError, SymgenError, printable
from symgen.notes import pedal, transform
from symgen.notes.sequence import NoteSequence
from symgen.similarity import sketch

Progress = Callable[[int, int, str], None]

RULE = 2  # of what is done to music before it is encoded
SILENCE = "silence before the first note, cut"
STUCK = "press of the pedal that is never lifted, passed over"
LEAST_SILENCE = 0.01  # seconds


@dataclasses.dataclass
class Encoded:
    """One piece, encoded, with what the ledger counts. `data` holds its events as the dataset will hold them in memory."""

    id: str
    group: str
    split: str | None
    sha256: str  # of the file's bytes
    facts: dict[str, Any]  # label, meter, tempo: the rest of the record's context
    notes: int  # in the file
    struck: int  # in the events
    seconds: float  # that the events take
    steps: int
    drops: Counter[str]
    warnings: tuple[str, ...]
    data: bytes
    sketch: npt.NDArray[np.uint64]  # by which near-duplicates are found

    @property
    def digest(self) -> bytes:
        """What two pieces of the same events share."""
        return hashlib.sha256(self.data).digest()


@dataclasses.dataclass(frozen=True)
class Refused:
    """One file, or one piece of it, that gave nothing, and why."""

    name: str
    reason: str


def encode_file(
    encoding: Encoding, entry: Entry, pieces: Sequence[Piece | ReadError] | None = None
) -> list[Encoded | Refused]:
    """Read one file, unless its pieces are given, and encode what it holds.

    Whatever is wrong with it becomes a reason without a path, and never an exception.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of the libraries that read; what symgen's readers mend is in the sequence
        try:
            pieces = load(entry) if pieces is None else pieces
        except ReadError as error:
            return [Refused(entry.id, error.reason)]
        return [
            _encode(encoding, one) if isinstance(one, Piece) else _refused(entry, one)
            for one in pieces
        ]


def _refused(entry: Entry, error: ReadError) -> Refused:
    return Refused(
        entry.id + error.name.removeprefix(entry.name), error.reason
    )  # the piece's own suffix stays


def _encode(encoding: Encoding, piece: Piece) -> Encoded | Refused:
    drops: Counter[str] = Counter()
    try:
        sequence = piece.sequence if encoding.tune else prepared(piece.sequence, drops)
        events = encoding.encode(sequence, drops)
        if not len(events):
            return Refused(
                piece.id,
                "holds no notes"
                if not drops
                else f"nothing is left of it: {', '.join(sorted(drops))}",
            )
        made = encoded(encoding, piece, sequence, events, drops)
        made.notes = len(piece.sequence.notes)
        return made
    except SymgenError as error:
        return Refused(piece.id, printable(error))
    except Exception as error:
        return Refused(
            piece.id,
            printable(f"the encoding failed on it: {type(error).__name__}: {error}").rstrip(": "),
        )


def encoded(
    encoding: Encoding, piece: Piece, sequence: NoteSequence, events: Any, drops: Counter[str]
) -> Encoded:
    """Return the events of `sequence`, which is `piece` or a part of it, with what is to be known of them."""
    label = {f"label/{key}": value for key, value in piece.label.items()}
    return Encoded(
        piece.id,
        piece.group,
        piece.split,
        piece.sha256,
        label | encoding.context(sequence),
        len(sequence.notes),
        struck(encoding, events),
        encoding.duration(events),
        len(events),
        drops,
        sequence.source.warnings,
        events.astype(compact(encoding)).tobytes(),
        sketch(sequence),
    )


def prepared(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return `sequence` as a model should learn it: from its first note on, no pedal stuck."""
    freed, presses = pedal.without_stuck(begun(sequence, drops))
    if presses:
        drops[STUCK] += presses
    return freed


def begun(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return `sequence` from its first note on, drums aside: a model would learn to begin with silence."""
    pitched = sequence.notes[~sequence.notes["is_drum"]]
    first = float(pitched["start_time"].min(initial=np.inf))
    if not LEAST_SILENCE <= first < np.inf:
        return sequence
    drops[SILENCE] += 1
    cut = transform.crop(sequence, first, np.inf)
    if drums := len(sequence.notes) - len(cut.notes):
        drops["drum note before the first note of a pitch"] += drums
    return cut


def struck(encoding: Encoding, events: Any) -> int:
    """Return how many notes `events` hold."""
    return len(encoding.spans(events).row)
