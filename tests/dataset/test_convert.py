"""Converting: the bytes, the folder, the ledger, and files that do not serve."""

import shutil
import tarfile

import numpy as np
import pytest

import symgen
from symgen.dataset import build as building
from symgen.dataset import convert, find
from symgen.dataset.augment import Augment
from symgen.dataset.encode import SILENCE, left_out
from symgen.dataset.ledger import summary
from symgen.dataset.store import shards
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError
from symgen.limits import Limits
from symgen.notes import write
from symgen.notes.sequence import CONTROL_CHANGE, PITCH_BEND, NoteSequence, notes_of, table
from tests.dataset.music import Deadly, Failing, Slow, Stuck, corpus, music


@pytest.fixture
def source(tmp_path):
    return corpus(tmp_path / "tunes")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def left_behind(folder):
    return [path.name for path in folder.iterdir()]


def test_what_comes_out_is_what_the_encoding_makes_of_each_file(source):
    data, performance = convert(source, workers=1), encoding("performance")
    assert sorted([*data.split("train").ids, *data.split("eval").ids]) == [
        f"{i:02d}.mid" for i in range(12)
    ]
    for name in ("train", "eval"):
        split = data.split(name)
        assert split.ids == sorted(split.ids)
        for i, piece in enumerate(split.ids):
            np.testing.assert_array_equal(
                split.events(i), performance.encode(symgen.read(source / piece))
            )


def test_the_bytes_are_the_same_whatever_the_number_of_workers(source, tmp_path):
    folders = [
        content(convert(source, output=tmp_path / f"out{n}", workers=n).path) for n in (1, 2, 3)
    ]
    assert folders[0] == folders[1] == folders[2]
    assert set(folders[0]) == {
        "dataset.json",
        "train-00000-of-00001.tfrecord",
        "eval-00000-of-00001.tfrecord",
    }


def test_the_bytes_do_not_depend_on_the_place_or_the_day(source, tmp_path):
    other = tmp_path / "far" / "tunes"
    shutil.copytree(source, other, copy_function=shutil.copyfile)
    one, two = (
        content(convert(s, output=tmp_path / o, workers=1).path)
        for s, o in ((source, "one"), (other, "two"))
    )
    assert one == two
    assert str(tmp_path).encode() not in one["dataset.json"]


def test_the_order_inside_a_tar_changes_nothing(source, tmp_path):
    made = []
    for turn, names in enumerate((sorted(source.iterdir()), sorted(source.iterdir())[::-1])):
        (tmp_path / str(turn)).mkdir()
        with tarfile.open(tmp_path / str(turn) / "tunes.tar", "w") as archive:
            for path in names:
                archive.add(path, path.name)
        data = convert(tmp_path / str(turn) / "tunes.tar", output=tmp_path / f"out{turn}")
        made.append(content(data.path))
    assert made[0] == made[1]


def test_limits_change_the_fingerprint_and_the_default_ones_do_not(source):
    usual = building.build(source, workers=1)
    assert not building.build(source, workers=1, limits=Limits()).fresh
    other = building.build(source, workers=1, limits=Limits(notes=45))
    assert other.dataset.info["fingerprint"] != usual.dataset.info["fingerprint"]
    refused = other.dataset.info["ledger"]["refused"]
    assert [r["name"] for r in refused] == [f"{i:02d}.mid" for i in range(6, 12)]
    assert refused[0]["reason"].startswith("46 notes with repeats, over the limit of 45; split it")


def test_seed_options_and_augmentation_change_the_fingerprint(source):
    variants = [
        {},
        {"seed": 1},
        {"augment": Augment(2)},
        {"encoding": {"name": "performance", "velocity_bins": 0}},
    ]
    made = [convert(source, workers=1, **v) for v in variants]
    assert len({d.info["fingerprint"] for d in made}) == 4
    assert [d.path.as_posix() for d in made] == [
        "data/tunes-performance",
        "data/tunes-performance-2",
        "data/tunes-performance-3",
        "data/tunes-performance-4",
    ]
    assert convert(source, workers=1, seed=1).path == made[1].path


def test_a_second_time_nothing_is_read_as_music_or_written(source, monkeypatch):
    first = convert(source, workers=1)
    other = convert(source, workers=1, seed=1)
    before = (first.path / "dataset.json").stat().st_ino
    monkeypatch.setattr(building, "encode_file", lambda *_: pytest.fail("music was read"))
    built = building.build(source, workers=1)
    assert not built.fresh
    assert built.dataset.path == first.path
    assert (first.path / "dataset.json").stat().st_ino == before
    assert find("data").path == first.path != other.path  # it was asked for last


@pytest.mark.parametrize("damage", ["gone", "cut", "changed"])
def test_a_damaged_dataset_is_written_again_in_its_place(source, damage):
    first = convert(source, workers=1)
    whole, shard = content(first.path), first.path / first.info["shards"][0]["name"]
    raw = bytearray(shard.read_bytes())
    raw[20] ^= 1
    shard.write_bytes(raw[:-1] if damage == "cut" else raw)
    if damage == "gone":
        shard.unlink()
    built = building.build(source, workers=1)
    assert built.fresh
    assert built.dataset.path == first.path
    assert content(first.path) == whole


def test_a_changed_file_is_noticed(source):
    first = convert(source, workers=1)
    write(music(99), source / "00.mid", force=True)
    built = building.build(source, workers=1)
    assert built.dataset.path.as_posix() == "data/tunes-performance-2"
    assert any(
        "data/tunes-performance holds other music or options" in line for line in built.messages
    )
    assert convert(source, workers=1, force=True).path.name == "tunes-performance-2"
    assert first.path.exists()


def test_a_named_output_is_replaced_by_force_alone(source, tmp_path):
    old = convert(source, output=tmp_path / "out", workers=1)
    with pytest.raises(DataError, match="--force to replace it"):
        convert(source, output=tmp_path / "out", workers=1, seed=1)
    assert content(old.path)["dataset.json"] == (tmp_path / "out" / "dataset.json").read_bytes()
    assert convert(source, output=tmp_path / "out", workers=1, seed=1, force=True).info["seed"] == 1
    assert sorted(left_behind(tmp_path)) == ["here", "out", "tunes"]


def test_a_folder_of_something_else_is_never_replaced(source, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to mother.txt").write_text("dear")
    with pytest.raises(DataError, match="exists and is not a dataset"):
        convert(source, output=tmp_path / "letters", workers=1, force=True)
    assert left_behind(tmp_path / "letters") == ["to mother.txt"]


def test_force_replaces_nothing_but_datasets(source, tmp_path):
    """Neither at the default place, nor a dataset beside which somebody keeps other files."""
    letters = tmp_path / "here" / "data" / "tunes-performance"
    letters.mkdir(parents=True)
    (letters / "to mother.txt").write_text("dear")
    with pytest.raises(DataError, match="exists and is not a dataset"):
        convert(source, workers=1, force=True)
    assert left_behind(letters) == ["to mother.txt"]
    made = convert(source, output=tmp_path / "out", workers=1).path
    (made / "passages.npz").write_bytes(b"")
    convert(source, output=made, workers=1, seed=1, force=True)
    (made / "to mother.txt").write_text("dear")
    with pytest.raises(DataError, match=r"holds to mother\.txt, which is no part of a dataset"):
        convert(source, output=made, workers=1, seed=2, force=True)
    assert (made / "to mother.txt").exists()


def test_an_interrupted_conversion_leaves_nothing(source, tmp_path):
    def stop(done, total, what):
        assert total == 12
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(source, output=tmp_path / "here" / "out", workers=1, progress=stop)
    assert left_behind(tmp_path / "here") == []


def test_many_pieces_make_several_shards(source, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "PIECES", 4)
    data = convert(source, output=tmp_path / "out", workers=1)
    train = [s for s in data.info["shards"] if s["half"] == "train"]
    assert [s["name"] for s in train] == [
        f"train-{i:05d}-of-{len(train):05d}.tfrecord" for i in range(len(train))
    ]
    assert len(train) > 1
    assert (
        sum(s["records"] for s in train)
        == len(data.split("train"))
        == data.info["halves"]["train"]["pieces"]
    )
    assert sum(s["events"] for s in train) == data.split("train").total


def test_a_bad_file_stops_no_other_and_is_named(source, tmp_path):
    (source / "bad.mid").write_bytes(b"not music")
    (source / "notes.txt").write_text("hello")
    info = convert(source, output=tmp_path / "out", workers=2).info
    assert [r["name"] for r in info["ledger"]["refused"]] == ["bad.mid"]
    assert [r["name"] for r in info["ledger"]["skipped"]] == ["notes.txt"]
    assert (info["ledger"]["files"], info["ledger"]["pieces_written"]) == (13, 12)
    assert "refused 1 x" in summary(info)


@pytest.mark.parametrize(
    ("member", "workers", "reason"),
    [
        (Slow(), 1, "more than the limit of 0.5 seconds of processor time"),
        (Slow(), 2, "more than the limit of 0.5 seconds of processor time"),
        (Stuck(), 2, "the process that read it crashed"),
        (Deadly(), 2, "the process that read it crashed"),
        (Failing(), 2, "IndexError: index 7 is out of bounds"),
        (Failing(), 1, "IndexError: index 7 is out of bounds"),
    ],
)
def test_a_file_that_breaks_the_reader_stops_no_other(source, tmp_path, member, workers, reason):
    limits = Limits(seconds=0.5)
    info = convert(source, member, tmp_path / "out", workers=workers, limits=limits).info
    assert [r["name"] for r in info["ledger"]["refused"]] == ["03.mid"]
    assert reason in info["ledger"]["refused"][0]["reason"]
    assert info["ledger"]["pieces_written"] == 11


def test_where_nothing_is_left_nothing_is_written(tmp_path):
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "a.mid").write_bytes(b"MThd")
    with pytest.raises(
        DataError, match=r"nothing written: 1 file, none of which could be used.*a\.mid"
    ):
        convert(tmp_path / "junk", output=tmp_path / "here" / "out", workers=1)
    assert left_behind(tmp_path / "here") == []


def with_drums(path):
    notes = notes_of([(60, 80, 0, 1), (62, 80, 1, 2), (38, 80, 0, 0.1), (38, 80, 1, 1.1)]).copy()
    notes["is_drum"][2:], notes["instrument"][2:] = True, 9
    write(NoteSequence(notes), path, force=True)


def test_every_note_is_accounted_for(source, tmp_path):
    with_drums(source / "00.mid")
    counts = convert(source, output=tmp_path / "out", workers=2).info["ledger"]
    assert counts["notes_read"] == sum(len(symgen.read(p)) for p in sorted(source.glob("*.mid")))
    assert counts["notes_encoded"] == counts["notes_read"] - 2
    assert [(n, "drum" in reason) for reason, n in counts["drops"].items()] == [(2, True)]


def test_strict_fails_on_a_loss_and_leaves_nothing(source, tmp_path):
    assert convert(source, output=tmp_path / "fine", workers=1, strict=True)
    with_drums(source / "00.mid")
    with pytest.raises(DataError, match=r"--strict: nothing written.*2 x drum note"):
        convert(source, output=tmp_path / "here" / "out", workers=1, strict=True)
    assert left_behind(tmp_path / "here") == []
    convert(source, output=tmp_path / "lossy", workers=1)
    with pytest.raises(DataError, match="--strict"):
        convert(source, output=tmp_path / "lossy", workers=1, strict=True)


def test_what_files_have_beside_notes_is_counted_and_strict_fails_on_it(tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    for name, pitches in {"one": (60, 64), "two": (70, 61)}.items():
        notes = notes_of([(pitch, 80, k, k + 1.0) for k, pitch in enumerate(pitches)])
        controls = table(
            CONTROL_CHANGE,
            time=[0, 0, 0.5, 0.7, 0.8],
            control_number=[7, 64, 7, 67, 66],
            control_value=[90, 127, 80, 127, 127],
        )
        bends = table(PITCH_BEND, time=[0, 0.5], bend=[0, 100])
        whole = NoteSequence(notes, control_changes=controls, pitch_bends=bends)
        write(whole, music / f"{name}.mid", comment="made by hand")
    info = convert(music, output=tmp_path / "out").info
    assert info["ledger"]["drops"] == {}
    assert info["ledger"]["left_out"] == {
        "changes of volume left out": 2,
        "pitch bends left out": 4,
        "soft pedal presses left out": 2,
        "sostenuto pedal presses left out": 2,
        "texts left out": 2,
    }
    assert "dropped 4 x pitch bends left out" in summary(info)
    with pytest.raises(DataError, match=r"--strict: nothing written.*4 x pitch bends"):
        convert(music, output=tmp_path / "strict", strict=True)
    assert left_out(whole, encoding("melody_chords"))["pedal presses left out"] == 1


def test_the_context_tells_what_events_cannot(tmp_path):
    table = "file,composer,title\n00.mid,Anna,Waltz\n01.mid,Anna,Waltz\n02.mid,Bob,March\n"
    data = convert(corpus(tmp_path / "tunes", 3, table), workers=1)
    contexts = {c["id"]: c for split in ("train", "eval") for c in data.split(split).contexts}
    waltz = contexts["00.mid"]
    assert waltz["label/composer"] == "Anna"
    assert waltz["group"] == contexts["01.mid"]["group"] != contexts["02.mid"]["group"]
    assert (waltz["corpus"], waltz["encoding"]) == ("tunes", data.encoding.fingerprint())
    assert waltz["seconds"] == pytest.approx(5.0)
    assert len(waltz["sha256"]) == 64


def test_several_sources_become_one_dataset(tmp_path):
    one, two = corpus(tmp_path / "one", 3), corpus(tmp_path / "two", 5)
    (two / "04.mid").unlink()
    info = convert([one, two], workers=1).info
    assert sorted(row["id"] for row in info["pieces"]) == [
        "one/00.mid",
        "one/01.mid",
        "one/02.mid",
        "two/00.mid",
        "two/01.mid",
        "two/02.mid",
        "two/03.mid",
    ]
    assert [c["name"] for c in info["corpora"]] == ["one", "two"]
    assert info["ledger"]["duplicates"] == 3
    with pytest.raises(DataError, match="two of the sources are called 'one'"):
        convert([one, one])


def test_bad_options_are_refused_before_anything_is_read(source):
    with pytest.raises(BadOption, match="no encoding is called 'preformance'"):
        convert(source, "preformance")


def test_a_real_corpus_comes_through_whole(corpora, tmp_path):
    info = convert(corpora / "calm_piano", output=tmp_path / "out", workers=2).info
    counts = info["ledger"]
    assert (counts["files"], counts["pieces_written"], counts["refused"]) == (53, 53, [])
    assert counts["notes_read"] == 48_496
    silences = counts["drops"].pop(SILENCE)
    assert silences == 21
    assert counts["notes_read"] - counts["notes_encoded"] == sum(counts["drops"].values())
    assert 0.05 < info["halves"]["eval"]["share"] < 0.2


def test_music_begins_with_its_first_note(tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    for name, pitches in {"late": (60, 64), "later": (70, 61)}.items():
        notes = notes_of([(pitch, 80, 4.0 + k, 5.0 + k) for k, pitch in enumerate(pitches)])
        write(NoteSequence(notes), music / f"{name}.mid")
    data = convert(music, output=tmp_path / "out")
    for split in ("train", "eval"):
        piece = data.encoding.decode(data.split(split).events(0))
        assert piece.notes["start_time"].tolist() == [0, 1]
    assert data.info["ledger"]["drops"] == {SILENCE: 2}


def test_hostile_files_stop_nothing(corpora, tmp_path):
    info = convert(corpora / "nasty", output=tmp_path / "out", workers=2).info
    counts = info["ledger"]
    assert counts["refused"]
    assert counts["pieces_written"] > 20
    named = [
        *(row["id"].partition("#")[0] for row in info["pieces"]),
        *(r["name"].partition("#")[0] for r in counts["refused"]),
    ]
    assert len(set(named)) == counts["files"]
    assert all(
        r["reason"].isprintable() and "crashed" not in r["reason"] for r in counts["refused"]
    )


TUNE = b'X:1\nT:A\nM:2/4\nL:1/8\nK:G\n"G"GABc|"D"d2A2|"G"BcdB|"D7"A2"G"G2|]\n\n'


def test_a_manifest_says_how_its_music_is_encoded_where_nothing_else_is_asked(tmp_path):
    tunes = tmp_path / "tunes"
    tunes.mkdir()
    (tunes / "book.abc").write_bytes(TUNE + TUNE.replace(b"X:1", b"X:2").replace(b"c", b"e"))
    (tunes / "corpus.toml").write_text(
        '[encoding]\nname = "melody_chords"\ncutoff = 1\n', encoding="utf-8"
    )
    assert convert(tunes, output=tmp_path / "a").encoding.spec()["cutoff"] == 1
    assert convert(tunes, {"grid": 12}, tmp_path / "b").encoding.spec()["grid"] == 12
    assert convert(tunes, "performance", tmp_path / "c").encoding.name == "performance"
    other = tmp_path / "other"
    other.mkdir()
    (other / "book.abc").write_bytes(TUNE.replace(b"G", b"A"))
    assert (
        convert([tunes, other], output=tmp_path / "d").encoding.name == "performance"
    )  # they do not agree


def test_what_a_reader_leaves_out_is_in_the_ledger(tmp_path):
    (tmp_path / "tunes").mkdir()
    text = "X:1\nM:4/4\nL:1/4\nK:C\n|:{d}CDEF|!trill!GAB{ab}c:|\n"
    (tmp_path / "tunes" / "one.abc").write_text(text)
    (tmp_path / "tunes" / "two.abc").write_text("X:1\nM:4/4\nL:1/4\nK:C\ncBAG|FFED|C4|\n")
    made = convert(tmp_path / "tunes", workers=1)
    left = made.info["ledger"]["left_out"]
    assert left == {"grace notes left out": 3, "trills left out": 1}
    with pytest.raises(DataError, match=r"--strict: .*3 x grace notes left out"):
        convert(tmp_path / "tunes", output=tmp_path / "strict", workers=1, strict=True)
