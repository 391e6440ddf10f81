"""What an encoding learns from all pieces before encoding, such as the frequent chords."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections import Counter
from collections.abc import Iterable

from symgen import limits as limiting
from symgen.corpus import Entry, Piece, load
from symgen.dataset import workers as pool
from symgen.dataset.encode import Progress
from symgen.encodings import Encoding
from symgen.errors import ReadError
from symgen.watch import TooSlow, within

Pieces = list[Piece | ReadError]
Kept = dict[int, Pieces]  # by the number of the file
MAX_KEPT = 1 << 20  # notes in memory, so that a small corpus is read only once


def survey(
    encoding: Encoding, entries: Iterable[Entry], total: int, workers: int, progress: Progress
) -> tuple[Counter[str], Kept]:
    """Return the counts over the `total` files of `entries`, and the pieces kept in memory."""
    counts, kept, notes = Counter[str](), Kept(), 0
    task = functools.partial(_survey_numbered, encoding)
    surveyed = pool.mapped(task, enumerate(entries), min(workers, total))
    for done, ((number, _), found) in enumerate(surveyed, 1):
        if not isinstance(found, pool.Died):
            more, pieces = found
            counts.update(more)
            notes += sum(len(p.sequence) for p in pieces or () if isinstance(p, Piece))
            if pieces is not None and notes < MAX_KEPT:
                kept[number] = pieces
        progress(done, total, "surveying")
    return counts, kept


def _survey_numbered(
    encoding: Encoding, item: tuple[int, Entry]
) -> tuple[Counter[str], Pieces | None]:
    return survey_file(encoding, item[1])


def survey_file(encoding: Encoding, entry: Entry) -> tuple[Counter[str], Pieces | None]:
    """Return what the pieces of one file add to the counts of `encoding`, and the pieces.

    The pieces are None where the file cannot be read; `encode_file` reports the reason.
    """
    counts: Counter[str] = Counter()
    with warnings.catch_warnings(), contextlib.suppress(Exception, TooSlow):
        warnings.simplefilter("ignore")
        found = load(entry)
        with limiting.using(entry.limits) as most, within(most.seconds):
            for piece in found:
                if isinstance(piece, Piece):
                    with contextlib.suppress(Exception):
                        counts.update(encoding.survey(piece.sequence))
        return counts, found
    return Counter(), None
