"""The nats of a trained network: its step graph run through whole pieces, many side by side, or through windows."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.bundle.graphs import opened
from symgen.controls.base import columns
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.evaluation.likelihood.likelihood import Array, Progress, Scored

Ints = npt.NDArray[np.int64]

ABREAST = 64  # lanes: pieces played side by side; more gain no speed
HELD = 32  # steps whose results are scored together
MOST_WINDOWS = 1024  # windows that are scored, spread over the half


class Stretch(NamedTuple):
    """Events of one piece that are heard from a state of nothing: their places in the half."""

    start: int
    stop: int


def told(bundle: Bundle) -> list[str]:
    """Return the controls that tell of the music to come and that the model was never without in training."""
    return [c.name for c in bundle.controls if c.future and not c.drop]


def network(
    bundle: Bundle, half: Split, threads: int = 0, progress: Progress | None = None
) -> Scored:
    """Score every event of `half`, the state carried through each piece."""
    ends = half.ends.tolist()
    whole = [Stretch(end - int(n), end) for end, n in zip(ends, half.lengths, strict=True) if n]
    return _score(bundle, half, whole, threads, progress, "events scored")


def windows(
    bundle: Bundle, half: Split, length: int, threads: int = 0, progress: Progress | None = None
) -> Scored:
    """Score windows of `length` events that begin from a state of nothing, told the event before each; others stay NaN."""
    cut = [
        Stretch(start, start + length)
        for end, n in zip(half.ends.tolist(), half.lengths.tolist(), strict=True)
        for start in range(end - n, end - length + 1, length)
    ]
    some = sorted(
        set(np.linspace(0, len(cut) - 1, min(len(cut), MOST_WINDOWS)).round().astype(int).tolist())
    )
    return _score(
        bundle,
        half,
        [cut[i] for i in some],
        threads,
        progress,
        f"events scored in windows of {length}",
    )


def _score(
    bundle: Bundle,
    half: Split,
    stretches: Sequence[Stretch],
    threads: int,
    progress: Progress | None,
    what: str,
) -> Scored:
    if bundle.player != "onnx":
        raise DataError(
            f"{bundle.path}: only the players onnx and table can be scored, and its is {bundle.player}"
        )
    if int(half.values.shape[1]) != len(bundle.sizes.fields):
        raise DataError(
            f"{bundle.path}: has {len(bundle.sizes.fields)} fields a step, the music {half.values.shape[1]}"
        )
    out, total, done = Scored.empty(half), sum(s.stop - s.start for s in stretches), 0
    head = opened(bundle.graph("head.onnx"), threads)[0] if bundle.chained else None
    names = [f"logits.{f.name}" for f in bundle.encoding.fields]
    for places, results in _run(bundle, half, stretches, threads):
        truth = half.values[places].astype(np.int32)
        logits = head.run(names, {"hidden": results[0], "chosen": truth}) if head else results
        for k in range(len(names)):
            _fill(out, places, k, logits[k], truth[:, k])
        done += len(places)
        if progress:
            progress(done, total, what)
    return out


def _fill(
    out: Scored, places: Array, field: int, logits: npt.NDArray[np.float32], truth: Array
) -> None:
    best = logits.argmax(axis=1)
    rows = np.arange(len(truth))
    logits = logits - logits[rows, best][:, None]
    total = np.exp(logits).sum(axis=1, dtype=np.float64)
    out.nats[places, field] = np.log(total) - logits[rows, truth]
    out.top[places, field] = 1 / total
    out.hits[places, field] = best == truth


def _run(
    bundle: Bundle, half: Split, stretches: Sequence[Stretch], threads: int
) -> Iterator[tuple[Ints, list[Array]]]:
    """Yield (places `[n]`, results) until every event of every stretch had its turn."""
    session, start = opened(bundle.graph("step.onnx"), threads)[0], bundle.encoding.start()
    states = {i.name: i.shape[1] for i in session.get_inputs() if i.name.startswith("state.")}
    results = ["hidden"] if bundle.chained else [f"logits.{f.name}" for f in bundle.encoding.fields]
    outputs = [*(name.replace("state.", "next.") for name in states), *results]
    begins = np.zeros(half.total, bool)
    begins[(half.ends - half.lengths)[half.lengths > 0]] = True
    teller, held = Teller(bundle, half), list[tuple[Ints, list[Array]]]()
    feeds: list[Array] = []
    for places, new in _steps(_lanes(stretches)):
        feeds = (
            [f[: len(places)] for f in feeds]
            if feeds
            else [np.zeros((len(places), units), np.float32) for units in states.values()]
        )
        if new.any():
            feeds = [np.where(new[:, None], np.float32(0), f) for f in feeds]
        events = np.where(
            begins[places][:, None], start, half.values[np.maximum(places - 1, 0)]
        ).astype(np.int32)
        step = {"event": events} | ({"controls": teller.rows(places, new)} if bundle.width else {})
        made = session.run(outputs, dict(zip(states, feeds, strict=True)) | step)
        feeds = made[: len(states)]
        held.append((places, made[len(states) :]))
        if len(held) == HELD:
            yield _joined(held)
            held = []
    if held:
        yield _joined(held)


def _joined(held: list[tuple[Ints, list[Array]]]) -> tuple[Ints, list[Array]]:
    return np.concatenate([places for places, _ in held]), [
        np.concatenate(parts) for parts in zip(*(r for _, r in held), strict=True)
    ]


def _lanes(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    """Lay each stretch, the longest first, into the lane that is free first; return the lanes, the longest first."""
    lanes: list[list[Stretch]] = [[] for _ in range(min(ABREAST, len(stretches)))]
    free = [(0, k) for k in range(len(lanes))]
    for stretch in sorted(stretches, key=lambda s: (s.start - s.stop, s.start)):
        taken, k = heapq.heappop(free)
        lanes[k].append(stretch)
        heapq.heappush(free, (taken + stretch.stop - stretch.start, k))
    return sorted(lanes, key=lambda lane: -sum(s.stop - s.start for s in lane))


def _steps(lanes: list[list[Stretch]]) -> Iterator[tuple[Ints, npt.NDArray[np.bool_]]]:
    """Yield for each step the places that the lanes have come to, and whether a stretch begins there; lanes drop out from the end."""
    places = [np.concatenate([np.arange(s.start, s.stop) for s in lane]) for lane in lanes]
    lengths = np.array([len(p) for p in places], np.int64)
    grid = np.zeros((lengths.max(initial=0), len(lanes)), np.int64)
    new = np.zeros(grid.shape, bool)
    for k, (lane, column) in enumerate(zip(lanes, places, strict=True)):
        grid[: len(column), k] = column
        new[np.cumsum([0, *(s.stop - s.start for s in lane[:-1])]), k] = True
    for t in range(len(grid)):
        live = int(np.searchsorted(-lengths, -t))
        yield grid[t, :live], new[t, :live]


class Teller:
    """What the network is told beside the events: its controls, but none that tells of the music to come where it can do without."""

    def __init__(self, bundle: Bundle, half: Split) -> None:
        self.half, self.controls, self._width = half, bundle.controls, bundle.width
        places = columns(bundle.controls, bundle.encoding)
        self._hidden = [
            place
            for place, control in zip(places, bundle.controls, strict=True)
            if control.future and control.drop
        ]
        self._all = len(self._hidden) == len(places)
        self._rows: list[Array] = []
        self._starts: list[int] = []

    def rows(self, places: Ints, new: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Return float32 `[lanes, width]`: what each lane is told at its place; `new` where it has come to another stretch."""
        out = np.zeros((len(places), self._width), np.float32)
        if self._all:
            return out
        self._rows += [out] * (len(places) - len(self._rows))
        self._starts += [0] * (len(places) - len(self._starts))
        for lane in np.flatnonzero(new).tolist():
            piece = int(np.searchsorted(self.half.ends, places[lane], side="right"))
            self._rows[lane] = self.half.control_rows(self.controls, piece)
            self._starts[lane] = int(self.half.ends[piece] - self.half.lengths[piece])
        for lane, place in enumerate(places.tolist()):
            out[lane] = self._rows[lane][place - self._starts[lane]]
        for place in self._hidden:
            out[:, place] = 0
        return out
