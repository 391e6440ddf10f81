"""Matching of passages: which pieces are nearly the same music, and what one has copied, in whatever key and at whatever speed."""

from __future__ import annotations

from symgen.similarity.duplicates import clusters as clusters
from symgen.similarity.duplicates import joined as joined
from symgen.similarity.duplicates import sketch as sketch
