"""Samples that copy nothing long: one that has too much of a piece of the training half, or of what was played, is drawn again.

What is drawn the k-th time as sample i of a seed depends on (seed, i, k) alone, so with a limit on copies the same seed gives the
same samples; where nothing may be repeated it also depends on what was played before, the samples of one call among it.
A primer does not count, nor does what its piece goes on with unless the sample does so too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from symgen.checks import whole
from symgen.errors import BadOption
from symgen.sampling import typical
from symgen.sampling.generate import Playable, Progress
from symgen.sampling.request.request import Request
from symgen.sampling.sample import Sample
from symgen.similarity.passages import Copy, Index

MOST = 16  # notes that may be copied where nothing else is asked: held-out piano music of 30 s has 9 in the middle, one in ten over 18
LEAST = 4  # fewer notes in a row are in any music
TRIES = 20  # draws of a sample before it is given up


@dataclasses.dataclass(frozen=True)
class Original:
    """What is refused: more than `most` notes in a row of a piece of `index`, and of `played`, to which what is accepted is added."""

    most: int = MOST
    index: Index | None = None
    played: Index | None = None

    def __post_init__(self) -> None:
        whole("max-copy", self.most, LEAST, 1_000_000)


def copy_rule(max_copy: int | None, never_repeat: bool, melody: Any = None) -> Original | None:
    """Return the rule of these two options, without the music to compare with; None without them.

    BadOption where the melody is fixed, because then there is nothing to refuse.
    """
    if max_copy is None and not never_repeat:
        return None
    if melody is not None:
        option = "--never-repeat" if max_copy is None else "--max-copy"
        raise BadOption(f"{option} compares notes, and --melody fixes them; leave one out")
    return Original(MOST if max_copy is None else max_copy)


def draw(
    model: Playable,
    request: Request,
    rule: Original,
    progress: Progress | None = None,
    likelihood: bool = False,
) -> tuple[list[Sample], list[str]]:
    """Return the samples of `request` that are original, each with its `originality`, and a line for each that is given up.

    BadOption where the melody is given, for then there is nothing to refuse.
    """
    if request.shape.melody is not None:
        raise BadOption(
            "the melody is given, so there is nothing to copy; leave out --max-copy and --never-repeat"
        )
    kept, fewest = list[Sample](), dict[int, Copy]()
    left: Sequence[int] = range(request.first, request.first + request.num)
    now = None if rule.played is None else Index.build([])  # what this call has made
    for again in range(TRIES if not request.taste.greedy else 1):
        refused = []
        for sample in _drawn(model, request, left, again, progress, likelihood):
            music = sample.continuation
            found = [
                None if index is None else index.longest(music)
                for index in (rule.index, rule.played, now)
            ]
            worst = max((copy for copy in found if copy), key=lambda copy: copy.notes, default=None)
            if worst and worst.notes > rule.most:
                refused.append(sample.index)
                fewest[sample.index] = min(
                    fewest.get(sample.index, worst), worst, key=lambda copy: copy.notes
                )
                continue
            kept.append(dataclasses.replace(sample, originality=_told(rule, found, again)))
            if now is not None:
                now = now.added([(title(sample), music)], len(now.order) + len(music))
        if not (left := refused):
            break
    return sorted(kept, key=lambda sample: sample.index), [
        _given_up(i, fewest[i], rule, request) for i in left
    ]


def title(sample: Sample) -> str:
    """Return what a sample is called in a record."""
    return f"sample {sample.index} of seed {sample.seed}"


def _drawn(
    model: Playable,
    request: Request,
    which: Sequence[int],
    again: int,
    progress: Progress | None,
    likelihood: bool,
) -> Iterator[Sample]:
    """Yield the samples of the indices `which`; those that follow one another are drawn side by side."""
    for part in typical.parts(request, which, again):
        yield from typical.draw(model, part, progress, likelihood)


def _told(rule: Original, found: Sequence[Copy | None], again: int) -> dict[str, Any]:
    """Return what is to be said of a sample that is accepted, in plain JSON types."""
    copied, *repeated = found
    out: dict[str, Any] = {"max_copy": rule.most, "drawn_again": again}
    if rule.index is not None:
        out["longest"] = copied.table() if copied else None
    if rule.played is not None:
        most = max((copy for copy in repeated if copy), key=lambda copy: copy.notes, default=None)
        out["repeated"] = most.table() if most else None
    return out


def _given_up(index: int, copy: Copy, rule: Original, request: Request) -> str:
    tries = (
        f"{TRIES} draws all have"
        if not request.taste.greedy
        else "temperature 0 gives one thing alone, which has"
    )
    return (
        f"sample {index} is left out: {tries} more than {rule.most} notes in a row of other music, {copy.notes} of {copy.piece} at the "
        "least; allow more with --max-copy, or be bolder with --temperature"
    )
