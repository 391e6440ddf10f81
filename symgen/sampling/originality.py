"""Samples that copy no long passage: a sample that does is drawn again.

It is compared with the pieces of the training split, or with what was played before. The k-th draw
of sample i of a seed depends only on (seed, i, k). So with a limit on copies the same seed gives
the same samples. Where nothing may be repeated, they also depend on what was played before; that
includes the samples of the same call. A primer does not count as a copy.
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

# notes in a row that may be copied by default; held-out piano music of 30 s has 9 (median), and one
# piece in ten has more than 18
MOST = 16
LEAST = 4  # fewer notes in a row occur in any music
TRIES = 20  # draws of a sample before it is left out


@dataclasses.dataclass(frozen=True)
class Original:
    """The rule: at most `most` notes in a row of a piece of `index`, and of `played`.

    Samples that are accepted are added to `played`.
    """

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
    """Return the original samples of `request`, and a line for each sample that is left out.

    Each sample has its `originality`. BadOption where the melody is fixed, because then there is
    nothing to refuse.
    """
    if request.shape.melody is not None:
        raise BadOption(
            "--melody fixes the notes, so there is nothing to copy; leave out --max-copy and "
            "--never-repeat"
        )
    kept, fewest = list[Sample](), dict[int, Copy]()
    left: Sequence[int] = range(request.first, request.first + request.num)
    now = None if rule.played is None else Index.build([])  # what this call has made
    for again in range(TRIES if not request.params.greedy else 1):
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
            kept.append(dataclasses.replace(sample, originality=_report(rule, found, again)))
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
    """Yield the samples of the indices `which`; neighbours are drawn side by side."""
    for part in typical.parts(request, which, again):
        yield from typical.draw(model, part, progress, likelihood)


def _report(rule: Original, found: Sequence[Copy | None], again: int) -> dict[str, Any]:
    """Return the report on an accepted sample, in plain JSON types."""
    copied, *repeated = found
    out: dict[str, Any] = {"max_copy": rule.most, "drawn_again": again}
    if rule.index is not None:
        out["longest"] = copied.table() if copied else None
    if rule.played is not None:
        most = max((copy for copy in repeated if copy), key=lambda copy: copy.notes, default=None)
        out["repeated"] = most.table() if most else None
    return out


def _given_up(index: int, copy: Copy, rule: Original, request: Request) -> str:
    tries = f"all of {TRIES} draws have"
    if request.params.greedy:
        tries = "temperature 0 has only one result, with"
    return (
        f"sample {index} is left out: {tries} more than {rule.most} notes in a row of other music, "
        f"at least {copy.notes} of {copy.piece}; allow more with --max-copy, or raise --temperature"
    )
