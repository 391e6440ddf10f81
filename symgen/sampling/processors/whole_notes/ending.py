"""The ending of music whose events are whole notes; see `processors.ending`.

Before the chord, shifts that lead into the last moments grow rarer, and a shift that would pass
the moment of the chord comes to it. Notes that began before end by then, as their lengths are
chosen with them. Then the pitches of the chord follow one another without a shift, from the bass
upward, and all last to the end.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Encoding, Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.ending import RARER, Chord, EndingProcessor
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, pitch_field
from symgen.types import Floats32, Ints

NOTHING = np.zeros(128, bool)  # that sounds: the lengths of all notes are counted already


class NotesEnding(EndingProcessor):
    """The ending of streams of whole notes."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        view.deadlines.append(self._until)

    def _read(self, encoding: Encoding) -> None:
        """Read the tables of `encoding`."""
        self._shift = TimeFields(encoding, "advance", 0)
        self._length = TimeFields(encoding, "duration", 0)
        self._finest = int(self._shift.columns[self._shift.last].max())
        self._field = pitch_field(encoding)
        self._pitch = encoding.table(self._field)["pitch"].astype(np.int64)

    def _silent(self) -> float:
        """Return the step of the chord: the few onsets less before it are soon made up."""
        return self.begin

    def _until(self, pitches: Ints) -> Ints:
        """Return int64 `[batch]`: the steps by which the notes under way must end."""
        onset = self.view.onset
        if max(onset.tolist()) < self.begin:
            return np.full(len(onset), self.begin)
        return np.asarray(np.where(onset < self.begin, self.begin, self.view.total), np.int64)

    def moved(self, view: View) -> None:
        """Let notes of the chord last to the end, and drop the streams whose chord is complete."""
        view.lasting = None
        if max(view.onset.tolist()) >= self.begin:
            view.lasting = np.asarray(view.onset >= self.begin, bool)
        complete = [row for row, chord in self._chords.items() if len(chord.played) >= Chord.NOTES]
        if complete:
            over = np.zeros(view.batch, bool)
            over[complete] = True
            view.drop(over)

    def update(self, events: Events) -> None:
        """Take the notes of `events`."""
        pitch = self._pitch.take(events[:, self._field], mode="clip")
        rows = self._rows
        length = self._length.of(events)
        if min(pitch.tolist()) < 0:
            rows = rows[pitch >= 0]
        pitches = pitch[rows]
        self._near[rows] = (3 * self._near[rows] + pitches) // 4
        self._weights[rows, pitches % 12] += length[rows]
        for row, chord in self._chords.items():
            if self.view.elapsed[row] + self.view.took[row] >= self.begin:
                chord.played.append(int(pitch[row]))

    def acts(self, field: int) -> bool:
        """Return whether `field` belongs to the shift, or holds the pitch."""
        return field in self._shift.columns or field == self._field

    def apply(self, field: int, scores: Floats32) -> None:
        """Make the last onsets rarer in `scores` `[batch, size]`, or leave what the chord has."""
        onset, live = self.view.onset, self.view.live
        latest: int = max(onset.tolist())
        if field == self._field:
            if latest >= self.begin:
                self._strike(scores, onset)
        elif latest + self._finest >= self._thin:
            for row in live[onset[live] + self._finest >= self._thin].tolist():
                self._thin_out(field, row, scores[row], int(onset[row]))

    def _strike(self, scores: Floats32, onset: Ints) -> None:
        """Leave the pitches of the chord, in the streams that have come to it."""
        live, sounding = self.view.live, self.view.sounding
        for row in live[onset[live] >= self.begin].tolist():
            if row not in self._chords:
                self._chords[row] = Chord(self._found(row, NOTHING), int(self._near[row]), [])
            next_notes = self._chords[row].next_notes(sounding[row])
            if next_notes is None:
                continue
            allowed = next_notes[np.maximum(self._pitch, 0)] & (self._pitch >= 0)
            allowed &= scores[row] > -np.inf
            if allowed.any():
                scores[row, ~allowed] = -np.inf

    def _thin_out(self, field: int, row: int, scores: Floats32, before: int) -> None:
        """Make shifts from step `before` into the last moments rarer; in the chord leave none."""
        steps = self._shift.columns[field]
        if before >= self.begin:  # after a primer this long the bass comes a step later
            later = row not in self._chords and field == self._shift.last
            scores[steps != int(later)] = -np.inf
            return
        onset = before + steps
        late = (onset >= self._thin) & (onset < self.begin) & (steps > 0)
        less = RARER * (onset[late] - self._thin) / max(self.begin - self._thin, 1)
        scores[late] -= less.astype(np.float32)
