"""Conditions of a model: the targets at each stream's own time; guidance; the method used."""

import dataclasses

import numpy as np
import pytest

from symgen.controls import make_all, total_width
from symgen.controls.base import columns
from symgen.controls.targets import Targets
from symgen.errors import BadOption
from symgen.notes.theory.profiles import MAJOR, MINOR, profile, window
from symgen.notes.theory.scales import scale
from symgen.sampling.engine.conditioning import Conditioner
from symgen.sampling.engine.guidance import Guided
from symgen.sampling.generate import draw
from symgen.sampling.nats import nats
from symgen.sampling.request.methods import choose
from symgen.sampling.request.request import ask, primed
from symgen.sampling.stream import Stream
from tests.sampling.fakes import PERFORMANCE, SHIFT, VELOCITY, Bigram, Toy, pianist

KNOWN = make_all(
    [
        {"name": "density"},
        {"name": "pitch_histogram"},
        {"name": "position"},
        {"name": "loudness"},
        {"name": "label", "labels": ["Bach", "Debussy"]},
    ]
)
PLACE = {
    control.name: place for control, place in zip(KNOWN, columns(KNOWN, PERFORMANCE), strict=True)
}


class Listener(Bigram):
    """A pianist whose velocity follows the loudness, and who remembers all its conditions."""

    def start(self, batch):
        super().start(batch)
        self.conditions, self.now = [], None

    def step(self, events, controls=None):
        super().step(events)
        self.conditions.append(np.array(controls))
        self.now = controls

    def logits(self, field, chosen, rows=None):
        out = np.array(super().logits(field, chosen, rows))
        loud = (self.now if rows is None else self.now[rows])[:, PLACE["loudness"]]
        out[:, VELOCITY:] += np.where(
            loud[:, :1] > 0, -40 * (np.arange(32) / 32 - loud[:, 1:2]) ** 2, 0
        )
        return out

    def select(self, rows):
        super().select(rows)
        self.now = self.now[rows]


@dataclasses.dataclass
class Hearer(Toy):
    controls: tuple = KNOWN


def hearer():
    return Hearer(Listener(pianist().tables))


def heard_as(shares):
    """The condition for the histogram `shares`: the presence bit, and twelve times each share."""
    return np.append(1, 12 * shares)


def rows(names, targets, seconds, length=20.0):
    conditioner = Conditioner(KNOWN, PERFORMANCE, len(seconds), targets.over(length), names, length)
    return conditioner.rows(np.arange(len(seconds)), np.array(seconds)), conditioner


def test_each_stream_is_told_what_is_asked_at_its_own_time():
    targets = Targets(density="2:8", key="C@0,Am@10", loudness=60)
    made, conditioner = rows(("density", "key", "loudness"), targets, [0.0, 9.9, 10.0, 20.0])
    density, histogram = made[:, PLACE["density"]], made[:, PLACE["pitch_histogram"]]
    assert np.allclose(
        density[[0, 2, 3]], [KNOWN[0].encode(PERFORMANCE, v) for v in (2.0, 5.0, 8.0)]
    )
    assert np.allclose(histogram[[0, 1]], heard_as(window(scale("C"))))
    assert np.allclose(histogram[2], heard_as(window(scale("Am"))))
    assert np.allclose(made[:, PLACE["loudness"]], KNOWN[3].encode(PERFORMANCE, 60.0))
    assert not made[:, PLACE["label"]].any()
    assert np.allclose(made[:, PLACE["position"]][[0, 2, 3], 1], [0, 0.5, 1], atol=0.002)
    wished = {name: bool(conditioner.requested[place].all()) for name, place in PLACE.items()}
    assert wished == {
        "density": True,
        "pitch_histogram": True,
        "position": False,
        "loudness": True,
        "label": False,
    }


def test_nothing_asked_is_nothing_told():
    made, conditioner = rows((), Targets(), [3.0, 4.0])
    assert not np.delete(made, PLACE["position"], axis=1).any()
    assert not conditioner.requested.any()
    endless = Conditioner(KNOWN, PERFORMANCE, 1, Targets(), (), None)
    assert not endless.rows(np.arange(1), np.zeros(1)).any()


def test_a_histogram_that_is_asked_goes_before_that_of_a_key():
    flat = Targets(key="C", pitch_histogram=[1] * 12)
    made, _ = rows(("key", "pitch_histogram"), flat, [0.0])
    assert np.allclose(made[0, PLACE["pitch_histogram"]], np.ones(13))


def test_a_key_is_told_as_five_seconds_in_it_are():
    """The histogram has the median entropy of real windows of 5 s, and the order of the key."""
    for name in ("Eb", "F#m"):
        shares, counted = profile(scale(name)), window(scale(name))
        assert np.array_equal(
            np.argsort(shares), np.argsort(counted)
        ) and counted.sum() == pytest.approx(1)
        assert -(counted * np.log2(counted)).sum() == pytest.approx(2.71, abs=0.07)


def test_a_key_is_told_as_real_music_in_it_is():
    assert sum(MAJOR) == pytest.approx(1, abs=1e-3) and sum(MINOR) == pytest.approx(1, abs=1e-3)
    for name in (
        "C",
        "F#",
        "Bbm",
        "D dorian",
        "E phrygian",
        "G mixolydian",
        "B locrian",
        "A harmonic minor",
    ):
        shares, key = profile(scale(name)), scale(name)
        assert shares.sum() == pytest.approx(1)
        assert shares[key.mask].sum() > 0.78
        assert shares.argmax() == key.tonic
    assert np.allclose(np.roll(profile(scale("C")), 5), profile(scale("F")))


def test_the_primer_and_every_step_are_told():
    model = hearer()
    made = Stream(
        PERFORMANCE, model.player, ask(seconds=None, seed=1, label="debussy", density=3.0), KNOWN
    )
    for _ in range(40):
        next(made)
    conditions = np.concatenate(model.player.conditions)
    assert np.allclose(conditions[:, PLACE["label"]], [1, 0, 1])
    assert not conditions[:, PLACE["position"]].any()  # it has no end
    assert not conditions[:, PLACE["loudness"]].any()


def test_conditions_are_obeyed_and_a_stream_takes_new_targets():
    quiet, loud = (draw(hearer(), ask(num=3, seconds=10, seed=1, loudness=v)) for v in (30, 100))
    for a, b in zip(quiet, loud, strict=True):
        assert a.methods == {"loudness": "conditioned"}
        assert a.measured["loudness"] < 50 < 80 < b.measured["loudness"]
    playing = Stream(PERFORMANCE, hearer().player, ask(seconds=None, seed=1, loudness=30), KNOWN)
    for event in playing:
        if event.time > 5:
            break
    playing.set(loudness=100)
    since, heard = (
        playing.time,
        [e for _, e in zip(range(60), playing, strict=False) if e.kind == "on"],
    )
    assert np.mean([e.velocity for e in heard if since + 0.5 < e.time]) > 75
    assert playing.controls.get("loudness") == 100


def test_a_sample_depends_on_nothing_beside_it():
    options = dict(seed=3, seconds=6, density="2:8", loudness=60, guidance=1.5, key="C@0,G@3")
    many = draw(hearer(), ask(num=4, **options))
    for index in (0, 3):
        [alone] = draw(hearer(), ask(first=index, **options))
        assert np.array_equal(alone.events, many[index].events)


def test_guidance_makes_more_of_what_is_told():
    reached = [
        np.mean(
            [
                s.measured["loudness"]
                for s in draw(hearer(), ask(num=4, seconds=10, seed=1, loudness=110, guidance=g))
            ]
        )
        for g in (0.0, 1.0, 3.0)
    ]
    assert reached[0] < 80 < reached[1] < reached[2]


def test_many_streams_are_guided_as_few_are():
    options = dict(seconds=5, seed=1, loudness=110, guidance=2.0)
    for few, one in zip(
        draw(hearer(), ask(num=9, **options)),
        [draw(hearer(), ask(first=i, **options))[0] for i in range(9)],
        strict=True,
    ):
        assert np.array_equal(few.events, one.events)


def test_guidance_is_between_and_beyond_the_two():
    model = Listener(pianist().tables)
    width = total_width(KNOWN, PERFORMANCE)
    conditions = np.zeros((2, width), np.float32)
    conditions[:, PLACE["loudness"]] = KNOWN[3].encode(PERFORMANCE, 100.0)
    events = np.array([[60], [VELOCITY]], np.int32)
    logits = {}
    for g in (0.0, 1.0, 2.5):
        guided = Guided(model.fresh(), g, conditions[0] > 0)
        guided.start(2)
        guided.step(events, conditions)
        guided.select(np.array([1, 0]))
        logits[g] = guided.logits(0, events)
    for g, conditions_of in ((0.0, np.zeros_like(conditions)), (1.0, conditions)):
        alone = model.fresh()
        alone.start(2)
        alone.step(events[::-1], conditions_of[::-1])
        expected = alone.logits(0, events)
        assert np.allclose(logits[g], expected - expected.max(axis=1, keepdims=True), atol=1e-4)
    assert np.allclose(logits[2.5], logits[0.0] + 2.5 * (logits[1.0] - logits[0.0]), atol=1e-3)


def test_guidance_needs_something_to_strengthen():
    with pytest.raises(BadOption, match="guidance 2 needs a target to strengthen"):
        ask(guidance=2.0)
    with pytest.raises(BadOption, match="guidance 2: the model is conditioned on none"):
        draw(Toy(pianist()), ask(seconds=2, density=3, guidance=2.0))
    with pytest.raises(BadOption, match=r"guidance 11\.0: expected a number from 0 to 10"):
        ask(density=3, guidance=11.0)


def test_methods():
    targets = Targets(key="C", density=3, loudness=60, register=60)
    assert choose(targets, KNOWN, "both", PERFORMANCE) == {
        "key": "both",
        "density": "both",
        "loudness": "condition",
        "register": "steer",
    }
    assert choose(Targets(key="C", density=3), (), "both", PERFORMANCE) == {
        "key": "steer",
        "density": "steer",
    }
    assert choose(Targets(key="C", density=3), KNOWN, "condition", PERFORMANCE) == {
        "key": "condition",
        "density": "condition",
    }
    assert choose(Targets(key="C", strict_key=True), KNOWN, "condition", PERFORMANCE) == {
        "key": "both"
    }
    for wrong, known, method, message in (
        (
            Targets(loudness=60),
            (),
            "both",
            "no control for loudness: it can be conditioned on nothing, "
            "and steered by key, density",
        ),
        (Targets(label="Bach"), KNOWN[:1], "both", "can be conditioned on density, and steered by"),
        (
            Targets(register=60),
            KNOWN,
            "condition",
            "--method condition: this model cannot be conditioned on register",
        ),
        (
            Targets(loudness=60),
            KNOWN,
            "steer",
            "--method steer: this model cannot be steered by loudness",
        ),
    ):
        with pytest.raises(BadOption, match=message):
            choose(wrong, known, method, PERFORMANCE)


def test_an_unknown_label_names_the_known():
    with pytest.raises(BadOption, match="Debussy"):
        draw(hearer(), ask(seconds=2, label="Debusy"))


def test_nats_are_those_of_the_model_that_is_not_told():
    model = hearer()
    [sample] = draw(model, ask(seconds=8, seed=1, loudness=100), likelihood=True)
    player, width, total = model.play(), total_width(KNOWN, PERFORMANCE), 0.0
    player.start(1)
    fed = PERFORMANCE.start()[None]
    for row in sample.events:
        player.step(fed, np.zeros((1, width), np.float32))
        scores = player.logits(0, fed)[0].astype(float)
        total += np.log(np.exp(scores).sum()) - scores[row[0]]
        fed = row[None]
    assert sample.nats == pytest.approx(total / len(sample.events), rel=1e-4)


def test_nats_are_also_those_of_a_model_that_is_told():
    model = hearer()
    events = [draw(model, ask(seconds=8, seed=1, loudness=110))[0].events]
    right, wrong = (
        nats(
            PERFORMANCE, model.play(), KNOWN, ask(seconds=8, loudness=v), events, names=["loudness"]
        )[0]
        for v in (110, 20)
    )
    assert right < wrong - 0.01


def test_nats_of_several_are_those_of_each_and_leave_the_primer_out():
    model = hearer()
    samples = draw(model, ask(num=5, seconds=6, seed=1))
    events = [s.events for s in samples]
    together = nats(PERFORMANCE, model.play(), KNOWN, ask(seconds=6), events)
    for one, many in zip(events, together, strict=True):
        [alone] = nats(PERFORMANCE, model.play(), KNOWN, ask(seconds=6), [one])
        assert alone == pytest.approx(many, rel=1e-5)
    request = primed(ask(seconds=6, seed=1, density=3), PERFORMANCE, samples[0].sequence, 2.0)
    [primed_one] = draw(model, request, likelihood=True)
    strange = np.concatenate([request.primer, primed_one.events[len(request.primer) :]])
    skipped = nats(PERFORMANCE, model.play(), KNOWN, request, [strange], len(request.primer))
    assert primed_one.nats == pytest.approx(skipped[0])


def test_a_model_without_controls_has_nats_too():
    samples = draw(Toy(pianist()), ask(num=2, seconds=5, seed=1, density=3), likelihood=True)
    assert all(6 < s.nats < 8 for s in samples)
    assert (np.concatenate([s.events for s in samples]) >= SHIFT).any()
