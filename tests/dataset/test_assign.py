import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.dataset.split import assign, is_eval, score

MANY = [f"group {i}" for i in range(5000)]


def test_the_score_is_a_hash_and_never_changes():
    assert (
        score(0, "bach: air") == int(hashlib.sha256(b"0\0bach: air").hexdigest()[:16], 16) / 2**64
    )
    assert is_eval(0, "bach: air") == (score(0, "bach: air") < 0.1)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_the_share_is_reached_on_many_groups(share):
    assert sum(is_eval(3, g, share) for g in MANY) / len(MANY) == pytest.approx(share, abs=0.02)


def test_another_seed_gives_another_split():
    both = sum(is_eval(0, g) and is_eval(1, g) for g in MANY)
    assert both < 100  # 50 by chance, 500 if the seed did nothing


def test_a_group_stays_on_one_side():
    halves = assign(MANY * 2, [None] * 2 * len(MANY))
    assert halves[: len(MANY)] == halves[len(MANY) :]
    assert set(halves) == {"train", "eval"}


def test_the_group_nearest_the_threshold_fills_an_empty_half():
    high = [g for g in MANY if score(0, g) > 0.1][:9]
    nearest = min(high, key=lambda g: score(0, g))
    assert [g for g, h in zip(high, assign(high, [None] * 9), strict=True) if h == "eval"] == [
        nearest
    ]
    low = [g for g in MANY if score(0, g) < 0.1][:9]
    nearest = max(low, key=lambda g: score(0, g))
    assert [g for g, h in zip(low, assign(low, [None] * 9), strict=True) if h == "train"] == [
        nearest
    ]


def test_all_pieces_of_the_group_that_moves_move():
    high = [g for g in MANY if score(0, g) > 0.1][:2]
    halves = dict.fromkeys(high, "train") | {min(high, key=lambda g: score(0, g)): "eval"}
    assert assign(high * 3, [None] * 6) == [halves[g] for g in high * 3]


@pytest.mark.parametrize(
    "group", [next(g for g in MANY if is_eval(0, g)), next(g for g in MANY if not is_eval(0, g))]
)
def test_a_single_group_is_all_for_training(group):
    assert assign([group] * 3, [None] * 3) == ["train"] * 3


def test_the_official_split_wins_and_its_test_goes_to_neither():
    assert assign(MANY[:4], ["train", "eval", "test", "train"]) == ["train", "eval", None, "train"]


def test_a_piece_without_an_official_half_follows_its_group():
    free = next(g for g in MANY if is_eval(0, g))
    groups, official = (
        ["a", "a", "b", "b", "c", "c", free],
        ["train", None, "test", None, "eval", None, None],
    )
    assert assign(groups, official) == ["train", "train", None, None, "eval", "eval", "eval"]


def test_a_piece_like_one_that_is_held_out_is_not_trained_on():
    """A group of near-duplicates may have several official splits; the others follow safely."""
    assert assign(["a", "a", "a", "b"], ["train", "eval", None, "train"]) == [
        "train",
        "eval",
        "eval",
        "train",
    ]
    assert assign(["a", "a", "a", "b", "c"], ["eval", "test", None, "train", "eval"]) == [
        "eval",
        None,
        None,
        "train",
        "eval",
    ]


def test_an_official_split_without_evaluation_gives_up_a_free_group_first():
    free = max(MANY, key=lambda g: score(0, g))
    assert assign([*MANY[:5], free], ["train"] * 5 + [None]) == ["train"] * 5 + ["eval"]
    assert sorted(assign(MANY[:5], ["train"] * 5)) == ["eval"] + ["train"] * 4


def test_nothing_to_split_is_fine():
    assert assign([], []) == []
    assert assign(["a"], ["test"]) == [None]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, "train", "eval", "test"])),
        max_size=12,
    ),
    st.integers(0, 9),
)
def test_no_half_is_empty_where_two_groups_could_fill_it(rows, seed):
    groups, official = [g for g, _ in rows], [s for _, s in rows]
    halves = assign(groups, official, seed)
    assert halves == assign(groups, official, seed)
    assert all(h is None for h, s in zip(halves, official, strict=True) if s == "test")
    if len({g for g, h in zip(groups, halves, strict=True) if h}) > 1:
        assert {"train", "eval"} <= set(halves)
    elif any(halves):
        assert "train" in halves
