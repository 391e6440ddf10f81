"""One line of text about a sample: what was requested and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.errors import counted
from symgen.sampling.sample import SampleReport

GIVEN = ("form", "melody", "chords")  # what a request for a tune may fix


def line(report: SampleReport) -> str:
    """Return the line: files, length, notes, targets, copies, seed."""
    parts = [
        *_length(report),
        *_unrequested(report),
        *(_target(name, report) for name in report.ways),
        *_tonality(report),
    ]
    if report.nats_per_event is not None:
        parts.append(f"{report.nats_per_event:.2f} nats per event under the model without targets")
    parts += _copies(report.originality or {})
    files = " ".join(report.files)
    text = f"{files}: {'; '.join(parts)}; seed {report.seed}, sample {report.index}"
    return text + (f"; sound {report.audio}" if report.audio else "")


def _length(report: SampleReport) -> list[str]:
    """Return the length and the notes, with the primer that they follow."""
    asked, reached = report.asked, report.reached
    notes = counted(reached["notes"], "note")
    if "primer" in asked:
        notes += f" after {reached['primer_seconds']:.2f} s of {asked['primer']}"
    seconds = f"{reached['seconds']:.2f} s"
    if "bars" not in reached:
        return [f"{seconds} (requested {asked['seconds']:g}), {notes}"]
    bars = f"{counted(reached['bars'], 'bar')} of {reached['meter']}"
    fixed = [f"{name} {asked[name]}" for name in GIVEN if name in asked]
    return [f"{bars}, {reached['tempo']}, {seconds}", notes, *fixed]


def _unrequested(report: SampleReport) -> list[str]:
    if "density" in report.asked:
        return []
    return [f"{report.reached.get('density', 0):.2f} notes per second"]


def _tonality(report: SampleReport) -> list[str]:
    """Return the key where none was requested, and how a tune ends."""
    reached, parts = report.reached, []
    if "key" not in report.asked and "key_name" in reached:
        parts.append(f"key {reached['key_name']}")
    return parts + [f"{name} {reached[name]}" for name in ("cadence", "ends") if name in reached]


def _target(name: str, report: SampleReport) -> str:
    """Return a target: its requested value, the measured one (also over time), and the method."""
    asked, value = report.asked[name], report.reached.get(name)
    text = f"{name.replace('_', ' ')}: requested {_short(asked)}"
    if name in report.drawn:
        text = f"{name} {_short(asked)} (drawn)"
    if value is not None:
        text += f", measured {_measured(name, value)}"
    return f"{text}{_over_time(name, report)}, {_method(report.ways[name])}"


def _method(way: str) -> str:
    """Return how a target was met, in the words of the option --method."""
    return way.replace("told", "conditioned")


def _measured(name: str, value: Any) -> str:
    if name == "key":
        return f"{100 * value:.1f} % of the time in it"
    return f"{value:.2f} notes per second" if name == "density" else _short(value)


def _over_time(name: str, report: SampleReport) -> str:
    """Return the values over time of a target that changes."""
    parts = report.over_time.get(name, {"reached": []})["reached"]
    changes = isinstance(report.asked[name], str) and name not in ("key", "label")
    if not changes or len(parts) < 2:
        return ""
    values = " ".join("-" if part is None else f"{part:.3g}" for part in parts)
    return f" ({values} over time)"


def _copies(originality: Mapping[str, Any]) -> list[str]:
    """Return the longest passages shared with other music, and how often it was redrawn."""
    parts = []
    for key, title in (("longest", "longest copy"), ("repeated", "longest repeat")):
        if copy := originality.get(key):
            begin, end = copy["at"]
            place = f"{copy['piece']}, at {begin:.1f} to {end:.1f} s"
            parts.append(f"{title} {counted(copy['notes'], 'note')} of {place}")
        elif key in originality:
            parts.append(f"{title} 0 notes")
    if again := originality.get("drawn_again"):
        parts.append(f"drawn again {counted(again, 'time')}")
    return parts


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(f"{v:.2g}" for v in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
