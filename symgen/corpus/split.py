"""Which half a piece falls into: training or evaluation, by its group, the same on every machine and day."""

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
    """Say whether `group` falls into the evaluation half, which takes about `share` of many groups."""
    return score(seed, group) < share


def assign(
    groups: Sequence[str], official: Sequence[str | None], seed: int = 0, share: float = 0.1
) -> list[Half | None]:
    """Return the half of each piece; None for neither.

    `groups` and `official` ("train", "eval", "test" or None) are one a piece. The official split wins and its "test"
    goes to neither half; a piece without one follows its group's, and where that has several the one farthest from
    training. If a half stays empty, the group nearest the threshold moves there, one without an official split if there
    is one. A single group cannot be split: all "train".
    """
    fixed: dict[str, str] = {}
    for group, said in zip(groups, official, strict=True):
        if said:
            fixed[group] = max(said, fixed.get(group, said), key=FROM_TRAINING.index)
    said_of = [said or fixed.get(group) for group, said in zip(groups, official, strict=True)]
    halves = [_half(said, group, seed, share) for group, said in zip(groups, said_of, strict=True)]
    if "train" in halves and "eval" not in halves:
        _fill("eval", halves, groups, fixed, lambda g: abs(score(seed, g) - share))
    elif "eval" in halves and "train" not in halves:
        _fill("train", halves, groups, fixed, lambda g: abs(score(seed, g) - share))
    if "train" not in halves:
        return ["train" if h else None for h in halves]
    return halves


def _half(said: str | None, group: str, seed: int, share: float) -> Half | None:
    if said:
        return None if said == "test" else "eval" if said == "eval" else "train"
    return "eval" if is_eval(seed, group, share) else "train"


def _fill(
    empty: Half,
    halves: list[Half | None],
    groups: Sequence[str],
    fixed: dict[str, str],
    far: Callable[[str], float],
) -> None:
    """Move one whole group to the half `empty`, unless there is only one."""
    present = sorted({g for g, h in zip(groups, halves, strict=True) if h})
    if len(present) < 2:
        return
    chosen = min([g for g in present if g not in fixed] or present, key=far)
    for i, group in enumerate(groups):
        if group == chosen and halves[i]:
            halves[i] = empty
