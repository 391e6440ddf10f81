"""Controls in batches: those of the whole augmented piece, cropped with its events."""

import dataclasses
import types
from typing import ClassVar

import numpy as np
import pytest

from symgen.controls import Control, compute_all, make_all, total_width
from symgen.dataset import pieces as held_pieces
from symgen.dataset.augment import Augment
from symgen.dataset.batches import Batch, Windows, batch, dropped, whole
from symgen.dataset.pieces import Split
from symgen.encodings import encoding

LENGTHS = (3, 900, 40, 411, 17, 1300)
AUGMENT = Augment(3, (0.8, 1.0, 1.25))


@dataclasses.dataclass(frozen=True)
class Witness(Control):
    """The number of a step, the steps of the piece, place, pitch, and a fact of the context."""

    name: ClassVar[str] = "witness"
    calls: ClassVar[list] = []

    def width(self, encoding):
        return 5

    def compute(self, encoding, events, context, outline=None):
        self.calls.append(len(events))
        steps = np.arange(len(events))
        columns = [
            steps,
            np.full_like(steps, len(events)),
            events[:, 0],
            events[:, 1],
            np.full_like(steps, int(context["id"].split()[1])),
        ]
        return np.stack(columns, 1).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class One(Control):
    name: ClassVar[str] = "one"

    def width(self, encoding):
        return 1

    def compute(self, encoding, events, context, outline=None):
        return np.ones((len(events), 1), np.float32)


CONTROLS = (Witness(), One())


def test_a_row_of_controls_is_that_of_its_target(toy):
    """Place and pitch of the target, transposed and stretched; of the whole piece."""
    data, windows = toy(*LENGTHS), Windows(6, 16, 3)
    ends = np.cumsum(LENGTHS)
    for k in range(60):
        out = batch(data, AUGMENT, windows, 1, k, CONTROLS)
        assert out.controls.shape == (6, 16, 6) and out.controls.dtype == np.float32
        for row in range(6):
            real = out.weights[row] > 0
            columns, targets = out.controls[row][real], out.targets[row][real]
            piece = int(np.searchsorted(ends, targets[0, 0], side="right"))
            assert np.array_equal(columns[:, 2:4], targets)
            assert (columns[:, 4] == piece).all() and (columns[:, 5] == 1).all()
            assert set(columns[:, 1]) <= {int(LENGTHS[piece] * f) for f in AUGMENT.stretch}
            assert np.array_equal(np.diff(columns[:, 0]), np.ones(len(columns) - 1))
            assert not out.controls[row][~real].any()


def test_a_row_goes_on_in_its_controls(toy):
    data, windows = toy(900, 411, 1300), Windows(8, 16, 4)
    before, continued = batch(data, AUGMENT, windows, 1, 0, CONTROLS), 0
    for k in range(1, 30):
        now = batch(data, AUGMENT, windows, 1, k, CONTROLS)
        for row in np.flatnonzero(~now.fresh):
            continued += 1
            assert np.array_equal(now.controls[row, 0, :2], before.controls[row, -1, :2] + [1, 0])
        before = now
    assert continued > 80


def test_controls_change_nothing_else(toy):
    one, other = (batch(toy(*LENGTHS), AUGMENT, Windows(6, 16, 3), 7, 3, c) for c in ((), CONTROLS))
    assert all(np.array_equal(a, b) for a, b in zip(one[:4], other[:4], strict=True))
    assert one.controls.shape == (6, 16, 0)


@pytest.mark.parametrize(("rows", "length"), [(1, 7), (3, 16), (2, 2000)])
def test_evaluation_tells_controls_of_each_event(toy, rows, length):
    split = toy(*LENGTHS).split("eval")
    for out, pieces in whole(split, split.encoding, rows, length, CONTROLS):
        for row, piece in enumerate(pieces):
            columns = out.controls[row][out.weights[row] > 0]
            assert np.array_equal(columns[:, 2:4], out.targets[row][out.weights[row] > 0])
            assert (columns[:, 4] == piece).all()


def test_what_is_kept_is_bounded_and_used(toy, monkeypatch):
    monkeypatch.setattr(held_pieces, "CONTROL_BYTES", 100_000)
    split = toy(*LENGTHS).split("train")
    Witness.calls.clear()
    for _ in range(3):
        assert split.control_rows(CONTROLS, 1, 1.25, 2) is split.control_rows(CONTROLS, 1, 1.25, 2)
    assert Witness.calls == [1125]
    assert not np.array_equal(
        split.control_rows(CONTROLS, 1, 1.25, 1), split.control_rows(CONTROLS, 1, 1.25, 2)
    )
    for semitones in range(-30, 30):
        split.control_rows(CONTROLS, 5, 1.0, semitones)
    assert split._controls.held <= 100_000


def test_the_meter_of_tunes_reaches_the_batch():
    """What a batch says of the meter is what the control says of the whole tune in its key."""
    enc, controls = encoding("melody_chords", chords=("C", "G")), make_all([{"name": "meter"}])
    rng = np.random.default_rng(0)
    pieces = [
        np.stack([rng.integers(60, 72, n), rng.integers(0, 3, n)], 1).astype(np.int32)
        for n in (70, 130)
    ]
    contexts = [
        {"id": "a", "bars": [4, 3, 4], "steps": 70},
        {"id": "b", "bars": [0, 6, 8, 48, 4, 4], "steps": 130},
    ]
    split = Split(enc, contexts, [70, 130], np.concatenate(pieces).astype(np.uint8))
    data = types.SimpleNamespace(encoding=enc, rows=lambda name: split, path="tunes")
    columns = [compute_all(controls, enc, e, c) for e, c in zip(pieces, contexts, strict=True)]
    seen = set()
    for k in range(20):
        out = batch(data, Augment(0, (1.0,)), Windows(4, 24, 2), 0, k, controls)
        for row in range(4):
            piece = next(
                i
                for i in (0, 1)
                for s in range(len(pieces[i]) - 23)
                if np.array_equal(pieces[i][s : s + 24], out.targets[row])
            )
            start = next(
                s
                for s in range(len(pieces[piece]) - 23)
                if np.array_equal(pieces[piece][s : s + 24], out.targets[row])
            )
            seen.add(piece)
            assert np.array_equal(out.controls[row], columns[piece][start : start + 24])
    assert seen == {0, 1} and out.controls.shape[2] == total_width(controls, enc)


def dropping(*drops):
    """Witnesses of which each is not told to that share of the chains."""
    return tuple(Witness(drop=d) for d in drops)


def test_chains_are_told_or_not_as_a_whole(toy):
    """Controls that are not dropped are unchanged; dropped ones are zero in the whole chain."""
    data, windows, controls = (
        toy(900, 411, 1300, 40),
        Windows(8, 16, 4),
        dropping(0.5, 0.5, 0.0, 1.0),
    )
    chains = {}
    for k in range(40):
        out, plain = (
            batch(data, AUGMENT, windows, 1, k, controls),
            batch(data, AUGMENT, windows, 1, k, dropping(0, 0, 0, 0)),
        )
        assert all(np.array_equal(a, b) for a, b in zip(out[:4], plain[:4], strict=True))
        for row in range(8):
            parts = out.controls[row].reshape(16, 4, 5)
            columns = parts.any(axis=(0, 2))
            assert (
                np.array_equal(parts[:, columns], plain.controls[row].reshape(16, 4, 5)[:, columns])
                and columns[2]
                and not columns[3]
            )
            chains.setdefault((row, windows.place(row, k)[0]), set()).add(tuple(columns))
    assert {len(found) for found in chains.values()} == {1}
    assert len({next(iter(found)) for found in chains.values()}) == 4


def test_the_share_that_is_dropped(toy):
    """Each control has its share; none, one and all of seven come often enough to be learned."""
    enc, names = toy(5).encoding, dropping(0.5, 0.1, 0.9)
    found = np.array(
        [dropped(names, enc, 3, row, chain) for row in range(20) for chain in range(300)]
    )[:, ::5]
    assert found.mean(axis=0) == pytest.approx([0.5, 0.1, 0.9], abs=0.03)
    many = np.array(
        [
            dropped(dropping(*[0.5] * 7), enc, 3, row, chain)
            for row in range(20)
            for chain in range(300)
        ]
    )[:, ::5]
    assert np.bincount(many.sum(axis=1)) / len(many) == pytest.approx(np.full(8, 1 / 8), abs=0.02)
    other = np.array(
        [dropped(names, enc, 4, row, chain) for row in range(20) for chain in range(300)]
    )[:, ::5]
    assert (found != other).any()


def test_a_batch_with_dropping_hangs_on_its_number_alone(toy):
    data, windows, controls = toy(*LENGTHS), Windows(6, 16, 3), dropping(0.3, 0.6)
    first = {k: batch(data, AUGMENT, windows, 5, k, controls) for k in range(12)}
    for k in (11, 3, 7):
        assert all(
            np.array_equal(a, b)
            for a, b in zip(
                first[k], batch(toy(*LENGTHS), AUGMENT, windows, 5, k, controls), strict=True
            )
        )


def test_evaluation_never_drops(toy):
    split = toy(*LENGTHS).split("eval")
    for out, _ in whole(split, split.encoding, 3, 16, dropping(1.0)):
        assert out.controls[out.weights > 0][:, 1].all()


def test_a_batch_of_nothing_has_the_width():
    assert Batch.empty(2, 5, 1, 7).controls.shape == (2, 5, 7)
