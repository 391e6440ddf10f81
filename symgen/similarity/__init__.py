"""Find similar music in any key and at any speed: near-duplicate pieces and copied passages."""

from __future__ import annotations

from symgen.similarity.duplicates import clusters as clusters
from symgen.similarity.duplicates import joined as joined
from symgen.similarity.duplicates import sketch as sketch
