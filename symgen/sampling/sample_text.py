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
        *(_target(name, report) for name in report.methods),
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
    requested, measured = report.requested, report.measured
    notes = counted(measured["notes"], "note")
    if "primer" in requested:
        notes += f" after {measured['primer_seconds']:.2f} s of {requested['primer']}"
    seconds = f"{measured['seconds']:.2f} s"
    if "bars" not in measured:
        return [f"{seconds} (requested {requested['seconds']:g}), {notes}"]
    bars = f"{counted(measured['bars'], 'bar')} of {measured['meter']}"
    fixed = [f"{name} {requested[name]}" for name in GIVEN if name in requested]
    return [f"{bars}, {measured['tempo']}, {seconds}", notes, *fixed]


def _unrequested(report: SampleReport) -> list[str]:
    if "density" in report.requested:
        return []
    return [f"{report.measured.get('density', 0):.2f} notes per second"]


def _tonality(report: SampleReport) -> list[str]:
    """Return the key where none was requested, and how a tune ends."""
    measured, parts = report.measured, []
    if "key" not in report.requested and "key_name" in measured:
        parts.append(f"key {measured['key_name']}")
    return parts + [f"{name} {measured[name]}" for name in ("cadence", "ends") if name in measured]


def _target(name: str, report: SampleReport) -> str:
    """Return a target: its requested value, the measured one (also over time), and the method."""
    target = report.requested[name]
    value = report.measured.get(name)
    text = f"{name.replace('_', ' ')}: requested {_short(target)}"
    if name in report.drawn:
        text = f"{name} {_short(target)} (drawn)"
    if value is not None:
        text += f", measured {_measured(name, value)}"
    return f"{text}{_over_time(name, report)}, {report.methods[name]}"


def _measured(name: str, value: Any) -> str:
    if name == "key":
        return f"{100 * value:.1f} % of the time in it"
    return f"{value:.2f} notes per second" if name == "density" else _short(value)


def _over_time(name: str, report: SampleReport) -> str:
    """Return the values over time of a target that changes."""
    parts = report.over_time.get(name, {"measured": []})["measured"]
    changes = isinstance(report.requested[name], str) and name not in ("key", "label")
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
            unseen = originality.get("found_from", 1) - 1 if key == "longest" else 0
            parts.append(f"{title} {f'at most {unseen}' if unseen else 0} notes")
    if again := originality.get("drawn_again"):
        parts.append(f"drawn again {counted(again, 'time')}")
    return parts


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(f"{v:.2g}" for v in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
