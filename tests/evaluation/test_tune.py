"""The temperature and top-p whose samples are closest to real music are chosen."""

import json

import numpy as np
import pytest

from symgen import cli, training
from symgen.bundle.bundle import Bundle
from symgen.bundle.write import with_report
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError
from symgen.evaluation.statistics.compare import measure
from symgen.evaluation.tune import choose, distance, tune
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import load
from symgen.sampling.request.params import SamplingParams

NOTES = encoding("notes")


def music(seed, rate=4.0, spread=6, seconds=12.0):
    """Return random music around middle C, about `rate` notes per second."""
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.uniform(0, seconds, max(int(rate * seconds), 2))).tolist()
    return NoteSequence(
        notes_of([(int(60 + rng.integers(-spread, spread + 1)), 80, a, a + 0.3) for a in starts])
    )


class Model:
    """A model that resembles the held-out music at temperature 0.9 and top-p 1."""

    def __init__(self):
        self.requested = []

    def sample(self, num, seconds, *, temperature, top_p, seed, ending):
        self.requested.append((temperature, top_p))
        return [
            music(100 + i, rate=4.0 * temperature / 0.9, spread=round(6 * top_p))
            for i in range(num)
        ]


def dataset(path, pieces=12):
    made = Dataset(path, {"fingerprint": "made", "pieces": []}, NOTES, Augment())
    made._halves = {}
    for name, first in (("train", 500), ("eval", 900)):
        some = {f"{name} {i}": NOTES.encode(music(first + i)) for i in range(pieces)}
        made._halves[name] = Split.of(NOTES, some)
        made.info["pieces"] += [
            {"id": key, "half": name, "events": len(events)} for key, events in some.items()
        ]
    return made


def test_the_pair_closest_to_held_out_music_is_chosen(tmp_path):
    model = Model()
    chosen = tune(
        model,
        dataset(tmp_path),
        temperatures=(0.3, 0.9, 2.0),
        top_p=(0.4, 1.0),
        samples=12,
        seconds=12.0,
    )
    assert (chosen["temperature"], chosen["top_p"]) == (0.9, 1.0)
    assert len(model.requested) == len(chosen["chosen_by"]["grid"]) == 6
    assert chosen["chosen_by"]["distance"] == min(
        row["distance"] for row in chosen["chosen_by"]["grid"]
    )
    assert chosen["chosen_by"]["samples"] == 12 and chosen["chosen_by"]["excerpts"] >= 12


def test_a_set_is_closer_to_similar_music_than_to_other_music():
    same, like, other = (
        measure([music(first + i, rate) for i in range(16)])
        for first, rate in ((0, 4), (50, 4), (0, 12))
    )
    assert distance(same, like) < 0.3 < distance(other, like) < 1


def row(temperature, top_p, distance, longest_copy=5):
    return {
        "temperature": temperature,
        "top_p": top_p,
        "distance": distance,
        "longest_copy": longest_copy,
    }


def test_noise_changes_nothing_and_copies_are_avoided():
    usual, near, far = row(1.0, 1.0, 0.205), row(0.9, 0.95, 0.2), row(0.8, 1.0, 0.5)
    assert choose([near, usual, far], 16) is usual
    assert choose([row(1.0, 1.0, 0.3), near, far], 16) is near
    assert choose([near | {"longest_copy": 40}, row(1.0, 1.0, 0.3, 40), far], 16) is far
    assert choose([near | {"longest_copy": 40}], 16)["temperature"] == 0.9


def test_too_little_to_compare_is_refused(tmp_path):
    with pytest.raises(BadOption, match="samples 4: too few to compare; use 8 or more"):
        tune(Model(), dataset(tmp_path), samples=4)
    with pytest.raises(DataError, match="held-out excerpts of 12 s are too few to compare"):
        tune(Model(), dataset(tmp_path, 2), samples=8, seconds=12.0)


def test_the_command_writes_it_into_the_bundle(tmp_path, capsys, monkeypatch):
    data = dataset(tmp_path / "data")
    data.path.mkdir()
    run = training.train("ngram", data, out=tmp_path)
    music = Bundle.open(run.best).info["training"]["music"]
    with_report(Bundle.open(run.best), run.best, {"music": {}})  # as one that is older
    monkeypatch.setattr(Dataset, "open", classmethod(lambda cls, path: data))
    assert (
        cli.run(
            [
                "bundle",
                "tune",
                str(run.best),
                "--data",
                str(data.path),
                "--samples",
                "8",
                "--seconds",
                "10",
                "--temperatures",
                "0.8,1",
                "--top-p",
                "1",
                "--json",
            ]
        )
        == 0
    )
    chosen = json.loads(capsys.readouterr().out)
    assert [(row["temperature"], row["top_p"]) for row in chosen["chosen_by"]["grid"]] == [
        (0.8, 1.0),
        (1.0, 1.0),
    ]
    assert load(run.best).tuned_params == SamplingParams(chosen["temperature"], 0, 1.0)
    assert Bundle.open(run.best).info["sampling"]["chosen_by"]["seconds"] == 10
    assert Bundle.open(run.best).info["training"]["music"] == music
    assert cli.run(["bundle", "info", str(run.best)]) == 0
    message = capsys.readouterr().out
    assert (
        "chosen by symgen bundle tune" in message
        and "pitches 54 to 66, rarely more than" in message
    )
    assert cli.run(["bundle", "tune", str(run.best), "--temperatures", "warm"]) == 2
    assert "expected numbers separated by commas" in capsys.readouterr().err
