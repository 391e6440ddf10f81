"""What an evaluation gives: a document of plain values, with the music that was drawn for it.

    {"kind": "evaluation", "version": 1, "symgen", "model", "data", "likelihood", "statistics", "originality", "samples", "recipe"}

Every part but the first three may be absent. Figures are in nats, seconds, notes and shares; `None` where there is none.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from symgen import files
from symgen.errors import BadOption
from symgen.evaluation.text import table as as_text
from symgen.notes.sequence import NoteSequence
from symgen.registry import Registry

Progress = Callable[[int, int, str], None]

writers = Registry(
    "report",
    {  # by the ending of the path; by name, for they read this stage, and it not them
        ".json": "symgen.evaluation.document:write_json",
        ".html": "symgen.report:write_page",
        "": "symgen.report:write_folder",
    },
)


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """A document, and the sequences of its `samples` by name."""

    document: Mapping[str, Any]
    music: Mapping[str, NoteSequence] = dataclasses.field(default_factory=dict)

    def table(self) -> str:
        """Return what a person asks first, as text."""
        return as_text(self.document)

    def json(self) -> str:
        """Return the document as JSON."""
        return json.dumps(self.document, indent=1, sort_keys=True, allow_nan=False)

    def write(
        self, path: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
    ) -> list[str]:
        """Write a page (.html), the document (.json) or a folder of figures, whole or not at all; return what is to be said of it.

        BadOption for another ending, DataError where `path` exists and `force` is off.
        """
        return write(self, path, force, progress)


def check_target(path: str | os.PathLike[str], force: bool = False) -> Path:
    """Return `path` where a report can be written there; BadOption for its ending, DataError where it exists and `force` is off."""
    path = Path(path)
    if path.suffix.lower() not in writers:
        raise BadOption(
            f"--output {path}: a report is a page (.html), a document (.json) or a folder, which has no ending"
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
    """Write `made` as the ending of `path` says."""
    target = check_target(path, force)
    said: list[str] = writers.load(target.suffix.lower())(made, target, force, progress)
    return said


def write_json(made: Evaluation, path: Path, force: bool, progress: Progress | None) -> list[str]:
    """Write the document alone."""
    with files.atomic(path, "w") as file:
        file.write(made.json() + "\n")
    return []
