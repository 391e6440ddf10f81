"""A theme: music of the listener, which the model answers. It is read from a file by `reading`.

Only its beginning counts, `LONGEST` seconds or `MOST` notes of it, without drums.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.checks import number, whole
from symgen.errors import BadOption, DataError
from symgen.notes.sequence import NOTE, TEMPO, TIME_SIGNATURE, NoteSequence, table

LONGEST, MOST = 30.0, 400
FEWEST = 2


@dataclasses.dataclass(frozen=True)
class Theme:
    """`notes` are (start, end, pitch, velocity), in seconds from the first; `tempo` is in quarter
    notes per minute."""

    notes: tuple[tuple[float, float, int, int], ...]
    tempo: float = 120.0
    meter: tuple[int, int] = (4, 4)

    @property
    def sequence(self) -> NoteSequence:
        """The theme as music."""
        start, end, pitch, velocity = zip(*self.notes, strict=True)
        return NoteSequence(
            notes=table(NOTE, start_time=start, end_time=end, pitch=pitch, velocity=velocity),
            tempos=table(TEMPO, time=[0.0], qpm=self.tempo),
            time_signatures=table(
                TIME_SIGNATURE, time=[0.0], numerator=self.meter[0], denominator=self.meter[1]
            ),
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {"notes": self.notes, "tempo": self.tempo, "meter": self.meter}


def theme_of(sequence: NoteSequence) -> Theme:
    """Return the beginning of a piece as a theme; DataError where it has too few notes."""
    notes = np.sort(sequence.notes[~sequence.notes["is_drum"]], order="start_time")
    if len(notes) < FEWEST:
        raise DataError(f"the theme has {len(notes)} notes; give one of at least {FEWEST}")
    first = float(notes["start_time"][0])
    notes = notes[notes["start_time"] < first + LONGEST][:MOST]
    rows = zip(
        np.round(notes["start_time"] - first, 3).tolist(),
        np.round(np.minimum(notes["end_time"] - first, LONGEST + 2), 3).tolist(),
        notes["pitch"].tolist(),
        notes["velocity"].tolist(),
        strict=True,
    )
    pace, bars = sequence.tempos["qpm"], sequence.time_signatures
    meter = (int(bars["numerator"][0]), int(bars["denominator"][0])) if len(bars) else (4, 4)
    return Theme(tuple(rows), float(pace[0]) if len(pace) else 120.0, meter)


def theme_from(document: Mapping[str, Any]) -> Theme:
    """Return the theme in a document, as `Theme.document` wrote it; BadOption for others."""
    try:
        rows = [_row(*row) for row in document["notes"]]
        tempo = number("tempo", document.get("tempo", 120.0), 10, 1000)
        above, below = document.get("meter", (4, 4))
        meter = whole("meter", above, 1, 64), whole("meter", below, 1, 64)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadOption(
            'theme: expected {"notes": [[start, end, pitch, velocity], ...]}, in seconds'
        ) from None
    if not FEWEST <= len(rows) <= MOST:
        raise BadOption(f"theme of {len(rows)} notes: expected {FEWEST} to {MOST}")
    return Theme(tuple(sorted(rows)), tempo, meter)


def _row(
    start: float, end: float, pitch: int, velocity: int, *rest: object
) -> tuple[float, float, int, int]:
    begin = number("start of a note", start, 0, 2 * LONGEST)
    return (
        begin,
        number("end of a note", end, begin, 4 * LONGEST),
        whole("pitch", pitch, 0, 127),
        whole("velocity", velocity, 1, 127),
    )


def heard(rows: Sequence[tuple[float, float, int, int]]) -> Theme:
    """Return notes that were heard, the latest of them, as a theme that may be gone on with."""
    latest = rows[-MOST:]
    first = latest[0][0]
    return Theme(tuple((start - first, end - first, p, v) for start, end, p, v in latest))
