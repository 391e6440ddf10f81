"""Encoding the pieces of one file: the part of a conversion that runs in other processes."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen import limits as limiting
from symgen.arrays import heads
from symgen.corpus import Entry, Piece, load
from symgen.dataset.pieces import compact
from symgen.dataset.pieces import note_count as note_count
from symgen.encodings import Encoding
from symgen.errors import ReadError, SymgenError, printable
from symgen.notes import pedal, transform
from symgen.notes.sequence import NoteSequence
from symgen.similarity import sketch
from symgen.watch import TooSlow, within

Progress = Callable[[int, int, str], None]

RULE = 3  # the version of what is done to music before encoding
SILENCE = "silence before the first note, cut"
STUCK = "pedal press that is never released, ignored"
JOINED = "note that the events hold as a part of another"
MIN_SILENCE = 0.01  # seconds

_NOTES = re.compile(r"(drum |lower )?note\b(?! off the grid, moved| cut )")
PEDALS = {pedal.SOSTENUTO: "sostenuto pedal presses", pedal.SOFT: "soft pedal presses"}
SUSTAIN = {pedal.SUSTAIN: "pedal presses"}
MOVES = {  # controllers that change what sounds, where they move under the music
    1: "changes of modulation",
    7: "changes of volume",
    10: "changes of pan",
    11: "changes of expression",
}


@dataclasses.dataclass
class Encoded:
    """One piece, encoded, with what the ledger counts.

    `data` holds its events as a dataset holds them in memory; `sketch` finds near-duplicates.
    """

    id: str
    group: str
    split: str | None
    sha256: str  # of the file
    facts: dict[str, Any]  # label, meter, tempo: the rest of the record's context
    notes: int  # in the file
    note_count: int  # notes in the events
    seconds: float  # duration of the events
    steps: int
    drops: Counter[str]
    warnings: tuple[str, ...]
    data: bytes
    sketch: npt.NDArray[np.uint64]
    left_out: Counter[str] = dataclasses.field(default_factory=Counter)  # beside the notes

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the events, the same for copies of a piece."""
        return hashlib.sha256(self.data).digest()


@dataclasses.dataclass(frozen=True)
class Refused:
    """A file, or a piece of it, that could not be used, and why."""

    name: str
    reason: str


def encode_file(
    encoding: Encoding, entry: Entry, pieces: Sequence[Piece | ReadError] | None = None
) -> list[Encoded | Refused]:
    """Read one file, unless its pieces are given, and encode it.

    Any fault becomes a reason without a path, never an exception.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of reading libraries; repairs are in the sequence
        try:
            pieces = load(entry) if pieces is None else pieces
            with limiting.using(entry.limits) as most, within(most.seconds):
                return _encoded(encoding, entry, pieces)
        except TooSlow:
            return [Refused(entry.id, most.beyond("seconds"))]
        except ReadError as error:
            return [Refused(entry.id, error.reason)]


def _encoded(
    encoding: Encoding, entry: Entry, pieces: Sequence[Piece | ReadError]
) -> list[Encoded | Refused]:
    """Encode the pieces of a file, up to the limit of events; what is beyond is refused."""
    out: list[Encoded | Refused] = []
    most, steps = limiting.current(), 0
    for one in pieces:
        made = _encode(encoding, one) if isinstance(one, Piece) else _refused(entry, one)
        if isinstance(made, Encoded):
            steps += made.steps
            if steps > most.events:
                made = Refused(made.id, most.beyond("events"))
        out.append(made)
    return out


def _refused(entry: Entry, error: ReadError) -> Refused:
    suffix = error.name.removeprefix(entry.name)  # of a piece in a file
    return Refused(entry.id + suffix, error.reason)


def _encode(encoding: Encoding, piece: Piece) -> Encoded | Refused:
    drops: Counter[str] = Counter()
    try:
        sequence = piece.sequence if encoding.tune else prepared(piece.sequence, drops)
        events = encoding.encode(sequence, drops)
        if not len(events):
            lost = f"nothing is left of it: {', '.join(sorted(drops))}"
            return Refused(piece.id, lost if drops else "holds no notes")
        made = encoded(encoding, piece, sequence, events, drops)
        made.notes = len(piece.sequence.notes)
        joined = made.notes - made.note_count - notes_lost(drops)
        if joined > 0:
            drops[JOINED] += joined
        made.left_out = left_out(piece.sequence, encoding)
        return made
    except SymgenError as error:
        return Refused(piece.id, printable(error))
    except Exception as error:
        reason = f"the encoding failed on it: {type(error).__name__}: {error}"
        return Refused(piece.id, printable(reason).rstrip(": "))


def notes_lost(drops: Mapping[str, int]) -> int:
    """Return how many notes are in no event, by the reasons that begin with a note.

    Other reasons count changes: of notes that are moved or cut, of pedals, gaps and chords.
    """
    return sum(count for reason, count in drops.items() if _NOTES.match(reason))


def encoded(
    encoding: Encoding, piece: Piece, sequence: NoteSequence, events: Any, drops: Counter[str]
) -> Encoded:
    """Return the events of `sequence`, which is `piece` or a part of it, with its facts."""
    label = {f"label/{key}": value for key, value in piece.label.items()}
    return Encoded(
        piece.id,
        piece.group,
        piece.split,
        piece.sha256,
        label | encoding.context(sequence),
        len(sequence.notes),
        note_count(encoding, events),
        encoding.duration(events),
        len(events),
        drops,
        sequence.source.warnings,
        events.astype(compact(encoding)).tobytes(),
        sketch(sequence),
    )


def left_out(sequence: NoteSequence, encoding: Encoding) -> Counter[str]:
    """Return what the file has beside its notes that the events do not hold, with counts."""
    counts = Counter(sequence.source.left_out)
    counts["pitch bends"] = len(np.unique(sequence.pitch_bends[["time", "bend"]]))
    changes = sequence.control_changes
    first = float(sequence.notes["start_time"].min(initial=np.inf))
    for number, name in (PEDALS | (SUSTAIN if encoding.tune else {})).items():
        own = changes[changes["control_number"] == number]
        own = own[np.lexsort((own["time"], own["instrument"]))]
        down = own["control_value"] >= pedal.DOWN
        same = ~heads(own["instrument"])
        turns = down & ~(np.append(False, down[:-1])[: len(own)] & same)
        counts[name] += len(np.unique(own["time"][turns]))
    for number, name in MOVES.items():
        own = changes[(changes["control_number"] == number) & (changes["time"] > first)]
        counts[name] += len(np.unique(own[["time", "control_value"]]))
    return Counter({f"{what} left out": count for what, count in counts.items() if count})


def prepared(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return `sequence` as a model should learn it: from its first note, without stuck pedals."""
    freed, presses = pedal.without_stuck(from_first_note(sequence, drops))
    if presses:
        drops[STUCK] += presses
    return freed


def from_first_note(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return `sequence` from its first pitched note; a model would learn to begin with silence."""
    pitched = sequence.notes[~sequence.notes["is_drum"]]
    first = float(pitched["start_time"].min(initial=np.inf))
    if not MIN_SILENCE <= first < np.inf:
        return sequence
    drops[SILENCE] += 1
    cut = transform.crop(sequence, first, np.inf)
    if drums := len(sequence.notes) - len(cut.notes):
        drops["drum note before the first note of a pitch"] += drums
    return cut
