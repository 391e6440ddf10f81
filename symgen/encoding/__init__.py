"""NoteSequence to events and back. `encodings` is the registry; `encoding(name, **options)` builds a member."""

from __future__ import annotations

from typing import Any

from symgen.encoding.base import Encoding, Events, Field, Grammar
from symgen.registry import Registry, make_callable

encodings = Registry("encoding", {
    "melody_chords": "symgen.encoding.melody_chords:MelodyChords",
    "notes": "symgen.encoding.notes:Notes",
    "performance": "symgen.encoding.performance:Performance",
})

__all__ = ["Encoding", "Events", "Field", "Grammar", "encoding", "encodings"]


def encoding(name: str, **options: Any) -> Encoding:
    """Build the encoding called `name`; UnknownName or BadOption say what there is."""
    made: Encoding = encodings.make({"name": name, **options})
    return made


make_callable(__name__)
