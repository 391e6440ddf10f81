"""What is said about overfitting: before the first step by sizes, after the last by the gap."""

import re

import numpy as np
import pytest

from symgen import config
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.models import Sizes, model
from symgen.training.loop import scores as metrics
from symgen.training.reports import estimate as outlook
from symgen.training.reports import overfitting as gap

PERFORMANCE = encoding("performance")
SIZES = Sizes((("event", 388),))


def split(events, pieces=10):
    """A half of that many events, each piece a run of one value, its number."""
    lengths = np.full(pieces, events // pieces)
    return Split(
        PERFORMANCE,
        [{"id": f"p{i}"} for i in range(pieces)],
        lengths.tolist(),
        np.repeat(np.arange(pieces, dtype=np.uint16), lengths)[:, None],
    )


def lstm(*units, dropout=0.0):
    return model(
        {
            "name": "lstm",
            "layers": [{"cell": "lstm", "units": u} for u in units],
            "dropout": dropout,
        }
    )


def message(member, events):
    return outlook.describe(split(events), Augment(), member, SIZES, 1e-4)


def test_the_rule_is_the_published_one_at_its_three_points():
    assert [outlook.ample(d) for d in (0.0, 0.5, 0.65, 0.9)] == [5, 20, 70, 70]
    assert 5 < outlook.ample(0.25) < 20


def test_a_large_corpus_is_enough():
    assert "no overfitting is expected;" in message(lstm(32), 100_000)
    assert "some overfitting is expected" in message(lstm(192, 192), 300_000)


def test_the_size_that_is_offered_fits_and_the_next_does_not():
    text = message(lstm(512, 512, 512, dropout=0.2), 150_000)
    option = re.search(r"--set '(model\.layers=\S.*?)'", text)[1]
    offered = config.override({"model": {"name": "lstm"}}, option)["model"]
    units = offered["layers"][0]["units"]
    assert len(offered["layers"]) == 3 and offered["layers"][0]["cell"] == "lstm"
    limit = outlook.ample(0.2) * 150_000
    larger = outlook.UNITS[outlook.UNITS.index(units) + 1]
    assert (
        model(offered).parameters(SIZES) <= limit < lstm(larger, larger, larger).parameters(SIZES)
    )
    assert f"({model(offered).parameters(SIZES):,} weights)" in text
    assert text.count("\n") == 0


def test_of_very_little_music_fewer_layers_or_none_are_offered():
    assert '[{cell = "lstm", units = 32}]\'' in message(lstm(512, 512, 512), 15_000)
    assert "--config ngram" in message(lstm(512), 100)


def test_a_share_holds_whole_pieces_of_about_so_many_events():
    whole = split(1000)
    part = metrics.share(whole, 310, seed=3)
    assert part.total == 300 and len(set(part.ids)) == 3
    for i, name in enumerate(part.ids):
        assert set(part.part(i)[:, 0].tolist()) == {int(name[1:])}
    assert metrics.share(whole, 310, seed=3).ids == part.ids
    assert metrics.share(whole, 1).total == 100
    assert metrics.share(whole, 10**9).total == 1000


@pytest.mark.parametrize(
    ("train", "held_out", "words"),
    [
        (2.0, 2.05, "no significant overfitting"),
        (2.1, 2.0, "says nothing about overfitting"),
        (1.8, 2.0, "10 % apart, some overfitting;"),
        (1.0, 2.0, "50 % apart, strong overfitting"),
    ],
)
def test_the_gap_is_put_into_words(train, held_out, words):
    assert words in gap.verdict(train, held_out)


def lines(*nats):
    return [
        {"step": 10 * i, "nats_per_event": n, "nats_per_note": 2 * n} for i, n in enumerate(nats)
    ]


def test_a_score_that_has_risen_since_the_best_step_is_overfitting():
    assert gap.risen(lines(3.0, 2.0, 2.1)) == 10
    assert gap.risen(lines(3.0, 2.0, 2.001)) is None and gap.risen(lines(3.0, 2.0)) is None
    assert gap.verdict(2.0, 2.01, 20) == (
        "overfitting: the held-out score has become worse since step 20; the bundle holds that step"
    )


def test_a_run_from_a_bundle_says_what_it_gained():
    assert (
        gap.gained(lines(3.577, 3.6, 3.546)) == "held-out nats per note: 7.154 before, 7.092 after"
    )
    assert gap.gained(lines(3.577, 3.65, 3.6075)) == (
        "nothing was gained: 7.154 held-out nats per note before, 7.215 at best; "
        "the bundle holds the model as it was before"
    )
    assert not gap.gained(lines(3.0)[:1]) and not gap.gained(lines(3.0, 2.0, 1.0)[1:])


def test_a_run_ends_with_its_gap_and_its_curve_in_the_bundle(tmp_path):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    from symgen import training
    from symgen.bundle.bundle import Bundle
    from symgen.evaluation.facts import curve

    rng = np.random.default_rng(0)
    noise = {f"p{i}": rng.integers(0, 128, (60, 1)).astype(np.int32) for i in range(4)}
    data = Dataset(tmp_path / "data", {"corpora": []}, PERFORMANCE, Augment(0, (1.0,)))
    data._halves = {
        "train": Split.of(PERFORMANCE, noise),
        "eval": Split.of(PERFORMANCE, {"e": rng.integers(0, 128, (120, 1)).astype(np.int32)}),
    }
    messages = []
    run = training.train(
        {
            "name": "tiny",
            "model": {"name": "lstm", "layers": [{"units": 48}]},
            "augment": {"transpose": 0, "stretch": [1.0]},
            "training": {
                "batch": 4,
                "length": 60,
                "epochs": 0,
                "steps": 60,
                "eval_every": 20,
                "learning_rate": 0.02,
                "warmup": 2,
                "patience": 0,
            },
        },
        data,
        out=tmp_path,
        log=messages.append,
    )
    made = Bundle.open(run.best)
    found = made.info["training"]["gap"]
    assert found["held_out"] == made.info["training"]["score"]["nats_per_event"]
    assert found["train"] < found["held_out"]  # noise can only be memorised
    assert [(row["step"], row["held_out"]) for row in curve(made)] == [
        (row["step"], row["nats_per_event"]) for row in run.journal
    ]
    assert any("nats per event on as much training music" in line for line in messages)
    assert made.test_vector()["event"].shape == (64, 1)
