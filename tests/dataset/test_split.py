"""The split of a corpus: groups, copies, official splits, and corpora that are too small."""

import hashlib
import shutil
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.dataset import convert
from symgen.dataset.ledger import summary
from symgen.dataset.split import assign, cut_time, is_eval, score
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from tests.dataset.music import corpus, music

MANY = [f"group {i}" for i in range(5000)]


def assigned(data):
    return {row["id"]: row["half"] for row in data.info["pieces"]}


def test_the_split_follows_the_seed_and_reaches_about_a_tenth(tmp_path):
    source = corpus(tmp_path / "tunes", 60)
    one, again, other = (
        assigned(convert(source, output=tmp_path / o, workers=1, seed=s))
        for o, s in (("a", 3), ("b", 3), ("c", 4))
    )
    assert one == again != other
    assert 1 <= list(one.values()).count("eval") <= 14


def test_a_piece_keeps_its_half_when_others_come(tmp_path):
    source = corpus(tmp_path / "tunes", 30)
    before = assigned(convert(source, workers=1, output=tmp_path / "a"))
    write(music(1000), source / "new.mid")
    after = assigned(convert(source, workers=1, output=tmp_path / "b"))
    assert after.pop("new.mid") in ("train", "eval")
    assert after == before


def test_pieces_of_one_group_stay_together(tmp_path):
    table = "file,group\n" + "".join(f"{i:02d}.mid,{i % 5}\n" for i in range(20))
    data = convert(corpus(tmp_path / "tunes", 20, table), output=tmp_path / "out", workers=1)
    of_group = {}
    for row in data.info["pieces"]:
        of_group.setdefault(row["group"], set()).add(row["half"])
    assert all(len(found) == 1 for found in of_group.values())
    assert set.union(*of_group.values()) == {"train", "eval"}


def test_copies_are_one_group_whatever_their_names_and_groups(tmp_path):
    table = (
        "file,group\n"
        + "".join(f"{i:02d}.mid,{i}\n" for i in range(10))
        + "copy.mid,x\nagain.mid,y\n"
    )
    source = corpus(tmp_path / "tunes", 10, table)
    shutil.copy(source / "04.mid", source / "copy.mid")
    shutil.copy(source / "04.mid", source / "again.mid")
    for seed in range(5):
        data = convert(source, output=tmp_path / f"out{seed}", workers=1, seed=seed)
        found = [
            row for row in data.info["pieces"] if row["id"] in ("04.mid", "copy.mid", "again.mid")
        ]
        assert len({(row["half"], row["group"]) for row in found}) == 1
        assert data.info["ledger"]["duplicates"] == 2


def variant(seed, notes, semitones=4, speed=1.5):
    """Return `music(seed, notes)` transposed, at another speed, with a note in twenty changed."""
    there = music(seed, notes).notes.copy()
    there["pitch"] += semitones
    there["pitch"][::20] -= 2
    for column in ("start_time", "end_time"):
        there[column] /= speed
    return NoteSequence(there)


def test_near_duplicates_are_one_group_whatever_their_key_speed_and_groups(tmp_path):
    table = (
        "file,group\n"
        + "".join(f"{i:02d}.mid,{i}\n" for i in range(10))
        + "variant.mid,x\nuntold.mid,\n"
    )
    source = corpus(tmp_path / "tunes", 10, table)
    write(variant(4, 44), source / "variant.mid")
    write(variant(4, 44, semitones=-5, speed=0.5), source / "untold.mid")
    for seed in range(5):
        data = convert(source, output=tmp_path / f"out{seed}", workers=1, seed=seed)
        found = [
            row
            for row in data.info["pieces"]
            if row["id"] in ("04.mid", "variant.mid", "untold.mid")
        ]
        assert {(row["half"], row["group"]) for row in found} == {(found[0]["half"], "4")}
        assert (data.info["ledger"]["near_duplicates"], data.info["ledger"]["duplicates"]) == (2, 0)
        assert len({row["group"] for row in data.info["pieces"]}) == 10
    assert "2 pieces with nearly the same melody as another" in summary(data.info)


def test_near_duplicates_on_both_sides_of_an_official_split_are_told(tmp_path):
    source = corpus(
        tmp_path / "tunes",
        3,
        "file,split\n00.mid,train\n01.mid,validation\n02.mid,\nvariant.mid,validation\n",
    )
    write(variant(0, 40), source / "variant.mid")
    with pytest.warns(
        UserWarning,
        match=r"nearly the same music on both sides, 1 time: 00\.mid and variant\.mid$",
    ):
        data = convert(source, output=tmp_path / "out", workers=1)
    assert [assigned(data)[name] for name in ("00.mid", "01.mid", "variant.mid")] == [
        "train",
        "eval",
        "eval",
    ]


def test_a_piece_without_an_official_half_follows_its_near_duplicate(tmp_path):
    splits = {"00.mid": "train", "01.mid": "validation", "02.mid": "test"}
    names = [*(f"{i:02d}.mid" for i in range(12)), *(f"variant{i}.mid" for i in range(3))]
    source = corpus(
        tmp_path / "tunes",
        12,
        "file,split\n" + "".join(f"{name},{splits.get(name, '')}\n" for name in names),
    )
    for i in range(3):
        write(variant(i, 40 + i), source / f"variant{i}.mid")
    for seed in range(3):
        found = assigned(convert(source, output=tmp_path / f"out{seed}", workers=1, seed=seed))
        assert (found["variant0.mid"], found["variant1.mid"], found.get("variant2.mid")) == (
            "train",
            "eval",
            None,
        )


def test_what_is_one_group_is_split_between_its_near_duplicates(tmp_path):
    source = corpus(
        tmp_path / "tunes",
        6,
        "file,group\n"
        + "".join(f"{n}.mid,all\n" for n in ["00", "01", "02", "03", "04", "05", "v"]),
    )
    write(variant(3, 43), source / "v.mid")
    for seed in range(5):
        with pytest.warns(UserWarning, match="all 7 pieces are one group"):
            data = convert(source, output=tmp_path / f"out{seed}", workers=1, seed=seed)
        assert assigned(data)["03.mid"] == assigned(data)["v.mid"]
        assert set(assigned(data).values()) == {"train", "eval"}


def test_takes_of_one_piece_alone_are_split_by_take(tmp_path):
    source = corpus(tmp_path / "tunes", 1)
    for i in range(3):
        write(variant(0, 40, semitones=i), source / f"take{i}.mid")
    with pytest.warns(UserWarning, match="all 4 pieces are one group"):
        data = convert(source, output=tmp_path / "out", workers=1)
    assert set(assigned(data).values()) == {"train", "eval"}


def test_a_book_of_tunes_is_split_by_tune(tmp_path):
    book = "".join(
        f"X:{i}\nM:4/4\nL:1/8\nK:C\n"
        + "".join("CDEFGABc"[n["pitch"] % 8] for n in music(i).notes)
        + "|\n\n"
        for i in range(1, 41)
    )
    (tmp_path / "book.abc").write_text(book)
    data = convert(tmp_path / "book.abc", output=tmp_path / "out", workers=1)
    assert assigned(data).keys() == {f"book.abc#{i}" for i in range(1, 41)}
    assert {row["group"] for row in data.info["pieces"]} == assigned(data).keys()
    assert 1 <= list(assigned(data).values()).count("eval") <= 10


def test_the_official_split_wins_and_its_test_part_is_held_out(tmp_path):
    splits = ["train", "validation", "test"]
    table = "file,split\n" + "".join(f"{i:02d}.mid,{splits[i % 3]}\n" for i in range(9))
    data = convert(corpus(tmp_path / "tunes", 9, table), output=tmp_path / "out", workers=1)
    assert assigned(data) == {
        f"{i:02d}.mid": ["train", "eval"][i % 3] for i in range(9) if i % 3 < 2
    }
    assert data.info["ledger"]["pieces_held_out"] == 3


def test_copies_on_both_sides_of_an_official_split_are_told(tmp_path):
    source = corpus(
        tmp_path / "tunes", 2, "file,split\n00.mid,train\n01.mid,validation\ncopy.mid,validation\n"
    )
    shutil.copy(source / "00.mid", source / "copy.mid")
    with pytest.warns(
        UserWarning, match="the official split has copies of 1 of its pieces on both sides"
    ):
        convert(source, output=tmp_path / "out", workers=1)


def test_one_group_of_several_pieces_is_split_by_piece_and_said(tmp_path):
    table = "file,group\n" + "".join(f"{i:02d}.mid,all\n" for i in range(6))
    source = corpus(tmp_path / "tunes", 6, table)
    with pytest.warns(UserWarning, match="all 6 pieces are one group, all: split by piece"):
        data = convert(source, output=tmp_path / "out", workers=1)
    assert set(assigned(data).values()) == {"train", "eval"}


@pytest.mark.parametrize("copies", [0, 2])
def test_one_piece_is_split_by_time(tmp_path, copies):
    source = corpus(tmp_path / "tunes", 1)
    write(music(5, 400), source / "00.mid", force=True)
    for i in range(copies):
        shutil.copy(source / "00.mid", source / f"copy{i}.mid")
    with pytest.warns(
        UserWarning, match=r"00\.mid is the only piece: its last tenth, from 45\.\d s, is for eval"
    ):
        data = convert(source, output=tmp_path / "out", workers=1)
    train, later = data.split("train"), data.split("eval")
    assert (train.ids, later.ids) == (["00.mid"], ["00.mid@eval"])
    notes = data.encoding.decode(data.encoding.encode(music(5, 400))).notes
    first, second = (data.encoding.decode(split.events(0)).notes for split in (train, later))
    assert np.array_equal(np.concatenate([first["pitch"], second["pitch"]]), notes["pitch"])
    assert second["start_time"][0] == 0
    assert len(second) == pytest.approx(40, abs=9)
    assert data.info["ledger"]["duplicates"] == copies


def test_both_parts_of_one_piece_are_good_streams(tmp_path):
    source = tmp_path / "tunes"
    source.mkdir()
    held = [
        (30 + i % 40, 60 + i % 9, i / 4, i / 4 + 3) for i in range(200)
    ]  # at any time a dozen notes sound
    write(NoteSequence(notes_of(held)), source / "a.mid")
    with pytest.warns(UserWarning, match="only piece.*1[12] sounding notes end there"):
        data = convert(source, output=tmp_path / "out", workers=1)
    for split in ("train", "eval"):
        grammar = data.encoding.grammar(1)
        for event in data.split(split).events(0)[:, 0]:
            assert grammar.legal()[0, event]
            grammar.choose(0, np.array([event]))
        assert not grammar.open_pitches().any()


def test_a_piece_that_cannot_be_divided_is_for_training(tmp_path):
    source = tmp_path / "tunes"
    source.mkdir()
    write(NoteSequence(notes_of([(60, 80, 0, 1), (64, 80, 0, 1)])), source / "chord.mid")
    with pytest.warns(UserWarning, match="the eval split is empty"):
        data = convert(source, output=tmp_path / "out", workers=1)
    assert (len(data.split("train")), len(data.split("eval"))) == (1, 0)


def test_an_ordinary_corpus_warns_of_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        convert(corpus(tmp_path / "tunes", 4), output=tmp_path / "out", workers=1)


def test_the_cut_is_where_little_sounds():
    melody = [(60 + i % 12, 80, i * 1.0, i + 1.0) for i in range(100)]
    assert cut_time(NoteSequence(notes_of(melody))) == 90
    assert cut_time(NoteSequence(notes_of([*melody, (40, 80, 88.5, 90.5)]))) == 91
    assert cut_time(NoteSequence(notes_of([(60, 80, 0, 100), (62, 80, 3, 4)]))) == 3
    assert cut_time(NoteSequence(notes_of([(60, 80, 0, 100)]))) is None


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
    assigned = assign(MANY * 2, [None] * 2 * len(MANY))
    assert assigned[: len(MANY)] == assigned[len(MANY) :]
    assert set(assigned) == {"train", "eval"}


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
    assigned = dict.fromkeys(high, "train") | {min(high, key=lambda g: score(0, g)): "eval"}
    assert assign(high * 3, [None] * 6) == [assigned[g] for g in high * 3]


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
    assigned = assign(groups, official, seed)
    assert assigned == assign(groups, official, seed)
    assert all(h is None for h, s in zip(assigned, official, strict=True) if s == "test")
    if len({g for g, h in zip(groups, assigned, strict=True) if h}) > 1:
        assert {"train", "eval"} <= set(assigned)
    elif any(assigned):
        assert "train" in assigned
