"""Originality: how much of the samples is also in the training split, compared with real music.

Real pieces share passages too: scales, trills, cadences, quotations. So samples are compared with
held-out pieces, in excerpts as long as the samples because longer music shares more. Only what
goes beyond them is a sign of memorisation. `symgen.similarity.passages` defines a passage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.dataset.dataset import Dataset
from symgen.dataset.passages import indexed
from symgen.evaluation.verdict import originality as in_words
from symgen.notes.sequence import NoteSequence
from symgen.similarity.passages import LENGTHS, VERSION, Index
from symgen.types import Progress

Named = Sequence[tuple[str, NoteSequence]]


def originality(
    samples: Named,
    against: Index | Dataset,
    held_out: Named = (),
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the part `originality` of an evaluation.

    For each (name, music) pair of `samples` and `held_out` it has the longest passage that is also
    in the training split, and the shares of its sequences of 8, 16 and 32 notes that are; then a
    summary of both, and a verdict. `against` is an index of the training split, or its dataset,
    whose index is built and kept if there is none.
    """
    index = against if isinstance(against, Index) else indexed(against, progress=progress)[0]
    total = len(samples) + len(held_out)
    made = _measured(index, samples, 0, total, progress)
    real = _measured(index, held_out, len(samples), total, progress)
    document = {
        "version": VERSION,
        "samples": made,
        "summary": _summary(made),
        "training": {"pieces": len(index.names), "notes": len(index.order)},
    }
    if real:
        document["held_out"] = _summary(real) | {"samples": real}
    return document | {"verdict": in_words(document).text}


def _measured(
    index: Index, pieces: Named, done: int, total: int, progress: Progress | None
) -> list[dict[str, Any]]:
    rows = []
    for i, (name, sequence) in enumerate(pieces):
        longest = index.longest(sequence)
        shares = index.shares(sequence)
        rows.append(
            {
                "name": name,
                "notes": len(sequence),
                "longest": longest.table() if longest else None,
                "shares": {str(n): share for n, share in shares.items()},
            }
        )
        if progress:
            progress(done + i + 1, total, "looking for copied passages")
    return rows


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the number of pieces, percentiles of their longest passages, and mean shares.

    The percentiles, in notes, are 10, 50 and 90, and the maximum.
    """
    if not rows:
        return {"pieces": 0}
    lengths = [row["longest"]["notes"] if row["longest"] else 0 for row in rows]
    low, middle, high = (round(float(v), 1) for v in np.percentile(lengths, [10, 50, 90]))
    return {
        "pieces": len(rows),
        "notes": float(np.median([row["notes"] for row in rows])),
        "longest": {"low": low, "median": middle, "high": high, "most": max(lengths)},
        "shares": {str(n): _mean_share(rows, str(n)) for n in LENGTHS},
    }


def _mean_share(rows: Sequence[Mapping[str, Any]], length: str) -> float | None:
    found = [row["shares"][length] for row in rows if row["shares"][length] is not None]
    return float(np.mean(found)) if found else None
