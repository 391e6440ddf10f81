"""The section to listen to: best, median and worst sample, and real music to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.notes.sequence import NoteSequence
from symgen.rendering.pianoroll import pedal_spans
from symgen.report.figure import Table
from symgen.report.page import Audio, Folded, Part, Words
from symgen.report.pages.roll import roll
from symgen.report.plotting.axes import number

Row = Mapping[str, Any]

SCORED = (
    "Best, median and worst are by nats per event under the model itself. Fewer nats mean that a "
    "sample is closer to what the model expects, which is not always what sounds good."
)
UNSCORED = "The first, the middle and the last sample; they have no score."
COLUMNS = {
    "name": "sample",
    "seed": "seed",
    "index": "index",
    "seconds": "seconds",
    "notes": "notes",
    "nats_per_event": "nats per event",
}


def samples(
    rows: Sequence[Row],
    music: Mapping[str, NoteSequence],
    reference: Row | None = None,
    real: NoteSequence | None = None,
) -> list[Part]:
    """Return the players of three samples and of the `real` excerpt, and a table of all samples."""
    known = [row for row in rows if row["name"] in music] or [{"name": name} for name in music]
    ranked = sorted(known, key=lambda row: row.get("nats_per_event") or 0.0)
    scored = all(row.get("nats_per_event") is not None for row in known)
    parts: list[Part] = [Words(SCORED if scored else UNSCORED, "faint")]
    parts += [
        _player(f"{title}: {row['name']}", row, music[row["name"]])
        for title, row in picked(ranked, scored)
    ]
    if real is not None:
        row = reference or {"name": "real-excerpt"}
        parts.append(_player("Real music", row, real, "b"))
    having = [key for key in COLUMNS if any(row.get(key) is not None for row in known)]
    cells = [[row.get(key) for key in having] for row in known]
    table = Table("samples", "All samples", [COLUMNS[key] for key in having], cells)
    return [*parts, Folded(f"All {len(known)} samples", [table])]


def _player(title: str, row: Row, sequence: NoteSequence, role: str = "a") -> Audio:
    facts = [row["title"]] if row.get("title") else []
    facts += [f"{len(sequence):,} notes", f"{sequence.total_time:.1f} seconds"]
    if row.get("nats_per_event") is not None:
        facts.append(f"{number(row['nats_per_event'])} nats per event")
    about = f"{', '.join(facts)}. Louder notes are darker."
    if len(pedal_spans(sequence)):
        about += " The line at the bottom is the sustain pedal."
    return Audio(
        row["name"], title, sequence, roll(f"{row['name']}-roll", title, about, sequence, role)
    )


def picked(ranked: Sequence[Row], scored: bool) -> list[tuple[str, Row]]:
    """Return the titles and rows to show: at most three, and none twice."""
    first, middle, last = ("Best", "Median", "Worst") if scored else ("First", "Middle", "Last")
    if len(ranked) < 3:
        return list(zip((first, last), ranked, strict=False))
    median = ranked[len(ranked) // 2]
    return [(first, ranked[0]), (middle, median), (last, ranked[-1])]
