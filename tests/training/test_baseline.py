"""A run says where its model is no better than counting."""

import numpy as np
import pytest

from symgen import cli, training
from symgen.bundle.bundle import Bundle
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.training.reports import baseline
from symgen.training.reports.baseline import verdict

NOTES = encoding("notes")
COUNTED = {"unigram": 4.8, "ngram": 3.7, "order": 4, "seconds": 2.8}


@pytest.mark.parametrize(
    ("nats", "message"),
    [
        (
            4.9,
            "it has hardly learned anything yet: 4.90 nats per event; the frequencies of values "
            "alone give 4.80; train longer",
        ),
        (
            4.78,
            "it has hardly learned anything yet: 4.78 nats per event; the frequencies of values "
            "alone give 4.80; train longer",
        ),
        (
            4.0,
            "an n-gram counted in 3 s is better: 3.70 nats per event, the model 4.00; train longer",
        ),
        (
            3.67,
            "an n-gram counted in 3 s is as good: 3.70 nats per event, the model 3.67; "
            "train longer",
        ),
        (3.5, ""),
    ],
)
def test_a_line_says_what_is_no_better(nats, message):
    assert verdict(nats, COUNTED) == message


def test_without_an_ngram_only_the_frequencies_count():
    assert verdict(4.0, {"unigram": 4.8}) == "" and verdict(5.0, {"unigram": 4.8}).startswith(
        "it has hardly"
    )


def pieces(count, seed, noise):
    """Scales in steady time, or noise."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(count):
        pitch = 60 + (np.arange(60) + k) % 7 if not noise else rng.integers(40, 90, 60)
        columns = [
            np.zeros(60),
            np.full(60, 25),
            pitch,
            np.full(60, 15),
            np.zeros(60),
            np.full(60, 20),
        ]
        out.append(np.stack(columns, axis=1).astype(np.int32))
    return out


def dataset(path, noise):
    made = Dataset(path / "data", {"fingerprint": "made"}, NOTES, Augment())
    made._halves = {
        name: Split.of(NOTES, {f"{name} {i}": e for i, e in enumerate(pieces(count, count, noise))})
        for name, count in (("train", 20), ("eval", 5))
    }
    return made


def test_the_ngram_is_that_of_its_best_order(tmp_path):
    found = baseline.ngram(dataset(tmp_path, noise=False))
    assert found["ngram"] < 0.5 and found["order"] == 7  # the same field of the note before
    assert (found["events"], found["seconds"] < 5) == (20 * 60, True)
    assert set(baseline.ngram(dataset(tmp_path, noise=True))) == {
        "ngram",
        "order",
        "events",
        "seconds",
    }


def test_no_more_is_counted_than_it_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(baseline, "COUNTED", 6 * 300)
    assert baseline.ngram(dataset(tmp_path, noise=False))["events"] == 300


def test_a_bundle_keeps_it_and_the_commands_say_it(tmp_path, capsys, monkeypatch):
    logged = []
    monkeypatch.setattr(baseline, "LITTLE", 1.0)  # nothing is enough
    run = training.train("ngram", dataset(tmp_path, noise=True), out=tmp_path, log=logged.append)
    found = Bundle.open(run.path).info["training"]["baselines"]
    assert (
        found["message"].startswith("it has hardly learned anything yet")
        and found["message"] in logged[-1]
    )
    assert cli.run(["sample", str(run.path), "--seconds", "2", "-o", str(tmp_path / "a.mid")]) == 0
    assert f"note: {found['message']}" in capsys.readouterr().err
    assert cli.run(["bundle", "info", str(run.path / "best.symgen")]) == 0
    assert found["message"] in capsys.readouterr().out
    monkeypatch.undo()
    run = training.train("ngram", dataset(tmp_path, noise=False), out=tmp_path)
    assert Bundle.open(run.path).info["training"]["baselines"]["message"] == ""


@pytest.mark.slow
def test_a_network_is_held_beside_an_ngram(tmp_path):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    config = {
        "name": "toy",
        "encoding": NOTES.spec(),
        "augment": {"transpose": 0, "stretch": [1.0]},
        "model": {"name": "lstm", "layers": [{"cell": "lstm", "units": 8}]},
        "training": {"steps": 2, "batch": 2, "length": 16},
    }
    logged = []
    run = training.train(config, dataset(tmp_path, noise=False), out=tmp_path, log=logged.append)
    report = Bundle.open(run.path).info["training"]
    assert report["baselines"]["ngram"] < report["score"]["nats_per_event"]
    assert (
        any(report["baselines"]["message"] in line for line in logged)
        and report["baselines"]["message"]
    )
    assert report["music"]["pitch"]["100"] == 66
