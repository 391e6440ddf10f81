"""Two encodings written only against `Encoding`: a note in four fields, and two voices.

The velocity of a note comes after its pitch. Neither encoding says note-off, and neither is a
tune: what takes that for a sign of one voice goes wrong on them.
"""

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.encodings.base import VALUE, Decoder, Encoding, Field, Grammar
from symgen.encodings.decoders import VoiceDecoder
from symgen.encodings.notes.decoder import NotesDecoder
from symgen.encodings.spans import Spans, voice
from symgen.notes.sequence import NOTE, NoteSequence, table

RATE = 8  # steps per second
NONE = {"pitch": -1, "program": -1}


def on_grid(sequence):
    """Return (start, end, pitch, velocity) of the pitched notes, on the grid and in order."""
    notes = sequence.notes[~sequence.notes["is_drum"]]
    start, end = ((notes[k] * RATE + 0.5).astype(int).tolist() for k in ("start_time", "end_time"))
    rows = zip(start, end, notes["pitch"].tolist(), notes["velocity"].tolist(), strict=True)
    return sorted(
        ((s, max(e, s + 1), p, min(max(v, 1), 127)) for s, e, p, v in rows),
        key=lambda r: (r[0], r[2]),
    )


def sequence_of(rows, total):
    start, end, pitch, velocity = np.array(rows, int).reshape(-1, 4).T
    order = np.lexsort((pitch, start))
    notes = table(
        NOTE, pitch=pitch, velocity=velocity, start_time=start / RATE, end_time=end / RATE
    )[order]
    return NoteSequence(notes, total_time=total / RATE)


def first_on_first_off(rows):
    """Return the rows with the k-th end of a pitch at its k-th note."""
    ends = {p: iter(sorted(e for _, e, q, _ in rows if q == p)) for _, _, p, _ in rows}
    return [(s, next(ends[p]), p, v) for s, _, p, v in rows]


def silent(rows):
    """Return when each pitch falls silent: at its next note-on or note-off."""
    return [
        min(
            [x for _, x, q, _ in rows if q == p and x > s]
            + [t for j, (t, _, q, _) in enumerate(rows) if q == p and j > i]
        )
        for i, (s, _, p, _) in enumerate(rows)
    ]


@dataclasses.dataclass(frozen=True)
class Quads(Encoding):
    """A step a note: shift 0..127, pitch, length 1..160, velocity in 4 bins."""

    name: ClassVar[str] = "quads"
    fields: ClassVar = (
        Field("shift", 128),
        Field("pitch", 128),
        Field("length", 160),
        Field("velocity", 4),
    )
    steps_per_second: ClassVar[int] = RATE

    def table(self, field=0):
        rows = (
            table(VALUE, kind="shift", advance=np.arange(128), **NONE),
            table(
                VALUE,
                kind="note_on",
                pitch=np.arange(128),
                classes=1 << np.arange(128) % 12,
                program=-1,
            ),
            table(VALUE, kind="length", duration=np.arange(1, 161), **NONE),
            table(VALUE, kind="velocity", velocity=np.arange(4) * 32 + 15, **NONE),
        )[field]
        rows.flags.writeable = False
        return rows

    def encode(self, sequence, drops=None):
        out, clock = [], 0
        for start, end, pitch, velocity in first_on_first_off(on_grid(sequence)):
            out.append((min(start - clock, 127), pitch, min(end - start, 160) - 1, velocity // 32))
            clock = start
        return np.array(out, np.int32).reshape(-1, 4)

    def rows(self, events):
        starts = np.cumsum(events[:, 0]).tolist()
        return [
            (s, s + n + 1, p, v * 32 + 15)
            for s, (_, p, n, v) in zip(starts, events.tolist(), strict=True)
        ]

    def decode(self, events, context=None):
        rows = first_on_first_off(self.rows(events))
        return sequence_of(rows, max((e for _, e, _, _ in rows), default=0))

    def transpose(self, events, semitones):
        moved = events + np.array([0, semitones, 0, 0], np.int32)
        if ((moved[:, 1] < 0) | (moved[:, 1] > 127)).any():
            raise ValueError(f"transposing by {semitones} semitones takes a pitch out of 0..127")
        return moved

    def stretch(self, events, factor):
        if factor == 1:
            return events
        moved = [
            (int(s * factor + 0.5), int(e * factor + 0.5), p, v) for s, e, p, v in self.rows(events)
        ]
        return self.encode(sequence_of([(s, max(e, s + 1), p, v) for s, e, p, v in moved], 0))

    def step_times(self, events):
        return np.cumsum(events[:, 0]) / RATE

    def spans(self, events):
        rows = self.rows(events)
        start, _, pitch, velocity = np.array(rows, int).reshape(-1, 4).T
        return Spans(
            np.arange(len(rows)),
            start,
            np.array(silent(rows), int),
            pitch.astype(np.int16),
            velocity.astype(np.int16),
        )

    def note(self, row):
        shift, pitch, length, velocity = row.tolist()
        return shift, shift + length + 1, pitch, velocity * 32 + 15

    def decoder(self) -> Decoder:
        return NotesDecoder(self)

    def grammar(self, batch):
        return QuadsGrammar(self, batch)


class QuadsGrammar(Grammar):
    """All is legal, but that what begins together is in order."""

    def __init__(self, encoding, batch):
        self.encoding, self.past = encoding, [[] for _ in range(batch)]
        self.now = np.zeros((batch, 4), np.int32)

    def legal(self, field=0):
        mask = np.ones((len(self.now), self.encoding.fields[field].size), bool)
        for row, now, past in zip(mask, self.now, self.past, strict=True):
            if field == 1 and past and now[0] == 0:
                row[: past[-1][1]] = False
        return mask

    def choose(self, field, values, rows=None):
        rows = np.arange(len(self.now)) if rows is None else rows
        self.now[rows, field] = values
        if field == 3:
            for row in rows.tolist():
                self.past[row].append(self.now[row].tolist())

    def closing(self, row):
        return np.zeros((0, 4), np.int32)

    def open_pitches(self):
        mask = np.zeros((len(self.now), 128), bool)
        for row, past in zip(mask, self.past, strict=True):
            notes = self.encoding.rows(np.array(past, np.int32).reshape(-1, 4))
            row[[p for _, e, p, _ in notes if e > notes[-1][0]]] = True
        return mask


@dataclasses.dataclass(frozen=True)
class Duet(Encoding):
    """A row a step of time: what two voices do in it, each rest 0, hold 1 or note-on 2..129."""

    name: ClassVar[str] = "duet"
    fields: ClassVar = (Field("upper", 130), Field("lower", 130))
    steps_per_second: ClassVar[int] = RATE

    def table(self, field=0):
        return self._voice(1 - field)

    def _voice(self, advance):
        pitch = np.arange(-2, 128)
        rows = table(
            VALUE,
            kind=["rest", "hold", *["note_on"] * 128],
            pitch=np.maximum(pitch, -1),
            advance=advance,
            classes=np.where(pitch >= 0, 1 << pitch % 12, 0),
            program=-1,
        )
        rows.flags.writeable = False
        return rows

    def encode(self, sequence, drops=None):
        rows, parts = on_grid(sequence), ([], [])
        for start, end, pitch, _ in rows:
            part = parts[pitch < 60]
            if part and part[-1][0] == start:
                part.pop()
            part.append((start, end, pitch))
        total = max([round(sequence.total_time * RATE), *(e for part in parts for _, e, _ in part)])
        out = np.zeros((total, 2), np.int32)
        for k, part in enumerate(parts):
            for i, (start, end, pitch) in enumerate(part):
                end = min([end, *(s for s, _, _ in part[i + 1 : i + 2])])
                out[start:end, k], out[start, k] = 1, pitch + 2
        return out

    def spans(self, events):
        found = [voice(self._voice(1), events[:, k]) for k in range(2)]
        both = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        row, start, end, pitch, velocity = (
            part[np.argsort(both[0], kind="stable")] for part in both
        )
        rows = list(
            zip(start.tolist(), end.tolist(), pitch.tolist(), velocity.tolist(), strict=True)
        )
        return Spans(row, start, np.array(silent(rows), int), pitch, velocity)

    def decode(self, events, context=None):
        found = [voice(self._voice(1), events[:, k]) for k in range(2)]
        rows = [(s, e, p, 80) for x in found for _, s, e, p, _ in zip(*x, strict=True)]
        return sequence_of(first_on_first_off(sorted(rows)), len(events))

    def transpose(self, events, semitones):
        moved = np.where(events > 1, events + semitones, events).astype(np.int32)
        if ((events > 1) & ((moved < 2) | (moved > 129))).any():
            raise ValueError(f"transposing by {semitones} semitones takes a pitch out of 0..127")
        return moved

    def stretch(self, events, factor):
        return events

    def step_times(self, events):
        return np.arange(len(events)) / RATE

    def decoder(self):
        return DuetDecoder(self)

    def grammar(self, batch):
        return DuetGrammar(batch)


class DuetDecoder(Decoder):
    """Two voices, decoded side by side."""

    def __init__(self, encoding):
        self._voices = [VoiceDecoder(encoding._voice(1), 80) for _ in range(2)]

    def take(self, row):
        changes = [c for k, voice in enumerate(self._voices) for c in voice.take(row[k : k + 1])]
        self.steps = self._voices[0].steps
        return sorted(changes, key=lambda c: c.kind == "on")

    def finish(self):
        return [c for voice in self._voices for c in voice.finish()]


class DuetGrammar(Grammar):
    """A note is held only while it sounds, and the voices do not meet in a pitch."""

    def __init__(self, batch):
        self.sounding, self.mask = np.full((batch, 2), -1), np.ones((batch, 130), bool)

    def legal(self, field=0):
        self.mask[:] = True
        self.mask[:, 1] = self.sounding[:, field] >= 0
        other = self.sounding[:, 1 - field]
        self.mask[np.flatnonzero(other >= 0), other[other >= 0] + 2] = False
        return self.mask

    def choose(self, field, values, rows=None):
        rows = np.arange(len(self.mask)) if rows is None else rows
        values = np.asarray(values)
        self.sounding[rows, field] = np.where(values == 1, self.sounding[rows, field], values - 2)
        self.sounding[rows, field] = np.maximum(self.sounding[rows, field], -1)

    def closing(self, row):
        return np.zeros((0, 2), np.int32)

    def open_pitches(self):
        out = np.zeros((len(self.mask), 129), bool)
        for k in range(2):
            out[np.arange(len(out)), self.sounding[:, k]] = True
        return out[:, :128]


ALONE = {"quads": Quads(), "duet": Duet()}
