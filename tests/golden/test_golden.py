"""What earlier versions wrote is read, played and trained further; what is newer is refused.

`make.py` says how the golden files were made.
"""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from symgen import config
from symgen.bundle.bundle import FORMAT as BUNDLE
from symgen.bundle.bundle import Bundle
from symgen.bundle.write import rewrite
from symgen.config import FORMAT as RUN
from symgen.dataset import convert
from symgen.dataset.dataset import Dataset
from symgen.dataset.store.manifest import FORMAT as DATASET
from symgen.encodings import encodings
from symgen.errors import BadOption, DataError
from symgen.runtime.check import TOLERANCE, TOLERANCE_INT8, check_player
from symgen.sampling import load
from tests.golden.make import HERE

VERSIONS = [1, 2]


def unpacked(folder, name):
    with zipfile.ZipFile(HERE / f"{name}.zip") as archive:
        archive.extractall(folder)
    return folder / name.partition("-")[0]


@pytest.fixture(params=VERSIONS)
def dataset(request, tmp_path):
    return unpacked(tmp_path, f"dataset-{request.param}")


@pytest.fixture(params=VERSIONS)
def run(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    unpacked(tmp_path, f"dataset-{request.param}")
    return unpacked(tmp_path, f"run-{request.param}")


def test_there_are_files_of_every_format():
    """When a format gets a new number, files of it belong here before the next."""
    assert VERSIONS == list(range(1, RUN + 1)) == list(range(1, DATASET + 1))
    assert max(VERSIONS) == BUNDLE


def test_a_dataset_is_read(dataset, tmp_path):
    opened = Dataset.open(dataset)
    opened.check()
    encoding = encodings.make({"name": "melody_chords", "cutoff": 1, "every_root": False})
    now = convert(HERE / "tunes.abc", encoding, output=tmp_path / "now")
    assert opened.encoding == now.encoding
    for name in ("train", "eval"):
        assert np.array_equal(opened.split(name).values, now.split(name).values)
        assert opened.split(name).contexts[0]["id"] == now.split(name).contexts[0]["id"]


def played(path, tolerance, precision):
    """Check that a bundle reproduces its whole test vector, and makes music; return its notes."""
    opened = Bundle.open(path).played_in(precision)
    fields = [name for name, _ in opened.sizes.fields]
    check_player(opened.open_player(1), opened.test_vector(), fields, tolerance)
    [song] = load(path).sample(1, bars=2, seed=5)
    assert len(song.notes) > 3
    return song.notes.tobytes()


def test_the_bundle_of_a_run_plays(run):
    assert Bundle.open(run).info["format"] == 1
    played(run, TOLERANCE, "float32")


def test_a_bundle_for_shipping_plays():
    shipped = HERE / "shipped-2.symgen"
    assert Bundle.open(shipped).info["format"] == 2
    first = played(shipped, TOLERANCE_INT8, "int8")
    assert first == played(shipped, TOLERANCE_INT8, "int8")


@pytest.mark.slow
def test_a_bundle_for_shipping_is_trained_further(tmp_path, monkeypatch):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    from symgen.training import train

    monkeypatch.chdir(tmp_path)
    music = unpacked(tmp_path, "dataset-1")
    start = HERE / "shipped-2.symgen"
    recipe = {
        "name": "more",
        "training": {"batch": 2, "length": 16, "steps": 1, "precision": "float32"},
    }
    assert train(recipe, music, start=start).progress.step == 1


def test_a_run_is_resumed(run):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    from symgen.training import resume

    before = (run / "journal.jsonl").read_bytes()
    assert before.startswith(b'{"step": 1,')
    ended = resume(run, minutes=5)
    assert ended.progress.step == 6
    assert (run / "journal.jsonl").read_bytes().startswith(before)
    played(run, TOLERANCE, "float32")


UPGRADE = r"format 99, and this symgen reads up to 2; pip install --upgrade symgen"


def test_a_newer_dataset_is_refused(dataset):
    path = dataset / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(DataError, match=UPGRADE):
        Dataset.open(dataset)


def test_a_newer_bundle_is_refused(tmp_path):
    opened = Bundle.open(HERE / "shipped-2.symgen")
    info = opened.record.to_dict() | {"format": 99}
    path = rewrite(tmp_path / "newer.symgen", type(opened.record).from_dict(info), {})
    with pytest.raises(DataError, match=UPGRADE):
        Bundle.open(path)


def test_a_newer_run_is_refused(run):
    from symgen.training import Run, resume, train

    path = run / "config.toml"
    path.write_text(config.dumps(Run(run).config | {"format": 99, "unheard": "of"}))
    with pytest.raises(BadOption, match=UPGRADE):
        resume(run)
    with pytest.raises(BadOption, match=UPGRADE):
        train(path, run.parent / "dataset")


@pytest.mark.parametrize("value", ["0", "-1", "true", '"two"', "1.0"])
def test_a_format_that_is_no_number_is_refused(tmp_path, value):
    (tmp_path / "config.toml").write_text(f"format = {value}\n")
    with pytest.raises(BadOption, match="expected a whole number"):
        config.read_toml(Path(tmp_path / "config.toml"))


def test_a_run_says_its_format(dataset, tmp_path):
    from symgen.training import train

    assert train("ngram", dataset, out=tmp_path).config["format"] == RUN
