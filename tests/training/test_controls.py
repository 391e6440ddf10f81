"""Training with controls: labels learned, statistics reported, chains without controls."""

from pathlib import Path

import numpy as np
import pytest

from symgen import config, training
from symgen.bundle.bundle import Bundle
from symgen.controls import total_width
from symgen.controls.members.density import Density
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.training.recipe import Recipe

pytest.importorskip("keras", reason="the extra `train` is not installed")

PIANO = encoding("performance")
CONFIG = {
    "name": "asked",
    "encoding": {"name": "performance"},
    "controls": [
        {"name": "density", "drop": 0.5},
        {"name": "label", "drop": 0.5},
        {"name": "position"},
    ],
    "model": {"name": "lstm", "layers": [{"units": 12}]},
    "augment": {"transpose": 1, "stretch": [0.95, 1.0]},
    "training": {
        "batch": 4,
        "length": 24,
        "carry": 2,
        "learning_rate": 0.02,
        "warmup": 2,
        "epochs": 0,
        "steps": 8,
        "eval_every": 4,
        "patience": 0,
    },
}


def split(seeds, labelled):
    """Scales at one note a second for Bach, at five for Czerny."""
    pieces, contexts = [], []
    for seed in seeds:
        gap = (100, 20)[seed % 2]
        pieces.append(
            np.array(
                [
                    [
                        n
                        for k in range(12)
                        for n in (371, 60 + (seed + k) % 12, 255 + gap, 188 + (seed + k) % 12)
                    ]
                ],
                np.int32,
            ).T
        )
        contexts.append(
            {"id": f"p{seed}"}
            | ({"label/composer": ("Bach", "Czerny")[seed % 2]} if labelled else {})
        )
    return Split(
        PIANO, contexts, [len(p) for p in pieces], np.concatenate(pieces).astype(np.uint16)
    )


def dataset(path, labelled=True):
    made = Dataset(path, {"corpora": []}, PIANO, Augment())
    made._halves = {"train": split(range(9), labelled), "eval": split((20, 21), labelled)}
    return made


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of CONFIG to its end, which tests only read."""
    folder = tmp_path_factory.mktemp("finished")
    return training.train(CONFIG, dataset(folder), out=folder)


def test_labels_are_learned_and_what_was_seen_is_reported(finished):
    bundle = Bundle.open(finished.best)
    assert [c.name for c in bundle.controls] == [
        "density",
        "label",
        "position",
    ] and bundle.controls[1].labels == ("Bach", "Czerny")
    assert finished.config["controls"][1] == {
        "name": "label",
        "drop": 0.5,
        "key": "composer",
        "labels": ["Bach", "Czerny"],
    }
    recorded = bundle.info["training"]["controls"]
    assert recorded["label"] == {
        "about": "composer, one of 2",
        "unit": "composer",
        "counts": {"Bach": 5, "Czerny": 4},
    }
    assert (
        recorded["density"]["unit"] == "notes per second"
        and recorded["density"]["about"] == Density().about()
    )
    assert recorded["density"]["seen"] == pytest.approx(
        [1, 1, 5], rel=0.35
    )  # five pieces of 12 s, and four of 2.4 s
    assert recorded["position"]["seen"] == pytest.approx([0.05, 0.5, 0.95], abs=0.09)
    test = bundle.test_vector()
    label = slice(Density().width(PIANO), Density().width(PIANO) + 3)
    assert test["controls"][:, label].tolist() == [[1, 1, 0]] * len(
        test["controls"]
    )  # of the first held-out piece, never dropped


@pytest.mark.slow
def test_a_run_is_resumed_and_a_bundle_tuned_with_its_labels(tmp_path, finished):
    def stop(status):
        if status.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(CONFIG, dataset(tmp_path), out=tmp_path / "cut", watch=stop)
    assert (
        training.resume(tmp_path / "cut" / "asked", data=dataset(tmp_path)).journal
        == finished.journal
    )
    tuned = training.train(
        {**CONFIG, "controls": []},
        dataset(tmp_path, labelled=False),
        start=finished.best,
        out=tmp_path / "tuned",
    )
    assert tuned.config["controls"] == finished.config["controls"]


def test_music_without_labels_still_trains(tmp_path):
    run = training.train(CONFIG, dataset(tmp_path, labelled=False), out=tmp_path)
    bundle = Bundle.open(run.best)
    assert bundle.controls[1].labels == () and bundle.width == total_width(bundle.controls, PIANO)
    assert bundle.info["training"]["controls"]["label"]["counts"] == {}
    assert np.isfinite(run.journal[-1]["nats_per_event"])


@pytest.mark.parametrize(
    "name", [p.stem for p in (Path(__file__).parents[2] / "configs").glob("*.toml")]
)
def test_shipped_configs_can_be_trained(name):
    recipe = Recipe.of(config.load(name))
    assert recipe.table["about"]
    targets = {c.name: c for c in recipe.controls if c.future}
    if "conditioned" in name:
        optional = name.startswith("optional")
        assert set(targets) <= {"density", "pitch_histogram"} and {
            c.drop for c in targets.values()
        } == {0.5 if optional else 0.0}
        assert recipe.training.batch == 64 and all(
            c.form == "bins" for c in targets.values() if c.name == "density"
        )
    if name == "controlled":
        assert set(targets) == {
            "density",
            "pitch_histogram",
            "loudness",
            "register",
            "polyphony",
            "position",
            "label",
        }
        assert all(c.drop for c in targets.values()) and targets["density"].form == "number"
