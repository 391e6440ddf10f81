"""What a bundle has played: an index of the notes that it played last.

It is kept beside the bundle: best.symgen has best.played.npz. That of a model that ships is in the
user's own folder, as an installed package is not theirs to write to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symgen.files import user_folder
from symgen.pretrained import name_of
from symgen.sampling.originality import title
from symgen.sampling.sample import Sample
from symgen.similarity.passages import Index

MOST = 200_000  # notes that are remembered, some hundreds of pieces; 3 MB
SUFFIX = ".played.npz"


def place(bundle: Path) -> Path:
    """Return the file in which is kept what the bundle has played."""
    name = name_of(bundle)
    return user_folder() / f"{name}{SUFFIX}" if name else bundle.with_suffix(SUFFIX)


def recalled(bundle: Path) -> Index:
    """Return an index of what was played; DataError where the record is damaged."""
    path = place(bundle)
    return Index.load(path) if path.exists() else Index.build([])


def remember(bundle: Path, samples: Sequence[Sample]) -> Path:
    """Add samples to the record of what was played, and return its file.

    All are added or none. The oldest are forgotten.
    """
    path = place(bundle)
    pieces = [(title(sample), sample.continuation) for sample in samples]
    recalled(bundle).added(pieces, MOST).save(path)
    return path
