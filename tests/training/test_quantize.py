"""int8: its cost is measured and reported, decides what is played, and changes nothing else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import slim
from symgen.cli import run
from symgen.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.errors import BadOption, DataError
from symgen.runtime.onnx import OnnxPlayer
from symgen.sampling import load
from symgen.training import quantize as quantising
from symgen.training.quantize import LIMIT, at_end, cost_text, quantise

ROOT = Path(__file__).parents[2]


@pytest.fixture
def split(tiny_bundle):
    rng, lengths = np.random.default_rng(0), (70, 600, 1)
    return Split.of(
        Bundle.open(tiny_bundle).encoding,
        {f"piece {n}": rng.integers(0, 388, (n, 1)) for n in lengths},
    )


@pytest.fixture
def path(tiny_bundle, tmp_path):
    return shutil.copy(tiny_bundle, tmp_path / "tiny.symgen")


def nats_by_hand(path, precision, split):
    """Nats of the events of each piece, one piece at a time, from nothing."""
    player, out = OnnxPlayer.open(Bundle.open(path).played_in(precision)), []
    for i in range(len(split)):
        player.start(1)
        before = 388
        for event in split.events(i)[:, 0]:
            player.step(np.array([[before]], np.int32))
            scores = player.logits(0, np.zeros((1, 1), np.int32))[0].astype(np.float64)
            out.append(np.log(np.exp(scores).sum()) - scores[event])
            before = event
    return np.mean(out)


def test_what_it_costs_is_that_of_the_same_events_in_both(path, split):
    facts = quantise(Bundle.open(path), split)
    assert facts["events"] == 671
    for precision, found in facts["nats_per_event"].items():
        assert found == pytest.approx(nats_by_hand(path, precision, split), abs=1e-4)
    assert facts["cost"] == pytest.approx(
        facts["nats_per_event"]["int8"] - facts["nats_per_event"]["float32"], abs=2e-5
    )
    assert facts["cost"] != 0


@pytest.mark.parametrize(("limit", "played"), [(1.0, "int8"), (-1.0, "float32")])
def test_the_cost_decides_what_is_played(path, split, monkeypatch, limit, played):
    monkeypatch.setattr(quantising, "LIMIT", limit)
    facts, opened = quantise(Bundle.open(path), split), Bundle.open(path)
    assert (
        opened.precision == opened.info["player"]["precision"] == played
        and opened.info["player"]["int8"] == facts
    )
    assert cost_text(facts).startswith(
        f"int8 costs {facts['cost']:+.5f} nats per event on 671 held-out events"
    )
    assert f"; {played} is played" in cost_text(facts)
    for precision in ("int8", "float32"):
        assert load(path, precision=precision).precision == precision


def test_all_else_stays_as_it_was(path, tiny_bundle, split, tmp_path):
    quantise(Bundle.open(tiny_bundle), split, path)
    before, after = Bundle.open(tiny_bundle), Bundle.open(path)
    assert before.precisions == ("float32",) and after.precisions == ("float32", "int8")
    assert {k: v for k, v in after.info.items() if k not in ("player", "checksums")} == {
        k: v for k, v in before.info.items() if k not in ("player", "checksums")
    }
    for member in before.info["checksums"]:
        assert before.read(member) == after.read(member)
    quantise(after, split)
    assert Bundle.open(path).info == after.info  # again, to the same
    thin = Bundle.open(slim(after, tmp_path / "thin.symgen"))
    assert thin.precisions == ("float32", "int8") and "weights.npz" not in thin.info["checksums"]
    with pytest.raises(DataError, match="slimmed"):
        quantise(thin, split)


def test_a_stream_in_whole_numbers_is_the_same_bits_whatever_stands_beside_it(path, split):
    quantise(Bundle.open(path), split)
    model = load(path, precision="int8")
    together = model.sample(3, seconds=3, seed=4, density=5)
    alone = model.sample(1, seconds=3, seed=4, density=5, first=2)[0]
    assert np.array_equal(together[2].notes, alone.notes)
    whole, exact = (
        load(path, precision=p).sample(1, seconds=60, seed=4)[0] for p in ("int8", "float32")
    )
    assert not np.array_equal(exact.notes, whole.notes)  # it was the whole numbers that were played


def test_a_chained_head_is_measured_field_by_field(chained_bundle, tmp_path):
    source, rng = Bundle.open(chained_bundle), np.random.default_rng(0)
    events = np.stack([rng.integers(0, f.size, 40) for f in source.encoding.fields], axis=1)
    held = Split.of(source.encoding, {"one": events})
    facts = quantise(source, held, tmp_path / "x.symgen")
    made = Bundle.open(tmp_path / "x.symgen")
    assert {"step.int8.onnx", "head.int8.onnx"} <= set(made.info["checksums"])
    player, total = OnnxPlayer.open(made.played_in("int8")), 0.0
    player.start(1)
    controls, before = held.control_rows(source.controls, 0), source.encoding.start()
    for event, row in zip(events.astype(np.int32), controls, strict=True):
        player.step(before[None], row[None])
        for k in range(2):
            scores = player.logits(k, event[None])[0].astype(np.float64)
            total += np.log(np.exp(scores).sum()) - scores[event[k]]
        before = event
    assert facts["nats_per_event"]["int8"] == pytest.approx(total / 40, abs=1e-4)


@pytest.mark.parametrize("kind", ["tiny_bundle", "chained_bundle"])
def test_the_example_player_plays_them(kind, request, tmp_path):
    source, rng = Bundle.open(request.getfixturevalue(kind)), np.random.default_rng(0)
    events = np.stack([rng.integers(0, f.size, 9) for f in source.encoding.fields], axis=1)
    quantise(source, Split.of(source.encoding, {"one": events}), tmp_path / "x.symgen")
    command = [
        sys.executable,
        str(ROOT / "examples" / "player.py"),
        str(tmp_path / "x.symgen"),
        "int8",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 1e-3 < float(done.stdout.split("by at most")[1]) < 1


def test_at_the_end_of_a_run_it_is_said_once(path, split, tmp_path):
    lines = []
    at_end(tmp_path / "none.symgen", split, lines.append)
    at_end(tmp_path / "tiny.symgen", split, lines.append)
    at_end(tmp_path / "tiny.symgen", split, lines.append)
    assert len(lines) == 1 and "tiny.symgen: int8 costs" in lines[0]


def test_what_a_bundle_does_not_have_is_no_option(path):
    with pytest.raises(
        BadOption,
        match=r"precision int8: .*has only float32; symgen bundle quantise .*"
        r"tiny\.symgen adds int8",
    ):
        load(path, precision="int8")
    with pytest.raises(BadOption, match="no precision is called 'int9'"):
        load(path, precision="int9")
    assert run(["sample", str(path), "--precision", "int8", "-q"]) == 2


def test_the_command_line_does_it_and_tells_it(path, split, tmp_path, monkeypatch, capsys):
    assert run(["bundle", "quantise", str(path)]) == 1
    assert "name it with --data FOLDER" in capsys.readouterr().err
    data = Dataset(tmp_path / "data", {}, split.encoding, None)
    data._halves = {"eval": split}
    monkeypatch.setattr(Dataset, "open", lambda folder: data)
    assert run(["bundle", "quantise", str(path), "--data", "data", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["events"] == 671 and abs(facts["cost"]) < LIMIT * 100
    assert run(["bundle", "info", str(path)]) == 0
    assert (
        f"int8 costs {facts['cost']:+.5f} nats per event on 671 held-out events"
        in capsys.readouterr().out
    )
    options = [
        "--seconds",
        "1",
        "--seed",
        "1",
        "--precision",
        "int8",
        "-q",
        "--json",
        "-o",
        str(tmp_path / "x.mid"),
    ]
    assert run(["sample", str(path), *options]) == 0
    sample = json.loads(capsys.readouterr().out)["samples"][0]
    assert sample["requested"]["precision"] == "int8"  # so that it can be made again
