"""The reader of `.abc` files."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from symgen.errors import ReadError
from symgen.notes.abc.book import blocks
from symgen.notes.abc.sequence import sequence
from symgen.notes.abc.tune import Tune, parse
from symgen.notes.base import Reader
from symgen.notes.sequence import NoteSequence


@dataclasses.dataclass(frozen=True)
class AbcReader(Reader):
    """Tune books; a tune's suffix is # and its X:, and a second one of the same number gets .2 behind it."""

    format: ClassVar[str] = "abc"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the tunes of a book; one that is too long or holds no notes is a ReadError in its place."""
        out: list[tuple[str, NoteSequence | ReadError]] = []
        seen: dict[int, int] = {}
        for number, block in enumerate(blocks(data, name), 1):
            try:
                tune = parse(block)
            except OverflowError:
                tune, failed = (
                    Tune(number),
                    "lasts longer than 100,000 whole notes; cut its lengths",
                )
            else:
                failed = ""
            x = number if tune.x is None else tune.x
            if tune.x is None:
                tune.said(f"no X: in front of it; numbered {number} by its place")
            seen[x] = seen.get(x, 0) + 1
            suffix = f"#{x}" if seen[x] == 1 else f"#{x}.{seen[x]}"
            out.append((suffix, _made(tune, failed, name, suffix)))
        return out


def tunes(data: bytes, name: str) -> list[Tune]:
    """Return the tunes of a book as they are written: voices with their grace notes, annotations and order of playing.

    Raises ReadError where there is none, OverflowError where one lasts too long.
    """
    return [parse(block) for block in blocks(data, name)]


def _made(tune: Tune, failed: str, name: str, suffix: str) -> NoteSequence | ReadError:
    if not failed:
        try:
            made = sequence(tune, name)
            if len(made):
                return made
            failed = "; ".join(["holds no notes", *made.source.warnings[:5]])
        except OverflowError as error:
            failed = f"{error}; shorten it"
    return ReadError(name + suffix, failed)
