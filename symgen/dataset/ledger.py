"""The ledger: every file, piece and note counted in, out, or dropped with its reason; and the summary made of it."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from symgen.dataset.encode import Encoded, Refused
from symgen.dataset.manifest import SPLITS
from symgen.dataset.shards import Row
from symgen.errors import counted


@dataclasses.dataclass
class Ledger:
    """Counts while converting; `table` is what `dataset.json` keeps, the same whatever the order of counting."""

    files: int = 0
    pieces: int = 0
    notes: int = 0
    encoded: int = 0
    drops: Counter[str] = dataclasses.field(default_factory=Counter)
    refused: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    skipped: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    mended: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def refuse(self, item: Refused) -> None:
        """Count a file, or a piece of one, that gave nothing."""
        self.refused.append((item.name, item.reason))

    def take(self, piece: Encoded) -> None:
        """Count a piece that was encoded."""
        self.pieces += 1
        self.notes += piece.notes
        self.encoded += piece.struck
        self.drops.update(piece.drops)
        self.mended += [(piece.id, text) for text in piece.warnings]

    def table(self, read: Sequence[Row], decided: Sequence[Row]) -> dict[str, Any]:
        """Return the counts, given the rows that were read and those that were given a half, or none."""
        copies, alike = Counter(row.digest for row in read), dict[int, set[bytes]]()
        for row in read:
            alike.setdefault(row.alike, set()).add(row.digest)
        return {
            "files": self.files,
            "pieces_read": self.pieces,
            "pieces_written": sum(row.half in SPLITS for row in decided),
            "pieces_held_out": sum(row.half not in SPLITS for row in decided),
            "duplicates": sum(n - 1 for n in copies.values()),
            "near_duplicates": sum(len(some) - 1 for some in alike.values()),
            "notes_read": self.notes,
            "notes_encoded": self.encoded,
            "drops": dict(sorted(self.drops.items())),
            "refused": _named(self.refused),
            "skipped": _named(self.skipped),
            "mended": _named(self.mended),
        }


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in sorted(pairs)]


def losses(ledger: Mapping[str, Any]) -> list[str]:
    """Return a line for each kind of loss: files refused, and drops by their reason. What is skipped by rule is none."""
    refused = ledger["refused"]
    lines = (
        [f"{len(refused)} refused, the first {refused[0]['name']}: {refused[0]['reason']}"]
        if refused
        else []
    )
    return lines + [f"{times} x {reason}" for reason, times in ledger["drops"].items()]


def halves_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return for each half its totals, its share of all events, and its ids, from the rows of `dataset.json`."""
    events = sum(row["events"] for row in rows)
    return {half: _half([row for row in rows if row["half"] == half], events) for half in SPLITS}


def _half(rows: Sequence[Mapping[str, Any]], events: int) -> dict[str, Any]:
    total = {key: sum(row[key] for row in rows) for key in ("notes", "events")}
    return total | {
        "pieces": len(rows),
        "seconds": round(sum(row["seconds"] for row in rows), 3),
        "share": round(total["events"] / max(events, 1), 4),
        "ids": [row["id"] for row in rows],
    }


def summary(info: Mapping[str, Any]) -> str:
    """Return the outcome in words: what came in, what each half holds, and every loss by its reason."""
    ledger, halves = info["ledger"], info["halves"]
    lines = [f"  corpus  {_described(corpus)}" for corpus in info["corpora"]]
    lines += [
        f"  in      {counted(ledger['files'], 'file')}, {counted(ledger['pieces_read'], 'piece')}, "
        f"{counted(ledger['notes_read'], 'note')}; {counted(ledger['notes_encoded'], 'note')} encoded"
    ]
    lines += [
        f"  {name:<7} {counted(half['pieces'], 'piece')}, {half['seconds'] / 60:,.1f} minutes, {counted(half['notes'], 'note')}, "
        f"{counted(half['events'], 'event')} ({half['share']:.1%})"
        for name, half in ((name, halves[name]) for name in SPLITS)
    ]
    if ledger["pieces_held_out"]:
        lines.append(
            f"  neither {counted(ledger['pieces_held_out'], 'piece')}: held out by the official split, or copies"
        )
    if ledger["duplicates"]:
        lines.append(
            f"  copies  {counted(ledger['duplicates'], 'piece')} of the same events as another, kept in its half"
        )
    if ledger.get("near_duplicates"):
        lines.append(
            f"  alike   {counted(ledger['near_duplicates'], 'piece')} of nearly the same melody as another, kept in its half"
        )
    if info.get("learned"):
        lines.append(f"  learned {info['learned']}")
    for kind in ("skipped", "refused", "mended"):
        lines += [
            f"  {kind:<7} {line}" for line in by_reason([item["reason"] for item in ledger[kind]])
        ]
    lines += [f"  dropped {times:,} x {reason}" for reason, times in ledger["drops"].items()] or [
        "  dropped nothing"
    ]
    return "\n".join(lines)


def by_reason(reasons: Iterable[str]) -> list[str]:
    """Return one line for the reasons that differ in their figures alone, the most frequent first.

    Where they begin with a count the counts are added: "2 notes cut" and "1 note cut" are "2 x 3 notes cut".
    """
    alike: dict[str, list[str]] = {}
    for text in reasons:
        alike.setdefault(
            re.sub(r"^N (\w+?)s?\b", r"N \1", re.sub(r"\d[\d.,]*", "N", text)), []
        ).append(text)
    return [
        f"{len(texts):,} x {_added(texts)}"
        for texts in sorted(alike.values(), key=lambda texts: (-len(texts), texts[0]))
    ]


def _added(texts: list[str]) -> str:
    counts = [int(found[0]) if (found := re.match(r"\d+", text)) else 0 for text in texts]
    longest = max(sorted(texts), key=len)
    return re.sub(r"^\d+", f"{sum(counts):,}", longest) if max(counts) > 1 else longest


def _described(corpus: Mapping[str, Any]) -> str:
    about = [corpus["licence"]] * bool(corpus["licence"]) + ["synthetic"] * corpus["synthetic"]
    return str(corpus["title"]) + (f" ({', '.join(about)})" if about else "")
