"""What `symgen bundle info` tells of the controls."""

from symgen.cli.bundle import _controls, describe
from symgen.controls import make_all

INFO = {
    "name": "x",
    "symgen": "0",
    "corpora": [],
    "encoding": {"name": "performance"},
    "model": {"name": "lstm", "layers": []},
    "controls": [{"name": "density"}, {"name": "label", "labels": ["Bach", "Ravel"]}],
    "training": {
        "parameters": 1,
        "step": 1,
        "seconds": 1,
        "train": {"pieces": 1, "events": 1},
        "eval": {"pieces": 1, "events": 1},
        "controls": {
            "density": {"unit": "notes per second", "seen": [1.0, 4.5, 12.0]},
            "label": {"unit": "composer", "counts": {"Bach": 3, "Ravel": 1}},
        },
    },
}


def test_each_control_has_its_unit_its_range_and_what_was_seen():
    known = {control.name: control.about() for control in make_all(INFO["controls"])}
    text = _controls(INFO, known)
    assert "density  notes per second, 0 to 100" in text
    assert "seen in training: 1 to 12 (5 to 95 %), 4.5 in the middle" in text
    assert "label  composer, one of 2; pieces in training: Bach 3, Ravel 1" in text
    assert "density, label; steered: key, polyphony, register" in describe(INFO)


def test_a_bundle_without_controls_says_what_can_be_steered():
    assert "none learned; steered: density, key, polyphony, register" in describe(
        INFO | {"controls": []}
    )
    assert _controls(INFO | {"controls": []}, {}) == ""
