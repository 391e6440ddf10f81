"""Originality: how much of the samples stands in the training half, beside the same figures of real music that was held out.

Real music has passages in common with other music too: scales, trills, cadences, quotations. So a sample is set beside
held-out pieces (or excerpts as long as the samples, for what is longer has more in common), and only what goes beyond these
tells of learning by heart. What a passage is, is defined in `symgen.similarity.passages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symgen.dataset.dataset import Dataset
from symgen.dataset.passages import indexed
from symgen.notes.sequence import NoteSequence
from symgen.similarity.passages import LENGTHS, VERSION, Index

Progress = Callable[[int, int, str], None]
Named = Sequence[tuple[str, NoteSequence]]


def originality(
    samples: Named,
    against: Index | Dataset,
    held_out: Named = (),
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the `originality` part of an evaluation: for each sample and each held-out piece, (name, music) pairs, the longest
    passage that the training half has too and the shares of its stretches of 8, 16 and 32 notes, a summary of both, and a verdict.

    `against` is an index of the training half, or its dataset, whose index is built and kept where it is not there yet.
    """
    index = against if isinstance(against, Index) else indexed(against, progress=progress)[0]
    total = len(samples) + len(held_out)
    made, real = (
        _measured(index, some, done, total, progress)
        for some, done in ((samples, 0), (held_out, len(samples)))
    )
    document = {
        "version": VERSION,
        "samples": made,
        "summary": _summary(made),
        "training": {"pieces": len(index.names), "notes": len(index.order)},
    }
    if real:
        document["held_out"] = _summary(real) | {"samples": real}
    return document | {"verdict": _verdict(document)}


def _measured(
    index: Index, pieces: Named, done: int, total: int, progress: Progress | None
) -> list[dict[str, Any]]:
    rows = []
    for i, (name, sequence) in enumerate(pieces):
        longest, shares = index.longest(sequence), index.shares(sequence)
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
    """Return the pieces, percentiles of the notes of their longest passages (10, 50, 90, and the most), and their mean shares."""
    if not rows:
        return {"pieces": 0}
    lengths = [row["longest"]["notes"] if row["longest"] else 0 for row in rows]
    low, middle, high = (round(float(v), 1) for v in np.percentile(lengths, [10, 50, 90]))
    shares = {
        str(n): [row["shares"][str(n)] for row in rows if row["shares"][str(n)] is not None]
        for n in LENGTHS
    }
    return {
        "pieces": len(rows),
        "notes": float(np.median([row["notes"] for row in rows])),
        "longest": {"low": low, "median": middle, "high": high, "most": max(lengths)},
        "shares": {n: float(np.mean(found)) if found else None for n, found in shares.items()},
    }


def _verdict(document: Mapping[str, Any]) -> str:
    """Say in a sentence or two what the figures come to."""
    made, real = document["summary"], document.get("held_out")
    if not made["pieces"]:
        return "no samples were looked at"
    here = made["longest"]
    said = f"the longest passage that a sample has from the training half is {here['median']:.0f} notes (median; {here['most']} at most)"
    if not real:
        return said
    there = real["longest"]
    said += f", that of held-out music {there['median']:.0f}, and in nine of ten at most {there['high']:.0f}"
    beyond = sum(
        row["longest"]["notes"] > there["high"] for row in document["samples"] if row["longest"]
    )
    if here["median"] > there["high"]:
        return (
            said
            + ". The samples copy more than real music does: the model has learned passages by heart"
        )
    return said + (
        f". {beyond} of {made['pieces']} samples go beyond that"
        if beyond
        else ". No sample goes beyond that"
    )
