"""Datasets of sound: recordings as bytes on disk, split by track, and read where they lie."""

import hashlib
import json

import numpy as np
import pytest

from symgen.dataset import Dataset, batches, convert
from symgen.dataset.augment import Augment
from symgen.dataset.build import build
from symgen.dataset.dataset import find
from symgen.dataset.sound import cuts, encode
from symgen.dataset.sound import dataset as sound_dataset
from symgen.dataset.sound.cuts import Levels, Piece
from symgen.errors import BadOption, DataError

RATE = 8000
MU_LAW = {"name": "mu_law", "rate": RATE}


def tone(seconds, pitch=200.0, level=0.3):
    return (level * np.sin(2 * np.pi * pitch * np.arange(int(seconds * RATE)) / RATE)).astype("f4")


@pytest.fixture
def recordings(tmp_path):
    """Four recordings of a second, each a tone of its own, and a text file."""
    soundfile = pytest.importorskip("soundfile")
    folder = tmp_path / "songs"
    (folder / "more").mkdir(parents=True)
    for number in range(4):
        where = folder / ("more" if number > 2 else ".") / f"{number}.wav"
        soundfile.write(where, tone(1, 200 + 50 * number), RATE, "FLOAT")
    (folder / "cover.txt").write_text("not sound")
    return folder


@pytest.fixture
def made(recordings, tmp_path):
    return convert(recordings, MU_LAW, tmp_path / "data", workers=1)


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def whole(dataset):
    """Return the bytes of each track by its id."""
    halves = [dataset.rows(name) for name in ("train", "eval")]
    return {half.ids[i]: np.array(half.part(i)) for half in halves for i in range(len(half))}


def test_each_recording_is_a_track_of_its_bytes(made):
    tracks = whole(made)
    assert sorted(tracks) == ["0.wav", "1.wav", "2.wav", "more/3.wav"]
    for number, name in enumerate(sorted(tracks)):
        expected = made.codec.pack(tone(1, 200 + 50 * number))
        assert tracks[name].dtype == np.uint8 and np.array_equal(tracks[name], expected)
    assert sum(path.stat().st_size for path in made.path.glob("*.bytes")) == 4 * RATE


def test_about_a_tenth_is_held_out_by_track(made):
    assert (len(made.rows("train")), len(made.rows("eval"))) == (3, 1)
    assert made.rows("eval").extent() == (None, 1.0)


def test_the_same_sound_gives_the_same_bytes_and_is_not_encoded_again(made, recordings, tmp_path):
    again = build(recordings, MU_LAW, tmp_path / "data", workers=1)
    assert not again.fresh
    other = convert(recordings, MU_LAW, tmp_path / "other", workers=2)
    assert digests(made.path) == digests(other.path)
    with pytest.raises(DataError, match="other sound or options"):
        convert(recordings, MU_LAW | {"rate": 4000}, tmp_path / "data", workers=1)


def test_a_dataset_of_sound_is_opened_and_found_by_its_encoding(made, tmp_path):
    opened = Dataset.open(made.path)
    assert type(opened).__name__ == "SoundDataset" and opened.codec == made.codec
    assert find(tmp_path, made.codec).path == made.path
    with pytest.raises(DataError, match=r"is a dataset of sound .*needs one of notes"):
        opened.split("train")
    with pytest.raises(DataError, match="needs one of notes"):
        assert opened.encoding


def test_a_damaged_shard_is_named(made):
    shard = next(made.path.glob("train-*.bytes"))
    data = bytearray(shard.read_bytes())
    data[7] ^= 1
    shard.write_bytes(data)
    with pytest.raises(DataError, match=f"{shard.name}: damaged"):
        Dataset.open(made.path).check()
    shard.write_bytes(data[:-1])
    with pytest.raises(DataError, match=f"{shard.name}: damaged: .* bytes"):
        Dataset.open(made.path)


def test_a_track_outside_its_shard_is_refused(made):
    path = made.path / "dataset.json"
    info = json.loads(path.read_text())
    info["pieces"][0]["at"] = 1
    path.write_text(json.dumps(info))
    opened = Dataset.open(made.path)
    with pytest.raises(DataError, match="lies in no shard"):
        opened.rows(info["pieces"][0]["half"])


def test_batches_are_the_same_for_a_seed_and_a_number(made):
    windows = batches.Windows(4, 64, 2)
    plain = made.augmented(None)
    one, other = (batches.batch(made, plain, windows, 5, k) for k in (3, 3))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert one.inputs.shape == (4, 64, 1) and one.controls.shape == (4, 64, 0)
    assert (one.weights == 1).all()
    assert (one.inputs[:, 1:] == one.targets[:, :-1]).all()
    following = batches.batch(made, plain, windows, 5, 4)
    carried = ~following.fresh
    assert carried.any()
    assert (following.inputs[carried, 0] == one.targets[carried, -1]).all()


def test_a_share_is_excerpts_of_about_as_many_samples(made):
    train = made.rows("train")
    some = train.share(6000)
    assert 5000 < some.total <= 6000 and train.share(10**9) is train
    for i in range(len(some)):
        part, track = some.part(i).tobytes(), whole(made)[some.ids[i]].tobytes()
        assert part in track
    assert np.array_equal(some.part(0), train.share(6000).part(0))


def test_sound_is_not_augmented(made, recordings, tmp_path):
    with pytest.raises(BadOption, match="neither transposed nor stretched"):
        made.augmented(Augment(transpose=2))
    with pytest.raises(BadOption, match="neither transposed nor stretched"):
        convert(recordings, MU_LAW, tmp_path / "x", augment=Augment(transpose=2))


def test_a_file_that_cannot_be_read_is_in_the_ledger(recordings, tmp_path):
    (recordings / "text.mp3").write_text("no sound at all")
    (recordings / "empty.wav").write_bytes(b"")
    made = convert(recordings, MU_LAW, tmp_path / "data", workers=1)
    refused = made.info["ledger"]["refused"]
    assert [row["name"] for row in refused] == ["text.mp3"]
    assert all("\n" not in row["reason"] for row in refused)
    skipped = {row["name"]: row["reason"] for row in made.info["ledger"]["skipped"]}
    assert skipped["empty.wav"] == "is empty (0 bytes)" and "cover.txt" in skipped
    assert "refused" in made.summary() and "skipped" in made.summary()
    with pytest.raises(DataError, match="--strict"):
        convert(recordings, MU_LAW, tmp_path / "strict", workers=1, strict=True)
    assert not (tmp_path / "strict").exists()


def test_copies_are_left_out(recordings, tmp_path):
    (recordings / "copy.wav").write_bytes((recordings / "0.wav").read_bytes())
    made = convert(recordings, MU_LAW, tmp_path / "data", workers=1)
    assert made.info["ledger"]["duplicates"] == 1 and len(whole(made)) == 4


def test_an_interrupted_conversion_goes_on_where_it_was(recordings, tmp_path, monkeypatch):
    reads = []
    real = encode.reading.blocks

    def counted(path, *rest, **options):
        reads.append(path.name)
        if len(reads) == 3:
            raise KeyboardInterrupt
        return real(path, *rest, **options)

    monkeypatch.setattr(encode.reading, "blocks", counted)
    with pytest.raises(KeyboardInterrupt):
        convert(recordings, MU_LAW, tmp_path / "data", workers=1)
    assert not (tmp_path / "data").exists()
    made = convert(recordings, MU_LAW, tmp_path / "data", workers=1)
    assert reads == ["0.wav", "1.wav", "2.wav", "2.wav", "3.wav"]
    assert len(whole(made)) == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "songs"]


def test_other_options_do_not_go_on_from_it(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr(sound_dataset.SoundDataset, "open", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # after everything was encoded
        convert(recordings, MU_LAW, tmp_path / "data", workers=1)
    monkeypatch.undo()
    made = convert(recordings, MU_LAW | {"rate": 4000}, tmp_path / "data", workers=1, force=True)
    assert all(len(track) == 4000 for track in whole(made).values())


def test_a_long_recording_is_cut_where_it_is_quiet(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    mix = np.concatenate([tone(8), tone(1, level=0.001), tone(9), tone(1, level=0), tone(7)])
    soundfile.write(tmp_path / "mix.wav", mix, RATE)
    made = convert(tmp_path / "mix.wav", MU_LAW, tmp_path / "data", workers=1, longest=12)
    rows = made.info["pieces"]
    assert [row["id"] for row in rows] == [f"mix.wav#{k}" for k in (1, 2, 3)]
    assert [row["seconds"] for row in rows] == [pytest.approx(s, abs=1) for s in (8.5, 10, 7.5)]
    assert sum(row["events"] for row in rows) == len(mix)


def test_cuts_are_never_further_apart_than_the_longest_track():
    levels = Levels(RATE)
    rng = np.random.default_rng(0)
    for _ in range(60):
        levels.add(rng.normal(0, 0.1, RATE).astype(np.float32))
    at = [0, *levels.cuts(10.0), 60 * RATE]
    assert len(at) - 1 >= 6 and max(np.diff(at)) <= 10 * RATE
    assert levels.cuts(61.0) == []


def test_one_long_track_is_split_in_time_with_a_gap():
    (train, held) = cuts.split([Piece("mix", 0, 0, 100_000, "")], 1000, 0)
    assert (train.half, train.start, train.stop) == ("train", 0, 88_000)
    assert (held.half, held.start, held.stop) == ("eval", 90_000, 100_000)
    assert train.id != held.id


def test_which_tracks_are_held_out_depends_on_their_ids_and_the_seed():
    tracks = [Piece(str(n), n, 0, 100, "") for n in range(50)]
    chosen = [{t.id for t in cuts.split(tracks, 1, seed) if t.half == "eval"} for seed in (0, 1)]
    assert [len(ids) for ids in chosen] == [5, 5] and chosen[0] != chosen[1]
    assert chosen[0] == {t.id for t in cuts.split(tracks[::-1], 1, 0) if t.half == "eval"}
