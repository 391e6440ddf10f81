"""The reader of `.abc` files."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from symgen import limits
from symgen.errors import BadOption, ReadError, unknown
from symgen.notes.abc.book import Block, blocks
from symgen.notes.abc.music import SCOPE, SCOPES
from symgen.notes.abc.played import Budget
from symgen.notes.abc.sequence import sequence
from symgen.notes.abc.tune import Tune, parse
from symgen.notes.base import Reader
from symgen.notes.sequence import NoteSequence


@dataclasses.dataclass(frozen=True)
class AbcReader(Reader):
    """Tune books; the suffix of a tune is # and its X:, and .2 for a second tune of that number.

    `accidentals` says how far an accidental holds where a tune has no %%propagate-accidentals: for
    its note alone ("not"), its letter and octave to the bar line ("octave", as in printed music,
    the default here), or its letter in every octave ("pitch", the default of ABC 2.1, 11.3).
    """

    accidentals: str = SCOPE

    format: ClassVar[str] = "abc"

    def __post_init__(self) -> None:
        if self.accidentals not in SCOPES:
            raise BadOption(unknown("scope of accidentals", self.accidentals, SCOPES))

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the tunes of a book; a tune that is too long or without notes is a ReadError."""
        out: list[tuple[str, NoteSequence | ReadError]] = []
        seen: dict[int, int] = {}
        budget = Budget()
        for number, block in enumerate(_blocks(data, name), 1):
            try:
                tune = parse(block, self.accidentals)
            except OverflowError as error:
                tune = Tune(number)
                failed = _too_long(str(error) or "lasts longer than 100,000 whole notes")
            else:
                failed = ""
            x = number if tune.x is None else tune.x
            if tune.x is None:
                tune.warn(f"no X: before it; numbered {number} by its place")
            seen[x] = seen.get(x, 0) + 1
            suffix = f"#{x}" if seen[x] == 1 else f"#{x}.{seen[x]}"
            out.append((suffix, _made(tune, failed, name, suffix, budget)))
        return out


def _blocks(data: bytes, name: str) -> list[Block]:
    """Return the tunes of a file; ReadError if it is longer than the limit, or has more tunes."""
    most = limits.current()
    if len(data) > most.text:
        raise most.refuse(name, "text", len(data))
    found = blocks(data, name)
    if len(found) > most.pieces:
        raise most.refuse(name, "pieces", len(found))
    return found


def tunes(data: bytes, name: str) -> list[Tune]:
    """Return the tunes of a book as written, with grace notes, annotations and marks.

    Raises ReadError if there are none, OverflowError if one is too long.
    """
    return [parse(block) for block in blocks(data, name)]


def _made(
    tune: Tune, failed: str, name: str, suffix: str, budget: Budget
) -> NoteSequence | ReadError:
    if not failed:
        try:
            made = sequence(tune, name, budget)
            if len(made):
                return made
            failed = "; ".join(["holds no notes", *made.source.warnings[:5]])
        except OverflowError as error:
            failed = _too_long(str(error))
    return ReadError(name + suffix, failed)


def _too_long(why: str) -> str:
    """Return the reason with the next step, which a limit of the file has already."""
    return why if ";" in why else f"{why}; shorten it"
