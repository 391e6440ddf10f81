"""Where a session's notes come from: one stream, or tune after tune of a model of tunes.

The next tune of a seed has its own key and meter, drawn from those of the training music. It is
sample `part` of the seed, as `symgen sample --first` counts them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from symgen.notes.quantise import quantise
from symgen.notes.sequence import CHORD, NoteSequence, table
from symgen.notes.theory.keys import key_of
from symgen.notes.theory.tonality import usual
from symgen.sampling.engine.event_decoder import StreamEvent
from symgen.sampling.model import PlayableModel
from symgen.sampling.processors.ending import able
from symgen.sampling.stream import Stream

METERS = ("4/4", "6/8", "3/4", "2/4")
RISING = (0.45, 0.7, 0.85)
"""The shares of the meters, added up."""

SEEDS = 2**64
BARS, FORM = 32, "AABB"
PAUSE = 1.5  # seconds between two tunes
ANSWER = 30.0  # seconds that follow a theme in a tune of its own


class Source(Protocol):
    """An iterator over note-ons and note-offs in the order of their times, in seconds."""

    part: int
    """The number of the tune; 0 where there is only one stream."""

    def __iter__(self) -> Source:
        """Return itself."""

    def __next__(self) -> StreamEvent:
        """Return the next event; StopIteration at the end."""

    def copy(self) -> Source:
        """Return another source that goes on from here just as this does."""

    def set(self, values: Mapping[str, Any]) -> None:
        """Change targets; BadOption, and nothing changes, where that is not possible."""

    def draw_again(self, number: int) -> None:
        """Draw other random numbers from here on."""

    def skip_primer(self) -> float:
        """Leave out the primer; return the seconds at which the music goes on."""


class One:
    """One stream."""

    part = 0

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __iter__(self) -> One:
        return self

    def __next__(self) -> StreamEvent:
        return next(self.stream)

    def copy(self) -> One:
        """Return another; see Source."""
        return One(self.stream.copy())

    def set(self, values: Mapping[str, Any]) -> None:
        """Change targets; see Source."""
        self.stream.set(**values)

    def draw_again(self, number: int) -> None:
        """Draw others; see Source."""
        self.stream.draw_again(number)

    def skip_primer(self) -> float:
        """Leave out the primer; see Source."""
        return self.stream.skip_primer()


class Tunes:
    """Tune after tune, each of 32 bars in the form AABB; `until` is when no more begin."""

    def __init__(
        self,
        model: PlayableModel,
        seed: int,
        targets: Mapping[str, Any],
        until: float | None = None,
        primer: NoteSequence | None = None,
        part: int = 0,
    ) -> None:
        self.model, self.seed, self.targets, self.until = model, seed, dict(targets), until
        self.part, self.offset = part, 0.0
        if primer is None:
            self.stream = self._tune()
        else:
            tune = with_chord(primer)
            seconds = tune.total_time + (ANSWER if until is None else min(until, ANSWER))
            self.stream = model.stream(
                seconds, seed=seed, primer=tune, cadence=True, accompany=True, **targets
            )

    def __iter__(self) -> Tunes:
        return self

    def __next__(self) -> StreamEvent:
        while (event := next(self.stream, None)) is None:
            end = self.offset + self.stream.time + PAUSE
            if self.until is not None and end >= self.until:
                raise StopIteration
            self.part, self.offset = self.part + 1, end
            self.stream = self._tune()
        return event._replace(time=event.time + self.offset)

    def _tune(self) -> Stream:
        number = (self.seed + self.part) % SEEDS
        drawn = np.random.Generator(np.random.Philox(key=number)).random()
        key = usual(self.model.training.keys, number)
        return self.model.stream(
            bars=BARS,
            form=FORM,
            meter=METERS[int(np.searchsorted(RISING, drawn, "right"))],
            seed=self.seed,
            first=self.part,
            accompany=True,
            **{"key": key, **self.targets},
        )

    def copy(self) -> Tunes:
        """Return another; see Source."""
        other = copy.copy(self)
        other.stream, other.targets = self.stream.copy(), dict(self.targets)
        return other

    def set(self, values: Mapping[str, Any]) -> None:
        """Change targets of this tune and of those to come; see Source."""
        self.stream.set(**values)
        changed = {**self.targets, **values}
        self.targets = {name: value for name, value in changed.items() if value is not None}

    def draw_again(self, number: int) -> None:
        """Draw others; see Source."""
        self.stream.draw_again(number)

    def skip_primer(self) -> float:
        """Leave out the primer; see Source."""
        return self.stream.skip_primer()


def begin(
    model: PlayableModel,
    seed: int,
    targets: Mapping[str, Any],
    seconds: float | None = None,
    primer: NoteSequence | None = None,
    part: int = 0,
) -> Source:
    """Return the music of a seed, which comes to an end after `seconds` (None: never).

    `primer` is what it answers; it is not part of the seconds. Tunes count from `part`. BadOption
    for what the model cannot do, DataError for a primer without a note for it.
    """
    if model.encoding.tune:
        return Tunes(model, seed, targets, seconds, primer, part)
    if primer is not None and seconds is not None:
        seconds += primer.total_time
    closed = seconds is not None and able(model.encoding)
    options: dict[str, Any] = {"ending": True} if closed else {}
    return One(model.stream(seconds, seed=seed, primer=primer, **options, **targets))


def with_chord(theme: NoteSequence) -> NoteSequence:
    """Return a theme on the grid of its beat, with a chord: that of its key where it has none."""
    tune = quantise(theme, steady=True).sequence
    if len(tune.chords):
        return tune
    tonic, _, mode = key_of(tune).name.partition(" ")
    symbol = tonic + ("m" if mode == "minor" else "")
    return tune.replace(chords=table(CHORD, time=[0.0], symbol=[symbol]))
