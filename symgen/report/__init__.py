"""Reports of evaluations and corpora: one HTML page, or a folder of figures for a paper.

`write_page` and `write_folder` are writers of an Evaluation (`symgen.evaluation.document.writers`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from symgen.evaluation.document import Evaluation
    from symgen.types import Progress

__all__ = ["write_folder", "write_page", "write_survey"]


def write_page(made: Evaluation, path: Path, force: bool, progress: Progress | None) -> list[str]:
    """Write one self-contained HTML file; the caller has checked `force`."""
    from symgen.files import atomic
    from symgen.report.pages.evaluation import page
    from symgen.report.writers import html

    text = html.render(page(made), progress)
    with atomic(path, "w", force) as file:
        file.write(text)
    return []


def write_folder(made: Evaluation, path: Path, force: bool, progress: Progress | None) -> list[str]:
    """Write a folder: figures (SVG, PNG, CSV), tables (CSV), samples (MIDI) and the document."""
    from symgen.report.pages.evaluation import page
    from symgen.report.writers import folder

    return folder.write(page(made), made.document, path, force, progress)


def write_survey(
    document: Mapping[str, Any], path: Path, force: bool = False, progress: Progress | None = None
) -> list[str]:
    """Write the survey of a corpus as a page, a document or a folder, by the suffix of `path`.

    The corpus is of notes, or of recordings (its kind is "recordings"). The evaluation of a model
    of raw audio (its kind is "sound") is written in the same way.
    """
    import json

    from symgen.evaluation.document import check_target
    from symgen.files import atomic
    from symgen.report.pages import corpus, recordings, sound
    from symgen.report.writers import folder, html

    kinds = {"recordings": recordings.page, "sound": sound.page}
    page = kinds.get(document["kind"], corpus.page)
    path = check_target(path, force)
    if not path.suffix:
        return folder.write(page(document), document, path, force, progress)
    if path.suffix.lower() == ".json":
        text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    else:
        text = html.render(page(document), progress)
    with atomic(path, "w", force) as file:
        file.write(text)
    return []
