"""The page of a corpus of recordings: what to know before they are transcribed or learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.errors import span
from symgen.evaluation.verdict import Answer
from symgen.notes.theory.keys import MODES, NAMES
from symgen.report.figure import Figure, Table
from symgen.report.page import Folded, Page, Part, Section, Verdict, Words
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]

PER_RECORDING = {  # value of a recording: title, unit
    "seconds": ("Duration", "minutes"),
    "lufs": ("Loudness", "LUFS"),
    "peak": ("Peak", "dBFS"),
    "centre": ("Centre of the spectrum", "Hz"),
    "edge": ("Upper edge of the spectrum", "Hz"),
    "tempo": ("Tempo", "beats per minute"),
    "silence": ("Silence", "share of the time below -60 dBFS (%)"),
}
SCALED = {"seconds": 1 / 60, "silence": 100.0}
MAX_LISTED = 60
ALIKE = 3.0  # LU between the softest and the loudest of recordings that are equally loud
COLUMNS = (
    "recording", "minutes", "Hz", "channels", "LUFS", "peak", "silence %", "clipped",
    "tempo", "key",
)  # fmt: skip


def page(document: Facts) -> Page:
    """Return the page of a survey of recordings (`symgen.evaluation.recordings`)."""
    rows = document["recordings"]
    return Page(
        f"Recordings: {document['corpus']['name']}",
        [Verdict(verdict(document))],
        [
            Section("The corpus in numbers", [_totals(document["stats"])]),
            Section("What the recordings are like", figures(rows)),
            Section("What is unusual", [*_warned(rows), *_outliers(document["outliers"])]),
            Section("Near-duplicates", _duplicates(document["duplicates"])),
            Section("What is cut", _cut(rows)),
            Section("What cannot be read", _refused(document)),
            Section("All recordings", [Folded(f"All {len(rows):,}", [_listed(rows)])]),
        ],
    )


def verdict(document: Facts) -> list[Answer]:
    """Return in plain words how much sound there is, and what is wrong with it."""
    stats = document["stats"]
    size = f"{stats['recordings']:,} recordings, {span(3600 * stats['hours'])}."
    warned = [row for row in document["recordings"] if row["warnings"]]
    copies = sum(len(group) - 1 for group in document["duplicates"])
    return [
        Answer("How much sound is there?", "", size),
        Answer(
            "Can every file be read?",
            "No" if stats["refused"] else "Yes",
            f"{stats['refused']:,} of {stats['files']:,} cannot." if stats["refused"] else "",
        ),
        Answer(
            "Is anything wrong with them?",
            "Yes" if warned else "No",
            f"{len(warned):,} have warnings, such as {warned[0]['id']}: {warned[0]['warnings'][0]}."
            if warned
            else "",
        ),
        _level(stats),
        Answer(
            "Are there near-duplicates?",
            "Yes" if copies else "No",
            f"{copies:,} are the same sound as another." if copies else "",
        ),
    ]


def _level(stats: Facts) -> Answer:
    question = "Are they equally loud?"
    if stats["lufs_median"] is None:
        return Answer(question, "", "Loudness is defined for none of them.")
    low, middle, high = (stats[f"lufs_{key}"] for key in ("lowest", "median", "highest"))
    text = f"The median is {middle:.1f} LUFS, all are between {low:.1f} and {high:.1f}."
    return Answer(question, "Yes" if high - low <= ALIKE else "No", text)


def _totals(stats: Facts) -> Table:
    loud = "undefined"
    if stats["lufs_median"] is not None:
        loud = " / ".join(f"{stats[f'lufs_{k}']:.1f}" for k in ("lowest", "median", "highest"))
    rows = [
        ["recordings", f"{stats['recordings']:,}"],
        ["files", f"{stats['files']:,}, {stats['refused']:,} of them unreadable"],
        ["hours", number(stats["hours"], 4)],
        ["tracks, after cutting", f"{stats['tracks']:,}"],
        ["loudness (lowest / median / highest)", f"{loud} LUFS"],
        ["frames per second", ", ".join(f"{rate:,}" for rate in stats["rates"])],
        ["silence", f"{100 * stats['silence']:.1f} % of the time"],
        ["with clipping", f"{stats['clipped']:,}"],
    ]
    return Table("facts", "Totals", ["fact", "value"], rows)


def figures(rows: Sequence[Facts]) -> list[Part]:
    """Return a histogram of each value, the mean spectrum and the keys."""
    parts: list[Part] = [
        _spread(name, title, unit, rows)
        for name, (title, unit) in PER_RECORDING.items()
        if any(row.get(name) is not None for row in rows)
    ]
    return [*parts, *_spectrum(rows), *_keys(rows)]


def _spread(name: str, title: str, unit: str, rows: Sequence[Facts]) -> Figure:
    values = [_scaled(name, row[name]) for row in rows if row.get(name) is not None]
    quartiles = np.percentile(values, [0, 25, 75, 100]).tolist()
    least, low, high, most = (number(value, 3) for value in quartiles)
    about = (
        f"Half of the recordings are between {low} and {high}, all between {least} and {most} "
        f"({unit})."
    )
    return charts.histogram(f"recordings-{name}", title, about, unit, [("recordings", values)])


def _spectrum(rows: Sequence[Facts]) -> list[Part]:
    """Return the quartiles of the level of each octave."""
    levels: dict[str, list[float]] = {}
    for row in rows:
        for octave, level in (row.get("octaves") or {}).items():
            levels.setdefault(octave, []).append(level)
    if not levels:
        return []
    names = sorted(levels, key=float)
    spread = [np.percentile(levels[name], [25, 50, 75]).tolist() for name in names]
    series = [
        (label, [values[i] for values in spread])
        for i, label in enumerate(("lower quartile", "median", "upper quartile"))
    ]
    about = "Level of each octave, from 0 for the lowest one at 31.5 Hz up to 16 kHz."
    x = [float(i) for i in range(len(names))]
    return [charts.lines("spectrum", "Spectrum", about, "octave", "dBFS", x, series)]


def _keys(rows: Sequence[Facts]) -> list[Part]:
    counts = Counter(row["key"] for row in rows if row.get("key"))
    total = sum(counts.values())
    if not total:
        return []
    shares = [
        [100 * counts[f"{tonic} {mode}"] / total for tonic in names]
        for names, mode in zip(NAMES, MODES, strict=True)
    ]
    most = ", ".join(f"{key} ({count:,})" for key, count in counts.most_common(4))
    about = f"Estimated from the pitch classes of the peaks of the spectrum. Most frequent: {most}."
    series = list(zip(MODES, shares, strict=True))
    return [
        charts.columns(
            "keys", "Keys", about, "tonic", "share of the recordings (%)", NAMES[0], series
        )
    ]


def _warned(rows: Sequence[Facts]) -> list[Part]:
    found = [[row["id"], line] for row in rows for line in row["warnings"]]
    if not found:
        return [Words("No recording has a warning.")]
    title = "Warnings" if len(found) <= MAX_LISTED else f"The first {MAX_LISTED} warnings"
    return [Table("warnings", title, ["recording", "warning"], found[:MAX_LISTED])]


def _outliers(found: Sequence[Facts]) -> list[Part]:
    if not found:
        return [Words("No recording lies far from the others.")]
    about = (
        f"{len(found):,} values lie more than 3.5 modified z-scores from the median (Iglewicz and "
        "Hoaglin, 1993). Listen to a recording before you remove it."
    )
    rows = [
        [one["id"], PER_RECORDING[one["what"]][0].lower()]
        + [_scaled(one["what"], one[key]) for key in ("value", "median")]
        + [one["score"]]
        for one in found[:MAX_LISTED]
    ]
    columns = ["recording", "value of", "value", "median", "score"]
    return [Words(about, "faint"), Table("outliers", "The most unusual first", columns, rows)]


def _duplicates(groups: Sequence[Sequence[str]]) -> list[Part]:
    if not groups:
        return [Words("No two recordings have the same sound.")]
    about = (
        "By fingerprint: the same sound after MP3, at another loudness, or as a part of a longer "
        "recording. Keep one of each group, or the same music is learned and tested."
    )
    rows = [[len(group), ", ".join(group)] for group in groups[:MAX_LISTED]]
    return [
        Words(about, "faint"),
        Table("duplicates", "Groups", ["recordings", "names"], rows),
    ]


def _cut(rows: Sequence[Facts]) -> list[Part]:
    found = [
        [part["name"], round(part["start"] / 60, 2), round(part["seconds"] / 60, 2)]
        for row in rows
        for part in row["tracks"]
    ]
    if not found:
        return [Words("No recording is longer than the limit of a track, if one was given.")]
    return [Table("tracks", "Tracks", ["track", "begins (minutes)", "minutes"], found)]


def _refused(document: Facts) -> list[Part]:
    rows = [[one["name"], one["reason"]] for one in document["refused"]]
    if not rows:
        return [Words("Every recording can be read.")]
    return [Table("refused", "Refused", ["recording", "reason"], rows)]


def _scaled(name: str, value: float) -> float:
    return float(f"{value * SCALED.get(name, 1.0):.4g}")


def _listed(rows: Sequence[Facts]) -> Table:
    cells = [
        [
            row["id"],
            round(row["seconds"] / 60, 2),
            row["rate"],
            row["channels"],
            row["lufs"],
            row["peak"],
            round(100 * row["silence"], 1),
            row["clipped"],
            row.get("tempo"),
            row.get("key"),
        ]
        for row in rows
    ]
    return Table("recordings", "In the order of their files", COLUMNS, cells)
