import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.corpus import pieces as read_pieces
from symgen.errors import DataError
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.similarity import passages
from symgen.similarity import suffix_array as suffixes
from symgen.similarity.passages import Index
from symgen.similarity.runs import SLIP
from tests.similarity import brute as brute

BEAT = 0.25


def music(rows):
    """Return the NoteSequence of (pitch, start) rows."""
    return NoteSequence(
        notes_of(sorted(((p, 80, t, t + 0.1) for p, t in rows), key=lambda row: (row[2], row[0])))
    )


def piano(seed, chords=60):
    """Return (pitch, start) rows: random chords of 1 to 4 notes, from eighths to dotted halves."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.choice([1, 2, 3, 4, 6], chords)) * BEAT
    return [
        (int(p), float(t))
        for t in times
        for p in random.choice(np.arange(40, 85), random.integers(1, 5), replace=False)
    ]


def planted(rows, within, at, moved=0, speed=1.0, jitter=0.0, seed=0):
    """Return `within` with `rows` inserted at `at` seconds, and their first and last onsets."""
    random = np.random.default_rng(seed)
    begin, end = min(t for _, t in rows), max(t for _, t in rows)
    lasts = (end - begin) * speed + 2 * BEAT
    before, after = [r for r in within if r[1] < at], [(p, t + lasts) for p, t in within if t >= at]
    put = [
        (p + moved, at + BEAT + (t - begin) * speed + random.uniform(-jitter, jitter))
        for p, t in rows
    ]
    return [*before, *put, *after], (at + BEAT, at + BEAT + (end - begin) * speed)


def index(*pieces):
    return Index.build((f"piece {i}", music(rows)) for i, rows in enumerate(pieces))


@pytest.mark.parametrize("seed", range(12))
def test_a_planted_passage_is_found_with_its_place_whatever_its_key_speed_and_unevenness(seed):
    random = np.random.default_rng(seed)
    pieces = [piano(100 * seed + i, 200) for i in range(8)]
    which, first = int(random.integers(8)), int(random.integers(100, 200))
    times = sorted({t for _, t in pieces[which]})
    rows = [r for r in pieces[which] if times[first // 2] <= r[1] <= times[first // 2 + 15]]
    moved, speed = int(random.integers(-30, 31)), float(random.uniform(0.8, 1.25))
    sample, (begin, end) = planted(rows, piano(999 + seed), 20.0, moved, speed, 0.01, seed)
    found = index(*pieces).longest(music(sample))
    assert (found.piece, found.transposed) == (f"piece {which}", moved)
    assert found.notes == pytest.approx(len(rows), abs=2)
    assert found.chords == pytest.approx(16, abs=1)
    assert found.at == pytest.approx((begin, end), abs=0.5)
    assert found.in_piece == pytest.approx((times[first // 2], times[first // 2 + 15]), abs=0.5)


def test_unrelated_music_has_short_passages_in_common_and_itself_all():
    pieces = [piano(i, 200) for i in range(20)]
    found = index(*pieces)
    assert max(found.longest(music(piano(1000 + i, 100))).notes for i in range(20)) <= 6
    own = found.longest(music(pieces[7]))
    assert (own.notes, own.piece, own.transposed) == (len(pieces[7]), "piece 7", 0)
    assert found.shares(music(pieces[7])) == {8: 1.0, 16: 1.0, 32: 1.0}
    assert found.shares(music(piano(1000))) == {8: 0.0, 16: 0.0, 32: 0.0}


@pytest.mark.parametrize(
    "change", ["a note left out", "a note put in", "a wrong note", "a late note", "a grace note"]
)
def test_a_slip_does_not_make_two_passages_of_one(change):
    rows = [row for row in piano(3) if 7 <= row[1] < 23]
    other = {
        "a note left out": [*rows[:30], *rows[31:]],
        "a note put in": [*rows[:30], (90, rows[30][1]), *rows[30:]],
        "a wrong note": [*rows[:30], (rows[30][0] + 1, rows[30][1]), *rows[31:]],
        "a late note": [*rows[:30], (rows[30][0], rows[30][1] + 0.05), *rows[31:]],
        "a grace note": [*rows[:30], (91, rows[30][1] - 0.1), *rows[30:]],
    }[change]
    found = index(piano(4), piano(3)).longest(music(other))
    assert found.notes >= len(rows) - 1
    assert found.unbroken < len(rows) - 15
    assert found.piece == "piece 1"


def test_a_passage_ends_where_a_piece_ends():
    rows = piano(5)
    found = index(rows[:40], rows[40:80], rows[80:120]).longest(music(rows))
    assert found.notes <= 40


def test_the_order_within_a_chord_and_a_note_struck_twice_in_it_do_not_matter():
    rows, random = piano(6), np.random.default_rng(0)
    rolled = [(p, t + float(random.uniform(0, 0.025))) for p, t in rows]
    assert index(rows).longest(music([*rolled, *rows[::3]])).notes == len(rows)


def test_another_rhythm_is_another_passage():
    pitches = [p for p, _ in piano(7)]
    random = np.random.default_rng(1)
    here, there = (
        list(zip(pitches, np.cumsum(random.choice([1.0, 2.0, 4.0], len(pitches))), strict=True))
        for _ in range(2)
    )
    assert index(there).longest(music(here)).unbroken < 16
    assert index(here).longest(music(here)).unbroken == len(pitches)


@pytest.mark.parametrize("rows", [[], [(60, 0.0)]])
def test_what_has_no_step_has_no_passage(rows):
    for found in (index(piano(1)), index(), index([], [(60, 0.0)])):
        assert found.longest(music(rows)) is None
        assert found.shares(music(rows)) == {8: None, 16: None, 32: None}
    assert index(rows, rows).longest(music(piano(1))) is None


few = st.lists(
    st.tuples(st.integers(60, 63), st.integers(0, 2), st.sampled_from([0, 1, 1, 2, 3])), max_size=30
)


def timed(steps):
    """Return rows of (pitch, jitter, gap) steps: repetitive music, with chords."""
    out, now = [], 0.0
    for pitch, late, gap in steps:
        now += gap * 0.2
        out.append((pitch, now + late * 0.01))
    return out


@settings(max_examples=100, deadline=None)
@given(few, st.lists(few, max_size=3), st.integers(2, 7))
def test_the_longest_passage_and_the_shares_are_those_of_plain_loops(here, pieces, seed):
    here, pieces = timed(here), [timed(piece) for piece in pieces]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "SEED", seed)
        patch.setattr(passages, "NEAR", 100)
        found = index(*pieces)
        longest = found.longest(music(here))
        assert (longest.notes if longest else 0) == brute.longest(here, pieces, seed, SLIP)
        assert found.shares(music(here), (3, 5)) == {
            n: brute.share(here, pieces, n) for n in (3, 5)
        }


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 3), max_size=30),
    st.integers(1, 4),
    st.lists(st.integers(1, 3), max_size=12),
)
def test_suffixes_are_in_order_and_words_are_found_among_them(letters, times, word):
    letters = times * letters  # what repeats has long stretches in common
    text = np.array(letters, np.uint16)
    order = suffixes.build(text, len(text))
    assert sorted(order.tolist()) == list(range(len(text)))
    in_order = [[*letters[i:], 0][: [*letters[i:], 0].index(0)] for i in order]
    assert in_order == sorted(in_order)
    ranks = suffixes.Searched(text, order, np.array(word, np.uint16)).ranks(np.arange(len(word)))
    assert ranks.tolist() == [
        sum(suffix < [*word[q:], suffixes.END] for suffix in in_order) for q in range(len(word))
    ]


def test_what_is_alike_as_far_as_it_counts_stands_in_the_order_of_its_places():
    text = np.tile(np.array([2, 1, 0], np.uint16), 400)
    assert suffixes.build(text, 3).tolist()[-399:] == list(range(0, 1197, 3))


def test_an_index_is_written_and_read_and_says_what_it_is_of(tmp_path):
    made = dataclasses.replace(index(piano(1), [], piano(2)), stamp="of 2")
    made.save(tmp_path / "i.npz")
    read = Index.load(tmp_path / "i.npz")
    assert (read.stamp, read.names) == ("of 2", made.names)
    assert read.longest(music(piano(2))) == made.longest(music(piano(2)))
    (tmp_path / "i.npz").write_bytes((tmp_path / "i.npz").read_bytes()[:-50])
    for bad in ("i.npz", "absent.npz"):
        with pytest.raises(DataError, match="not an index of passages"):
            Index.load(tmp_path / bad)


def spoiled(path, **arrays):
    with np.load(path) as found:
        kept = dict(found) | arrays
    np.savez_compressed(path, **{name: array for name, array in kept.items() if array is not None})


NONE = np.zeros(0, np.int64)


@pytest.mark.parametrize(
    "change",
    [
        {"order": None},
        {"order": np.zeros(1 << 24, np.int32)},
        {"order": NONE},
        {"ends": np.array([3])},
        {"ends": NONE},
        {"letters": np.zeros((2, 2), np.uint16)},
        {"names": np.zeros(1 << 24, np.float64)},
        {"version": np.array([1, 1])},
        {"stamp": np.array("x")},
    ],
)
def test_an_index_of_a_stranger_is_checked(tmp_path, change):
    index(piano(1), piano(2)).save(tmp_path / "i.npz")
    notes = len(Index.load(tmp_path / "i.npz").order)
    spoiled(tmp_path / "i.npz", **change)
    with pytest.raises(DataError, match="not an index of passages"):
        Index.load(tmp_path / "i.npz", most=notes)


@pytest.mark.parametrize("value", [-1, 0, 1 << 20])
def test_an_order_that_is_none_is_refused(tmp_path, value):
    made = index(piano(1), piano(2))
    order = made.order.copy()
    order[3] = value if value else order[4]
    dataclasses.replace(made, order=order).save(tmp_path / "i.npz")
    with pytest.raises(DataError, match="its order is none"):
        Index.load(tmp_path / "i.npz")


def test_an_index_has_no_more_notes_than_its_dataset(tmp_path):
    index(piano(1)).save(tmp_path / "i.npz")
    with pytest.raises(DataError, match="the limit is 5"):
        Index.load(tmp_path / "i.npz", most=5)


def test_what_is_copied_is_told_in_plain_types():
    found = index(piano(1)).longest(music(piano(1)[3:40])).table()
    assert found["piece"] == "piece 0"
    assert [type(found[key]) for key in ("notes", "chords", "unbroken", "transposed", "at")] == [
        int,
        int,
        int,
        int,
        list,
    ]


def test_pieces_are_added_and_the_oldest_go_where_there_is_no_room():
    made, most = index(), 3 * len(piano(0)) + 100
    for i in range(6):
        made = made.added([(f"piece {i}", music(piano(i)))], most)
        assert made.longest(music(piano(i))).piece == f"piece {i}"
    assert len(made.order) <= most
    assert made.names[-1] == "piece 5"
    assert "piece 0" not in made.names
    assert made.longest(music(piano(0))).notes < 9
    assert made.added([("long", music(piano(9, 2000)))], most).names == ()


def test_a_passage_of_a_real_piece_is_found_in_another_key_and_at_another_speed(corpora):
    pieces = [one.sequence for one in read_pieces(corpora / "calm_piano")]
    found, right = Index.build((str(i), piece) for i, piece in enumerate(pieces)), 0
    for i, piece in enumerate(pieces):
        middle = piece.notes[len(piece) // 2 : len(piece) // 2 + 60]
        copy = found.longest(
            music(
                [
                    (pitch + 2, 1.1 * time)
                    for pitch, time in middle[["pitch", "start_time"]].tolist()
                ]
            )
        )
        at_home = (
            copy.piece == str(i)
            and middle["start_time"][0] - 0.1 <= copy.in_piece[0] <= middle["start_time"][-1]
        )
        right += at_home and copy.notes >= 50
        assert copy.notes >= 15  # pieces repeat themselves, and each other
    assert right >= 0.85 * len(pieces)
