"""Copied passages: what a piece has in common with a large set of others, in any key and at any
speed.

Pieces are strings of letters, one per note (see `letters`). A run is a stretch of equal letters in
two pieces. The ratio in the letter of its last note does not count, because it depends on what
follows. Equal notes below the first note, in the same chord, count too. A passage is one run, or
several runs of at least `SEED` notes that continue one another across small differences (see
`runs`). For each note, the `NEAR` places before and after it in suffix order are compared; these
hold the longest runs that begin there.

Indexing six million notes takes three seconds and 0.4 GB; the index takes 70 MB.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from symgen import regular
from symgen.bounded import arrays
from symgen.errors import DataError, printable
from symgen.files import atomic
from symgen.notes.sequence import NoteSequence
from symgen.similarity import suffix_array as suffixes
from symgen.similarity.letters import CHORD, CLASSES, Spelled, spell
from symgen.similarity.runs import Runs, passages
from symgen.types import Ints, Progress

VERSION = 1  # of the definitions above and of the file format
SEED = 6  # notes
NEAR = 16  # places on either side
LENGTHS = (8, 16, 32)
MOST_NOTES = 1 << 28  # of an index
MOST_BYTES = 1 << 33
TYPES = {"order": "i", "ends": "i", "letters": "u", "starts": "f", "pitches": "u"}  # of arrays


@dataclasses.dataclass(frozen=True)
class Copy:
    """A passage found in another piece: its length in notes, in chords, and in notes of its longest
    run.

    `at` and `in_piece` are the onsets of the first and last notes in seconds, here and in `piece`.
    It is `transposed` semitones higher here. Both are None where the piece is not at hand.
    """

    notes: int
    chords: int
    unbroken: int
    piece: str
    at: tuple[float, float]
    in_piece: tuple[float, float] | None
    transposed: int | None

    def table(self) -> dict[str, Any]:
        """Return the fields as JSON types, with times rounded to milliseconds."""
        spans = {"at": self.at, "in_piece": self.in_piece}
        times = {name: span and [round(t, 3) for t in span] for name, span in spans.items()}
        return dataclasses.asdict(self) | times


@dataclasses.dataclass(frozen=True, eq=False)
class Index:
    """Pieces that are searched for passages.

    `ends` holds where the notes of each piece end. `stamp` names the data that the index was made
    of.
    """

    names: tuple[str, ...]
    ends: Ints
    spelled: Spelled
    order: suffixes.Order
    stamp: str = ""
    fewest: ClassVar[int] = 1  # notes of a copy that is found

    @classmethod
    def build(
        cls,
        pieces: Iterable[tuple[str, NoteSequence]],
        progress: Progress | None = None,
        stamp: str = "",
    ) -> Index:
        """Index the notes of (name, piece) pairs."""
        names, parts = [], []
        for name, sequence in pieces:
            names.append(name)
            parts.append(spell(sequence))
        return cls._of(names, parts, stamp, progress)

    @classmethod
    def _of(
        cls,
        names: Sequence[str],
        parts: Sequence[Spelled],
        stamp: str,
        progress: Progress | None = None,
    ) -> Index:
        lengths = [len(part.letters) for part in parts]
        spelled = Spelled(
            *(np.concatenate(column) for column in zip(spell(NoteSequence()), *parts, strict=True))
        )
        order = suffixes.build(spelled.letters, max(lengths, default=0), progress)
        return cls(tuple(names), np.cumsum(lengths, dtype=np.int64), spelled, order, stamp)

    def added(self, pieces: Iterable[tuple[str, NoteSequence]], most: int) -> Index:
        """Return the index with more pieces, dropping the oldest ones above `most` notes in all."""
        old = [
            Spelled(*part)
            for part in zip(
                *(np.split(column, self.ends[:-1]) for column in self.spelled), strict=True
            )
        ]
        new = [(name, spell(sequence)) for name, sequence in pieces]
        both = [*zip(self.names, old[: len(self.names)], strict=True), *new]
        kept = list[tuple[str, Spelled]]()
        notes = 0
        for name, part in reversed(both):  # the newest first
            notes += len(part.letters)
            if notes > most:
                break
            kept.append((name, part))
        kept.reverse()
        return self._of([name for name, _ in kept], [part for _, part in kept], self.stamp)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the index to `path`, an npz of plain arrays. The file is complete or absent."""
        names = np.frombuffer("\0".join(self.names).encode("utf-8", "surrogatepass"), np.uint8)
        with atomic(path) as file:
            np.savez(
                file,
                version=VERSION,
                stamp=np.frombuffer(self.stamp.encode(), np.uint8),
                names=names,
                ends=self.ends,
                order=self.order,
                **self.spelled._asdict(),
            )

    @classmethod
    def load(cls, path: str | os.PathLike[str], most: int = MOST_NOTES) -> Index:
        """Read what `save` wrote; DataError if it is missing, damaged or of another version.

        It holds no more than `most` notes, of which none is unpacked before its size is known.
        """
        try:
            with regular.opened(Path(path)) as file:
                found = arrays.load(file, MOST_BYTES, lambda headers: _check_sizes(headers, most))
            if int(found["version"]) != VERSION:
                raise DataError(
                    f"{path}: index version {int(found['version'])}, "
                    f"but this symgen reads version {VERSION}; delete it"
                )
            text = bytes(found["names"]).decode("utf-8", "surrogatepass")
            names = tuple(text.split("\0")) if len(found["ends"]) else ()
            spelled = Spelled(*(found[name] for name in Spelled._fields))
            stamp = bytes(found["stamp"]).decode()
            made = cls(names, found["ends"], spelled, found["order"], stamp)
            made._check_values()
        except (OSError, ValueError) as error:
            reason = printable(getattr(error, "strerror", None) or error)
            raise DataError(
                f"{Path(path)}: not an index of passages ({reason}); delete it"
            ) from None
        return made

    def _check_values(self) -> None:
        """Raise ValueError where the parts do not fit each other."""
        notes = len(self.order)
        ends = np.concatenate([[0], self.ends])
        if len(self.names) != len(self.ends) or ends[-1] != notes or (np.diff(ends) < 0).any():
            raise ValueError("its parts do not fit")
        seen = np.zeros(notes, bool)
        if notes:
            if self.order.min() < 0 or self.order.max() >= notes:
                raise ValueError("its order is none")
            seen[self.order] = True
        if not seen.all() or not np.isfinite(self.spelled.starts).all():
            raise ValueError("its order is none, or its times are no numbers")

    def __repr__(self) -> str:
        return f"<Index: {len(self.names)} pieces, {len(self.order)} notes>"

    def longest(self, sequence: NoteSequence) -> Copy | None:
        """Return the longest passage of `sequence` that is in a piece, or None if there is none.

        Of equally long passages it returns the first.
        """
        words = spell(sequence)
        runs = self._runs(words)
        if not len(runs.here):
            return None
        first, by = passages(runs, self.ends)
        here, there, notes = (column[by] for column in runs[:3])
        last = int(np.argmax(here + notes - here[first]))
        begin = int(first[last])
        on_the_way = (first == begin) & (here + notes <= here[last] + notes[last])
        here_end = here[last] + notes[last] - 1
        there_end = there[last] + notes[last] - 1
        return Copy(
            int(here_end - here[begin] + 1),
            1 + int((words.letters[here[begin] + 1 : here_end + 1] >= CHORD).sum()),
            int(notes[on_the_way].max()),
            self.names[int(np.searchsorted(self.ends, there[begin], "right"))],
            (float(words.starts[here[begin]]), float(words.starts[here_end])),
            (float(self.spelled.starts[there[begin]]), float(self.spelled.starts[there_end])),
            int(runs.moved[by][begin]),
        )

    def shares(
        self, sequence: NoteSequence, lengths: Sequence[int] = LENGTHS
    ) -> dict[int, float | None]:
        """Return, for each length, the fraction of stretches of that many notes that are in a
        piece.

        The fraction is None if `sequence` is shorter than the length.
        """
        words = spell(sequence)
        searched = self._searched(words)
        at = np.arange(1, len(words.letters))
        reach = np.zeros(len(at), np.int64)
        ranks = searched.ranks(at)
        for slot in (ranks - 1, ranks):
            inside = (slot >= 0) & (slot < len(self.order))
            reach[inside] = np.maximum(
                reach[inside], self._lengths(searched, self._places(slot[inside]), at[inside])
            )
        return {
            n: float((reach[: len(at) + 2 - n] >= n).mean()) if len(at) + 1 >= n else None
            for n in lengths
        }

    def _searched(self, words: Spelled) -> suffixes.Searched:
        return suffixes.Searched(self.spelled.letters, self.order, words.letters)

    def _places(self, slots: Ints) -> Ints:
        return self.order[slots].astype(np.int64)

    def _lengths(self, searched: suffixes.Searched, places: Ints, at: Ints) -> Ints:
        """Return the lengths of runs whose second notes are at `places` and `at`.

        The class in the letter of the last note does not count.
        """
        shared = searched.common(places, at)
        letters = self.spelled.letters
        after = np.minimum(places + shared, len(letters) - 1)
        own_after = np.minimum(at + shared, len(searched.words) - 1)
        inside = (
            (places + shared < len(letters))
            & (at + shared < len(searched.words))
            & (letters[after] > 0)
        )
        alike = inside & (letters[after] // CLASSES == searched.words[own_after] // CLASSES)
        return np.asarray(shared + 1 + alike, np.int64)

    def _runs(self, words: Spelled) -> Runs:
        """Return the runs of at least `SEED` notes, or the longest run if there are none."""
        searched = self._searched(words)
        at = np.arange(1, len(words.letters))
        slots = searched.ranks(at)[:, None] + np.arange(-NEAR, NEAR)
        at = np.broadcast_to(at[:, None], slots.shape)
        inside = (slots >= 0) & (slots < len(self.order))
        places = self._places(slots[inside])
        at = at[inside]
        # an equal note before means that the run from there contains this one
        fresh = (self.spelled.letters[places - 1] != words.letters[at - 1]) | (at == 1)
        fresh &= self.spelled.letters[places] > 0
        places = places[fresh]
        at = at[fresh]
        notes = self._lengths(searched, places, at)
        longest = notes.max(initial=0)
        kept = notes >= SEED if longest >= SEED else notes >= max(longest, 2)
        runs = self._lowered(words, at[kept] - 1, places[kept] - 1, notes[kept])
        best = np.argsort(-runs.notes, kind="stable")
        return Runs(*(column[best if longest >= SEED else best[:1]] for column in runs))

    def _lowered(self, words: Spelled, here: Ints, there: Ints, notes: Ints) -> Runs:
        """Extend the runs by the equal notes below their first notes in the same chord."""
        live = np.arange(len(here))
        while len(live):
            one = words.letters[here[live]]
            other = self.spelled.letters[there[live]]
            live = live[(one // CLASSES == other // CLASSES) & (one > 0) & (one < CHORD)]
            here[live] -= 1
            there[live] -= 1
            notes[live] += 1
        moved = words.pitches[here].astype(np.int64) - self.spelled.pitches[there]
        return Runs(here, there, notes, moved)


def _check_sizes(headers: arrays.Headers, most: int) -> None:
    """Raise ValueError where the arrays of an index are not those of at most `most` notes."""
    if missing := sorted({*TYPES, "names", "stamp", "version"} - set(headers)):
        raise ValueError(f"it has no {missing[0]}")
    notes = headers["order"].size
    if notes > most:
        raise ValueError(f"it has {notes:,} notes, the limit is {most:,}")
    for name, kind in TYPES.items():
        header = headers[name]
        pieces = headers["names"].size + 1  # at most: a byte is between two names
        fits = header.size <= pieces if name == "ends" else header.size == notes
        if len(header.shape) != 1 or not fits or header.dtype.kind != kind:
            raise ValueError(f"its {name} do not fit")
    texts = [headers["names"], headers["stamp"]]
    if any(text.dtype != np.uint8 for text in texts) or headers["version"].shape != ():
        raise ValueError("its names are no text")
    if headers["version"].dtype.kind not in "iu":
        raise ValueError("its version is no number")
