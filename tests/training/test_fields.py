"""Training with several fields: controls, a score per field, a chained head."""

import numpy as np
import pytest

from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.bundle.describe import describe
from symgen.bundle.info import BundleInfo
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError
from symgen.models.state import zeros
from symgen.training.loop import scores as metrics

pytest.importorskip("keras", reason="the extra `train` is not installed")

OPEN = encoding("melody_chords", cutoff=2)
TUNES = encoding("melody_chords", cutoff=2, chords=("C", "F", "G7"))
CONFIG = {
    "name": "tunes",
    "encoding": {"name": "melody_chords", "cutoff": 2},
    "controls": [{"name": "meter"}],
    "model": {"name": "lstm", "layers": [{"units": 16}], "head": "chained", "head_units": 12},
    "augment": {"transpose": 0, "stretch": [1.0]},
    "training": {
        "batch": 4,
        "length": 24,
        "carry": 2,
        "learning_rate": 0.02,
        "warmup": 2,
        "epochs": 0,
        "steps": 24,
        "eval_every": 12,
        "patience": 0,
    },
}


def tune(seed, bars=6):
    """Three quarters per bar: a random triad over its chord, each note held for a quarter."""
    rng = np.random.default_rng(seed)
    rows = []
    for chord in rng.integers(0, 3, bars):
        for pitch in rng.choice([(60, 64, 67), (65, 69, 72), (67, 71, 74)][chord], 3):
            rows += [[2 + pitch, 1 + chord], *[[1, 1 + chord]] * 3]
    return np.array(rows, np.int32)


def split(seeds):
    tunes = [tune(s, 6 + s % 3) for s in seeds]
    contexts = [
        {"id": f"t{s}", "bars": [0, 3, 4], "steps": len(t)}
        for s, t in zip(seeds, tunes, strict=True)
    ]
    return Split(TUNES, contexts, [len(t) for t in tunes], np.concatenate(tunes).astype(np.uint8))


def tunes(path):
    made = Dataset(path, {"corpora": []}, TUNES, Augment())
    made._halves = {"train": split(range(12)), "eval": split((20, 21, 22))}
    return made


@pytest.fixture
def data(tmp_path):
    return tunes(tmp_path / "data")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of CONFIG to its end, which tests only read."""
    folder = tmp_path_factory.mktemp("finished")
    return training.train(CONFIG, tunes(folder / "data"), out=folder)


def test_a_chained_model_with_the_meter_is_trained_and_played(data, finished):
    """The test vector of the bundle has the controls of the held-out tune."""
    from symgen.controls import compute_all, make_all
    from symgen.runtime.onnx import OnnxPlayer

    opened = Bundle.open(finished.best)
    exact = opened.played_in("float32")
    held_out, test = data.split("eval"), exact.test_vector()
    assert opened.encoding == TUNES and opened.chained
    assert [c.spec() for c in opened.controls] == finished.config["controls"] == CONFIG["controls"]
    columns = compute_all(
        make_all(CONFIG["controls"]), TUNES, held_out.events(0), held_out.contexts[0]
    )
    assert np.array_equal(test["controls"], columns[:64]) and columns[:, 0].all()
    assert np.array_equal(test["chosen"], held_out.events(0)[:64]) and np.array_equal(
        test["event"][1:], test["chosen"][:-1]
    )
    player = OnnxPlayer.open(exact)
    player.start(1)
    player.step(test["event"][:1], test["controls"][:1])
    assert np.allclose(player.logits(1, test["chosen"][:1])[0], test["logits.chord"][0], atol=1e-4)


@pytest.mark.slow  # the models have a faster test that a chained head learns
def test_what_the_step_and_the_meter_tell_is_learned(data, tmp_path):
    """The chord follows from its note; the meter says when there is an onset."""
    plenty = {**CONFIG, "training": {**CONFIG["training"], "steps": 200, "eval_every": 200}}
    apart = {**plenty, "controls": [], "model": {"name": "lstm", "layers": [{"units": 16}]}}
    together, without = (
        training.train(c, data, out=tmp_path).journal[-1]["fields"] for c in (plenty, apart)
    )
    guess = np.log(3) / 12  # nats a step: a bar of twelve begins with one of three chords
    assert together["chord"]["nats"] < 0.8 * guess < guess < without["chord"]["nats"]
    assert together["melody"]["nats"] < without["melody"]["nats"]


def test_each_field_has_its_score(finished):
    for line in finished.journal:
        fields = line["fields"]
        assert list(fields) == ["melody", "chord"]
        assert sum(f["nats"] for f in fields.values()) == pytest.approx(
            line["nats_per_event"], rel=1e-5
        )
        assert np.mean([f["accuracy"] for f in fields.values()]) == pytest.approx(
            line["accuracy"], rel=1e-5
        )
    info = Bundle.open(finished.best).info
    best_step = finished.progress.best_step
    best = next(line for line in finished.journal if line["step"] == best_step)
    assert info["training"]["score"]["fields"] == best["fields"]
    text = describe(BundleInfo.from_dict(info))
    assert "chained head" in text and "controls  meter" in text
    for name, field in best["fields"].items():
        assert f"{name}  nats {field['nats']:.4g}, accuracy {field['accuracy']:.4g}" in text


def test_scores_of_fields_are_those_of_one_long_pass(data, tmp_path):
    from symgen.controls import make_all, total_width
    from symgen.encodings.base import inputs
    from symgen.models import Sizes, model
    from symgen.training.loop import backend
    from symgen.training.options import Training

    controls = make_all(CONFIG["controls"])
    member, sizes, held_out = (
        model(CONFIG["model"]),
        Sizes(tuple(TUNES.fields), total_width(controls, TUNES)),
        data.split("eval"),
    )
    _, scorer, network = backend.build(member, sizes, Training(batch=2))
    nats, hits = np.zeros(2), np.zeros(2)
    for i in range(len(held_out)):
        events = held_out.events(i)
        states = zeros(member.state_specs(), 1)
        logits, _ = network(
            inputs(TUNES, events, 0, len(events))[None],
            held_out.control_rows(controls, i)[None],
            states,
            events[None],
        )
        for k, z in enumerate(np.asarray(z, np.float64)[0] for z in logits):
            nats[k] += (np.log(np.exp(z).sum(-1)) - z[np.arange(len(z)), events[:, k]]).sum()
            hits[k] += (z.argmax(-1) == events[:, k]).sum()
    for rows, length in ((1, 7), (2, 16), (3, 200)):
        score = metrics.score(scorer, member.state_specs(), held_out, rows, length, controls)
        for k, name in enumerate(("melody", "chord")):
            assert score.fields[name]["nats"] == pytest.approx(nats[k] / held_out.total, rel=1e-4)
            assert score.fields[name]["accuracy"] == pytest.approx(hits[k] / held_out.total)


@pytest.mark.slow
def test_a_run_is_resumed_and_a_bundle_tuned_with_their_controls(data, tmp_path, finished):
    def stop(status):
        if status.step == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(CONFIG, data, out=tmp_path / "cut", watch=stop)
    assert training.resume(tmp_path / "cut" / "tunes", data=data).journal == finished.journal
    plain = {
        **CONFIG,
        "controls": [],
        "training": {**CONFIG["training"], "steps": 1, "eval_every": 1, "learning_rate": 1e-9},
    }
    tuned = training.train(plain, data, start=finished.best, out=tmp_path)
    assert (
        tuned.config["controls"] == CONFIG["controls"]
        and tuned.config["model"]["head"] == "chained"
    )
    assert tuned.journal[0]["nats_per_event"] == pytest.approx(finished.progress.best, abs=1e-4)


def test_an_open_vocabulary_takes_the_one_that_was_learned(tmp_path, finished):
    """The config leaves it open, the dataset fills it in, the run and its bundle record it."""
    assert OPEN.learns and finished.config["encoding"]["chords"] == ["C", "F", "G7"]
    other = Dataset(
        tmp_path,
        {},
        encoding("melody_chords", cutoff=2, chords=("C", "F", "G", "Am", "Dm")),
        Augment(),
    )
    with pytest.raises(
        DataError,
        match=r"its encoding has chords of 5, 'C' to 'Dm' and not \('C', 'F', 'G7'\); "
        r"make one that fits",
    ):
        training.train(CONFIG, other, start=finished.best, out=tmp_path)


@pytest.mark.parametrize(
    "controls",
    [
        {"name": "meter"},
        "meter",
        ["meter"],
        [{"name": "mood"}],
        [{}],
        [{"name": "meter", "bars": 3}],
    ],
)
def test_bad_controls_are_named(data, tmp_path, controls):
    with pytest.raises(BadOption, match="control"):
        training.train({**CONFIG, "controls": controls}, data, out=tmp_path)


def test_the_unigram_is_told_for_each_field(data, tmp_path):
    messages = []
    training.train(
        {**CONFIG, "training": {**CONFIG["training"], "steps": 1}},
        data,
        out=tmp_path,
        log=messages.append,
    )
    nats = metrics.unigram(data.split("train"), data.split("eval"))
    assert metrics.unigram_nats(data.split("train"), data.split("eval")) == pytest.approx(
        sum(nats.values())
    )
    assert (
        f"unigram entropy {sum(nats.values()):.3f} nats per event "
        f"(melody {nats['melody']:.3f}, chord {nats['chord']:.3f})" in messages[0]
    )
    assert metrics.by_field({"event": 3.0}) == ""


def test_notes_are_counted_in_both_forms():
    """Three onsets per bar; in the view of what sounds, a repeated note is one long note."""
    notes, seconds = split((0, 1)).extent()
    assert (notes, seconds) == (3 * (6 + 7), 12 * (6 + 7) / 8)
    form = encoding("melody_chords", melody="sounding", chords=("C",))
    pieces = [[60, 60, 0, 0, 60, 62, 62], [62, 62, 61], [], [0, 61]]
    rows = np.array([[1 + p if p else 0, 0] for piece in pieces for p in piece], np.uint8)
    counted = Split(form, [{"id": str(i)} for i in range(4)], [len(p) for p in pieces], rows)
    assert counted.extent()[0] == 3 + 2 + 0 + 1
