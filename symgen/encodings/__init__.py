"""Music to events and back.

`encodings` is the registry of those of notes, `sounds` of those of sound, and `codecs` of both.
`encoding` builds one of notes.
"""

from __future__ import annotations

from typing import Any

from symgen.encodings.base import Encoding, Events, Field, Grammar
from symgen.encodings.codec import Codec
from symgen.registry import Registry

encodings = Registry(
    "encoding",
    {
        "melody_chords": "symgen.encodings.melody_chords.encoding:MelodyChords",
        "notes": "symgen.encodings.notes:Notes",
        "performance": "symgen.encodings.performance.encoding:Performance",
    },
)

sounds = Registry(
    "encoding",
    {
        "linear16": "symgen.encodings.sound.linear16:Linear16",
        "mu_law": "symgen.encodings.sound.mu_law:MuLaw",
    },
)

codecs = Registry("encoding", {**encodings, **sounds})

__all__ = [
    "Codec",
    "Encoding",
    "Events",
    "Field",
    "Grammar",
    "codecs",
    "encoding",
    "encodings",
    "sounds",
]


def encoding(name: str, **options: Any) -> Encoding:
    """Build the encoding called `name`; UnknownName or BadOption names what there is."""
    made: Encoding = encodings.make({"name": name, **options})
    return made
