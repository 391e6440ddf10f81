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
        made = sequence(score.read(parsed, name), name, _title(parsed))
        source = dataclasses.replace(made.source, composer=_composer(parsed), names=_names(parsed))
        return [("", made.replace(source=source))]


def _composer(parsed: document.Document) -> str:
    """Return the composer, else whoever is named without a role."""
    creators = parsed.root.findall("identification/creator")
    found = [
        one.text or "" for role in ("composer", None) for one in creators if one.get("type") == role
    ]
    return next((_line(text) for text in found if text.strip()), "")


def _names(parsed: document.Document) -> tuple[str, ...]:
    """Return the name of each part."""
    listed = parsed.root.iterfind("part-list/score-part")
    names = {one.get("id", ""): _line(one.findtext("part-name") or "") for one in listed}
    return tuple(names.get(part, "") for part in parsed.parts)


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def _title(parsed: document.Document) -> str:
    titles = [parsed.root.findtext(tag) or "" for tag in _TITLES]
    titles += [
        credit.findtext("credit-words") or ""
        for credit in parsed.root.iterfind("credit")
        if credit.findtext("credit-type") == "title"
    ]
    return next((_line(title) for title in titles if title.strip()), "")
