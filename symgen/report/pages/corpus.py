"""The page of a corpus: what to know about music before a model is trained on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.evaluation.verdict import Answer
from symgen.notes.theory.keys import MODES, NAMES
from symgen.rendering.pianoroll import name as pitch_name
from symgen.report.figure import Figure, Table
from symgen.report.page import Folded, Page, Part, Section, Verdict, Words
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]

PER_PIECE = {  # value of a piece: title, unit
    "seconds": ("Duration", "minutes"),
    "tempo": ("Tempo at the beginning", "quarter notes per minute"),
    "note_density": ("Note density", "notes per second"),
    "polyphony": ("Polyphony", "pitches sounding at once"),
    "velocity_mean": ("Mean velocity", "MIDI velocity, 1 to 127"),
    "velocity_deviation": ("Deviation of velocity", "MIDI velocity"),
    "pitch_range": ("Pitch range", "semitones"),
    "pedal": ("Sustain pedal", "share of the time it is down (%)"),
}
SCALED = {"seconds": 1 / 60, "pedal": 100.0}
MAX_LISTED = 60
FEW_VELOCITIES = 8
COLUMNS = ("piece", "minutes", "notes", "key", "tempo", "notes per second", "polyphony", "velocity")


def page(document: Facts) -> Page:
    """Return the page of a survey's document."""
    facts = document["corpus"]
    pieces = document["pieces"]
    listed = Folded(f"All {len(pieces):,} pieces", [_listed(pieces)])
    return Page(
        f"Corpus report: {facts['title'] or facts['name']}",
        [Verdict(verdict(document))],
        [
            Section("The corpus in numbers", [_facts(facts, document["stats"])]),
            Section("What the pieces are like", figures(document)),
            Section("Unusual pieces", unusual(document)),
            Section("Near-duplicates", near_duplicates(document["duplicates"])),
            Section("All pieces", [listed]),
        ],
    )


def verdict(document: Facts) -> list[Answer]:
    """Return in plain words how much music there is, and what is wrong with it."""
    stats = document["stats"]
    size = (
        f"{stats['pieces']:,} pieces, {stats['minutes']:,.0f} minutes, {stats['notes']:,} notes, "
        f"{number(stats['notes_per_second'], 3)} notes per second."
    )
    found = [
        Answer("How much music is there?", "", size),
        _readable(stats),
        _unusual(document["outliers"]),
        _duplicated(document["duplicates"]),
    ]
    if document["velocities"] and np.count_nonzero(document["velocities"]) < FEW_VELOCITIES:
        few = f"It has fewer than {FEW_VELOCITIES} different velocities, so little to learn."
        found.append(Answer("Does it have dynamics?", "No", few))
    return found


def _readable(stats: Facts) -> Answer:
    question = "Can every file be read?"
    files = f"{stats['files']:,} files"
    if not stats["refused"]:
        return Answer(question, "Yes", "")
    text = f"{stats['refused']:,} of {files} cannot be read; symgen corpus check says why."
    return Answer(question, "No", text)


def _unusual(outliers: Sequence[Facts]) -> Answer:
    question = "Are there unusual pieces?"
    if not outliers:
        return Answer(question, "No", "No piece lies far from the others.")
    most = outliers[0]
    pieces = len({one["id"] for one in outliers})
    title, unit = PER_PIECE[most["what"]]
    value, median = (_scaled(most["what"], most[key]) for key in ("value", "median"))
    text = (
        f"{pieces:,} of them. The most unusual is {most['id']}: {title.lower()} {number(value, 3)} "
        f"{unit}, where the median is {number(median, 3)}."
    )
    return Answer(question, "Yes", text)


def _duplicated(groups: Sequence[Sequence[str]]) -> Answer:
    question = "Are there near-duplicates?"
    if not groups:
        return Answer(question, "No", "No two pieces share a large part of their melody.")
    extra = _extra(groups)
    some = "1 piece repeats" if extra == 1 else f"{extra:,} pieces repeat"
    return Answer(question, "Yes", f"{some} the melody of another.")


def _extra(groups: Sequence[Sequence[str]]) -> int:
    return sum(len(group) - 1 for group in groups)


def _scaled(name: str, value: float) -> float:
    return value * SCALED.get(name, 1.0)


def _facts(facts: Facts, stats: Facts) -> Table:
    mean = number(stats["velocity_mean"], 3)
    deviation = number(stats["velocity_sd"], 3)
    rows = [
        ["name", facts["name"]],
        ["licence", facts["licence"] or "unknown"],
        ["synthetic", "yes" if facts["synthetic"] else "no"],
        ["pieces", f"{stats['pieces']:,} in {stats['groups']:,} groups"],
        ["files", f"{stats['files']:,}, {stats['refused']:,} of them unreadable"],
        ["minutes", number(stats["minutes"])],
        ["notes", f"{stats['notes']:,}"],
        ["velocity", f"mean {mean}, standard deviation {deviation}"],
        ["pitches", f"{pitch_name(stats['pitch_lowest'])} to {pitch_name(stats['pitch_highest'])}"],
        ["sustain pedal", f"down {100 * stats['pedal_share']:.0f} % of the time"],
    ]
    return Table("facts", "Totals", ["fact", "value"], rows)


def figures(document: Facts) -> list[Part]:
    """Return a histogram of each value of a piece, the keys, and all velocities and pitches."""
    pieces = document["pieces"]
    parts: list[Part] = [
        _spread(name, title, unit, pieces)
        for name, (title, unit) in PER_PIECE.items()
        if any(row[name] is not None for row in pieces)
    ]
    return [*parts, _keys(pieces), _velocities(document), _pitches(document)]


def _spread(name: str, title: str, unit: str, pieces: Sequence[Facts]) -> Figure:
    values = [_scaled(name, row[name]) for row in pieces if row[name] is not None]
    quartiles = np.percentile(values, [0, 25, 75, 100]).tolist()
    least, low, high, most = (number(value, 3) for value in quartiles)
    about = (
        f"Half of the pieces are between {low} and {high}, all between {least} and {most} ({unit})."
    )
    return charts.histogram(f"corpus-{name}", title, about, unit, [("pieces", values)])


def _keys(pieces: Sequence[Facts]) -> Figure:
    counts = Counter(row["key"] for row in pieces if row["key"])
    total = max(sum(counts.values()), 1)
    shares = [
        [100 * counts[f"{tonic} {mode}"] / total for tonic in names]
        for names, mode in zip(NAMES, MODES, strict=True)
    ]
    most = ", ".join(f"{key} ({count:,})" for key, count in counts.most_common(4))
    about = f"Estimated with the Krumhansl-Schmuckler algorithm. Most frequent: {most}."
    series = list(zip(MODES, shares, strict=True))
    return charts.columns(
        "keys", "Keys", about, "tonic", "share of the pieces (%)", NAMES[0], series
    )


def _velocities(document: Facts) -> Figure:
    counts = np.array(document["velocities"])
    names = [str(v) for v in range(128)]
    heading, label = "Velocities of all notes", "MIDI velocity"
    return _all_notes("velocities", heading, label, counts, names, range(0, 128, 16))


def _pitches(document: Facts) -> Figure:
    counts = np.array(document["pitches"])
    used = np.flatnonzero(counts)
    low, high = 60, 61
    if len(used):
        low = int(used[0])
        high = int(used[-1]) + 1
    names = [pitch_name(p) for p in range(low, high)]
    octaves = [p - low for p in range(low, high) if p % 12 == 0]
    return _all_notes("pitches", "Pitches of all notes", "pitch", counts[low:high], names, octaves)


def _all_notes(
    name: str, title: str, label: str, counts: Any, names: Sequence[str], named: Sequence[int]
) -> Figure:
    shares = 100 * counts / max(int(counts.sum()), 1)
    most = names[int(np.argmax(counts))]
    about = f"{np.count_nonzero(counts)} of {len(names)} values occur; the most frequent is {most}."
    series = [("notes", shares.tolist())]
    return charts.columns(name, title, about, label, "share of the notes (%)", names, series, named)


def unusual(document: Facts) -> list[Part]:
    """Return the pieces that lie far from the others."""
    found = document["outliers"]
    if not found:
        return [Words("No piece lies far from the others.")]
    some = f" The table has the first {MAX_LISTED}." if len(found) > MAX_LISTED else ""
    about = (
        f"{len(found):,} values lie more than 3.5 modified z-scores from the median (Iglewicz and "
        f"Hoaglin, 1993). Listen to a piece before you remove it.{some}"
    )
    columns = ["piece", "value of", "value", "median", "score"]
    rows = [
        [
            one["id"],
            _title_and_unit(one["what"]),
            _scaled(one["what"], one["value"]),
            _scaled(one["what"], one["median"]),
            one["score"],
        ]
        for one in found[:MAX_LISTED]
    ]
    return [Words(about, "faint"), Table("outliers", "The most unusual first", columns, rows)]


def _title_and_unit(name: str) -> str:
    title, unit = PER_PIECE[name]
    return f"{title.lower()} ({unit})"


def near_duplicates(groups: Sequence[Sequence[str]]) -> list[Part]:
    """Return the groups of near-duplicates."""
    if not groups:
        return [Words("No two pieces share a large part of their melody.")]
    about = (
        f"{len(groups):,} groups of pieces share a large part of their melody, in any key and at "
        f"any speed. {_extra(groups):,} pieces add nothing new. The conversion keeps the pieces of "
        "a group in one split."
    )
    rows = [[len(group), ", ".join(group)] for group in groups[:MAX_LISTED]]
    return [
        Words(about, "faint"),
        Table("duplicates", "Groups", ["pieces", "names"], rows),
    ]


def _listed(pieces: Sequence[Facts]) -> Table:
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
    return Table("pieces", "In the order of their files", COLUMNS, rows)
