"""Batches: windows of events for teacher forcing.

Batch k is a pure function of (dataset, augment, windows, seed, k).

Training. Row r of the batches is a sequence of chains of `carry` windows. A chain starts at a
random place of a random piece, in a random key and at a random speed. Each further window continues
where the one before ended, so the state of the model is carried over. Where no whole window of the
piece is left, another piece is drawn and the row is `fresh`: its state is reset. Random numbers
come from a counter (Philox) with the seed as key, set to (row, chain), so a resumed run sees the
same batches as an uninterrupted one. The chains of different rows start at different batches, so
that each batch has about the same number of fresh rows.

Every event is about equally likely to be drawn, whatever its place and the length of its piece. If
a chain can take E events from a piece of n, it starts at clip(U[-E/2, n - E/2], 0, n - E). Pieces
are drawn in proportion to their events, divided by the windows that one draw yields.

Controls are those of the whole augmented piece, cropped with its events. Some are dropped from a
chain: all their columns are zero. Control i with drop rate d is dropped in the share d of chains.
With v and u_i uniform, it is dropped where u_i < v^((1 - d) / d), whose mean is d. So all, none and
single controls come often enough to be learned; at d = 1/2 every number of controls is equally
likely.

Evaluation. `whole` visits every event of every piece once, and carries the state between windows.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from symgen.controls import Control, total_width
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Rows
from symgen.encodings.base import Encoding, inputs
from symgen.encodings.codec import Codec
from symgen.errors import BadOption, DataError

Array = npt.NDArray[Any]

DRAWING, DROPPING = 0, 1  # separate random streams


class Batch(NamedTuple):
    """B rows of T events of F fields, with controls of W columns.

    `inputs` [B, T, F] holds the previous event, or the `size` of each field where there is none;
    `targets` [B, T, F] the event. `weights` [B, T] is 0 where there is no event. `fresh` [B] is
    true where the state of the row is reset. `controls` is [B, T, W].
    """

    inputs: npt.NDArray[np.int32]
    targets: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    fresh: npt.NDArray[np.bool_]
    controls: npt.NDArray[np.float32]

    @classmethod
    def empty(cls, batch: int, length: int, fields: int, width: int = 0) -> Batch:
        """Return an empty batch, to be filled."""
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
        encoding: Codec,
        events: Array,
        lead: int,
        fresh: bool,
        controls: Array | None = None,
    ) -> None:
        """Put `events[lead:]` into a row; with `lead` 1, `events[0]` is the event before them.

        `controls` are those of `events[lead:]`, and may have more rows.
        """
        count = len(events) - lead
        self.inputs[row, :count] = inputs(encoding, events, lead, len(events))
        self.targets[row, :count] = events[lead:]
        self.weights[row, :count] = 1
        self.fresh[row] = fresh
        if controls is not None:
            self.controls[row, :count] = controls[:count]


@dataclasses.dataclass(frozen=True)
class Windows:
    """The size of batches: rows, events in each row, and windows in each chain (`carry`)."""

    batch: int = 64
    length: int = 512
    carry: int = 4

    def __post_init__(self) -> None:
        for key, value in dataclasses.asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise BadOption(f"{key} = {value!r}: expected a whole number of at least 1")

    def place(self, row: int, k: int) -> tuple[int, int, int]:
        """Return the chain of row `row` at batch `k`, its windows before that, and its windows."""
        late = row * self.carry // self.batch
        chain, position = divmod(k + late, self.carry)
        return (chain, position, self.carry) if chain else (0, k, self.carry - late)

    def yields(self, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the windows, at least 1, that a chain takes from pieces of `lengths` events."""
        return np.minimum(np.maximum(lengths // self.length, 1), self.carry)


class Crop(NamedTuple):
    """A window of an augmented piece, from event `start`; `fresh` where the state is reset."""

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
    """Return training batch `k` (0, 1, ...); DataError where the training split is empty."""
    split = dataset.rows("train")
    if not split.total:
        raise DataError(f"{dataset.path}: its training split has no events; convert more music")
    codec = split.codec
    out = Batch.empty(windows.batch, windows.length, len(codec.fields), width(controls, codec))
    draw = Draw(split, augment, windows)
    for row in range(windows.batch):
        crop = draw.crop(seed, row, k)
        lead = min(crop.start, 1)
        stop = crop.start + windows.length
        moved = split.varied(crop.piece, crop.factor, crop.semitones, crop.start - lead, stop)
        rows = _control_rows(split, controls, crop, stop)
        out.fill(row, codec, moved, lead, crop.fresh, rows)
        if any(control.drop for control in controls):
            chain = windows.place(row, k)[0]
            out.controls[row][:, dropped(controls, dataset.encoding, seed, row, chain)] = 0
    return out


def width(controls: tuple[Control, ...], codec: Codec) -> int:
    """Return the columns of the controls, which only music in notes has."""
    return total_width(controls, cast(Encoding, codec)) if controls else 0


def _control_rows(
    split: Rows, controls: tuple[Control, ...], crop: Crop, stop: int
) -> Array | None:
    """Return the controls of a window; None without controls."""
    if not controls:
        return None
    return split.control_window(controls, crop.piece, crop.start, stop, crop.factor, crop.semitones)


def dropped(
    controls: tuple[Control, ...], encoding: Encoding, seed: int, row: int, chain: int
) -> npt.NDArray[np.bool_]:
    """Return bool `[width]`: the columns of the controls that are dropped from a chain."""
    chances = _generator(seed, row, chain, DROPPING).random(1 + len(controls))
    drops = np.array([control.drop for control in controls])
    levels = np.where(drops > 0, chances[0] ** ((1 - drops) / np.maximum(drops, 1e-9)), 0)
    return np.repeat(chances[1:] < levels, [control.width(encoding) for control in controls])


class Draw:
    """What each row of each batch shows, from random numbers and the lengths of the pieces."""

    def __init__(self, split: Rows, augment: Augment, windows: Windows) -> None:
        self.split, self.augment, self.windows = split, augment, windows
        events = np.maximum(split.lengths, windows.length) * (split.lengths > 0)
        upto = np.cumsum(events / windows.yields(split.lengths))
        self._upto = upto / upto[-1]

    def crop(self, seed: int, row: int, k: int) -> Crop:
        """Return the window of row `row` in batch `k`: its chain's first draw, moved forward.

        Where no whole window is left, another piece is drawn.
        """
        chain, position, count = self.windows.place(row, k)
        chances = uniform(seed, row, chain, self.windows.carry)
        length = self.windows.length
        crop = self._one(chances[0], count)
        for p in range(1, position + 1):
            start = crop.start + length
            if start + length <= self.split.steps(crop.piece, crop.factor):
                crop = crop._replace(start=start, fresh=False)
            else:
                crop = self._one(chances[p], count - p)
        return crop

    def _one(self, chances: Array, count: int) -> Crop:
        which, where, fast, high = chances.tolist()
        piece = int(np.searchsorted(self._upto, which, side="right"))
        factor = self.augment.factor(fast)
        lowest, highest = self.split.spans[piece].tolist()
        steps = self.split.steps(piece, factor)
        taken = min(count, max(steps // self.windows.length, 1)) * self.windows.length
        start = int(min(max(where * steps - taken / 2, 0), max(steps - taken, 0)))
        return Crop(piece, factor, self.augment.semitones(high, lowest, highest), start, True)


def uniform(seed: int, row: int, chain: int, count: int) -> npt.NDArray[np.float64]:
    """Return `[count, 4]` numbers in [0, 1) that depend only on the arguments."""
    return _generator(seed, row, chain, DRAWING).random((count, 4))


def _generator(seed: int, row: int, chain: int, use: int) -> np.random.Generator:
    counter = np.array([0, row, chain, use], np.uint64)
    key = np.array([seed % (1 << 64), 0x73796D67656E], np.uint64)
    return np.random.Generator(np.random.Philox(counter=counter, key=key))


def whole(
    split: Rows, encoding: Codec, batch: int, length: int, controls: tuple[Control, ...] = ()
) -> Iterator[tuple[Batch, npt.NDArray[np.int64]]]:
    """Yield (Batch, rows) until every event of every piece was a target once.

    `rows` `[B]` is the piece of each row, or -1. A row plays its pieces one after the other. The
    longest pieces are placed first, each in the row that is free first, so that all rows end at
    about the same time.
    """
    fields = len(encoding.fields)
    columns = width(controls, encoding)
    lanes = lay_lanes(split.lengths, batch, length)
    for step in range(max((len(lane) for lane in lanes), default=0)):
        out = Batch.empty(batch, length, fields, columns)
        rows = np.full(batch, -1, np.int64)
        for row, lane in enumerate(lanes):
            if step >= len(lane):
                continue
            piece, start = lane[step]
            rows[row], lead, stop = piece, min(start, 1), start + length
            events = split.part(piece)[start - lead : stop].astype(np.int32)
            crop = Crop(piece, 1.0, 0, start, start == 0)
            known = _control_rows(split, controls, crop, stop)
            out.fill(row, encoding, events, lead, crop.fresh, known)
        yield out, rows


def lay_lanes(lengths: Array, batch: int, length: int) -> list[list[tuple[int, int]]]:
    """Return for each row its windows in order, as (piece, start)."""
    lanes: list[list[tuple[int, int]]] = [[] for _ in range(batch)]
    free = [(0, row) for row in range(batch)]
    for piece in np.argsort(-lengths, kind="stable").tolist():
        taken, row = heapq.heappop(free)
        starts = range(0, int(lengths[piece]), length)
        lanes[row] += [(piece, start) for start in starts]
        heapq.heappush(free, (taken + len(starts), row))
    return lanes
