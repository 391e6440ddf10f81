"""A planned sample as a sequence with chords, meter, tempo and key, and what it came to."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from symgen.encodings import Encoding, Events
from symgen.encodings.base import VALUE
from symgen.notes.sequence import CHORD, KEY_SIGNATURE, NoteSequence, Source, table
from symgen.notes.theory import chords, keys, meter
from symgen.notes.theory.scales import Key
from symgen.sampling.request.sources import is_file
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.cadence import dominants
from symgen.sampling.tunes.given import Words, field_of
from symgen.sampling.tunes.plan import Plan


def music(
    plan: Plan, encoding: Encoding, events: Events, key: Key | None
) -> tuple[NoteSequence, Key]:
    """Return the piece of `events` and its key, which is estimated if it is None.

    Chords are spelled for the key; given chords keep their spelling.
    """
    made = encoding.decode(events, plan.context)
    key = key or keys.key_of(made)
    made = made.replace(chords=_spelled(made, key))
    if plan.written is not None and plan.given is not None:
        made = made.replace(
            chords=_as_written(
                plan.written, plan.given == events[: len(plan.given)], encoding, made
            )
        )
    if plan.source is not None:
        made = with_chords(plan.source, made, encoding.steps_per_quarter)
    if not len(made.key_signatures):
        signature = table(KEY_SIGNATURE, time=0.0, key=key.tonic, mode=key.mode)
        made = made.replace(key_signatures=signature)
    return made, key


def _spelled(made: NoteSequence, key: Key) -> Any:
    """Return the chords of `made`, spelled for a key."""
    rows = made.chords.copy()
    for k, text in enumerate(rows["symbol"].tolist()):
        if (chord := chords.parse(text)) is not None:
            rows["symbol"][k] = chords.symbol(chord, key.chord_sharps)
    return rows


def _as_written(written: Words, given: Any, encoding: Encoding, made: NoteSequence) -> Any:
    """Return the chords of `made`, as they were written where they are `given`.

    `given` is bool `[steps, fields]`. There is a row where the symbol changes.
    """
    grid = encoding.steps_per_quarter
    total = len(given)
    steps = np.rint(meter.quarters(made, made.chords["time"]) * grid).astype(np.int64)
    in_force = np.array(["", *made.chords["symbol"].tolist()], CHORD["symbol"])
    sounding = in_force[np.searchsorted(steps, np.arange(total), "right")]
    words = np.where(
        given[:, field_of(encoding, ("chord",))] & (written[:total] != ""),
        written[:total],
        sounding,
    )
    begin = np.flatnonzero(words != np.append("", words[:-1]))
    rows = table(CHORD, time=meter.seconds_at(made, begin / grid), symbol=words[begin])
    return rows[1:] if len(rows) and chords.known_as_none(str(rows["symbol"][0])) else rows


def with_chords(source: NoteSequence, made: NoteSequence, grid: int) -> NoteSequence:
    """Return the tune `source` as it was written, with the chords of `made` for other voices."""
    named = made.chords.copy()
    named["time"] = meter.seconds_at(source, meter.quarters(made, named["time"]))
    ours = _places(made, made.notes, grid)
    best = made.notes
    most = 0.5 * len(ours)
    for instrument in np.unique(source.notes["instrument"]).tolist():
        notes = source.notes[(source.notes["instrument"] == instrument) & ~source.notes["is_drum"]]
        same = len(np.intersect1d(_places(source, notes, grid), ours))
        if same > most:
            best = notes.copy()
            most = same
    if best is made.notes:  # no instrument is the melody only
        best = made.notes.copy()
        for edge in ("start_time", "end_time"):
            best[edge] = meter.seconds_at(source, meter.quarters(made, best[edge]))
    best["instrument"] = 0
    return source.replace(
        notes=best,
        chords=named,
        control_changes=source.control_changes[:0],
        pitch_bends=source.pitch_bends[:0],
        source=Source(title=source.source.title),
    )


def _places(sequence: NoteSequence, notes: Any, grid: int) -> Any:
    """Return one number for each note: its step and its pitch."""
    steps = np.floor(meter.quarters(sequence, notes["start_time"]) * grid + 0.501).astype(np.int64)
    return steps * 128 + notes["pitch"]


def requested(plan: Plan, shape: Structure) -> dict[str, Any]:
    """Return by name the structure that was requested, with the defaults that were used."""
    given: dict[str, Any] = {
        name: _named(value)
        for name in ("melody", "chords")
        if (value := getattr(shape, name)) is not None
    }
    if shape.seconds is not None:
        given["seconds"] = shape.seconds
    if plan.given is None or (shape.chords is not None and not is_file(shape.chords)):
        given |= {"bars": plan.bars, "meter": plan.meter.name, "tempo": plan.tempo.text}
    if plan.form:
        given["form"] = plan.form
    return given | {
        name: value
        for name in ("cadence", "chords_on")
        if (value := getattr(shape, name)) is not None
    }


def _named(value: Any) -> str:
    """Return what was given as text: the name of a file without its folder."""
    if isinstance(value, NoteSequence):
        value = value.source.path or "a sequence"
    return os.path.basename(os.fspath(value)) if is_file(value) else str(value)


def measured(plan: Plan, sequence: NoteSequence, key: Key) -> dict[str, Any]:
    """Return by name what the sample came to: bars, meter, tempo, key and its end.

    The last two chords are a `cadence` if they lead from the dominant to the tonic, else `ends`.
    """
    facts: dict[str, Any] = {
        "bars": plan.bars,
        "meter": plan.meter.name,
        "tempo": str(plan.tempo),
        "key_name": key.name,
    }
    if plan.cadence is not None:
        last = sequence.chords["symbol"][-2:].tolist()
        facts["cadence" if closes(last, key) else "ends"] = " ".join(last)
    return facts | ({"messages": list(plan.messages)} if plan.messages else {})


def closes(last: list[str], key: Key) -> bool:
    """Return whether the last two chords are one of the dominant and one on the tonic."""
    if len(last) < 2 or not (before := chords.parse(last[0])) or not (end := chords.parse(last[1])):
        return False
    leads = table(VALUE, kind="chord", classes=chords.reduce(before, "sevenths").classes)
    return end.root == key.tonic and len(dominants(leads, key)) > 0
