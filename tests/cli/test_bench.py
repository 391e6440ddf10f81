"""`symgen bench nottingham` from a folder of music to its table; models are found or trained."""

import json

import numpy as np
import pytest

from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of

pytest.importorskip("keras", reason="the extra `train` is not installed")

CONFIG = """
[encoding]
name = "melody_chords"
melody = "{form}"
reduce = "triads"
cutoff = 4

[augment]
transpose = 0
stretch = [1.0]

[model]
name = "lstm"
layers = [{{ units = 8 }}]
head = "{head}"

[training]
batch = 2
length = 16
steps = 2
"""


def corpus(folder, tunes=14, seconds=12):
    """Write songs: notes of a quarter of a second over a triad every second; return the folder."""
    folder.mkdir()
    for i in range(tunes):
        rng = np.random.default_rng(i)
        rows = [
            (int(p), 80, t / 4, (t + 1) / 4, 0)
            for t, p in enumerate(rng.choice([72, 74, 76, 79, 81], seconds * 4))
        ]
        for t, root in enumerate(rng.choice([48, 53, 55], seconds)):
            rows += [(int(root + p), 60, t, t + 1, 1) for p in (0, 4, 7)]
        notes = notes_of([row[:4] for row in rows])
        notes["instrument"] = [row[4] for row in rows]
        write(
            NoteSequence(notes[np.argsort(notes["start_time"], kind="stable")]),
            folder / f"{i:02d}.mid",
        )
    return folder


@pytest.fixture
def ready(symgen, tmp_path):
    """Two datasets of one corpus, and a config for each."""
    corpus(tmp_path / "songs")
    for form, head in (("onsets", "chained"), ("sounding", "independent")):
        (tmp_path / f"{form}.toml").write_text(CONFIG.format(form=form, head=head))
        code, _, err = symgen(
            "convert",
            "songs",
            "--encoding",
            "melody_chords",
            "--set",
            f"encoding.melody={form}",
            "--set",
            "encoding.reduce=triads",
            "--set",
            "encoding.cutoff=4",
            "-o",
            f"data/{form}",
            "--workers",
            1,
        )
        assert code == 0, err
    return symgen


@pytest.mark.slow
def test_models_are_trained_where_there_is_none_and_then_found(ready):
    options = (
        "bench",
        "nottingham",
        "--config",
        "onsets.toml",
        "--config",
        "sounding.toml",
        "--no-progress",
    )
    code, _, err = ready(*options)
    assert code == 1 and "symgen corpus fetch nottingham" in err and "training one on" not in err, (
        "other music is not taken for it"
    )
    code, _, err = ready(
        *options, "--data", "data/onsets", "--data", "data/sounding", "--harmonise", 99
    )
    assert (
        code == 2
        and "harmonise 99: expected a number of held-out tunes from 1 to" in err
        and "training one on" not in err
    )
    code, out, err = ready(*options, "--data", "data/onsets", "--data", "data/sounding")
    assert code == 0, err
    assert "WARNING: data/onsets holds songs; the published figures are for nottingham" in out
    assert "77.84" in out and "-gram" in out and "onsets over sounding" in out
    assert err.count("training one on") == 2
    code, again, err = ready(*options, "--json", "--harmonise", 1)
    assert code == 0 and "training one" not in err
    report = json.loads(again)
    assert [(row["name"], 0 <= row["drawn"] <= 1) for row in report["harmonised"]["rows"]] == [
        ("onsets", True),
        ("sounding", True),
    ]
    assert report["harmonised"]["steps"] == 96
    assert [m["name"] for m in report["models"]] == ["onsets", "sounding"]
    assert all(m["trained_on_this"] for m in report["models"])


def test_a_bundle_is_scored_on_its_own_dataset_or_the_one_given(ready, tmp_path):
    code, _, err = ready("train", "--config", "onsets.toml", "--data", "data/onsets")
    assert code == 0, err
    code, out, err = ready("bench", "nottingham", "runs/onsets", "--json")
    assert code == 0, err
    assert [s["form"] for s in json.loads(out)["sections"]] == ["sounding", "onsets"]
    code, _, err = ready("bench", "nottingham", "runs/onsets", "--data", "data/sounding")
    assert code == 1 and "no dataset named with --data has its encoding" in err
    code, _, err = ready(
        "convert",
        "songs",
        "--encoding",
        "melody_chords",
        "--set",
        "encoding.reduce=triads",
        "--set",
        "encoding.cutoff=4",
        "-o",
        "data/other",
        "--seed",
        5,
        "--workers",
        1,
    )
    assert code == 0, err
    code, _, err = ready("bench", "nottingham", "runs/onsets", "--data", "data/other")
    assert code == 1
    assert "was trained on 2 of the pieces that data/other holds out" in err


def test_what_is_missing_is_said(symgen):
    code, _, err = symgen("bench", "nottingham", "nothing.symgen")
    assert code == 1 and "nothing.symgen: there is no such bundle" in err
    code, _, err = symgen("bench", "nottingham", "--config", "perf_dynamcs")
    assert code == 2 and "perf_dynamics" in err
