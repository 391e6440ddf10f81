"""What `dataset.json` and the contexts of pieces may hold, whoever wrote them.

Each check raises ValueError, which says what is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

SHARD = re.compile(r"(train|eval)-\d{1,9}-of-\d{1,9}\.(tfrecord|bytes)")
DIGEST = re.compile("[0-9a-f]{64}")
HALVES = ("train", "eval")
MOST_EVENTS = 1 << 34
PACKED = 64  # events that a byte of a shard may hold; music has about one
SPARE = 1 << 20  # events of shards of any size
KINDS: Mapping[str, tuple[type, ...]] = {
    "encoding": (dict,),
    "encoding_fingerprint": (str,),
    "fingerprint": (str,),
    "augment": (dict,),
    "corpora": (list,),
    "halves": (dict,),
    "ledger": (dict,),
    "pieces": (list,),
    "shards": (list,),
    "warnings": (list,),
}
TOTALS = ("pieces", "notes", "events", "seconds", "share")  # of a split
FILES = (
    "files",
    "pieces_read",
    "pieces_written",
    "pieces_held_out",
    "duplicates",
    "near_duplicates",
)
COUNTS = (*FILES, "notes_read", "notes_encoded")  # of the ledger
REASONS = ("drops", "left_out")  # of the ledger: counts by their reasons
NAMED = ("refused", "skipped", "mended")  # of the ledger: rows with a name and a reason
TEXTS = ("title", "licence", "citation", "address")  # of a corpus
OPTIONAL = {"compression": (str,), "learned": (str,), "seed": (int,), "survey": (dict,)}
CONTEXT: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "group": (str,),
    "corpus": (str,),
    "encoding": (str,),
    "sha256": (str,),
    "meter": (str,),
    "key": (str,),
    "qpm": (float, int),
    "first_bar_time": (float, int),
    "seconds": (float, int),
    "steps": (int,),
    "bars": (list,),
}


def check(info: Mapping[str, Any]) -> None:
    """Check the contents of `dataset.json`."""
    for key, kinds in KINDS.items():
        if not isinstance(info.get(key), kinds):
            raise ValueError(f"it has no {key} that can be used")
    for key, kinds in OPTIONAL.items():
        if info.get(key) is not None and not isinstance(info[key], kinds):
            raise ValueError(f"it has no {key} that can be used")
    for name in HALVES:
        split = info["halves"].get(name)
        if not isinstance(split, dict) or not all(_number(split.get(key, 0)) for key in TOTALS):
            raise ValueError(f"it has no {name} split that can be used")
    for corpus in info["corpora"]:
        if not isinstance(corpus, dict) or not isinstance(corpus.get("name"), str):
            raise ValueError("a corpus in it has no name")
        if not all(isinstance(corpus.get(key, ""), str) for key in TEXTS):
            raise ValueError("what it says about a corpus is no text")
    if not all(isinstance(text, str) for text in info["warnings"]):
        raise ValueError("a warning in it is no text")
    _ledger(info["ledger"])
    for piece in info["pieces"]:
        _row(piece, "piece")
        if not isinstance(piece.get("id"), str):
            raise ValueError("a piece in it has no id")
    for shard in info["shards"]:
        _row(shard, "shard")
        _shard(shard)
    _sums(info)


def _ledger(ledger: Mapping[str, Any]) -> None:
    """Check the counts of what was read, and of what was left out and why."""
    good = {key: _count(ledger[key]) for key in COUNTS if key in ledger}
    for key in REASONS:
        found = ledger.get(key, {})
        good[key] = isinstance(found, dict) and all(_count(number) for number in found.values())
    for key in NAMED:
        rows = ledger.get(key, [])
        good[key] = isinstance(rows, list) and all(_is_named(row) for row in rows)
    if bad := [key for key, fine in good.items() if not fine]:
        raise ValueError(f"{bad[0]} of its ledger cannot be used")


def _is_named(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(k), str) for k in ("name", "reason"))


def _number(value: Any) -> bool:
    """Return whether a value is a number that can be a total."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and 0 <= value <= MOST_EVENTS


def _row(row: Any, what: str) -> None:
    if not isinstance(row, dict) or row.get("half") not in HALVES:
        raise ValueError(f"a {what} in it is of no split")
    if not _count(row.get("events")):
        raise ValueError(f"a {what} in it has {row.get('events')!r:.60} events")


def _shard(shard: Mapping[str, Any]) -> None:
    name, digest = shard.get("name"), shard.get("sha256")
    if not isinstance(name, str) or not SHARD.fullmatch(name):
        raise ValueError(f"{name!r:.60} is no name of a shard")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise ValueError(f"{name} has no SHA-256")
    if not _count(shard.get("bytes")) or not _count(shard.get("records")):
        raise ValueError(f"{name} has no number of bytes and records")


def _sums(info: Mapping[str, Any]) -> None:
    """Check that the pieces are as many as the shards hold, and no more than they can hold."""
    for half in HALVES:
        shards = [shard for shard in info["shards"] if shard["half"] == half]
        pieces = [piece for piece in info["pieces"] if piece["half"] == half]
        events = sum(piece["events"] for piece in pieces)
        declared = sum(shard["events"] for shard in shards)
        if events != declared or len(pieces) != sum(shard["records"] for shard in shards):
            raise ValueError(f"the pieces of its {half} split are not those of its shards")
        if events > SPARE + PACKED * sum(shard["bytes"] for shard in shards):
            raise ValueError(f"its {half} split declares {events:,} events, which no shard holds")


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_EVENTS


def check_context(context: Mapping[str, Any]) -> None:
    """Check what a record says about its piece."""
    if not isinstance(context.get("id"), str):
        raise ValueError("it has no id")
    for key, kinds in CONTEXT.items():
        value = context.get(key)
        if value is not None and not isinstance(value, kinds):
            raise ValueError(f"its {key} cannot be used")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"its {key} is {value}")
    if not 0 < context.get("qpm", 1) <= 100_000:
        raise ValueError(f"its qpm is {context['qpm']}")
    bars = context.get("bars", [])
    whole = all(isinstance(n, int) and abs(n) < 1 << 31 for n in bars)
    if not whole or len(bars) % 3 or not all(n > 0 for i in (1, 2) for n in bars[i::3]):
        raise ValueError("its bars cannot be used")
