"""The section of samples: the best, the median and the worst to see and to hear, and a table of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.notes.sequence import NoteSequence
from symgen.rendering.pianoroll import pedal_spans
from symgen.report.figure import Table
from symgen.report.page import Audio, Part, Words
from symgen.report.pages.roll import roll
from symgen.report.plotting.axes import number

HOW = (
    "Best, median and worst are by nats per event under the model itself: the fewer, the more it is what the model expects, which is not "
    "always what is good to hear."
)
COLUMNS = {
    "name": "sample",
    "seed": "seed",
    "index": "index",
    "seconds": "seconds",
    "notes": "notes",
    "nats_per_event": "nats per event",
}
PLAIN = "The first, the middle and the last sample: they were not scored."


def samples(rows: Sequence[Mapping[str, Any]], music: Mapping[str, NoteSequence]) -> list[Part]:
    """Return the parts for the samples that have music."""
    known = [row for row in rows if row["name"] in music] or [{"name": name} for name in music]
    ranked = sorted(known, key=lambda row: row.get("nats_per_event") or 0.0)
    scored = all(row.get("nats_per_event") is not None for row in known)
    parts: list[Part] = [Words(HOW if scored else PLAIN, "faint")]
    for title, row in picked(ranked, scored):
        sequence = music[row["name"]]
        facts = [f"{len(sequence):,} notes", f"{sequence.total_time:.1f} seconds"]
        facts += (
            [f"{number(row['nats_per_event'])} nats per event"]
            if row.get("nats_per_event") is not None
            else []
        )
        parts.append(Audio(row["name"], f"{title}: {row['name']}", sequence))
        pedal = "; the line at the foot is the sustain pedal" if len(pedal_spans(sequence)) else ""
        about = f"{', '.join(facts)}. The louder, the fuller the colour{pedal}."
        parts.append(roll(f"{row['name']}-roll", f"{title}: {row['name']}", about, sequence))
    having = [key for key in COLUMNS if any(row.get(key) is not None for row in known)]
    parts.append(
        Table(
            "samples",
            "All samples",
            [COLUMNS[k] for k in having],
            [[row.get(k) for k in having] for row in known],
        )
    )
    return parts


def picked(
    ranked: Sequence[Mapping[str, Any]], scored: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the titles and rows to show, at most three and none twice."""
    names = ("Best", "Median", "Worst") if scored else ("First", "Middle", "Last")
    places = (
        {0: names[0], len(ranked) // 2: names[1], len(ranked) - 1: names[2]}
        if len(ranked) > 2
        else dict(enumerate(names[::2]))
    )
    return [
        (title, ranked[place]) for place, title in sorted(places.items()) if place < len(ranked)
    ]
