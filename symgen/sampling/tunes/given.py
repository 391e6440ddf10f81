"""Fixed parts of a piece: the melody of a tune, or chords from a file or as text ("G C D7 G")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding, Events, encodings
from symgen.errors import BadOption, DataError, counted
from symgen.notes.sequence import CHORD, NOTE, TEMPO, NoteSequence, table
from symgen.notes.theory import chords, keys, meter
from symgen.notes.theory.bars import Bar
from symgen.notes.theory.chord_line import Symbols, spread
from symgen.notes.theory.scales import Key
from symgen.sampling.request.sources import Tune, tune, with_text
from symgen.sampling.request.structure import Structure
from symgen.types import Ints

if TYPE_CHECKING:
    from symgen.notes.abc.lead_sheet import LeadSheet

Words = npt.NDArray[np.str_]


class FixedParts(NamedTuple):
    """`events` int32 `[steps, fields]`, -1 where the model chooses; their key, and messages.

    `last` is the pitch class of the last note, `written` `[steps]` the chord symbols as given,
    `sheet` the text of a melody that is ABC.
    """

    events: Events
    context: Mapping[str, Any]
    key: Key
    messages: tuple[str, ...]
    source: NoteSequence | None = None
    last: int = 0
    written: Words | None = None
    sheet: LeadSheet | None = None


def of_tune(shape: Structure, encoding: Encoding) -> FixedParts:
    """Return the melody or the chords of the tune that `shape` names; the other field is free."""
    is_melody = shape.melody is not None
    fixed = shape.melody if is_melody else cast(Tune, shape.chords)
    assert fixed is not None
    if not is_melody:
        shape.keeps("the tune whose chords are given")
    reading = {} if shape.accidentals is None else {"accidentals": shape.accidentals}
    source, sheet = with_text(fixed, **reading) if is_melody else (tune(fixed, **reading), None)
    name = source.source.path or ("the melody" if is_melody else "the tune of the chords")
    lenient = encoding
    if "need_chords" in encoding.spec():
        lenient = encodings.make(encoding.spec() | {"need_chords": False})
    drops: Counter[str] = Counter()
    events = lenient.encode(source, drops)
    if not len(events):
        raise DataError(f"{name}: {', '.join(drops) or 'it is empty'}; give another tune")
    context = {"bars": [0, 4, 4]} | dict(lenient.context(source)) | {"steps": len(events)}
    out = np.full(events.shape, -1, np.int32)
    field = field_of(encoding, ("note_on", "sounding") if is_melody else ("chord",))
    if not is_melody and not encoding.table(field)["classes"][events[:, field]].any():
        raise DataError(
            f"{name}: no chord symbols that the model knows; "
            'give a tune with chords, or symbols such as "G C D7 G"'
        )
    out[:, field] = events[:, field]
    lost = [
        f"{count} x {reason}" for reason, count in drops.items() if ("chord" in reason) != is_melody
    ]
    key = _key(source)
    last = (
        int(source.notes["pitch"][source.notes["end_time"].argmax()]) % 12
        if len(source.notes)
        else key.tonic
    )
    written = (
        None
        if is_melody or not len(source.chords)
        else _written(_placed(source, encoding.steps_per_quarter), len(events))
    )
    messages = [f"{name}: {line} (in the input of the model; the file keeps it)" for line in lost]
    if is_melody:
        kept = "; kept in ABC" if sheet is not None else ""
        messages += [f"{name}: {line}{kept}" for line in source.source.unplayed]
    if sheet is not None and (own := len(sheet.own) + len(sheet.listed)):
        messages.append(f"{name}: {counted(own, 'chord symbol')} of its own replaced")
    return FixedParts(out, context, key, tuple(messages), source, last, written, sheet)


def _placed(source: NoteSequence, grid: int) -> list[tuple[int, str]]:
    """Return (step, symbol) for the chords of a tune, "" for what is not one."""
    steps = np.floor(meter.quarters(source, source.chords["time"]) * grid + 0.501).astype(np.int64)
    kept = [
        s if chords.parse(s) or chords.known_as_none(s) else ""
        for s in source.chords["symbol"].tolist()
    ]
    return list(zip(steps.tolist(), kept, strict=True))


def field_of(encoding: Encoding, kinds: tuple[str, ...]) -> int:
    """Return the field with values of one of `kinds`; BadOption if there is none."""
    for field in range(len(encoding.fields)):
        if np.isin(encoding.table(field)["kind"], kinds).any():
            return field
    raise BadOption(
        f"the {encoding.name} encoding has no {kinds[0]}; sample a model of `melody_chords`"
    )


def _key(source: NoteSequence) -> Key:
    """Return the written key of a tune, else the one that it sounds in."""
    signed = source.key_signatures
    if len(signed):
        return keys.signed(int(signed["key"][0]), int(signed["mode"][0]))
    return keys.key_of(source)


def of_symbols(
    chord_line: Symbols,
    encoding: Encoding,
    bars: list[Bar],
    context: Mapping[str, Any],
    form: str | None = None,
) -> FixedParts:
    """Return the chords that were typed, laid over `bars` of a `form`."""
    grid = encoding.steps_per_quarter
    cells, messages = chord_line.over(len(bars), form)
    placed = [p for cell, bar in zip(cells, bars, strict=True) for p in spread(cell, bar, grid)]
    second = 60 / (float(context["qpm"]) * grid)
    total = bars[-1].stop
    made = NoteSequence(
        table(NOTE, pitch=60, velocity=80, start_time=0.0, end_time=total * second),
        tempos=table(TEMPO, time=0.0, qpm=context["qpm"]),
        chords=table(
            CHORD,
            time=[step * second for step, _ in placed],
            symbol=[symbol for _, symbol in placed],
        ),
        total_time=total * second,
    )
    field = field_of(encoding, ("chord",))
    events = encoding.encode(made)[:total]
    out = np.full(events.shape, -1, np.int32)
    out[:, field] = events[:, field]
    out[: bars[0].start] = -1
    key = keys.key_of(made.replace(notes=made.notes[:0]))
    return FixedParts(
        out,
        context,
        key,
        (*messages, *_fallen(encoding, events, placed)),
        written=_written(placed, total),
    )


def _written(placed: list[tuple[int, str]], total: int) -> Words:
    """Return the symbol in force at each step, "" before the first."""
    steps = [step for step, _ in placed]
    at = np.searchsorted(steps, np.arange(total), "right")
    return np.array(["", *(symbol for _, symbol in placed)], CHORD["symbol"])[at]


def _fallen(encoding: Encoding, events: Events, placed: list[tuple[int, str]]) -> tuple[str, ...]:
    """Return a line for each chord that the model does not know, and what replaces it."""
    decoded = encoding.decode(events, {"qpm": 120.0}).chords
    steps: Ints = np.rint(decoded["time"] * encoding.steps_per_second).astype(np.int64)
    lines = dict[str, str]()
    for step, symbol in placed:
        at = int(np.searchsorted(steps, step, "right")) - 1
        used = decoded["symbol"][at] if at >= 0 else "N.C."
        if chords.parse(symbol) != chords.parse(str(used)):
            lines[symbol] = f"chord {symbol} is unknown to the model, which gets {used} instead"
    return tuple(lines.values())
