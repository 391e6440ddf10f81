"""The split of a corpus into `train` and `eval`, decided when all pieces are known.

Pieces of one group stay together, and so do pieces with the same events or nearly the same melody,
whatever their groups. The official split of a corpus takes precedence. Music that is all one group
is split by pieces, and a single piece by time: its last tenth is for eval. Where a group falls is a
hash of the seed and its name, the same on every machine.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from symgen.dataset.encode import Encoded, note_count
from symgen.dataset.pieces import compact
from symgen.dataset.store.manifest import SplitName
from symgen.dataset.store.shards import Row, Spool
from symgen.encodings import Encoding
from symgen.errors import counted
from symgen.notes import transform
from symgen.notes.sequence import NoteSequence
from symgen.similarity import joined
from symgen.similarity.union_find import Union

SHARE = 0.1  # of the groups, for eval
RULE = 3  # the version of these rules; a dataset that was split by another is not up to date
FROM_TRAINING = ("train", "eval", "test")  # in order of distance from training


def decide(spool: Spool, seed: int) -> list[str]:
    """Set the split of every row of `spool`, which is sorted by id; return messages.

    A row of neither split gets "".
    """
    rows, messages = spool.rows, list[str]()
    for row, alike in zip(rows, joined([row.piece.sketch for row in rows]).tolist(), strict=True):
        row.alike = alike
    unite(rows)
    if len({row.group for row in rows}) == 1 and not any(row.piece.split for row in rows):
        if len({row.digest for row in rows}) == 1:
            return _by_time(spool)
        messages.append(
            f"all {len(rows)} pieces are one group, {rows[0].group}: split by piece, so train and "
            "eval may be similar"
        )
        _by_piece(rows)
    groups = [row.group for row in rows]
    official = [row.piece.split for row in rows]
    for row, name in zip(rows, assign(groups, official, seed, SHARE), strict=True):
        row.split = name or ""
    return messages + _leaks(rows)


def unite(rows: Sequence[Row], alike: bool = True) -> None:
    """Merge groups that share the events of a piece, or with `alike` nearly a piece.

    A merged group has the first of the names.
    """
    sets, first = Union[str](), dict[bytes, str]()
    for row in rows:
        sets.join(row.group, first.setdefault(row.digest, row.group))
        sets.join(row.group, rows[row.alike].group if alike else row.group)
    for row in rows:
        row.group = sets.least(row.group)


def _by_piece(rows: Sequence[Row]) -> None:
    """Make a group of each piece and its near-duplicates; if that is all pieces, of its copies."""
    for alike in (True, False):
        for row in rows:
            row.group = row.piece.id
        unite(rows, alike)
        if len({row.group for row in rows}) > 1:
            return


def _leaks(rows: Sequence[Row]) -> list[str]:
    """Return messages where an official split has the same music on both sides."""
    if not any(row.piece.split for row in rows):
        return []
    copies = dict[bytes, set[str]]()
    alike = dict[int, dict[str, str]]()
    for row in rows:
        copies.setdefault(row.digest, set()).add(row.split)
        alike.setdefault(row.alike, {}).setdefault(row.split, row.piece.id)
    messages = []
    both = [ids for ids in alike.values() if {"train", "eval"} <= set(ids)]
    if leaked := sum({"train", "eval"} <= found for found in copies.values()):
        messages.append(f"the official split has copies of {leaked} of its pieces on both sides")
    if len(both) > leaked:
        example = f"{both[0]['train']} and {both[0]['eval']}"
        messages.append(
            "the official split has nearly the same music on both sides, "
            f"{counted(len(both), 'time')}: {example}" + (", for example" if len(both) > 1 else "")
        )
    return messages


def _by_time(spool: Spool) -> list[str]:
    """Split the only piece (or the first of its copies): its last tenth is for eval."""
    row = spool.rows[0]
    sequence = spool.encoding.decode(spool.events(row), row.piece.facts)
    cut = cut_time(sequence)
    parts = [] if cut is None else _parts(spool.encoding, row.piece, sequence, cut)
    if cut is None or not all(part.steps for part in parts):
        row.split = "train"
        return [f"{row.piece.id} is the only piece and cannot be divided: the eval split is empty"]
    spool.rows = []
    for name, piece in zip(("train", "eval"), parts, strict=True):
        part = spool.add(piece, row.corpus)
        part.group, part.split = row.group, name
    starts = sequence.notes["start_time"]
    ends = sequence.notes["end_time"]
    across = int(((starts < cut) & (ends > cut)).sum())
    message = (
        f"{row.piece.id} is the only piece: its last tenth, from {cut:.1f} s, is for eval, which "
        "says little about other music"
    )
    return [message + (f"; {across} sounding notes end there" if across else "")]


def _parts(encoding: Encoding, piece: Encoded, sequence: NoteSequence, cut: float) -> list[Encoded]:
    """Return the music before and after `cut`, encoded."""
    before = transform.crop(sequence, 0.0, cut)
    after = transform.crop(sequence, cut, sequence.total_time)
    return [_part(encoding, piece, "", before), _part(encoding, piece, "@eval", after)]


def _part(encoding: Encoding, piece: Encoded, suffix: str, sequence: NoteSequence) -> Encoded:
    events = encoding.encode(sequence)
    bars = encoding.context(sequence) if encoding.tune else {}  # they are counted from the cut
    return dataclasses.replace(
        piece,
        facts=piece.facts | bars,
        id=piece.id + suffix,
        notes=len(sequence.notes),
        note_count=note_count(encoding, events),
        steps=len(events),
        seconds=encoding.duration(events),
        data=events.astype(compact(encoding)).tobytes(),
    )


def cut_time(sequence: NoteSequence) -> float | None:
    """Return the onset near nine tenths of a piece across which the fewest notes sound.

    None where there is no such onset.
    """
    starts = np.sort(sequence.notes["start_time"])
    ends = np.sort(sequence.notes["end_time"])
    onsets = np.unique(starts)[1:]
    if not len(onsets):
        return None
    goal = (1 - SHARE) * sequence.total_time
    reach = 0.02 * sequence.total_time
    away = np.abs(onsets - goal)
    near = onsets[away <= max(reach, away.min())]
    across = np.searchsorted(starts, near, "left") - np.searchsorted(ends, near, "right")
    return float(near[np.lexsort((np.abs(near - goal), across))[0]])


def score(seed: int, group: str) -> float:
    """Return the hash of (seed, group) as a number in [0, 1)."""
    digest = hashlib.sha256(f"{seed}\0{group}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def is_eval(seed: int, group: str, share: float = SHARE) -> bool:
    """Return whether `group` falls into eval, which takes about `share` of many groups."""
    return score(seed, group) < share


def assign(
    groups: Sequence[str], official: Sequence[str | None], seed: int = 0, share: float = SHARE
) -> list[SplitName | None]:
    """Return the split of each piece, None for neither.

    `groups` and `official` ("train", "eval", "test" or None) have an entry for each piece. The
    official split takes precedence, and its "test" is in neither. A piece without one follows its
    group; where that has several, the one farthest from training. If a split is empty, the group
    nearest the threshold moves there, preferably one without an official split. A single group
    cannot be split: all is "train".
    """
    fixed: dict[str, str] = {}
    for group, name in zip(groups, official, strict=True):
        if name:
            fixed[group] = max(name, fixed.get(group, name), key=FROM_TRAINING.index)
    named = [name or fixed.get(group) for group, name in zip(groups, official, strict=True)]
    splits = [_split(name, group, seed, share) for group, name in zip(groups, named, strict=True)]
    if "train" in splits and "eval" not in splits:
        _fill("eval", splits, groups, fixed, lambda g: abs(score(seed, g) - share))
    elif "eval" in splits and "train" not in splits:
        _fill("train", splits, groups, fixed, lambda g: abs(score(seed, g) - share))
    if "train" not in splits:
        return ["train" if name else None for name in splits]
    return splits


def _split(official: str | None, group: str, seed: int, share: float) -> SplitName | None:
    if official == "test":
        return None
    in_eval = official == "eval" if official else is_eval(seed, group, share)
    return "eval" if in_eval else "train"


def _fill(
    empty: SplitName,
    splits: list[SplitName | None],
    groups: Sequence[str],
    fixed: dict[str, str],
    distance: Callable[[str], float],
) -> None:
    """Move one whole group to the split `empty`, unless there is only one."""
    present = sorted({g for g, name in zip(groups, splits, strict=True) if name})
    if len(present) < 2:
        return
    chosen = min([g for g in present if g not in fixed] or present, key=distance)
    for i, group in enumerate(groups):
        if group == chosen and splits[i]:
            splits[i] = empty
