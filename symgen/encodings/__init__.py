"""NoteSequence to events and back. `encodings` is the registry, `encoding` builds a member."""

from __future__ import annotations

from typing import Any

from symgen.encodings.base import Encoding, Events, Field, Grammar
from symgen.registry import Registry

encodings = Registry(
    "encoding",
    {
        "melody_chords": "symgen.encodings.melody_chords.encoding:MelodyChords",
        "notes": "symgen.encodings.notes:Notes",
        "performance": "symgen.encodings.performance.encoding:Performance",
    },
)

__all__ = ["Encoding", "Events", "Field", "Grammar", "encoding", "encodings"]


def encoding(name: str, **options: Any) -> Encoding:
    """Build the encoding called `name`; UnknownName or BadOption names what there is."""
    made: Encoding = encodings.make({"name": name, **options})
    return made
