"""Matching of passages: which pieces are nearly the same music, and what one has copied, in whatever key and at whatever speed."""

from __future__ import annotations

from symgen.similar.duplicates import clusters as clusters
from symgen.similar.duplicates import joined as joined
from symgen.similar.duplicates import sketch as sketch
