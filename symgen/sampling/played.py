"""What a bundle has played, kept beside it: best.symgen has best.played.npz, an index of the notes that it played last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symgen.sampling.generate import Sample
from symgen.sampling.original import after_primer, title
from symgen.similar.passages import Index

MOST = 200_000  # notes that are remembered, some hundreds of pieces; 3 MB
SUFFIX = ".played.npz"


def recalled(bundle: Path) -> Index:
    """Return what was played; DataError where the record is damaged."""
    path = bundle.with_suffix(SUFFIX)
    return Index.load(path) if path.exists() else Index.build([])


def remember(bundle: Path, samples: Sequence[Sample]) -> Path:
    """Add samples to what was played, whole or not at all, and return where it is kept; the oldest are forgotten."""
    path = bundle.with_suffix(SUFFIX)
    recalled(bundle).added([(title(sample), after_primer(sample)) for sample in samples], MOST).save(path)
    return path
