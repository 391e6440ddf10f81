"""Read MIDI meta events: tempo, meter, key, and the chord symbols in a track named `chords`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.errors import counted
from symgen.notes.midi.events import META, Events, number
from symgen.notes.sequence import CHORD, KEY_SIGNATURE, TEMPO, TIME_SIGNATURE, table
from symgen.notes.tempo_map import TempoMap
from symgen.types import Array

TEXT, NAME, LYRIC, MARKER, CUE, PORT = 0x01, 0x03, 0x05, 0x06, 0x07, 0x21
SET_TEMPO, TIME, KEY = 0x51, 0x58, 0x59
TEXTS = {TEXT: "text", LYRIC: "lyric", MARKER: "marker", CUE: "cue point"}
CHORD_TRACK = "chords"
OWN = b"symgen "
"""Beginning of the texts that symgen writes itself; they are no part of the music."""

RECIPE = OWN + b"recipe: "
"""Beginning of the text that holds the recipe of a sample."""

DEFAULT_TEMPO = 500_000  # microseconds per quarter


class Meta(NamedTuple):
    """The tables from meta events, with times in seconds, and the tempo map."""

    tempo: TempoMap
    tempos: Array
    time_signatures: Array
    key_signatures: Array
    chords: Array
    ports: Array  # [tracks]: the port of each
    events: int  # how many meta events there are
    left_out: tuple[str, ...]  # a line for each kind of text


class Texts(NamedTuple):
    """The meta events of one kind: tick, track, place and size of the payload of each."""

    tick: Array
    track: Array
    at: Array
    size: Array


def read(
    events: Events,
    ticks_per_quarter: int,
    tick_seconds: float | None,
    apart: bool,
    warnings: list[str],
) -> Meta:
    """Read the meta events of all tracks.

    `tick_seconds` is given if ticks are parts of a second; then the tempo does not affect times.
    With `apart`, each track has its own tempo. Invalid events are left out, with a line in
    `warnings`.
    """
    rows = np.flatnonzero(events.status == META)
    kinds = events.first.take(rows)
    tempo = _tempo(
        events, _of_kind(events, rows, kinds, SET_TEMPO), ticks_per_quarter, apart, warnings
    )
    clock = tempo if tick_seconds is None else TempoMap(np.zeros(1), np.array([tick_seconds]))
    qpm = 60.0 / (tempo.scales * ticks_per_quarter)
    chords = _chords(
        events,
        _of_kind(events, rows, kinds, NAME),
        _of_kind(events, rows, kinds, MARKER),
        clock,
    )
    return Meta(
        clock,
        table(TEMPO, time=clock.seconds(tempo.ticks), qpm=qpm),
        _meters(events, _of_kind(events, rows, kinds, TIME), clock, warnings),
        _keys(events, _of_kind(events, rows, kinds, KEY), clock, warnings),
        chords,
        _ports(events, _of_kind(events, rows, kinds, PORT)),
        len(rows),
        _left_out(kinds, len(chords), _own(events, _of_kind(events, rows, kinds, TEXT))),
    )


def _of_kind(events: Events, rows: Array, kinds: Array, kind: int) -> Texts:
    rows = rows[kinds == kind]
    if not len(rows):
        return Texts(rows, rows, rows, rows)
    size, digits, _ = number(events.buffer, events.at[rows] + 1)
    return Texts(events.tick[rows], events.track[rows], events.at[rows] + 1 + digits, size)


def _ports(events: Events, found: Texts) -> Array:
    """Return the port of each track: the first that it names, else 0."""
    ports = np.zeros(len(events.ends), np.int64)
    ports[found.track[::-1]] = np.where(found.size, events.buffer[found.at], 0)[::-1]
    return ports


def _own(events: Events, texts: Texts) -> int:
    """Return how many texts are symgen's own."""
    at = texts.at[texts.size >= len(OWN)]
    wanted = np.frombuffer(OWN, np.uint8)
    return int((events.buffer[at[:, None] + np.arange(len(OWN))] == wanted).all(1).sum())


def _left_out(kinds: Array, chords: int, own: int) -> tuple[str, ...]:
    counts = np.bincount(kinds, minlength=CUE + 1)
    counts[MARKER] -= chords
    counts[TEXT] -= own
    found = [(int(counts[kind]), name) for kind, name in TEXTS.items()]
    return tuple(f"{counted(count, name)} left out" for count, name in found if count)


def _tempo(
    events: Events, found: Texts, ticks_per_quarter: int, apart: bool, warnings: list[str]
) -> TempoMap:
    if not len(found.tick) and not apart:
        return TempoMap.of_events(found.tick, found.tick, ticks_per_quarter)
    high, middle, low = (events.buffer[found.at + k].astype(np.int64) for k in range(3))
    value = high << 16 | middle << 8 | low
    good = (found.size == 3) & (value > 0)
    _complain(warnings, good, "tempo event", "of no use (a tempo is above 0) left out")
    tick, track, value = found.tick[good], found.track[good], value[good]
    if apart:  # every track begins with the default tempo
        begins = np.append(0, events.ends[:-1])
        tick, track = np.append(begins, tick), np.append(np.arange(len(begins)), track)
        value = np.append(np.full(len(begins), DEFAULT_TEMPO), value)
        order = np.lexsort((track, tick))
    else:
        order = np.argsort(tick, kind="stable")
    return TempoMap.of_events(tick[order], value[order], ticks_per_quarter)


def _meters(events: Events, found: Texts, clock: TempoMap, warnings: list[str]) -> Array:
    if not len(found.tick):
        return np.zeros(0, TIME_SIGNATURE)
    numerator, power = (events.buffer[found.at + k].astype(np.int64) for k in range(2))
    good = (found.size >= 2) & (numerator > 0) & (power <= 14)
    _complain(warnings, good, "time signature", "of no use left out")
    tick, numerator, power = _once(found.tick[good], numerator[good], power[good])
    return table(
        TIME_SIGNATURE, time=clock.seconds(tick), numerator=numerator, denominator=1 << power
    )


def _keys(events: Events, found: Texts, clock: TempoMap, warnings: list[str]) -> Array:
    if not len(found.tick):
        return np.zeros(0, KEY_SIGNATURE)
    sharps = events.buffer[found.at].astype(np.int8).astype(np.int64)
    mode = events.buffer[found.at + 1].astype(np.int64)
    good = (found.size == 2) & (abs(sharps) <= 7) & (mode <= 1)
    _complain(
        warnings, good, "key signature", "of no use (7 flats to 7 sharps, major or minor) left out"
    )
    tick, sharps, mode = _once(found.tick[good], sharps[good], mode[good])
    return table(
        KEY_SIGNATURE, time=clock.seconds(tick), key=(sharps * 7 + 9 * mode) % 12, mode=mode
    )


def _once(tick: Array, *values: Array) -> list[Array]:
    """Sort by tick; equal rows of several tracks count once."""
    columns = np.stack([tick, *values])[:, np.argsort(tick, kind="stable")]
    fresh = np.append(True, (columns[:, 1:] != columns[:, :-1]).any(0))[: columns.shape[1]]
    return list(columns[:, fresh])


def _chords(events: Events, names: Texts, markers: Texts, clock: TempoMap) -> Array:
    if not len(markers.tick):
        return np.zeros(0, CHORD)
    named = [_text(events, names, i) == CHORD_TRACK for i in range(len(names.tick))]
    inside = np.flatnonzero(np.isin(markers.track, names.track[np.array(named, bool)]))
    return table(
        CHORD,
        time=clock.seconds(markers.tick[inside]),
        symbol=[_text(events, markers, i) for i in inside.tolist()],
    )


def _text(events: Events, texts: Texts, which: int) -> str:
    raw = events.buffer[
        texts.at[which] : texts.at[which] + min(int(texts.size[which]), 256)
    ].tobytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _complain(warnings: list[str], good: Array, what: str, outcome: str) -> None:
    bad = int((~good).sum())
    if bad:
        warnings.append(f"{bad} {what}{'s' if bad > 1 else ''} {outcome}")
