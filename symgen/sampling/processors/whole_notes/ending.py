"""The ending of music whose events are whole notes; see `ending`.

Before the chord the shifts that end in the last moments grow rarer, and what would pass the
moment of the chord comes to it. Notes struck before it are over by then, for their lengths are
chosen with them. Then the pitches of the chord follow one another without a shift, from the bass
upward, and all last to the end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding, Events
from symgen.encodings.base import Mask
from symgen.sampling.processors.ending import RARER, Chord, EndingProcessor, Ints
from symgen.sampling.processors.whole_notes.time_fields import Said, pitch_field
from symgen.sampling.request.params import Floats

NOTHING = np.zeros(128, bool)  # that sounds: the lengths of all notes are counted already


class NotesEnding(EndingProcessor):
    """The ending of `batch` streams of whole notes."""

    def _read(self, encoding: Encoding) -> tuple[int, ...]:
        """Read the tables; return the fields of the shift and that of the pitch."""
        self._said = Said(encoding, "advance", 0), Said(encoding, "duration", 0)
        self._silent = self.begin  # a few onsets less are soon made up
        self._near_end = int(self._said[0].columns[self._said[0].last].max())
        self._field = pitch_field(encoding)
        self._pitch = encoding.table(self._field)["pitch"].astype(np.int64)
        return (*self._said[0].columns, self._field)

    @property
    def begun(self) -> bool:
        """Whether the chord of any stream has begun."""
        return bool(self._chords)

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """The streams whose chord is struck, and which end."""
        done = np.zeros(len(self._near), bool)
        for row, chord in self._chords.items():
            done[row] = len(chord.struck) >= Chord.STRIKES
        return done

    def until(self, onset: Ints) -> Ints:
        """Return int64 `[batch]`: the steps by which a note struck at `onset` is to be over."""
        if max(onset.tolist()) < self.begin:
            return np.full(len(onset), self.begin)
        return np.asarray(np.where(onset < self.begin, self.begin, self.total), np.int64)

    def last(self, onset: Ints) -> npt.NDArray[np.bool_] | None:
        """Return bool `[batch]`: whether a note struck at `onset` lasts to the end; None for none."""
        if max(onset.tolist()) < self.begin:
            return None
        return np.asarray(onset >= self.begin, bool)

    def chosen(self, events: Events, elapsed: Ints) -> None:
        """Take the events int32 `[batch, fields]` that were chosen at `elapsed` steps `[batch]`."""
        pitch, rows = self._pitch.take(events[:, self._field], mode="clip"), self._rows
        length = self._said[1].of(events)
        if min(pitch.tolist()) < 0:
            rows = rows[pitch >= 0]
        struck = pitch[rows]
        self._near[rows] = (3 * self._near[rows] + struck) // 4
        self._weights[rows, struck % 12] += length[rows]
        if not self._chords:
            return
        shift = self._said[0].of(events)
        for row, chord in self._chords.items():
            if elapsed[row] + shift[row] >= self.begin:
                chord.struck.append(int(pitch[row]))

    def acts(self, field: int, elapsed: Ints) -> bool:
        """Return whether it changes scores of `field` now; see `apply`."""
        latest: int = max(elapsed.tolist())
        if field == self._field:
            return latest >= self.begin
        return field in self.fields and latest + self._near_end >= self._thin

    def apply(self, field: int, scores: Floats, sounding: Mask, elapsed: Ints, live: Ints) -> None:
        """Make the last onsets rarer in `scores` `[batch, size]`, or leave what the chord may have.

        `elapsed` is the onset before where `field` is of the shift, else that under way.
        """
        now = elapsed[live]
        if field != self._field:
            for row in live[now + self._near_end >= self._thin].tolist():
                self._shift(field, row, scores[row], int(elapsed[row]))
            return
        for row in live[now >= self.begin].tolist():
            if row not in self._chords:
                self._chords[row] = Chord(self._key(row, NOTHING), int(self._near[row]), [])
            wanted = self._chords[row].wanted(sounding[row])
            if wanted is None:
                continue
            allowed = wanted[np.maximum(self._pitch, 0)] & (self._pitch >= 0)
            allowed &= scores[row] > -np.inf
            if allowed.any():
                scores[row, ~allowed] = -np.inf

    def _shift(self, field: int, row: int, scores: npt.NDArray[np.float32], before: int) -> None:
        """Make shifts from `before` into the last moments rarer; in the chord leave none."""
        steps = self._said[0].columns[field]
        if before >= self.begin:  # after a primer that lasts so long the bass comes a step later
            later = row not in self._chords and field == self._said[0].last
            scores[steps != int(later)] = -np.inf
            return
        onset = before + steps
        late = (onset >= self._thin) & (onset < self.begin) & (steps > 0)
        less = RARER * (onset[late] - self._thin) / max(self.begin - self._thin, 1)
        scores[late] -= less.astype(np.float32)
