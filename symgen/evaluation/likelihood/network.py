"""The nats of a trained model on held-out music: of whole pieces, or of windows of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.controls.base import columns
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.runtime.passages import Passage, Scores
from symgen.runtime.score import score
from symgen.types import Floats32, Progress

Controls = Callable[[], Floats32]

MAX_WINDOWS = 1024  # that are scored, spread evenly over the split


class Stretch(NamedTuple):
    """Events `start` to `stop` of a piece, counted from its beginning."""

    piece: int
    start: int
    stop: int


def conditioned_on(bundle: Bundle) -> list[str]:
    """Return the controls of the music to come that the model always had in training."""
    return [c.name for c in bundle.controls if c.future and not c.drop]


def network(
    bundle: Bundle, split: Split, threads: int = 0, progress: Progress | None = None
) -> Scores:
    """Score every event of `split`; the state is carried through each piece."""
    whole = [Stretch(i, 0, int(n)) for i, n in enumerate(split.lengths)]
    return _score(bundle, split, whole, threads, progress, "events scored")


def windows(
    bundle: Bundle, split: Split, length: int, threads: int = 0, progress: Progress | None = None
) -> Scores:
    """Score windows of `length` events, each from an empty state; other events stay NaN.

    The model still sees the event before a window.
    """
    cut = [
        Stretch(i, start, start + length)
        for i, n in enumerate(split.lengths.tolist())
        for start in range(0, n - length + 1, length)
    ]
    count = min(len(cut), MAX_WINDOWS)
    chosen = sorted({int(i) for i in np.linspace(0, len(cut) - 1, count).round()})
    what = f"events scored in windows of {length}"
    return _score(bundle, split, [cut[i] for i in chosen], threads, progress, what)


def _score(
    bundle: Bundle,
    split: Split,
    stretches: Sequence[Stretch],
    threads: int,
    progress: Progress | None,
    what: str,
) -> Scores:
    fields = len(bundle.sizes.fields)
    if split.values.shape[1] != fields:
        raise DataError(
            f"{bundle.path}: has {fields} fields a step, the music {split.values.shape[1]}"
        )
    view = _ControlView(bundle, split)
    begins = split.ends - split.lengths
    places = [np.arange(begins[i] + a, begins[i] + b) for i, a, b in stretches]
    start = bundle.encoding.start()
    passages = [
        Passage(
            split.values[begins[s.piece] + s.start - 1] if s.start else start,
            split.values[begins[s.piece] + s.start : begins[s.piece] + s.stop],
            view.rows(s),
        )
        for s in stretches
    ]
    player = bundle.most_exact().open_player(threads)
    report = None if progress is None else lambda done, total: progress(done, total, what)
    out = Scores.empty(*split.values.shape)
    if places:
        out.put(np.concatenate(places), score(player, passages, report))
    return out


class _ControlView:
    """The controls that a model is given: of the music to come, only those that it needs."""

    def __init__(self, bundle: Bundle, split: Split) -> None:
        self._split, self._controls = split, bundle.controls
        places = columns(bundle.controls, bundle.encoding)
        self._hidden = [
            place
            for place, control in zip(places, bundle.controls, strict=True)
            if control.future and control.drop
        ]
        self._any = len(self._hidden) < len(places)

    def rows(self, stretch: Stretch) -> Controls | None:
        """Return what reads the controls of `stretch`, float32 `[steps, width]`."""
        return (lambda: self._read(*stretch)) if self._any else None

    def _read(self, piece: int, start: int, stop: int) -> Floats32:
        rows = np.array(self._split.control_rows(self._controls, piece)[start:stop], np.float32)
        for place in self._hidden:
            rows[:, place] = 0
        return rows
