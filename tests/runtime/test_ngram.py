"""The player of n-grams: it gives what the model gives, and meets the same targets."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symgen import training
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.encodings.base import inputs
from symgen.errors import BadOption
from symgen.runtime.passages import Passage
from symgen.runtime.score import play, score
from symgen.sampling import load
from tests.runtime.fakes import candidate_logits

PERFORMANCE = encoding("performance")
TUNES = encoding("melody_chords", chords=("C", "F", "G7"))
NOTES = encoding("notes")


def wandering(seed, notes=300):
    """Random notes, one or two at a time, with shifts and velocities between."""
    rng, out = np.random.default_rng(seed), []
    for _ in range(notes):
        out += [356 + int(rng.integers(8, 24))] * (rng.random() < 0.3)
        pitches = (48 + rng.choice(30, 1 + int(rng.random() < 0.4), replace=False)).tolist()
        out += [*pitches, 256 + int(rng.integers(5, 40)), *(128 + p for p in pitches)]
    return np.array(out, np.int32)[:, None]


def tune(seed, steps=320):
    """Notes of two steps in C, and a chord a half bar."""
    rng = np.random.default_rng(seed)
    melody = np.repeat(TUNES.first_pitch + rng.choice([60, 62, 64, 65, 67, 69, 71], steps // 2), 2)
    melody[1::2] = 1
    return np.stack([melody, np.repeat(rng.integers(1, 4, steps // 8), 8)], 1).astype(np.int32)


def noted(seed):
    """The same as `wandering`, a step a note."""
    return NOTES.encode(PERFORMANCE.decode(wandering(seed)))


def trained(folder, enc, make):
    data = Dataset(folder / "data", {"corpora": [], "fingerprint": "made"}, enc, Augment())
    data._halves = {
        "train": Split.of(enc, {str(i): make(i) for i in range(8)}),
        "eval": Split.of(enc, {"e": make(99)}),
    }
    return load(training.train("ngram", data, out=folder, overrides=["model.order=4"]).path)


@pytest.fixture(scope="module")
def piano(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("piano"), PERFORMANCE, wandering)


@pytest.fixture(scope="module")
def folk(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("folk"), TUNES, tune)


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("notes"), NOTES, noted)


def spoken(player, enc, events):
    """The logits of each field before each of `events`, one stream."""
    player.start(1)
    out = []
    for row, true in zip(inputs(enc, events, 0, len(events)), events, strict=True):
        player.step(row[None])
        out.append([player.logits(k, true[None])[0] for k in range(len(enc.fields))])
    return [np.stack(field) for field in zip(*out, strict=True)]


@pytest.mark.parametrize("name", ["piano", "folk", "notes"])
def test_it_says_what_the_model_says_and_the_test_vector_too(name, request):
    model = request.getfixturevalue(name)
    vector, tables = model.test_vector(), model.tables()
    logits = spoken(model.play(), model.encoding, vector["chosen"])
    for k, field in enumerate(model.encoding.fields):
        assert np.array_equal(logits[k], vector[f"logits.{field.name}"])
        histories = tables.histories(vector["chosen"], [len(vector["chosen"])], k)
        assert np.allclose(np.exp(logits[k]), tables.distributions(k, histories), atol=1e-6)
        assert np.allclose(np.exp(logits[k]).sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["piano", "folk", "notes"])
def test_rows_do_not_depend_on_each_other(name, request):
    model = request.getfixturevalue(name)
    rng, sizes = np.random.default_rng(1), [f.size for f in model.encoding.fields]
    player, alone = model.play(), model.play()
    player.start(5)
    alone.start(1)
    for _ in range(6):
        events = np.stack([rng.integers(0, size, 5) for size in sizes], 1)
        player.step(events)
        alone.step(events[3:4])
        for k in range(len(sizes)):
            assert np.array_equal(player.logits(k, events)[3], alone.logits(k, events[3:4])[0])
    several = np.stack([rng.integers(0, size, (5, 7)) for size in sizes], 2)
    last = len(sizes) - 1
    assert np.array_equal(
        candidate_logits(player, last, several),
        np.stack([player.logits(last, several[:, i]) for i in range(7)], 1),
    )
    before = player.logits(last, events)
    player.select(np.array([4, 3, 3]))
    assert np.array_equal(player.logits(last, events[[4, 3, 3]]), before[[4, 3, 3]])


@pytest.mark.parametrize("name", ["piano", "folk", "notes"])
def test_whole_passages_are_scored_as_step_by_step(name, request):
    """Both from the beginning of a piece and from the middle, after the event before."""
    model = request.getfixturevalue(name)
    events, start = model.test_vector()["chosen"], model.encoding.start()
    some = [
        Passage(start, events[:20]),
        Passage(events[6], events[7:19]),
        Passage(start, events[:0]),
        Passage(events[30], events[31:33]),
    ]
    player = model.open_player()
    made = score(player, some)
    for places, now in play(player, some, 2):
        for k in range(now.shape[1]):
            logits = player.logits(k, now).astype(np.float64)
            want = -logits[np.arange(len(now)), now[:, k]]
            assert np.allclose(made.nats[places, k], want, atol=1e-5)
            assert np.allclose(made.top[places, k], np.exp(logits).max(axis=1), atol=1e-5)
            assert np.array_equal(made.hits[places, k], logits.argmax(axis=1) == now[:, k])
    assert not np.isnan(made.nats).any() and len(made.nats) == 34


def test_a_seed_is_the_same_music_alone_or_among_others(piano):
    one, two = piano.sample(3, 8, seed=5), piano.sample(3, 8, seed=5)
    assert [s.notes.tolist() for s in one] == [s.notes.tolist() for s in two]
    assert piano.sample(1, 8, seed=5, first=2)[0].notes.tolist() == one[2].notes.tolist()
    assert one[0].notes.tolist() != one[1].notes.tolist()
    streamed = sorted((n.start_time, n.pitch) for n in piano.stream(8, seed=5).notes())
    assert streamed == sorted((float(n["start_time"]), int(n["pitch"])) for n in one[0].notes)


def test_the_strict_key_holds(piano):
    for sequence in piano.sample(3, 12, key="D", strict_key=True, seed=1):
        assert len(sequence.notes) > 20
        assert set((sequence.notes["pitch"] % 12).tolist()) <= {2, 4, 6, 7, 9, 11, 1}


def test_density_is_steered(piano):
    few, many = (
        np.mean([len(s.notes) for s in piano.sample(4, 20, density=d, seed=2)]) / 20 for d in (2, 8)
    )
    assert few == pytest.approx(2, abs=0.7) and many == pytest.approx(8, abs=2)


def test_a_tune_keeps_its_form_and_closes(folk):
    made = folk.sample(1, bars=8, form="AABA", seed=3)[0]
    again = folk.sample(1, bars=8, form="AABA", seed=3)[0]
    assert made.notes.tolist() == again.notes.tolist() and len(made.notes) > 8
    bars = 2 * 4 * 60 / made.tempos["qpm"][0]
    first, second = (
        [
            (round(float(n["start_time"]) - k * bars, 6), int(n["pitch"]))
            for n in made.notes
            if k * bars - 1e-6 <= n["start_time"] < (k + 1) * bars - 1e-6
        ]
        for k in (0, 1)
    )
    assert first == second


@pytest.mark.parametrize("name", ["piano", "folk", "notes"])
def test_the_example_player_agrees(name, request, tmp_path):
    """examples/table_player.py reads the arrays only with NumPy, as a port would."""
    path = request.getfixturevalue(name).path
    command = [sys.executable, str(Path(__file__).parents[2] / "examples" / "table_player.py")]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("64 steps, the logits differ by at most")


def test_what_only_a_network_can_do_is_refused(piano):
    with pytest.raises(BadOption, match="label"):
        piano.sample(1, 5, label="Debussy")
