"""Music whose every event can be told apart, for tests of what is drawn."""

import dataclasses
import types
from typing import ClassVar

import numpy as np
import pytest

from symgen.dataset.pieces import Split
from symgen.encodings.base import VALUE, Encoding, Field
from symgen.encodings.spans import Spans
from symgen.notes.sequence import table

PLACES = 1 << 16


@dataclasses.dataclass(frozen=True)
class Toy(Encoding):
    """A step is (its place in all the music, a pitch). Stretching by 1.5 doubles every second."""

    name: ClassVar[str] = "toy"
    fields = (Field("place", PLACES), Field("pitch", 128))
    steps_per_second = 10.0

    def encode(self, sequence, drops=None):
        raise NotImplementedError

    def decode(self, events, context=None):
        raise NotImplementedError

    def transpose(self, events, semitones):
        moved = events + np.array([0, semitones])
        if not ((moved[:, 1] >= 0) & (moved[:, 1] < 128)).all():
            raise ValueError("out of range")
        return moved.astype(np.int32)

    def stretch(self, events, factor):
        return events[(np.arange(int(len(events) * factor)) / factor).astype(int)]

    def step_times(self, events):
        return np.arange(len(events)) / self.steps_per_second

    def spans(self, events):
        row = np.arange(len(events))
        return Spans(
            row, row, row + 1, events[:, 1].astype(np.int16), np.zeros(len(events), np.int16)
        )

    def decoder(self):
        raise NotImplementedError

    def grammar(self, batch):
        raise NotImplementedError

    def table(self, field=0):
        if field == 0:
            return table(VALUE, kind="place", pitch=np.full(PLACES, -1), advance=1)
        return table(VALUE, kind="note_on", pitch=np.arange(128))


@pytest.fixture
def toy():
    """A function from piece lengths to an object that serves as a dataset of such pieces."""

    def dataset(*lengths, low=40, high=80):
        starts = np.cumsum([0, *lengths])
        pieces = {}
        for i, n in enumerate(lengths):
            place = starts[i] + np.arange(n)
            pieces[f"piece {i}"] = np.stack([place, low + place % (high - low + 1)], axis=1)
        split = Split.of(Toy(), pieces)
        half = {"train": split, "eval": split}.__getitem__
        return types.SimpleNamespace(encoding=split.encoding, split=half, rows=half, path="toy")

    return dataset
