"""The lines of text about a bundle, and the record that they are made from."""

import dataclasses

import pytest

from symgen.bundle.bundle import Bundle
from symgen.bundle.describe import describe, describe_controls
from symgen.bundle.info import BundleInfo, TrainingReport
from symgen.controls import make_all
from symgen.pretrained import folder, pretrained
from symgen.sampling import steers

TRAINING = {
    "parameters": 1234,
    "step": 1,
    "seconds": 90,
    "train": {"pieces": 1, "events": 1},
    "eval": {"pieces": 2, "events": 2000},
    "scored": 1500,
    "score": {
        "nats_per_event": 1.25,
        "events": 1500,
        "fields": {"melody": {"nats": 0.75, "accuracy": 0.5}},
    },
    "gap": {"train": 1.0, "held_out": 1.25, "message": "20 % apart"},
    "baselines": {"unigram": 3.5, "ngram": 2.5, "order": 4, "message": ""},
    "controls": {
        "density": {"unit": "notes per second", "seen": [1.0, 4.5, 12.0]},
        "label": {"unit": "composer", "counts": {"Bach": 3, "Ravel": 1}},
    },
}
INFO = {
    "format": 1,
    "name": "x",
    "symgen": "0",
    "corpora": [],
    "encoding": {"name": "performance"},
    "encoding_fingerprint": "0",
    "fields": [{"name": "event", "size": 388}],
    "width": 0,
    "model": {"name": "lstm", "layers": []},
    "player": {"name": "onnx", "chained": False},
    "controls": [{"name": "density"}, {"name": "label", "labels": ["Bach", "Ravel"]}],
    "training": TRAINING,
    "checksums": {},
}


def lines(text):
    return dict(line.strip().split("  ", 1) for line in text.split("\n"))


def test_each_fact_has_a_line():
    found = lines(describe(BundleInfo.from_dict(INFO), steers))
    assert found["weights"] == "1,234"
    assert found["trained on"] == "1 piece, 1 events"
    assert found["held out"] == "2 pieces, 2,000 events; the score is of 1,500 of them"
    assert found["score"] == "nats per event 1.25"
    assert found["melody"] == "nats 0.75, accuracy 0.5"
    assert found["gap"].endswith("1.2500 on the held-out split: 20 % apart")
    assert found["baselines"] == "unigram 3.5 nats per event, n-gram of order 4 2.5"
    assert found["step"] == "1"
    assert found["made by"] == "symgen 0"


def test_a_figure_has_one_value_in_the_card_and_below_it():
    """The card shows the evaluation; the score of the training run differs in the last digits."""
    score = {"nats_per_event": 8.63, "nats_per_note": 8.63, "nats_per_second": 65.15}
    more = {"perplexity": 5596.3, "accuracy": 0.584}
    evaluated = {"nats_per_event": [8.639, 8.3, 8.9], "nats_per_note": [8.639, 8.3, 8.9]}
    training = TRAINING | {"score": score | more, "evaluated": evaluated}
    found = lines(describe(BundleInfo.from_dict(INFO | {"training": training})))
    assert found["score"] == "nats per event 8.639, perplexity 5648, accuracy 0.584"


def test_each_control_has_its_unit_its_range_and_its_values_in_training():
    about = {control.name: control.about() for control in make_all(INFO["controls"])}
    info = BundleInfo.from_dict(INFO)
    text = describe_controls(info, about)
    assert "density  notes per second, 0 to 50" in text
    assert "seen in training: 1 to 12 (5 to 95 %), median 4.5" in text
    assert "label  composer, one of 2; pieces in training: Bach 3, Ravel 1" in text
    assert "density, label; steered: key, polyphony, register" in describe(info, steers)


def test_a_bundle_without_controls_says_what_can_be_steered():
    info = BundleInfo.from_dict(INFO | {"controls": []})
    text = describe(info, steers)
    assert "none learned; steered: density, key, polyphony, register" in text
    assert describe_controls(info, {}) == ""


def test_a_record_is_written_as_it_was_read():
    assert BundleInfo.from_dict(INFO).to_dict() == INFO
    assert TrainingReport.from_dict(TRAINING).to_dict() == TRAINING


@pytest.mark.parametrize("kind", ["tiny_bundle", "chained_bundle"])
def test_the_record_of_a_bundle_is_its_file(kind, request):
    opened = Bundle.open(request.getfixturevalue(kind))
    assert opened.record.to_dict() == opened.info


def test_the_records_of_the_models_that_ship_are_their_files(shipped_models):
    for name in ("piano", "folk"):
        opened = Bundle.open(name)
        assert opened.record.to_dict() == opened.info


@pytest.mark.parametrize("name", pretrained)
def test_every_field_of_a_model_that_ships_is_known(name):
    path = folder() / pretrained[name].file
    if not path.is_file():
        pytest.skip(f"{path.name} is not there yet")
    info = Bundle.open(path).record
    training = info.training
    parts = (info, info.player, training, training.score, training.gap, training.evaluated)
    assert [part.other for part in parts if part.other] == []
    assert training.train.pieces


def test_facts_are_added_to_a_report():
    report = TrainingReport.from_dict(TRAINING)
    more = report.with_facts({"gap": None, "machine": "a laptop", "note": "mine"})
    assert more == dataclasses.replace(report, gap=None, machine="a laptop", other={"note": "mine"})


@pytest.mark.parametrize("key", ["name", "encoding", "fields", "player", "checksums", "width"])
@pytest.mark.parametrize("value", [None, 1.5, ["x"]])
def test_a_record_without_a_field_that_is_needed_is_refused(key, value):
    with pytest.raises(ValueError, match=f"bundle.json has no {key} that can be used"):
        BundleInfo.from_dict(INFO | {key: value})


def test_corpora_may_be_names_only():
    info = BundleInfo.from_dict(INFO | {"corpora": ["maestro"]})
    assert "maestro (licence unknown)" in describe(info)


def test_the_keys_of_earlier_versions_are_read():
    old = INFO | {"training": {"gap": {"train": 1.0, "held_out": 1.25, "said": "20 % apart"}}}
    gap = BundleInfo.from_dict(old).training.gap
    assert gap.message == "20 % apart"
    assert gap.to_dict() == {"train": 1.0, "held_out": 1.25, "message": "20 % apart"}
