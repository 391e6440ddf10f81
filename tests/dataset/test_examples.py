"""The two examples that read a dataset, run as a user runs them."""

import runpy
import sys
from pathlib import Path

import pytest

from symgen.dataset import convert
from tests.dataset.music import corpus

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def data(tmp_path):
    return convert(corpus(tmp_path / "tunes", 6), output=tmp_path / "out", workers=1)


def run(example, data, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [example, str(data.path)])
    runpy.run_path(str(EXAMPLES / example), run_name="__main__")
    return capsys.readouterr().out


def test_plain_tensorflow_reads_a_dataset(data, monkeypatch, capsys):
    pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    out, split = run("read_with_tensorflow.py", data, monkeypatch, capsys), data.split("train")
    assert (
        out.splitlines()[0]
        == f"{split.ids[0]}: {split.contexts[0]['seconds']:.1f} s, events {split.events(0).shape}"
    )
    assert "a batch of crops: (8, 64, 1)" in out


def test_torch_reads_a_dataset(data, monkeypatch, capsys):
    pytest.importorskip(
        "torch", reason="torch is not installed; the example needs it and symgen does not"
    )
    assert "inputs (4, 64, 1) targets (4, 64, 1)" in run(
        "read_with_torch.py", data, monkeypatch, capsys
    )
