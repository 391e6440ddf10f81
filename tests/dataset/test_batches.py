"""Batches: pure, continuing, covering every event; and evaluation, which visits each event once."""

import numpy as np
import pytest

from symgen.dataset.augment import Augment
from symgen.dataset.batches import Windows, batch, uniform, whole
from symgen.errors import BadOption, DataError

PLAIN = Augment(0, (1.0,))
LENGTHS = (3, 900, 40, 411, 17, 1300)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_batch_depends_on_its_number_alone(toy):
    windows, augment = Windows(6, 16, 3), Augment(3, (0.8, 1.0, 1.25))
    in_order = [batch(toy(*LENGTHS), augment, windows, 7, k) for k in range(12)]
    data = toy(*LENGTHS)
    for k in [11, 0, 5, 5, 3, 11, 8]:
        assert same(batch(data, augment, windows, 7, k), in_order[k])
    assert not same(batch(data, augment, windows, 8, 5), in_order[5])


def test_the_random_numbers_are_the_same_everywhere():
    expected = [[0.5801195720647797, 0.06892326377174174, 0.2732750632754388, 0.8607980510909131]]
    np.testing.assert_allclose(uniform(1, 2, 3, 1), expected, rtol=0, atol=1e-15)
    assert np.array_equal(uniform(1, 2, 3, 5)[:1], uniform(1, 2, 3, 1))


def test_shapes_and_types(toy):
    out = batch(toy(*LENGTHS), PLAIN, Windows(5, 9, 2), 0, 0)
    assert [(a.shape, a.dtype.name) for a in out] == [
        ((5, 9, 2), "int32"),
        ((5, 9, 2), "int32"),
        ((5, 9), "float32"),
        ((5,), "bool"),
        ((5, 9, 0), "float32"),
    ]


def test_a_row_that_is_not_fresh_goes_on_in_the_same_key_and_speed(toy):
    data, windows, augment = toy(900, 411, 1300), Windows(8, 16, 4), Augment(3, (1.0, 1.25))
    before, continued = batch(data, augment, windows, 1, 0), 0
    for k in range(1, 60):
        now = batch(data, augment, windows, 1, k)
        for row in np.flatnonzero(~now.fresh):
            continued += 1
            assert np.array_equal(now.inputs[row, 0], before.targets[row, -1])
            assert now.targets[row, 0, 0] - before.targets[row, -1, 0] in (0, 1)
            assert shift(now.targets[row]) == shift(before.targets[row])
        before = now
    assert continued > 200


def shift(targets):
    """The semitones by which a row was transposed; the place determines the original pitch."""
    moved = targets[:, 1] - (40 + targets[:, 0] % 41)
    assert len(set(moved)) == 1
    return moved[0]


def test_rows_start_anew_in_turn(toy):
    data, windows = toy(60000), Windows(8, 16, 4)
    fresh = [batch(data, PLAIN, windows, 3, k).fresh.sum() for k in range(40)]
    assert fresh[0] == 8
    assert set(fresh[1:]) == {2}  # a quarter of the rows in each batch, whichever it is


def test_a_chain_ends_where_the_piece_does(toy):
    data = toy(40)
    for k in range(30):
        out = batch(data, PLAIN, Windows(4, 16, 10), 0, k)
        assert out.weights.all()
        assert (np.diff(out.targets[:, :, 0], axis=1) == 1).all()


def test_every_event_is_drawn_and_about_as_often(toy):
    data, counts = toy(*LENGTHS), np.zeros(sum(LENGTHS))
    for k in range(1500):
        out = batch(data, PLAIN, Windows(8, 16, 3), 5, k)
        np.add.at(counts, out.targets[:, :, 0][out.weights > 0], 1)
    assert counts.min() > 0
    usual = np.median(counts)
    for start, length in zip(np.cumsum([0, *LENGTHS]), LENGTHS, strict=False):
        piece = counts[start : start + length]
        for part in (piece, piece[:48], piece[-48:]):
            assert 0.65 < part.mean() / usual < 1.5


def test_the_first_input_is_the_event_before_or_nothing(toy):
    data, seen = toy(*LENGTHS), {True: 0, False: 0}
    starts = np.cumsum([0, *LENGTHS])
    for k in range(200):
        out = batch(data, PLAIN, Windows(8, 16, 3), 2, k)
        for row in range(8):
            place = out.targets[row, 0, 0]
            seen[begins := place in starts] += 1
            assert out.inputs[row, 0].tolist() == (
                [1 << 16, 128] if begins else [place - 1, 40 + (place - 1) % 41]
            )
            assert (
                np.array_equal(out.inputs[row, 1:], out.targets[row, :-1])
                or not out.weights[row].all()
            )
    assert min(seen.values()) > 20


def test_a_piece_shorter_than_a_window_is_padded(toy):
    out = batch(toy(3), PLAIN, Windows(2, 5, 1), 0, 0)
    assert out.weights.tolist() == [[1, 1, 1, 0, 0]] * 2
    assert out.targets[0, :, 0].tolist() == [0, 1, 2, 0, 0]


def test_transposition_stays_on_the_keyboard_and_uses_its_whole_range(toy):
    data, seen = toy(500, low=1, high=127), set()
    for k in range(40):
        out = batch(data, Augment(3, (1.0,)), Windows(8, 16, 1), 0, k)
        seen |= set((out.targets[:, 0, 1] - (1 + out.targets[:, 0, 0] % 127)).tolist())
    assert seen == {-1, 0}


def test_stretched_pieces_are_stretched_as_a_whole(toy):
    out = batch(toy(500), Augment(0, (1.25,)), Windows(8, 20, 1), 0, 0)
    steps = np.diff(out.targets[:, :, 0], axis=1)
    assert set(steps.ravel()) == {0, 1}
    assert (steps == 0).mean() == pytest.approx(0.2, abs=0.05)


def test_an_empty_half_is_an_error(toy):
    with pytest.raises(DataError, match="has no events"):
        batch(toy(), PLAIN, Windows(2, 5, 1), 0, 0)


@pytest.mark.parametrize("bad", [{"batch": 0}, {"length": -1}, {"carry": 1.5}])
def test_windows_of_nothing_are_refused(bad):
    with pytest.raises(BadOption, match=f"{next(iter(bad))} = .*at least 1"):
        Windows(**bad)


@pytest.mark.parametrize(("rows", "length"), [(1, 7), (3, 16), (8, 64), (2, 2000)])
def test_evaluation_visits_every_event_once_and_carries_state_through_pieces(toy, rows, length):
    split = toy(*LENGTHS).split("eval")
    counts, state = np.zeros(split.total, int), [None] * rows
    for out, pieces in whole(split, split.encoding, rows, length):
        for row, piece in enumerate(pieces):
            real = out.targets[row][out.weights[row] > 0]
            if piece < 0:
                assert not len(real)
                continue
            np.add.at(counts, real[:, 0], 1)
            expected = (split.encoding.start() if out.fresh[row] else state[row]).tolist()
            assert out.inputs[row, 0].tolist() == expected
            state[row] = real[-1]
    assert (counts == 1).all()


def test_evaluation_pads_little(toy):
    split = toy(*([100, 37, 260, 5, 81] * 10)).split("eval")
    weights = [out.weights for out, _ in whole(split, split.encoding, 4, 16)]
    assert np.mean(weights) > 0.85


def test_evaluation_of_nothing_yields_nothing(toy):
    split = toy().split("eval")
    assert list(whole(split, split.encoding, 4, 16)) == []
