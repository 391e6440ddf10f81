"""A bundle made for shipping: a third of the bytes, and it plays, is scored and trains."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import symgen as library
from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.bundle.shipping import TOLERANCE_INT8, halved, ship
from symgen.bundle.write import slim, with_report
from symgen.cli import run
from symgen.dataset.pieces import Split
from symgen.errors import BadOption, DataError
from symgen.evaluation.likelihood.network import network
from symgen.files import sha256
from symgen.runtime.check import check_player
from symgen.sampling import load
from symgen.training.quantize import quantise

ROOT = Path(__file__).parents[2]


def noise(opened):
    rng = np.random.default_rng(0)
    events = np.stack([rng.integers(0, f.size, 90) for f in opened.encoding.fields], axis=1)
    return Split.of(opened.encoding, {"one": events, "two": events[:30]})


@pytest.fixture(params=["tiny_bundle", "chained_bundle"])
def pair(request, tmp_path, monkeypatch):
    """A bundle in both precisions, and what is made of it for shipping."""
    monkeypatch.setattr("symgen.training.quantize.LIMIT", 1.0)
    path = shutil.copy(request.getfixturevalue(request.param), tmp_path / "whole.symgen")
    quantise(Bundle.open(path), noise(Bundle.open(path)))
    whole = Bundle.open(path)
    return whole, Bundle.open(ship(whole, tmp_path / "shipped.symgen"))


def test_it_is_smaller_and_plays_the_same(pair):
    whole, shipped = pair
    assert shipped.path.stat().st_size < 0.45 * whole.path.stat().st_size
    assert (
        shipped.precisions == ("int8",)
        and shipped.precision == "int8"
        and shipped.info["format"] == 2
    )
    assert shipped.graph() == whole.graph("step.onnx", "int8")
    one, other = (load(b.path, precision="int8").sample(2, seed=3)[1] for b in pair)
    assert np.array_equal(one.notes, other.notes)


def test_its_weights_are_those_of_the_bundle_but_for_rounding(pair):
    whole, shipped = (b.weights() for b in pair)
    assert list(whole) == list(shipped)
    for name, array in shipped.items():
        assert array.dtype == np.float32
        assert np.allclose(array, whole[name], rtol=2**-10, atol=1e-7)


def test_it_is_held_to_the_logits_of_its_own_player(pair):
    _, shipped = pair
    test, fields = shipped.test_vector(), [name for name, _ in shipped.sizes.fields]
    check_player(shipped.open_player(), test, fields, TOLERANCE_INT8)
    wrong = {**test, f"logits.{fields[-1]}": np.roll(test[f"logits.{fields[-1]}"], 1, axis=0)}
    with pytest.raises(DataError, match="differs from the network"):
        check_player(shipped.open_player(), wrong, fields, TOLERANCE_INT8)
    command = [sys.executable, str(ROOT / "examples" / "player.py"), str(shipped.path)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_what_it_is_scored_is_what_it_plays(pair):
    split = noise(pair[0])
    exact, whole = (network(b, split, 1).nats.sum(axis=1).mean() for b in pair)
    assert exact != whole
    assert whole == pytest.approx(exact, abs=0.1)


def test_what_needs_float32_says_that_there_is_none(pair, capsys):
    _, shipped = pair
    with pytest.raises(
        BadOption,
        match=r"precision float32: .*shipped\.symgen has only int8; it was made for shipping",
    ):
        shipped.played_in("float32")
    with pytest.raises(
        DataError, match=r"has no step\.onnx; it was made for shipping and plays only int8"
    ):
        shipped.graph("step.onnx", "float32")
    with pytest.raises(
        DataError, match=r"has only int8 graphs; quantise the bundle that it was made from"
    ):
        quantise(shipped, noise(shipped))
    assert run(["sample", str(shipped.path), "--precision", "float32", "-q"]) == 2
    assert "made for shipping" in capsys.readouterr().err
    assert run(["bundle", "info", str(shipped.path)]) == 0
    assert "only int8" in capsys.readouterr().out


def test_made_again_it_is_the_same_bytes(pair, tmp_path):
    whole, shipped = pair
    assert sha256(ship(whole, tmp_path / "again.symgen")) == sha256(shipped.path)
    assert sha256(ship(shipped, tmp_path / "of itself.symgen")) == sha256(shipped.path)
    kept = with_report(shipped, tmp_path / "more.symgen", {"gap": None})
    assert kept.stat().st_size < 1.1 * shipped.path.stat().st_size
    thin = Bundle.open(slim(shipped, tmp_path / "thin.symgen"))
    assert thin.graph() == shipped.graph()
    with pytest.raises(DataError, match="slimmed"):
        thin.weights()


def test_what_cannot_be_shipped_says_why(tiny_bundle, tmp_path, monkeypatch):
    path = shutil.copy(tiny_bundle, tmp_path / "x.symgen")
    with pytest.raises(
        DataError, match=r"no int8 graphs.*first: symgen bundle quantise .*x\.symgen"
    ):
        ship(Bundle.open(path), tmp_path / "y.symgen")
    monkeypatch.setattr("symgen.training.quantize.LIMIT", -1.0)
    quantise(Bundle.open(path), noise(Bundle.open(path)))
    with pytest.raises(
        DataError, match=r"int8 costs [+-]0\.\d+ nats per event, so it plays float32"
    ):
        ship(Bundle.open(path), tmp_path / "y.symgen")
    with pytest.raises(DataError, match=r"a weight of a is 1e\+06, over 65504"):
        halved({"a": np.array([1e6], np.float32)}, "x")
    assert not (tmp_path / "y.symgen").exists()


def test_damage_is_named(pair, tmp_path):
    _, shipped = pair
    with zipfile.ZipFile(shipped.path) as archive:
        place = archive.getinfo("weights.npz").header_offset + 200
    data = bytearray(shipped.path.read_bytes())
    data[place] ^= 255
    (tmp_path / "bad.symgen").write_bytes(data)
    bad = Bundle.open(tmp_path / "bad.symgen")
    with pytest.raises(DataError, match=r"damaged"):
        bad.weights()


@pytest.mark.slow
def test_the_command_line_makes_it_trains_from_it_and_evaluates_it(
    tiny_bundle, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("symgen.training.quantize.LIMIT", 1.0)
    path = shutil.copy(tiny_bundle, tmp_path / "x.symgen")
    quantise(Bundle.open(path), noise(Bundle.open(path)))
    assert run(["bundle", "ship", "x.symgen", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == "x-ship.symgen"
    assert run(["bundle", "ship", "x.symgen"]) == 1
    assert "exists" in capsys.readouterr().err
    (tmp_path / "music").mkdir()
    for piece in sorted((ROOT / "corpora" / "einaudi" / "standin").glob("*.mid"))[:8]:
        shutil.copy(piece, "music")
    data = library.convert("music", "performance", "data/x", workers=1)
    tuned = training.train(
        "perf_dynamics_small",
        data,
        start="x-ship.symgen",
        name="x",
        overrides=["training.steps=2", "training.epochs=0"],
    )
    assert Bundle.open(tuned.best).precisions == ("float32", "int8")
    made = library.evaluate(load("x-ship.symgen"), data, samples=0)
    assert made.document["model"]["precision"] == "int8" and made.document["likelihood"]
