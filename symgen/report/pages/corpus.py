"""The page of a corpus: what one wants to know of music before a model is trained on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.notes.theory.keys import MODES, NAMES
from symgen.rendering.pianoroll import name as pitch_name
from symgen.report.figure import Figure, Table
from symgen.report.page import Page, Part, Section, Words
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]
PER_PIECE = {  # figure of a piece: title, unit
    "seconds": ("Durations", "minutes"),
    "tempo": ("Tempo at the beginning", "quarter notes per minute"),
    "note_density": ("Density", "notes per second"),
    "polyphony": ("Polyphony", "pitches sounding at once"),
    "velocity_mean": ("Mean velocity", "MIDI velocity, 1 to 127"),
    "velocity_deviation": ("Deviation of velocity", "MIDI velocity"),
    "pitch_range": ("Range", "semitones"),
    "pedal": ("Sustain pedal", "share of the time it is down (%)"),
}
SCALED = {"seconds": 1 / 60, "pedal": 100.0}
MOST_LISTED = 60


def page(document: Facts) -> Page:
    """Return the page of a survey's document."""
    facts, stats, pieces = document["corpus"], document["stats"], document["pieces"]
    lead = [
        Words(
            f"{stats['pieces']:,} pieces, {stats['minutes']:,.0f} minutes, {stats['notes']:,} notes, "
            f"{number(stats['notes_per_second'], 3)} a second."
        )
    ]
    few = [
        f"{stats['refused']:,} of {stats['files']:,} files cannot be read; symgen corpus check says why."
    ] * bool(stats["refused"])
    if document["velocities"] and np.count_nonzero(document["velocities"]) < 8:
        few.append("Fewer than 8 distinct velocities: there are little or no dynamics to learn.")
    sections = [
        Section("The corpus", [_facts(facts, stats)]),
        Section("The pieces", figures(document)),
        Section("What stands out", standing_out(document)),
        Section("What is alike", alike(document["duplicates"])),
        Section("All pieces", [_listed(pieces)]),
    ]
    return Page(
        f"The corpus {facts['title'] or facts['name']}",
        [*lead, *(Words(line, "warning") for line in few)],
        sections,
    )


def _facts(facts: Facts, stats: Facts) -> Table:
    rows = [
        ["name", facts["name"]],
        ["licence", facts["licence"] or "not said"],
        ["synthetic", "yes" if facts["synthetic"] else "no"],
        ["pieces", f"{stats['pieces']:,} in {stats['groups']:,} groups"],
        ["files", f"{stats['files']:,}, {stats['refused']:,} refused"],
        ["minutes", number(stats["minutes"])],
        ["notes", f"{stats['notes']:,}"],
        [
            "velocity",
            f"mean {number(stats['velocity_mean'], 3)}, deviation {number(stats['velocity_sd'], 3)}",
        ],
        ["pitches", f"{pitch_name(stats['pitch_lowest'])} to {pitch_name(stats['pitch_highest'])}"],
        ["sustain pedal", f"down {100 * stats['pedal_share']:.0f} % of the time"],
    ]
    return Table("facts", "In figures", ["fact", "value"], rows)


def figures(document: Facts) -> list[Part]:
    """Return a histogram for each figure of a piece, the keys, and the velocities and pitches of all notes."""
    pieces = document["pieces"]
    parts: list[Part] = [
        _spread(name, title, unit, pieces)
        for name, (title, unit) in PER_PIECE.items()
        if any(row[name] is not None for row in pieces)
    ]
    parts.append(_keys(pieces))
    velocities, pitches = np.array(document["velocities"]), np.array(document["pitches"])
    numbers = [str(v) for v in range(128)]
    parts.append(
        _all_notes(
            "velocities",
            "Velocities of all notes",
            "MIDI velocity",
            velocities,
            numbers,
            range(0, 128, 16),
        )
    )
    used = np.flatnonzero(pitches)
    low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (60, 61)
    parts.append(
        _all_notes(
            "pitches",
            "Pitches of all notes",
            "pitch",
            pitches[low:high],
            [pitch_name(p) for p in range(low, high)],
            [p - low for p in range(low, high) if p % 12 == 0],
        )
    )
    return parts


def _spread(name: str, title: str, unit: str, pieces: Sequence[Facts]) -> Figure:
    values = [row[name] * SCALED.get(name, 1.0) for row in pieces if row[name] is not None]
    least, low, high, most = (number(float(v), 3) for v in np.percentile(values, [0, 25, 75, 100]))
    said = f"Half of the pieces lie between {low} and {high} {unit}; the least is {least}, the most {most}."
    return charts.histogram(f"corpus-{name}", title, said, unit, [("pieces", values)])


def _keys(pieces: Sequence[Facts]) -> Figure:
    counts = Counter(row["key"] for row in pieces if row["key"])
    total = max(sum(counts.values()), 1)
    shares = [
        [100 * counts[f"{tonic} {mode}"] / total for tonic in names]
        for names, mode in zip(NAMES, MODES, strict=True)
    ]
    most = ", ".join(f"{key} {count:,}" for key, count in counts.most_common(4))
    return charts.columns(
        "keys",
        "Keys found",
        f"By Krumhansl and Schmuckler's algorithm, from what sounds: most often {most}.",
        "tonic",
        "share of the pieces (%)",
        NAMES[0],
        list(zip(MODES, shares, strict=True)),
    )


def _all_notes(
    name: str, title: str, label: str, counts: Any, names: Sequence[str], named: Sequence[int]
) -> Figure:
    shares = 100 * counts / max(int(counts.sum()), 1)
    top = names[int(np.argmax(counts))]
    said = f"{np.count_nonzero(counts)} of {len(names)} occur; most often {top}."
    return charts.columns(
        name,
        title,
        said,
        label,
        "share of the notes (%)",
        names,
        [("notes", shares.tolist())],
        named,
    )


def standing_out(document: Facts) -> list[Part]:
    """Return the pieces that stand out."""
    found = document["outliers"]
    if not found:
        return [Words("No piece lies far from the others.")]
    shown = [
        [one["id"], PER_PIECE[one["what"]][0].lower(), one["value"], one["median"], one["score"]]
        for one in found[:MOST_LISTED]
    ]
    return [
        Words(
            f"{len(found):,} figures lie more than 3.5 modified z-scores from the median (Iglewicz and Hoaglin, 1993)"
            f"{f'; the {MOST_LISTED} farthest' if len(found) > MOST_LISTED else ''}. Listen before you leave one out.",
            "faint",
        ),
        Table("outliers", "Outliers", ["piece", "figure", "value", "median", "score"], shown),
    ]


def alike(groups: Sequence[Sequence[str]]) -> list[Part]:
    """Return the groups of near-duplicates."""
    if not groups:
        return [Words("No two pieces share a large part of their melody.")]
    extra = sum(len(group) - 1 for group in groups)
    return [
        Words(
            f"{len(groups):,} groups of pieces share a large part of their melody, in any key and at any speed: {extra:,} pieces "
            "more than there is music. The conversion keeps such pieces in one half.",
            "faint",
        ),
        Table(
            "duplicates",
            "Near-duplicates",
            ["pieces", "alike"],
            [[len(g), ", ".join(g)] for g in groups[:MOST_LISTED]],
        ),
    ]


def _listed(pieces: Sequence[Facts]) -> Table:
    heads = [
        "piece",
        "minutes",
        "notes",
        "key",
        "tempo",
        "notes per second",
        "polyphony",
        "mean velocity",
    ]
    rows = [
        [
            row["id"],
            round(row["seconds"] / 60, 2),
            row["notes"],
            row["key"],
            row["tempo"],
            row["note_density"],
            row["polyphony"],
            row["velocity_mean"],
        ]
        for row in pieces
    ]
    return Table("pieces", "Pieces in the order of their files", heads, rows)
