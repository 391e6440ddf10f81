"""symgen: train a model on a folder of music, and make new music with it.

These are the public names. The import loads nothing heavy: each name imports its module on first
use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "NoteSequence": "symgen.notes.sequence:NoteSequence",
    "read": "symgen.notes:read",
    "write": "symgen.notes:write",
    "pieces": "symgen.corpus:pieces",
    "encoding": "symgen.encodings:encoding",
    "convert": "symgen.dataset:convert",
    "Dataset": "symgen.dataset:Dataset",
    "train": "symgen.training:train",
    "Run": "symgen.training:Run",
    "load": "symgen.sampling:load",
    "Bundle": "symgen.bundle.bundle:Bundle",
    "quick": "symgen.quickstart:quick",
    "evaluate": "symgen.evaluation:evaluate",
    "render": "symgen.rendering:render",
    "transcribe": "symgen.audio.transcription:transcribe",
    "SymgenError": "symgen.errors:SymgenError",
    "ReadError": "symgen.errors:ReadError",
    "Limits": "symgen.limits:Limits",
}

__all__ = ["__version__", *_PUBLIC]

if TYPE_CHECKING:
    from symgen.audio.transcription import transcribe as transcribe
    from symgen.bundle.bundle import Bundle as Bundle
    from symgen.corpus import pieces as pieces
    from symgen.dataset import Dataset as Dataset
    from symgen.dataset import convert as convert
    from symgen.encodings import encoding as encoding
    from symgen.errors import ReadError as ReadError
    from symgen.errors import SymgenError as SymgenError
    from symgen.evaluation.evaluate import evaluate as evaluate
    from symgen.limits import Limits as Limits
    from symgen.notes import read as read
    from symgen.notes import write as write
    from symgen.notes.sequence import NoteSequence as NoteSequence
    from symgen.quickstart import quick as quick
    from symgen.rendering import render as render
    from symgen.sampling import load as load
    from symgen.training import Run as Run
    from symgen.training import train as train


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(
            f"module 'symgen' has no attribute {name!r}; it has {', '.join(_PUBLIC)}"
        )
    module, attribute = _PUBLIC[name].split(":")
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
