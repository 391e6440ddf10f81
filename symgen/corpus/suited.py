"""The encoding that a user's music calls for, judged by its first files.

Melodies with chord symbols are for `melody_chords`; anything else is for `performance`.
"""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.corpus import open_corpus
from symgen.corpus.piece import load
from symgen.errors import ReadError, counted
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory.chords import parse

FILES = 12  # files that are read
PIECES = 40  # pieces of one file, which may be a book
MOST = 0.2  # share of the notes of a melody that may begin before the note before has ended
NEAR = 1e-3  # seconds
SHARE, FEWEST, MOST_USES = 16, 2, 64  # 64 is the default, set for 1034 tunes


def suited(
    sources: Sequence[str | os.PathLike[str]], reading: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], str]:
    """Return the table of an encoding, and a line that says why; both empty if a manifest names it.

    The chords of `melody_chords` have to be used as often as the size of the corpus allows:
    `cutoff` is a use for every SHARE pieces, at least FEWEST and at most the default.
    """
    corpora = [open_corpus(source, reading) for source in sources]
    if any(corpus.encoding for corpus in corpora):
        return {}, ""
    entries = itertools.chain.from_iterable(corpus.entries() for corpus in corpora)
    seen = tunes = read = pieces = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of reading libraries
        for entry in itertools.islice(entries, FILES):
            try:
                found = load(entry)
            except ReadError:
                continue
            read, pieces = read + 1, pieces + len(found)
            looked = [one for one in found[:PIECES] if not isinstance(one, ReadError)]
            seen += len(looked)
            tunes += sum(is_tune(one.sequence) for one in looked)
    if not seen or tunes <= seen / 2:
        why = f"{tunes or 'none'} of {counted(seen, 'piece')} looked at are tunes with chords"
        return {"name": "performance"}, why
    likely = pieces * sum(map(len, corpora)) / read
    cutoff = min(max(round(likely / SHARE), FEWEST), MOST_USES)
    why = (
        f"{tunes} of {counted(seen, 'piece')} looked at are melodies with chord symbols; "
        f"it learns the chords that are used {cutoff} times or more"
    )
    return {"name": "melody_chords", "cutoff": cutoff}, why


def is_tune(sequence: NoteSequence) -> bool:
    """Return whether a piece is one voice with chord symbols."""
    notes = sequence.notes
    if not len(notes) or notes["is_drum"].any():
        return False
    if not any(parse(symbol) for symbol in sequence.chords["symbol"].tolist()):
        return False
    first = notes[notes["instrument"] == notes["instrument"].min()]
    ends = np.maximum.accumulate(first["end_time"])
    early = int((first["start_time"][1:] < ends[:-1] - NEAR).sum())
    return early <= MOST * len(first)
