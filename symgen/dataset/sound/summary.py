"""A dataset of sound in words: what `symgen convert` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.dataset.ledger import by_reason
from symgen.dataset.store.manifest import SPLITS
from symgen.errors import counted, span


def text(info: Mapping[str, Any]) -> str:
    """Return the result in words: what was read, what each split holds, and every loss."""
    ledger = info["ledger"]
    read = f"{counted(ledger['files'], 'recording')}, {counted(ledger['pieces_read'], 'track')}"
    lines = [("corpus", str(corpus["title"])) for corpus in info["corpora"]]
    lines.append(("in", read))
    lines += [(name, _split(info["halves"][name])) for name in SPLITS]
    if ledger["duplicates"]:
        lines.append(("copies", f"{counted(ledger['duplicates'], 'recording')} left out"))
    for kind in ("skipped", "refused", "mended"):
        lines += [(kind, line) for line in by_reason([item["reason"] for item in ledger[kind]])]
    lines += [("dropped", f"{n:,} x {what}") for what, n in ledger["drops"].items()]
    return "\n".join(f"  {title:<7} {line}" for title, line in lines)


def _split(totals: Mapping[str, Any]) -> str:
    return (
        f"{counted(totals['pieces'], 'track')}, {span(totals['seconds'])}, "
        f"{totals['events']:,} samples ({totals['share']:.1%})"
    )
