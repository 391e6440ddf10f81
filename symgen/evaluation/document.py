"""The result of an evaluation: a document of JSON types, and the music that it is about.

    {"kind": "evaluation", "version": 1, "symgen", "model", "data", "likelihood", "statistics",
     "originality", "samples", "reference", "recipe"}

Every part except the first three may be missing. Units are nats, seconds, notes and shares;
`None` means undefined.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symgen import files
from symgen.errors import BadOption
from symgen.evaluation.text import table as as_text
from symgen.notes.sequence import NoteSequence
from symgen.registry import Registry
from symgen.types import Progress

writers = Registry(
    "report",
    {  # by the suffix of the path; by name, because the writers import this module
        ".json": "symgen.evaluation.document:write_json",
        ".html": "symgen.report:write_page",
        "": "symgen.report:write_folder",
    },
)


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """A document, the music of its `samples` by name, and a real excerpt to compare with."""

    document: Mapping[str, Any]
    music: Mapping[str, NoteSequence] = dataclasses.field(default_factory=dict)
    reference: NoteSequence | None = None

    def table(self) -> str:
        """Return the verdict and the most important figures as text."""
        return as_text(self.document)

    def json(self) -> str:
        """Return the document as JSON."""
        return json.dumps(self.document, indent=1, sort_keys=True, allow_nan=False)

    def write(
        self, path: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
    ) -> list[str]:
        """Write a page (.html), the document (.json) or a folder of figures; return messages.

        If it fails, nothing is left behind. BadOption for another suffix; DataError if `path`
        exists and `force` is off.
        """
        return write(self, path, force, progress)


def check_target(path: str | os.PathLike[str], force: bool = False) -> Path:
    """Return `path` if a report can be written there.

    BadOption for its suffix; DataError if it exists and `force` is off.
    """
    path = Path(path)
    if path.suffix.lower() not in writers:
        raise BadOption(
            f"--output {path}: expected a page (.html), a document (.json) or a folder (no suffix)"
        )
    if path.suffix or path.is_file():
        files.refuse_overwrite(path, force)
    return path


def write(
    made: Evaluation,
    path: str | os.PathLike[str],
    force: bool = False,
    progress: Progress | None = None,
) -> list[str]:
    """Write `made` in the form that the suffix of `path` names; return messages."""
    target = check_target(path, force)
    messages: list[str] = writers.load(target.suffix.lower())(made, target, force, progress)
    return messages


def write_json(made: Evaluation, path: Path, force: bool, progress: Progress | None) -> list[str]:
    """Write only the document."""
    with files.atomic(path, "w", force) as file:
        file.write(made.json() + "\n")
    return []
