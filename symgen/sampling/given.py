"""What is given of a piece: the melody of a tune, or chords, from a file or as symbols such as "G C D7 G"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.encoding import Encoding, Events, encodings
from symgen.errors import BadOption, DataError
from symgen.notes import chords, keys
from symgen.notes.sequence import CHORD, NOTE, TEMPO, NoteSequence, table
from symgen.sampling.bars import Bar
from symgen.sampling.key import Scale, scale
from symgen.sampling.shape import Shape
from symgen.sampling.tune import tune


class Given(NamedTuple):
    """`events` int32 `[steps, fields]`, -1 where the choice is free; the key of it, and what is to be said of it.

    `last` is the pitch class of its last note.
    """

    events: Events
    context: Mapping[str, Any]
    key: Scale
    said: tuple[str, ...]
    source: NoteSequence | None = None
    last: int = 0


def of_tune(shape: Shape, encoding: Encoding) -> Given:
    """Return the melody or the chords of the tune that `shape` names, and leave the other field free."""
    is_melody = shape.melody is not None
    asked = shape.melody if is_melody else shape.chords
    assert asked is not None
    if not is_melody:
        shape.keeps("the tune whose chords are given")
    source = tune(asked)
    name = source.source.path or ("the melody" if is_melody else "the tune of the chords")
    lenient = encodings.make(encoding.spec() | {"need_chords": False}) if is_melody and "need_chords" in encoding.spec() else encoding
    drops: Counter[str] = Counter()
    events = lenient.encode(source, drops)
    if not len(events):
        raise DataError(f"{name}: {', '.join(drops) or 'it is empty'}; give another tune")
    context = {"bars": [0, 4, 4]} | dict(lenient.context(source)) | {"steps": len(events)}
    out = np.full(events.shape, -1, np.int32)
    field = field_of(encoding, ("note_on", "sounding") if is_melody else ("chord",))
    out[:, field] = events[:, field]
    lost = [f"{count} x {reason}" for reason, count in drops.items() if ("chord" in reason) != is_melody]
    key = _key(source)
    last = int(source.notes["pitch"][source.notes["end_time"].argmax()]) % 12 if len(source.notes) else key.tonic
    heard = " (as the model hears it; the tune is written as it is)" if is_melody else ""
    return Given(out, context, key, tuple(f"{name}: {line}{heard}" for line in lost), source, last)


def field_of(encoding: Encoding, kinds: tuple[str, ...]) -> int:
    """Return the field that has values of one of `kinds`; BadOption where none has."""
    for field in range(len(encoding.fields)):
        if np.isin(encoding.table(field)["kind"], kinds).any():
            return field
    raise BadOption(f"the {encoding.name} encoding has no {kinds[0]}; sample a model of `melody_chords`")


def _key(source: NoteSequence) -> Scale:
    """Return the key that a tune says it is in, else the one that it sounds in."""
    said = source.key_signatures
    return scale((keys.Key(int(said["key"][0]), int(said["mode"][0])) if len(said) else keys.key_of(source)).name)


def of_symbols(text: str, encoding: Encoding, bars: list[Bar], context: Mapping[str, Any]) -> Given:
    """Return the chords that `text` names, over `bars`; BadOption names a symbol that is no chord.

    Without `|` there is one chord a bar, or, where there are more chords than bars, as many as spread over them evenly;
    with `|` those of a bar share it. Either is repeated to the end.
    """
    grid = encoding.steps_per_quarter
    placed = [p for cell, bar in zip(_cells(text, len(bars)), bars, strict=True) for p in _spread(cell, bar, grid)]
    for _, symbol in placed:
        if chords.parse(symbol) is None and not chords.known_as_none(symbol):
            raise BadOption(f"chords: {symbol!r} is no chord; expected symbols such as G, Am, D7 or N.C., with | between bars if you like")
    second = 60 / (float(context["qpm"]) * grid)
    total = bars[-1].stop
    made = NoteSequence(
        table(NOTE, pitch=60, velocity=80, start_time=0.0, end_time=total * second), tempos=table(TEMPO, time=0.0, qpm=context["qpm"]),
        chords=table(CHORD, time=[step * second for step, _ in placed], symbol=[symbol for _, symbol in placed]), total_time=total * second)
    field = field_of(encoding, ("chord",))
    events = encoding.encode(made)[:total]
    out = np.full(events.shape, -1, np.int32)
    out[:, field] = events[:, field]
    out[:bars[0].start] = -1
    return Given(out, context, scale(keys.key_of(made.replace(notes=made.notes[:0])).name), _fallen(encoding, events, placed))


def _cells(text: str, bars: int) -> list[list[str]]:
    """Return the symbols of each of so many bars."""
    if "|" in text:
        cells = [cell.split() for cell in text.replace(":", " ").strip().strip("|").split("|")]
    else:
        symbols = text.split()
        cells = [[s] for s in symbols]
        if len(symbols) > bars:
            cells = [[s for k, s in enumerate(symbols) if k * bars // len(symbols) == bar] for bar in range(bars)]
    if not any(cells):
        raise BadOption(f"chords {text!r} holds no chord symbol; expected symbols such as \"G C D7 G\", or a file")
    for k, cell in enumerate(cells):  # an empty bar goes on with the chord before
        cells[k] = cell or (cells[k - 1][-1:] if k else next(c for c in reversed(cells) if c)[-1:])
    return [cells[bar % len(cells)] for bar in range(bars)]


def _spread(cell: list[str], bar: Bar, grid: int) -> list[tuple[int, str]]:
    """Return (step, symbol) for the symbols of one bar, on its beats where they have room there."""
    length = bar.stop - bar.start
    beat = max(int(4 * grid * bar.meter.change), 1)
    unit = beat if length // beat >= len(cell) else 1
    if len(cell) > length:
        raise BadOption(f"chords: {len(cell)} of them in one bar of {length} steps; write fewer")
    places = [bar.start + round(k * (length // unit) / len(cell) - 1e-9) * unit for k in range(len(cell))]
    return list(zip(places, cell, strict=True))


def _fallen(encoding: Encoding, events: Events, placed: list[tuple[int, str]]) -> tuple[str, ...]:
    """Return a line for each chord that the model does not know and what stands for it."""
    heard = encoding.decode(events, {"qpm": 120.0}).chords
    steps: npt.NDArray[np.int64] = np.rint(heard["time"] * encoding.steps_per_second).astype(np.int64)
    lines = dict[str, str]()
    for step, symbol in placed:
        at = int(np.searchsorted(steps, step, "right")) - 1
        told = heard["symbol"][at] if at >= 0 else "N.C."
        if chords.parse(symbol) != chords.parse(str(told)):
            lines[symbol] = f"chord {symbol} is not one that the model knows: {told} stands for it"
    return tuple(lines.values())
