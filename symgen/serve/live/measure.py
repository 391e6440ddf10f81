"""What the music is like now, in the units of the controls: key, density, loudness, register."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.notes.theory.keys import key_of
from symgen.serve.live.music import Row

SECONDS = 8.0
FEWEST = 4  # notes


def measured(rows: Iterable[Row], now: float) -> dict[str, Any]:
    """Return the measures of the notes in the last seconds before `now`; few notes have none."""
    begin = max(now - SECONDS, 0.0)
    some = [row for row in rows if begin <= row.start < now]
    if len(some) < FEWEST:
        return {"density": round(len(some) / max(now - begin, 1.0), 2)}
    count = len(some)
    sounding = sum(min(row.end, now) - row.start for row in some)
    notes = table(
        NOTE,
        start_time=[row.start for row in some],
        end_time=[min(row.end, now) for row in some],
        pitch=[row.pitch for row in some],
        velocity=[row.velocity for row in some],
    )
    return {
        "key": key_of(NoteSequence(notes=notes)).name,
        "density": round(count / (now - begin), 2),
        "loudness": round(sum(row.velocity for row in some) / count, 1),
        "register": round(sum(row.pitch for row in some) / count, 1),
        "polyphony": round(sounding / (now - begin), 2),
    }
