"""The ledger of a conversion: every file, piece and note, kept or dropped with the reason.

`drops` counts notes and changes of notes. `left_out` counts what files have beside notes and events
do not hold, such as bends, lyrics and aftertouch.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from symgen.dataset.encode import Encoded, Refused
from symgen.dataset.store.manifest import SPLITS
from symgen.dataset.store.shards import Row
from symgen.errors import DataError, counted

Table = Mapping[str, Any]


@dataclasses.dataclass
class Ledger:
    """The counts of a conversion. `table` is the same whatever the order of counting."""

    files: int = 0
    pieces: int = 0
    notes: int = 0
    encoded: int = 0
    drops: Counter[str] = dataclasses.field(default_factory=Counter)
    left_out: Counter[str] = dataclasses.field(default_factory=Counter)
    refused: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    skipped: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    mended: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def refuse(self, item: Refused) -> None:
        """Count a file, or a piece of one, that could not be used."""
        self.refused.append((item.name, item.reason))

    def take(self, piece: Encoded) -> None:
        """Count a piece that was encoded."""
        self.pieces += 1
        self.notes += piece.notes
        self.encoded += piece.note_count
        self.drops.update(piece.drops)
        self.left_out.update(piece.left_out)
        self.mended += [(piece.id, text) for text in piece.warnings]

    def table(self, read: Sequence[Row], decided: Sequence[Row]) -> dict[str, Any]:
        """Return the counts for `dataset.json`, given the rows before and after the split."""
        copies = Counter(row.digest for row in read)
        alike = dict[int, set[bytes]]()
        for row in read:
            alike.setdefault(row.alike, set()).add(row.digest)
        return {
            "files": self.files,
            "pieces_read": self.pieces,
            "pieces_written": sum(row.split in SPLITS for row in decided),
            "pieces_held_out": sum(row.split not in SPLITS for row in decided),
            "duplicates": sum(n - 1 for n in copies.values()),
            "near_duplicates": sum(len(some) - 1 for some in alike.values()),
            "notes_read": self.notes,
            "notes_encoded": self.encoded,
            "drops": dict(sorted(self.drops.items())),
            "left_out": dict(sorted(self.left_out.items())),
            "refused": _named(self.refused),
            "skipped": _named(self.skipped),
            "mended": _named(self.mended),
        }


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in sorted(pairs)]


def losses(ledger: Table) -> list[str]:
    """Return a line for each loss: refused files, and what was dropped or left out.

    Files that are skipped by a rule are no loss.
    """
    lines = []
    refused = ledger["refused"]
    if refused:
        first = refused[0]
        lines.append(f"{len(refused)} refused, the first {first['name']}: {first['reason']}")
    return lines + [f"{times} x {what}" for what, times in _dropped(ledger).items()]


def check_strict(ledger: Table, strict: bool) -> None:
    """Raise DataError where something was lost and `strict` forbids that."""
    if strict and (lost := losses(ledger)):
        raise DataError(f"--strict: nothing written because of losses: {'; '.join(lost)}")


def _dropped(ledger: Table) -> dict[str, int]:
    return {**ledger["drops"], **ledger.get("left_out", {})}


def split_totals(rows: Sequence[Table]) -> dict[str, dict[str, Any]]:
    """Return the totals, the share of events and the ids of each split, for `dataset.json`."""
    events = sum(row["events"] for row in rows)
    return {name: _totals([row for row in rows if row["half"] == name], events) for name in SPLITS}


def _totals(rows: Sequence[Table], events: int) -> dict[str, Any]:
    total = {key: sum(row[key] for row in rows) for key in ("notes", "events")}
    return total | {
        "pieces": len(rows),
        "seconds": round(sum(row["seconds"] for row in rows), 3),
        "share": round(total["events"] / max(events, 1), 4),
        "ids": [row["id"] for row in rows],
    }


def summary(info: Table) -> str:
    """Return the result in words: what was read, what each split holds, and every loss."""
    ledger = info["ledger"]
    lines = [("corpus", _described(corpus)) for corpus in info["corpora"]]
    lines.append(("in", _read(ledger)))
    lines += [(name, _split(info["halves"][name])) for name in SPLITS]
    lines += _pieces(ledger)
    if info.get("learned"):
        lines.append(("learned", info["learned"]))
    for kind in ("skipped", "refused", "mended"):
        lines += [(kind, line) for line in by_reason([item["reason"] for item in ledger[kind]])]
    drops = [("dropped", f"{times:,} x {what}") for what, times in _dropped(ledger).items()]
    lines += drops or [("dropped", "nothing")]
    return "\n".join(f"  {title:<7} {line}" for title, line in lines)


def _read(ledger: Table) -> str:
    files = counted(ledger["files"], "file")
    pieces = counted(ledger["pieces_read"], "piece")
    notes = ledger["notes_read"]
    encoded = ledger["notes_encoded"]
    return f"{files}, {pieces}, {counted(notes, 'note')}; {counted(encoded, 'note')} encoded"


def _split(totals: Table) -> str:
    return (
        f"{counted(totals['pieces'], 'piece')}, {totals['seconds'] / 60:,.1f} minutes, "
        f"{counted(totals['notes'], 'note')}, {counted(totals['events'], 'event')} "
        f"({totals['share']:.1%})"
    )


def _pieces(ledger: Table) -> list[tuple[str, str]]:
    """Return (title, line) about pieces that are in no split, copies and near-duplicates."""
    texts = {
        "neither": ("pieces_held_out", "held out by the official split, or copies"),
        "copies": ("duplicates", "with the same events as another, kept in its split"),
        "alike": ("near_duplicates", "with nearly the same melody as another, kept in its split"),
    }
    lines = []
    for title, (key, text) in texts.items():
        if count := ledger.get(key):
            joint = ": " if title == "neither" else " "
            lines.append((title, f"{counted(count, 'piece')}{joint}{text}"))
    return lines


def by_reason(reasons: Iterable[str]) -> list[str]:
    """Return one line for reasons that differ only in their numbers, the most frequent first.

    Counts at the beginning are added: "2 notes cut" and "1 note cut" give "2 x 3 notes cut".
    """
    alike: dict[str, list[str]] = {}
    for text in reasons:
        alike.setdefault(_pattern(text), []).append(text)
    ordered = sorted(alike.values(), key=lambda texts: (-len(texts), texts[0]))
    return [f"{len(texts):,} x {_added(texts)}" for texts in ordered]


def _pattern(text: str) -> str:
    """Return a reason with N for each number, and its first noun in the singular."""
    return re.sub(r"^N (\w+?)s?\b", r"N \1", re.sub(r"\d[\d.,]*", "N", text))


def _added(texts: list[str]) -> str:
    counts = [int(found[0]) if (found := re.match(r"\d+", text)) else 0 for text in texts]
    longest = max(sorted(texts), key=len)
    return re.sub(r"^\d+", f"{sum(counts):,}", longest) if max(counts) > 1 else longest


def _described(corpus: Table) -> str:
    about = [corpus["licence"]] * bool(corpus["licence"]) + ["synthetic"] * corpus["synthetic"]
    return str(corpus["title"]) + (f" ({', '.join(about)})" if about else "")
