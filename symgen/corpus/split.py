"""Assign pieces to the training or evaluation split by their group; the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal

Half = Literal["train", "eval"]
FROM_TRAINING = ("train", "eval", "test")


def score(seed: int, group: str) -> float:
    """Return the hash of (seed, group) as a number in [0, 1)."""
    digest = hashlib.sha256(f"{seed}\0{group}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def is_eval(seed: int, group: str, share: float = 0.1) -> bool:
    """Return whether `group` is in the evaluation split, which has about `share` of the groups."""
    return score(seed, group) < share


def assign(
    groups: Sequence[str], official: Sequence[str | None], seed: int = 0, share: float = 0.1
) -> list[Half | None]:
    """Return the split of each piece, None for neither.

    `groups` and `official` ("train", "eval", "test" or None) have one item per piece. The official
    split takes precedence; its "test" is in neither split. A piece without one follows its group;
    if the group has several, "test" wins over "eval" and "eval" over "train". If a split is empty,
    the group nearest to the threshold moves there, preferably one without an official split. A
    single group cannot be split: all pieces are "train".
    """
    fixed: dict[str, str] = {}
    for group, split in zip(groups, official, strict=True):
        if split:
            fixed[group] = max(split, fixed.get(group, split), key=FROM_TRAINING.index)
    splits = [split or fixed.get(group) for group, split in zip(groups, official, strict=True)]
    halves = [_half(split, group, seed, share) for group, split in zip(groups, splits, strict=True)]
    if "train" in halves and "eval" not in halves:
        _fill("eval", halves, groups, fixed, lambda g: abs(score(seed, g) - share))
    elif "eval" in halves and "train" not in halves:
        _fill("train", halves, groups, fixed, lambda g: abs(score(seed, g) - share))
    if "train" not in halves:
        return ["train" if h else None for h in halves]
    return halves


def _half(split: str | None, group: str, seed: int, share: float) -> Half | None:
    if split == "test":
        return None
    if split:
        return "eval" if split == "eval" else "train"
    return "eval" if is_eval(seed, group, share) else "train"


def _fill(
    empty: Half,
    halves: list[Half | None],
    groups: Sequence[str],
    fixed: dict[str, str],
    far: Callable[[str], float],
) -> None:
    """Move one whole group to the split `empty`, unless there is only one group."""
    present = sorted({g for g, h in zip(groups, halves, strict=True) if h})
    if len(present) < 2:
        return
    chosen = min([g for g in present if g not in fixed] or present, key=far)
    for i, group in enumerate(groups):
        if group == chosen and halves[i]:
            halves[i] = empty
