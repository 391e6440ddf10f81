"""What an encoding learns of all pieces before the first is encoded, such as which chords are frequent enough for a name."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections import Counter
from collections.abc import Iterable

from symgen.corpus import Entry, Piece, load
from symgen.dataset import workers as pool
from symgen.dataset.encode import Progress
from symgen.encodings import Encoding
from symgen.errors import ReadError

Pieces = list[Piece | ReadError]
Kept = dict[int, Pieces]  # by the number of the file
KEPT = 1 << 20  # notes that are kept, so that a small corpus is read once


def survey(
    encoding: Encoding, entries: Iterable[Entry], total: int, workers: int, progress: Progress
) -> tuple[Counter[str], Kept]:
    """Return what the `total` files of `entries` add up to, and the pieces of as many of them as are kept."""
    counts, kept, notes = Counter[str](), Kept(), 0
    task = functools.partial(_survey_numbered, encoding)
    for done, ((number, _), found) in enumerate(
        pool.mapped(task, enumerate(entries), min(workers, total)), 1
    ):
        if not isinstance(found, pool.Died):
            counts.update(found[0])
            notes += sum(
                len(piece.sequence) for piece in found[1] or () if isinstance(piece, Piece)
            )
            if found[1] is not None and notes < KEPT:
                kept[number] = found[1]
        progress(done, total, "surveying")
    return counts, kept


def _survey_numbered(
    encoding: Encoding, item: tuple[int, Entry]
) -> tuple[Counter[str], Pieces | None]:
    return survey_file(encoding, item[1])


def survey_file(encoding: Encoding, entry: Entry) -> tuple[Counter[str], Pieces | None]:
    """Return what the pieces of one file add to what `encoding` learns from, and the pieces.

    What is wrong with the file is for `encode_file` to say; then there are None.
    """
    counts: Counter[str] = Counter()
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        found = load(entry)
        for piece in found:
            if isinstance(piece, Piece):
                with contextlib.suppress(Exception):
                    counts.update(encoding.survey(piece.sequence))
        return counts, found
    return counts, None
