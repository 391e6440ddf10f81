"""The recordings of several folders and files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from symgen.audio import listing
from symgen.dataset.sound.encode import Recording

Source = str | os.PathLike[str]


class Found(NamedTuple):
    """The recordings, sorted by id, the names of the sources, and what is left out and why."""

    recordings: list[Recording]
    names: list[str]
    skipped: list[tuple[str, str]]


def recordings(sources: Sequence[Source]) -> Found:
    """Return the recordings of all sources; DataError where one is missing or holds none.

    An id is the path inside a source, after the name of the source if there are several.
    """
    found = [listing.recordings(source) for source in sources]
    prefixes = [f"{each.name}/" if len(found) > 1 else "" for each in found]
    pairs = list(zip(prefixes, found, strict=True))
    return Found(
        sorted(
            Recording(before + name, path) for before, each in pairs for name, path in each.files
        ),
        [each.name for each in found],
        [(before + name, reason) for before, each in pairs for name, reason in each.skipped],
    )


def only_recordings(sources: Sequence[Source]) -> bool:
    """Return whether each source is a recording, or a folder of recordings without notes."""
    return all(listing.holds_audio(source) for source in sources)
