"""The two forms of a melody on a grid, and how a model of one is scored in the other.

"onsets" distinguishes a note that begins from one that is held; "sounding" says only what sounds. A
model of the first gives exact probabilities of the second, as sums over its values: a pitch sounds
if it begins, or if it is held and sounded before; silence is a rest, or a hold of nothing.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.dataset.store.manifest import SplitName
from symgen.encodings import Encoding
from symgen.errors import DataError
from symgen.types import Array, Bools, Floats, Ints

ONSETS, SOUNDING = "onsets", "sounding"
PITCHES = 128
HELD = -1  # in a table of classes: the value continues the one before


@dataclasses.dataclass(frozen=True)
class Tunes:
    """The truth in one form: `values` `[steps of all tunes, 2]` (melody, chord), below `sizes`."""

    form: str
    sizes: tuple[int, int]
    values: Ints
    lengths: Ints  # [tunes] steps
    ids: tuple[str, ...]
    groups: tuple[str, ...]  # of each tune; similar tunes are in one group
    begins: Bools  # [melody values] those with a note-on
    holds: Bools  # [melody values] those that continue the value before

    @property
    def starts(self) -> Ints:
        """The first step of each tune."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def tune(self) -> Ints:
        """The tune of each step."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def part(self, tunes: Array) -> Tunes:
        """Return only the tunes with these numbers."""
        steps = np.isin(self.tune, tunes)
        kept = np.sort(tunes)
        return dataclasses.replace(
            self,
            values=self.values[steps],
            lengths=self.lengths[kept],
            ids=tuple(self.ids[i] for i in kept),
            groups=tuple(self.groups[i] for i in kept),
        )


def form_of(encoding: Encoding) -> str:
    """Return the form of the melodies of an encoding; DataError if it has none."""
    if encoding.tune and len(encoding.fields) == 2 and "chord" in encoding.table(1)["kind"]:
        kinds = set(encoding.table(0)["kind"].tolist())
        if {"rest", "hold", "note_on"} <= kinds:
            return ONSETS
        if {"rest", "sounding"} <= kinds:
            return SOUNDING
    raise DataError(
        f"the {encoding.name} encoding has no melody and chord on a grid, which this protocol "
        "scores; make a dataset with: symgen convert corpora/nottingham --encoding melody_chords"
    )


def tunes(dataset: Dataset, split: SplitName) -> Tunes:
    """Return a split of `dataset` in its own form."""
    encoding = dataset.encoding
    held = dataset.split(split)
    kinds = encoding.table(0)["kind"]
    first, second = (f.size for f in encoding.fields)
    group = {row["id"]: str(row["group"]) for row in dataset.info["pieces"]}
    return Tunes(
        form_of(encoding),
        (first, second),
        held.values.astype(np.int64),
        held.lengths,
        tuple(held.ids),
        tuple(group[i] for i in held.ids),
        np.isin(kinds, ["note_on", "sounding"]),
        kinds == "hold",
    )


def as_sounding(encoding: Encoding, given: Tunes) -> Tunes:
    """Return tunes of `encoding` in the form "sounding": 0 for silence, 1 + pitch."""
    if given.form == SOUNDING:
        return given
    values = given.values.copy()
    values[:, 0] = sounding(encoding, given) + 1
    begins = np.arange(PITCHES + 1) > 0
    return dataclasses.replace(
        given,
        form=SOUNDING,
        sizes=(PITCHES + 1, given.sizes[1]),
        values=values,
        begins=begins,
        holds=np.zeros_like(begins),
    )


def sounding(encoding: Encoding, given: Tunes) -> Ints:
    """Return `[steps]`: the sounding pitch of each step, -1 for silence."""
    pitch = encoding.table(0)["pitch"].astype(np.int64)
    melody = given.values[:, 0]
    fresh = ~given.holds[melody]
    fresh[given.starts[given.lengths > 0]] = True  # a hold at the beginning holds nothing
    latest = np.maximum.accumulate(np.where(fresh, np.arange(len(melody)), 0))
    found = pitch[melody[latest]]
    return np.where(given.holds[melody[latest]], -1, found)


def before(given: Tunes, sounds: Ints) -> Ints:
    """Return `[steps]`: the pitch one step before, -1 for silence and at the beginning."""
    out = np.roll(sounds, 1)
    out[given.starts[given.lengths > 0]] = -1
    return out


@dataclasses.dataclass(frozen=True)
class Projection:
    """How a model is scored on `truth`: its values are summed into the classes of the truth."""

    truth: Tunes
    melody: Ints  # [values of the model] the class of each; HELD for the pitch before
    chord: Ints  # [values of the model]
    held: Ints | None = None  # [steps] the class of a hold

    def classes(self, rows: Ints) -> Ints:
        """Return `[n, melody values]`: the class of each value of the model in these steps."""
        out = np.repeat(self.melody[None], len(rows), axis=0)
        if self.held is not None:
            out[:, self.melody == HELD] = self.held[rows, None]
        return out

    def first(self, chunk_first: Floats, rows: Ints) -> Floats:
        """Return `[n, classes]`: a distribution of melody values in the classes of the truth."""
        return gather(chunk_first, self.classes(rows), self.truth.sizes[0])

    def second(self, later: Floats) -> Floats:
        """Return the distributions of chord values `[..., values]` in the classes of the truth."""
        out: Floats = later @ np.eye(self.truth.sizes[1])[self.chord]
        return out

    def agreeing(self, first: Floats, rows: Ints) -> Floats:
        """Return `[n, melody values]`: the shares among the values of the true melody class.

        The shares follow the model's own probabilities.
        """
        same = self.classes(rows) == self.truth.values[rows, :1]
        weights = np.where(same, np.maximum(first, np.finfo(float).tiny), 0)
        made: Floats = weights / weights.sum(axis=1, keepdims=True)
        return made


def gather(values: Floats, classes: Ints, size: int) -> Floats:
    """Return `[n, size]`: the sums of `values` `[n, m]` over the columns of each class."""
    places = classes + np.arange(len(values))[:, None] * size
    return (
        np.bincount(places.reshape(-1), values.reshape(-1), len(values) * size)
        .reshape(len(values), size)
        .astype(np.float64)
    )


def view(encoding: Encoding, own: Tunes, truth: Tunes, chord: Ints) -> Projection:
    """Return how a model of `encoding` with the tunes `own` is scored on the same tunes in `truth`.

    `chord[v]` is the class of its chord value v. DataError if its form says less than the truth.
    """
    if own.form == truth.form:
        return Projection(truth, np.arange(own.sizes[0]), chord)
    if own.form == SOUNDING:
        raise DataError("a model that says only what sounds cannot be scored on onsets")
    melody = np.where(own.holds, HELD, encoding.table(0)["pitch"].astype(np.int64) + 1)
    return Projection(truth, melody, chord, before(own, sounding(encoding, own)) + 1)


def check_same(truth: Tunes, other: Tunes, what: Any) -> None:
    """Raise DataError if two datasets do not have the same tunes, step for step."""
    if truth.ids != other.ids:
        missing = sorted(set(truth.ids) ^ set(other.ids))
        raise DataError(
            f"{what}: its held-out split has other tunes, such as {missing[0]}; convert both with "
            "the same source and --seed"
        )
    lengths = zip(truth.ids, truth.lengths.tolist(), other.lengths.tolist(), strict=True)
    for name, here, there in lengths:
        if here != there:
            raise DataError(
                f"{what}: {name} has {there} steps there and {here} here; score only encodings "
                "with the same grid together"
            )


def whole(encoding: Encoding, split: Split) -> Ints:
    """Return `[tunes]`: the steps of a bar of each tune; without a known meter, of 4/4."""
    grid = encoding.steps_per_quarter or 4
    out = np.full(len(split), 4 * grid, np.int64)
    for i, context in enumerate(split.contexts):
        upper, _, lower = str(context.get("meter", "4/4")).partition("/")
        if upper.isdigit() and lower.isdigit() and int(lower):
            out[i] = max(1, round(4 * grid * int(upper) / int(lower)))
    return out
