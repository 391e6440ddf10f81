"""The reader of `.musicxml`, `.mxl` and `.xml`.

What is heard: repeats and jumps are played, tied notes joined, transposing parts at their sounding
pitch with their keys and chords, unpitched notes as drums, dynamics as velocities, pedal marks as
controllers. Grace notes and cue notes are left out and counted. Times follow the tempo that a score
gives for playing, else the printed one (120 qpm before the first). Each part is an instrument. Time
0 is the beginning of the score.

Staccato notes last as long as written, as in verovio 6.4 and partitura 1.9, and are counted in
`remarks`. Ornaments are not written out, and a fermata lasts as long as its note.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from symgen.errors import ReadError
from symgen.notes.base import Reader
from symgen.notes.musicxml import document, score
from symgen.notes.musicxml.sequence import sequence
from symgen.notes.sequence import NoteSequence

_TITLES = ("movement-title", "work/work-title")


@dataclasses.dataclass(frozen=True)
class MusicXmlReader(Reader):
    """Scores, one per file."""

    format: ClassVar[str] = "musicxml"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the score as one piece."""
        parsed = document.parse(data, name)
        return [("", sequence(score.read(parsed, name), name, _title(parsed)))]


def _title(parsed: document.Document) -> str:
    titles = [parsed.root.findtext(tag) or "" for tag in _TITLES]
    titles += [
        credit.findtext("credit-words") or ""
        for credit in parsed.root.iterfind("credit")
        if credit.findtext("credit-type") == "title"
    ]
    return next((" ".join(t.split())[:200] for t in titles if t.strip()), "")
