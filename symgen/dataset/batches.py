"""Batches: windows of events, teacher forced. Batch k is a pure function of (dataset, augment, windows, seed, k).

Training. Row r of the batches is a run of chains of `carry` windows. A chain begins at a random place of a random piece
in a random key and speed, and each further window goes on where the one before it ended, so that the model's state is
carried over; where the piece has no whole window left, another is drawn and the row is `fresh`. Randomness comes from
a counter (Philox) keyed with the seed and set to (row, chain), so a resumed run sees what an undisturbed one would.
The chains of different rows begin at different batches, so that about as many rows are fresh in each.

Every event is about as likely to be drawn, wherever it stands and however long its piece: E being the events that a
chain can take from a piece of n, it begins at clip(U[-E/2, n - E/2], 0, n - E), and pieces are drawn in proportion to
their events over the windows that one draw of them yields.

Controls are those of the whole of the augmented piece, cropped with its events. A chain is not told some of them,
all its columns zero: one whose `drop` is d in the share d of the chains. How much is dropped is itself drawn for a chain,
so that all or nothing, and one alone, come often enough to be learned: with v and u_i uniform, control i is dropped where
u_i < v^((1 - d) / d), whose mean is d. At d = 1/2 any number of the controls is as likely as another.

Evaluation. `whole` visits every event of every piece once, with the state carried from window to window.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.controls import Control, total_width
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings.base import Encoding, inputs
from symgen.errors import BadOption, DataError

Array = npt.NDArray[Any]

DRAWING, DROPPING = 0, 1  # what chance is for: its numbers never meet


class Batch(NamedTuple):
    """B rows of T events of F fields. An input row is the event before; a field's `size` in it means "nothing before"."""

    inputs: npt.NDArray[np.int32]  # [B, T, F]
    targets: npt.NDArray[np.int32]  # [B, T, F]
    weights: npt.NDArray[np.float32]  # [B, T], 0 where there is no event
    fresh: npt.NDArray[
        np.bool_
    ]  # [B], true where the row goes on from nothing: its state is zeroed
    controls: npt.NDArray[np.float32]  # [B, T, W]

    @classmethod
    def empty(cls, batch: int, length: int, fields: int, width: int = 0) -> Batch:
        """Return rows of nothing, to be filled."""
        events = np.zeros((2, batch, length, fields), np.int32)
        return cls(
            events[0],
            events[1],
            np.zeros((batch, length), np.float32),
            np.zeros(batch, bool),
            np.zeros((batch, length, width), np.float32),
        )

    def fill(
        self,
        row: int,
        encoding: Encoding,
        events: Array,
        lead: int,
        fresh: bool,
        told: Array | None = None,
    ) -> None:
        """Put `events[lead:]` into a row; the event before them is `events[0]` where `lead` is 1, else there is none.

        `told` are the controls of `events[lead:]`, and of what comes after.
        """
        count = len(events) - lead
        self.inputs[row, :count] = inputs(encoding, events, lead, len(events))
        self.targets[row, :count] = events[lead:]
        self.weights[row, :count] = 1
        self.fresh[row] = fresh
        if told is not None:
            self.controls[row, :count] = told[:count]


@dataclasses.dataclass(frozen=True)
class Windows:
    """How much a batch holds: rows, events a row, and the windows that a chain carries its state through."""

    batch: int = 64
    length: int = 512
    carry: int = 4

    def __post_init__(self) -> None:
        for key, value in dataclasses.asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise BadOption(f"{key} = {value!r}: expected a whole number of at least 1")

    def place(self, row: int, k: int) -> tuple[int, int, int]:
        """Return the chain that row `row` is in at batch `k`, how many of its windows came before, and how many it has."""
        late = row * self.carry // self.batch
        chain, position = divmod(k + late, self.carry)
        return (chain, position, self.carry) if chain else (0, k, self.carry - late)

    def yields(self, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many whole windows a chain can take from pieces of `lengths` events, one from the shorter."""
        return np.minimum(np.maximum(lengths // self.length, 1), self.carry)


class Crop(NamedTuple):
    """A window of an augmented piece: `start`..`start + length` of its events, `fresh` where nothing is carried into it."""

    piece: int
    factor: float
    semitones: int
    start: int
    fresh: bool


def batch(
    dataset: Dataset,
    augment: Augment,
    windows: Windows,
    seed: int,
    k: int,
    controls: tuple[Control, ...] = (),
) -> Batch:
    """Return training batch `k` (0, 1, ...); DataError where the training half is empty."""
    half, encoding = dataset.half("train"), dataset.encoding
    if not half.total:
        raise DataError(f"{dataset.path}: its training half holds no events; convert more music")
    out = Batch.empty(
        windows.batch, windows.length, len(encoding.fields), total_width(controls, encoding)
    )
    draw = Draw(half, augment, windows)
    for row in range(windows.batch):
        crop = draw.crop(seed, row, k)
        lead, stop = min(crop.start, 1), crop.start + windows.length
        events = half.stretched(crop.piece, crop.factor)[crop.start - lead : stop].astype(np.int32)
        told = (
            half.control_window(controls, crop.piece, crop.start, stop, crop.factor, crop.semitones)
            if controls
            else None
        )
        out.fill(row, encoding, encoding.transpose(events, crop.semitones), lead, crop.fresh, told)
        if any(control.drop for control in controls):
            out.controls[row][
                :, dropped(controls, encoding, seed, row, windows.place(row, k)[0])
            ] = 0
    return out


def dropped(
    controls: tuple[Control, ...], encoding: Encoding, seed: int, row: int, chain: int
) -> npt.NDArray[np.bool_]:
    """Return bool `[width]`: the columns of the controls that this chain is not told."""
    chances = _generator(seed, row, chain, DROPPING).random(1 + len(controls))
    drops = np.array([control.drop for control in controls])
    levels = np.where(drops > 0, chances[0] ** ((1 - drops) / np.maximum(drops, 1e-9)), 0)
    return np.repeat(chances[1:] < levels, [control.width(encoding) for control in controls])


class Draw:
    """What the rows show: where chance and the lengths of the pieces lead."""

    def __init__(self, half: Split, augment: Augment, windows: Windows) -> None:
        self.half, self.augment, self.windows = half, augment, windows
        weights = (
            np.maximum(half.lengths, windows.length)
            / windows.yields(half.lengths)
            * (half.lengths > 0)
        )
        upto = np.cumsum(weights)
        self._upto = upto / upto[-1]

    def crop(self, seed: int, row: int, k: int) -> Crop:
        """Return what row `row` of batch `k` shows: its chain's first draw, moved on and drawn anew as often as it takes."""
        chain, position, count = self.windows.place(row, k)
        chances, length = uniform(seed, row, chain, self.windows.carry), self.windows.length
        crop = self._one(chances[0], count)
        for p in range(1, position + 1):
            start = crop.start + length
            goes_on = start + length <= len(self.half.stretched(crop.piece, crop.factor))
            crop = (
                crop._replace(start=start, fresh=False)
                if goes_on
                else self._one(chances[p], count - p)
            )
        return crop

    def _one(self, chances: Array, count: int) -> Crop:
        which, where, fast, high = chances.tolist()
        piece = int(np.searchsorted(self._upto, which, side="right"))
        factor = self.augment.factor(fast)
        lowest, highest = self.half.spans[piece].tolist()
        steps = len(self.half.stretched(piece, factor))
        taken = min(count, max(steps // self.windows.length, 1)) * self.windows.length
        start = int(min(max(where * steps - taken / 2, 0), max(steps - taken, 0)))
        return Crop(piece, factor, self.augment.semitones(high, lowest, highest), start, True)


def uniform(seed: int, row: int, chain: int, count: int) -> npt.NDArray[np.float64]:
    """Return `[count, 4]` numbers in [0, 1) that depend on the arguments alone."""
    return _generator(seed, row, chain, DRAWING).random((count, 4))


def _generator(seed: int, row: int, chain: int, use: int) -> np.random.Generator:
    counter = np.array([0, row, chain, use], np.uint64)
    key = np.array([seed % (1 << 64), 0x73796D67656E], np.uint64)
    return np.random.Generator(np.random.Philox(counter=counter, key=key))


def whole(
    half: Split, encoding: Encoding, batch: int, length: int, controls: tuple[Control, ...] = ()
) -> Iterator[tuple[Batch, npt.NDArray[np.int64]]]:
    """Yield (Batch, rows) until every event of every piece was a target once; `rows` `[B]` is each row's piece, or -1.

    A row is a lane that plays its pieces one after the other; the longest pieces are laid first, each into the lane that
    is free first, so that the lanes end at about the same time.
    """
    lanes = lay_lanes(half.lengths, batch, length)
    for step in range(max((len(lane) for lane in lanes), default=0)):
        out, rows = (
            Batch.empty(batch, length, len(encoding.fields), total_width(controls, encoding)),
            np.full(batch, -1, np.int64),
        )
        for row, lane in enumerate(lanes):
            if step < len(lane):
                rows[row], start = lane[step]
                lead = min(start, 1)
                events = half.part(rows[row])[start - lead : start + length].astype(np.int32)
                told = (
                    half.control_window(controls, rows[row], start, start + length)
                    if controls
                    else None
                )
                out.fill(row, encoding, events, lead, start == 0, told)
        yield out, rows


def lay_lanes(lengths: Array, batch: int, length: int) -> list[list[tuple[int, int]]]:
    """Return for each lane its windows in order, as (piece, start)."""
    lanes: list[list[tuple[int, int]]] = [[] for _ in range(batch)]
    free = [(0, row) for row in range(batch)]
    for piece in np.argsort(-lengths, kind="stable").tolist():
        taken, row = heapq.heappop(free)
        starts = range(0, int(lengths[piece]), length)
        lanes[row] += [(piece, start) for start in starts]
        heapq.heappush(free, (taken + len(starts), row))
    return lanes
