"""Opening a dataset: what is read, and what is said of one that is missing, damaged or newer."""

import gzip
import json
import os

import numpy as np
import pytest

from symgen import files
from symgen.dataset import Dataset, convert, find
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError
from symgen.tfrecord import example as records
from tests.dataset.music import corpus


@pytest.fixture
def data(tmp_path):
    return convert(corpus(tmp_path / "tunes", 8), output=tmp_path / "data" / "out", workers=1)


def edit(data, **changes):
    path = data.path / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_what_was_written_is_opened(data):
    again = Dataset.open(str(data.path))
    assert again.info == data.info
    assert again.encoding == encoding("performance")
    assert again.augment == data.augment
    for name in ("train", "eval"):
        np.testing.assert_array_equal(again.split(name).values, data.split(name).values)


def test_a_half_holds_its_pieces_in_one_small_array(data):
    split = data.split("train")
    assert split.values.dtype == np.uint16
    assert split.total == split.lengths.sum() == len(split.values)
    assert split.events(1).dtype == np.int32
    np.testing.assert_array_equal(
        np.concatenate([split.events(i) for i in range(len(split))]), split.values
    )
    assert data.split("train") is split


def test_spans_are_the_lowest_and_highest_pitch(data):
    split = data.split("train")
    notes = [data.encoding.decode(split.events(i)).notes["pitch"] for i in range(len(split))]
    assert split.spans.tolist() == [[p.min(), p.max()] for p in notes]
    silent = Split.of(data.encoding, {"rest": np.array([[300]])})
    assert silent.spans.tolist() == [[127, 0]]


def test_another_speed_is_that_of_the_encoding(data):
    split = data.split("train")
    np.testing.assert_array_equal(
        split.stretched(0, 1.05), data.encoding.stretch(split.events(0), 1.05)
    )
    assert split.stretched(0, 1.05) is split.stretched(0, 1.05)
    assert split.stretched(0, 1.0).base is not None


def test_an_unknown_half_is_a_bad_option(data):
    with pytest.raises(BadOption, match="no split is called 'test'; there are train and eval"):
        data.split("test")


def test_a_missing_folder_says_how_to_make_one(tmp_path):
    with pytest.raises(
        DataError, match=r"nowhere: no such folder; make a dataset with: symgen convert SOURCE -o "
    ):
        Dataset.open(tmp_path / "nowhere")


def test_a_folder_of_something_else_is_no_dataset(tmp_path):
    with pytest.raises(DataError, match=r"not a dataset, it has no dataset\.json"):
        Dataset.open(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "not the description"),
        ('{"format": "1"}', "not the desc"),
        ('{"format": 1}', "no encoding that can be used"),
        ('{"format": 0}', "not the description"),
        ('{"format": true}', "not the description"),
        ("[" * 1000 + "]" * 1000, "nested"),
        ("\xff", "cannot be read"),
    ],
)
def test_a_broken_description_is_one_line(data, text, message):
    (data.path / "dataset.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=message) as error:
        Dataset.open(data.path)
    assert "\n" not in str(error.value)


def test_a_newer_format_names_both(data):
    edit(data, format=99)
    with pytest.raises(DataError, match="format 99, and this symgen reads up to 2; pip"):
        Dataset.open(data.path)


def test_an_encoding_that_changed_its_meaning_is_noticed(data):
    edit(data, encoding_fingerprint="0" * 12)
    with pytest.raises(
        DataError,
        match="was made with another version of the performance encoding; convert again",
    ):
        Dataset.open(data.path)


def test_a_damaged_shard_is_named_and_the_other_half_still_reads(data):
    path = data.path / "train-00000-of-00001.tfrecord"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    damaged = Dataset.open(data.path)
    assert len(damaged.split("eval"))
    with pytest.raises(DataError, match=r"train-00000-of-00001\.tfrecord: damaged: its SHA-256"):
        damaged.split("train")


def test_a_shard_that_is_cut_off_or_gone_is_noticed_on_opening(data):
    path = data.path / "train-00000-of-00001.tfrecord"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(
        DataError,
        match=r"train-00000-of-00001\.tfrecord: damaged: \d+ bytes, but \d+ were written",
    ):
        Dataset.open(data.path)
    path.unlink()
    with pytest.raises(DataError, match="missing"):
        Dataset.open(data.path)


def test_a_dataset_of_format_1_is_read(data):
    """Its shards were not compressed, and nothing said so."""
    new, shards, splits = (
        data.info["shards"],
        [],
        {name: data.split(name) for name in ("train", "eval")},
    )
    for shard in new:
        path = data.path / shard["name"]
        path.write_bytes(gzip.decompress(path.read_bytes()))
        shards.append(shard | {"bytes": path.stat().st_size, "sha256": files.sha256(path)})
    info = {key: value for key, value in data.info.items() if key != "compression"}
    (data.path / "dataset.json").write_text(json.dumps(info | {"format": 1, "shards": shards}))
    again = Dataset.open(data.path)
    for name, split in splits.items():
        np.testing.assert_array_equal(again.split(name).values, split.values)
        assert again.split(name).contexts == split.contexts


def test_tensorflow_opens_the_shards_as_the_description_says(data):
    tf = pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    paths = [
        str(data.path / shard["name"]) for shard in data.info["shards"] if shard["half"] == "train"
    ]
    found = list(
        tf.data.TFRecordDataset(
            paths, compression_type=data.info["compression"]
        ).as_numpy_iterator()
    )
    assert len(found) == len(data.split("train"))
    np.testing.assert_array_equal(records.loads(found[1], 1).events, data.split("train").events(1))


def test_shards_hold_no_time_and_no_name(data):
    for path in data.path.glob("*.tfrecord"):
        head = path.read_bytes()[:10]
        assert (head[:3], head[3], head[4:8]) == (b"\x1f\x8b\x08", 0, bytes(4))


def test_a_note_takes_few_bytes(corpora, tmp_path):
    data = convert(corpora / "calm_piano", output=tmp_path / "out", workers=1)
    size = sum(path.stat().st_size for path in data.path.iterdir())
    assert size < 12 * data.info["ledger"]["notes_read"]


def test_the_newest_that_fits_is_found(data, tmp_path):
    plain = convert(
        tmp_path / "tunes",
        {"name": "performance", "velocity_bins": 0},
        tmp_path / "data" / "plain",
        workers=1,
    )
    os.utime(data.path / "dataset.json", (1, 1))
    (tmp_path / "data" / "broken").mkdir()
    (tmp_path / "data" / "broken" / "dataset.json").write_text("{")
    os.utime(tmp_path / "data" / "broken" / "dataset.json", (0, 0))
    assert find(tmp_path / "data").path == plain.path
    assert find(tmp_path / "data", data.encoding).path == data.path
    with pytest.raises(
        DataError,
        match=r"holds no dataset for the performance encoding as configured; make one with: "
        r"symgen convert SOURCE --set encoding\.velocity_bins=16, where",
    ):
        find(tmp_path / "data", encoding("performance", velocity_bins=16))
    with pytest.raises(
        DataError, match="holds no dataset; make one with: symgen convert SOURCE, where"
    ):
        find(tmp_path / "none")


def test_the_flags_of_an_encoding_can_be_pasted():
    import shlex

    from symgen.dataset.dataset import flags

    made = encoding("melody_chords", melody="sounding", chords=("C", "G7"))
    assert shlex.split(flags(made)) == [
        "--encoding",
        "melody_chords",
        "--set",
        "encoding.melody=sounding",
        "--set",
        'encoding.chords=["C", "G7"]',
    ]
    assert flags(encoding("performance", velocity_bins=0)) == " --set encoding.velocity_bins=0"
    assert flags(encoding("performance")) == ""
