"""A bundle reproduces its test vectors: the first steps before it plays, all of them when asked."""

import dataclasses
import shutil

import numpy as np
import pytest

from symgen.bundle import proof
from symgen.bundle.bundle import Bundle
from symgen.bundle.write import rewrite
from symgen.cli import run
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.files import npz
from symgen.runtime.check import TOLERANCE, TOLERANCE_INT8
from symgen.training.quantize import quantise


@pytest.fixture(params=["tiny_bundle", "chained_bundle"])
def both(request, tmp_path):
    """A bundle in both precisions."""
    path = shutil.copy(request.getfixturevalue(request.param), tmp_path / "both.symgen")
    opened, rng = Bundle.open(path), np.random.default_rng(0)
    events = np.stack([rng.integers(0, f.size, 90) for f in opened.encoding.fields], axis=1)
    quantise(opened, Split.of(opened.encoding, {"one": events, "two": events[:30]}))
    return Bundle.open(path)


def spoiled(bundle, member, step, by=0.05):
    """Write a copy whose test vector is wrong in one step, and return it."""
    played = bundle.played_in("int8" if member == proof.TEST_INT8 else "float32")
    test = played.test_vector()
    name = next(name for name in test if name.startswith("logits."))
    test[name] = test[name].copy()
    test[name][step] += np.float32(by * max(1, np.abs(test[name]).max()))
    members = {each: bundle.read(each) for each in bundle.record.checksums}
    path = rewrite(
        bundle.path.with_name("wrong.symgen"), bundle.record, members | {member: npz(test)}
    )
    return Bundle.open(path)


MEMBERS = [("float32", proof.TEST), ("int8", proof.TEST_INT8)]


@pytest.mark.parametrize(("precision", "member"), MEMBERS)
def test_a_bundle_with_a_wrong_first_step_does_not_play(both, precision, member):
    """In each precision by its own vector: int8 is not held to that of float32."""
    wrong = spoiled(both, member, 3)
    with pytest.raises(DataError, match=r"is damaged: in step 3 of its test vector"):
        wrong.played_in(precision).open_player(threads=1)
    other = next(name for name, _ in MEMBERS if name != precision)
    wrong.played_in(other).open_player(threads=1)


@pytest.mark.parametrize(("precision", "member"), MEMBERS)
def test_a_later_step_is_found_by_the_check(both, precision, member, capsys):
    wrong = spoiled(both, member, proof.STEPS + 3)
    wrong.played_in(precision).open_player(threads=1)
    with pytest.raises(DataError, match=f"in step {proof.STEPS + 3} of its test vector"):
        wrong.check()
    assert run(["bundle", "info", "--check", str(wrong.path)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "is damaged" in line


def test_the_check_says_what_it_did(both, capsys):
    assert run(["bundle", "info", "--check", str(both.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "test.int8.npz" in lines[0] and "have their checksums" in lines[0]
    assert "weights have the shapes" in lines[1]
    assert "played in float32, it reproduces the 64 steps of test.npz" in lines[2]
    assert "played in int8, it reproduces the 64 steps of test.int8.npz" in lines[3]


def test_each_precision_has_its_limit(both):
    assert proof.tolerance(both.played_in("float32")) == TOLERANCE
    assert proof.tolerance(both.played_in("int8")) == TOLERANCE_INT8
    sums = {k: v for k, v in both.record.checksums.items() if k != proof.TEST_INT8}
    older = {**both.info, "checksums": sums}
    assert proof.tolerance(dataclasses.replace(both, info=older, precision="int8")) == proof.ROUGH


def test_the_number_of_steps_does_not_depend_on_the_clock(tiny_bundle, monkeypatch):
    """Only a player that works for long itself is let off early."""
    asked = []

    def replay(player, test, fields, going_on):
        asked.extend(going_on(step) for step in range(proof.STEPS))
        return {f"logits.{name}": test[f"logits.{name}"] for name in fields}

    monkeypatch.setattr(proof, "replay", replay)
    monkeypatch.setattr(proof, "_proven", set())
    opened = Bundle.open(tiny_bundle)
    monkeypatch.setattr("time.monotonic", iter(range(0, 10**6, 1000)).__next__)
    proof.prove(opened, None)
    assert asked == [True] * proof.STEPS
    asked.clear()
    monkeypatch.setattr(proof, "_proven", set())
    monkeypatch.setattr("time.process_time", iter(range(0, 10**6, 1000)).__next__)
    proof.prove(opened, None)
    assert asked == [True] * proof.ENOUGH + [False] * (proof.STEPS - proof.ENOUGH)


def test_a_counted_model_is_checked_too(tmp_path, capsys):
    from symgen.dataset import convert
    from symgen.training import train
    from tests.faults.scene import music

    music(tmp_path / "music", 4)
    made = train("ngram", convert(tmp_path / "music", output=tmp_path / "set"), out=tmp_path)
    assert "test.npz" in "".join(Bundle.open(made.best).check())
