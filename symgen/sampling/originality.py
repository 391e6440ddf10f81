"""The limit on copies: a sample that copies a long passage is drawn again (`watchers.copies`).

It is compared with the pieces of the training split, or with what was played before. The k-th draw
of sample i of a seed depends only on (seed, i, k). So with a limit on copies the same seed gives
the same samples. Where nothing may be repeated, they also depend on what was played before; that
includes the samples of the same call. A primer does not count as a copy.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from symgen.checks import whole
from symgen.errors import BadOption
from symgen.sampling.sample import Sample

if TYPE_CHECKING:
    from symgen.similarity.known import Known
    from symgen.similarity.passages import Index

# notes in a row that may be copied by default; held-out piano music of 30 s has 9 (median), and one
# piece in ten has more than 18
MOST = 16
LEAST = 4  # fewer notes in a row occur in any music


@dataclasses.dataclass(frozen=True)
class Original:
    """The rule: at most `most` notes in a row of a piece of `index`, and of `played`.

    Samples that are accepted are added to `played`.
    """

    most: int = MOST
    index: Index | Known | None = None
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


def title(sample: Sample) -> str:
    """Return what a sample is called in a record."""
    return f"sample {sample.index} of seed {sample.seed}"
