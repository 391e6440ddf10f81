"""Which half each piece goes to. Decided when all are known, before any augmentation.

Pieces of one group stay together, and so do pieces of the same events or of nearly the same melody, whatever their
groups. The official split of a corpus wins. Music that is one group is split by its pieces, and one piece alone by
time: its last tenth is for eval.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from symgen.corpus import split
from symgen.dataset.encode import Encoded, struck
from symgen.dataset.pieces import compact
from symgen.dataset.shards import Row, Spool
from symgen.encodings import Encoding
from symgen.notes import transform
from symgen.notes.sequence import NoteSequence
from symgen.similarity import joined
from symgen.similarity.union_find import Union

SHARE = 0.1  # of the groups, for eval
RULE = (
    3  # of what makes a group and where it goes; a dataset split by another rule is not up to date
)


def decide(spool: Spool, seed: int) -> list[str]:
    """Give every row of `spool`, sorted by id, its half ("" for neither); return the lines to be said about it."""
    rows, said = spool.rows, list[str]()
    for row, alike in zip(rows, joined([row.piece.sketch for row in rows]).tolist(), strict=True):
        row.alike = alike
    unite(rows)
    if len({row.group for row in rows}) == 1 and not any(row.piece.split for row in rows):
        if len({row.digest for row in rows}) == 1:
            return _by_time(spool)
        said.append(
            f"all {len(rows)} pieces are one group, {rows[0].group}: split by piece, so the halves may be alike"
        )
        _by_piece(rows)
    halves = split.assign(
        [row.group for row in rows], [row.piece.split for row in rows], seed, SHARE
    )
    for row, half in zip(rows, halves, strict=True):
        row.half = half or ""
    return said + _leaks(rows)


def unite(rows: Sequence[Row], alike: bool = True) -> None:
    """Give groups that share a piece, by its events or nearly (where `alike`), one name: the first of their names."""
    sets, first = Union[str](), dict[bytes, str]()
    for row in rows:
        for same in (
            first.setdefault(row.digest, row.group),
            rows[row.alike].group if alike else row.group,
        ):
            sets.join(row.group, same)
    for row in rows:
        row.group = sets.least(row.group)


def _by_piece(rows: Sequence[Row]) -> None:
    """Make each piece with what is nearly the same a group; where that is all of them still, each with its copies."""
    for alike in (True, False):
        for row in rows:
            row.group = row.piece.id
        unite(rows, alike)
        if len({row.group for row in rows}) > 1:
            return


def _leaks(rows: Sequence[Row]) -> list[str]:
    """Return what is to be said where an official split puts the same music in both halves."""
    if not any(row.piece.split for row in rows):
        return []
    copies, alike = dict[bytes, set[str]](), dict[int, dict[str, str]]()
    for row in rows:
        copies.setdefault(row.digest, set()).add(row.half)
        alike.setdefault(row.alike, {}).setdefault(row.half, row.piece.id)
    said, both = [], [ids for ids in alike.values() if {"train", "eval"} <= set(ids)]
    if leaked := sum({"train", "eval"} <= found for found in copies.values()):
        said.append(f"the official split puts copies of {leaked} of its pieces in both halves")
    if len(both) > leaked:
        said.append(
            f"the official split puts nearly the same music in both halves, {len(both)} times: "
            f"{both[0]['train']} and {both[0]['eval']}" + (", to name two" if len(both) > 1 else "")
        )
    return said


def _by_time(spool: Spool) -> list[str]:
    """Put the beginning of the only piece (or of the first of its copies) in one half and its last tenth in the other."""
    row = spool.rows[0]
    sequence = spool.encoding.decode(spool.events(row), row.piece.facts)
    cut = cut_time(sequence)
    parts = (
        []
        if cut is None
        else [
            _part(spool.encoding, row.piece, suffix, transform.crop(sequence, start, end))
            for suffix, start, end in (("", 0.0, cut), ("@eval", cut, sequence.total_time))
        ]
    )
    if cut is None or not all(part.steps for part in parts):
        row.half = "train"
        return [f"{row.piece.id} is the only piece and cannot be divided: the eval half is empty"]
    spool.rows = []
    for half, piece in zip(("train", "eval"), parts, strict=True):
        part = spool.add(piece, row.corpus)
        part.group, part.half = row.group, half
    across = int(((sequence.notes["start_time"] < cut) & (sequence.notes["end_time"] > cut)).sum())
    return [
        f"{row.piece.id} is the only piece: its last tenth, from {cut:.1f} s, is for eval, which says little of other music"
        + (f"; {across} sounding notes end there" if across else "")
    ]


def _part(encoding: Encoding, piece: Encoded, suffix: str, sequence: NoteSequence) -> Encoded:
    events = encoding.encode(sequence)
    facts = piece.facts | (
        encoding.context(sequence) if encoding.tune else {}
    )  # bars are counted anew
    return dataclasses.replace(
        piece,
        facts=facts,
        id=piece.id + suffix,
        notes=len(sequence.notes),
        struck=struck(encoding, events),
        steps=len(events),
        seconds=encoding.duration(events),
        data=events.astype(compact(encoding)).tobytes(),
    )


def cut_time(sequence: NoteSequence) -> float | None:
    """Return the onset near nine tenths of a piece that the fewest notes sound across; None where there is none."""
    starts, ends = np.sort(sequence.notes["start_time"]), np.sort(sequence.notes["end_time"])
    onsets = np.unique(starts)[1:]
    if not len(onsets):
        return None
    goal, reach = (1 - SHARE) * sequence.total_time, 0.02 * sequence.total_time
    near = onsets[np.abs(onsets - goal) <= max(reach, np.abs(onsets - goal).min())]
    across = np.searchsorted(starts, near, "left") - np.searchsorted(ends, near, "right")
    return float(near[np.lexsort((np.abs(near - goal), across))[0]])
