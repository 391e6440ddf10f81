"""Models of raw audio train, resume and say how good they are, through the loop of all models."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.dataset import convert
from symgen.dataset.sound import baselines
from symgen.errors import BadOption, DataError
from tests.training.tones import RATE, tones

pytest.importorskip("keras", reason="the extra `train` is not installed")
soundfile = pytest.importorskip("soundfile")

SMALL = {
    "name": "small",
    "encoding": {"name": "mu_law", "rate": RATE},
    "model": {"name": "framewise", "units": 8, "hidden": 12, "embedding": 4, "frame": 4},
    "training": {
        "batch": 4, "length": 32, "carry": 4, "learning_rate": 0.01, "warmup": 1, "steps": 20,
        "eval_every": 10, "eval_events": 600, "threads": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A dataset of four tones of a second."""
    return tones(tmp_path_factory.mktemp("sound"), SMALL["encoding"], 1)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    lines = []
    made = training.train(SMALL, data, out=tmp_path_factory.mktemp("runs"), log=lines.append)
    return made, lines


def test_a_run_learns_and_says_its_bits_beside_counting(run, data):
    made, lines = run
    journal = made.journal
    assert [row["step"] for row in journal] == [10, 20]
    assert journal[-1]["nats_per_event"] < journal[0]["nats_per_event"]
    assert journal[-1]["bits_per_sample"] == pytest.approx(
        journal[-1]["nats_per_event"] / np.log(2), rel=1e-5
    )
    assert "nats_per_note" not in journal[-1]
    (said,) = [line for line in lines if "repeating the last sample" in line]
    assert "bits per sample; the frequencies of values alone" in said
    report = Bundle.open(made.best).training
    assert {"unigram", "ngram", "repeat"} <= set(report.baselines.to_dict())


def test_the_bundle_plays_what_was_trained(run):
    made, _ = run
    bundle = Bundle.open(made.best)
    assert bundle.player == "framewise" and bundle.codec.name == "mu_law"
    assert any("reproduces the 64 steps" in line for line in bundle.check())
    with pytest.raises(DataError, match=r"is a model of raw audio .*needs a model of notes"):
        assert bundle.encoding


@pytest.mark.slow
def test_a_resumed_run_ends_as_one_that_was_not_stopped(run, data, tmp_path):
    whole, _ = run

    def stop(status):
        if status.step == 10 and status.last is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(SMALL, data, out=tmp_path, watch=stop)
    resumed = training.resume(tmp_path / "small", data=data)
    assert resumed.journal == whole.journal
    one, other = (Bundle.open(r.best).weights() for r in (resumed, whole))
    assert all(np.array_equal(one[name], other[name]) for name in other)


@pytest.mark.slow
def test_any_model_without_controls_takes_sound(data, tmp_path):
    recipe = {**SMALL, "model": {"name": "lstm", "layers": [{"cell": "rnn", "units": 6}]}}
    made = training.train(recipe, data, out=tmp_path)
    assert Bundle.open(made.best).precisions == ("float32", "int8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"augment": {"transpose": 2, "stretch": [1.0]}}, "neither transposed nor stretched"),
        ({"controls": [{"name": "density"}]}, "controls density are of notes"),
        ({"training": SMALL["training"] | {"length": 30}}, "length = 30: expected a multiple of 4"),
        ({"model": {"name": "framewise", "frame": 5}}, "model.frame = 5: expected one of 4, 8"),
        ({"model": {"name": "framewise", "cell": "gru2"}}, "model.cell = 'gru2'"),
    ],
)
def test_what_sound_has_not_is_one_line(data, tmp_path, change, message):
    with pytest.raises(BadOption, match=message) as caught:
        training.train(SMALL | change, data, out=tmp_path)
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_a_model_of_sound_does_not_take_notes(data, tmp_path):
    with pytest.raises(DataError, match="rate 2000 and not 8000"):
        training.train(SMALL | {"encoding": {"name": "mu_law"}}, data, out=tmp_path)
    with pytest.raises(DataError, match="is a dataset of sound"):
        training.train("ngram", data, out=tmp_path)


def test_baselines_of_a_tone_that_repeats_every_sample(tmp_path):
    (tmp_path / "in").mkdir()
    for number, level in enumerate((0.0, 0.25, 0.5)):  # each track is one value
        soundfile.write(
            tmp_path / "in" / f"{number}.wav", np.full(2000, level, np.float32), RATE, "FLOAT"
        )
    made = convert(tmp_path / "in", SMALL["encoding"], tmp_path / "data", workers=1)
    found = baselines.baselines(made)
    # the held-out value never came in training: repeating and the n-gram differ by that alone
    assert found["order"] == 2 and found["repeat"] < 0.01 < found["ngram"]
    line = baselines.verdict(1.0, {"unigram": 3.0} | found)
    assert line.startswith("1.443 bits per sample; ") and line.endswith("train longer")
    assert json.dumps(found)


@pytest.mark.slow
def test_three_commands_that_are_killed_go_on_where_they_were(tmp_path):
    (tmp_path / "songs").mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        sound = rng.normal(0, 0.1, 10 * 44_100).astype(np.float32)
        soundfile.write(tmp_path / "songs" / f"{number}.flac", sound, 44_100)
    convert = ["convert", "songs", "--rate", "2000", "--workers", "1", "-o", "data"]
    found = tmp_path / ".data.unfinished"
    kill(tmp_path, convert, lambda: len(list(found.glob("*.json"))) > 3)
    assert not (tmp_path / "data").exists() and list(found.glob("*.json"))
    kept = {path.name: path.stat().st_mtime_ns for path in found.glob("*.bytes")}
    call(tmp_path, convert)
    assert kept and not found.exists()
    assert len(json.loads((tmp_path / "data" / "dataset.json").read_text())["pieces"]) == 12
    small = ["model.units=8", "model.hidden=8", "encoding.rate=2000", "training.length=64"]
    small += ["training.eval_every=2", "training.eval_events=300", "training.epochs=0"]
    sets = [word for each in [*small, "training.steps=400"] for word in ("--set", each)]
    train = ["train", "data", "--config", "audio_rnn", "--threads", "1", *sets]
    journal = tmp_path / "runs" / "audio_rnn" / "journal.jsonl"
    kill(tmp_path, train, lambda: journal.exists() and len(journal.read_text().splitlines()) > 1)
    call(tmp_path, ["train", "--resume", "runs/audio_rnn", "--minutes", "0.01"])
    call(tmp_path, ["sample", "--seconds", "0.5", "--primer", "songs/3.flac", "-o", "out.wav"])
    assert soundfile.info(tmp_path / "out.wav").frames == 1000


def call(folder, words):
    command = [sys.executable, "-m", "symgen", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def kill(folder, words, when):
    """Run a command and kill it as soon as `when` is true, as the system does without memory."""
    process = subprocess.Popen(
        [sys.executable, "-m", "symgen", *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not when():
        time.sleep(0.01)
    assert process.poll() is None, "it ended before it could be killed"
    process.kill()
    process.wait()
