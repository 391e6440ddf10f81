"""Key and density: asked and reached, on models that know of neither."""

import numpy as np
import pytest

from symgen.notes.theory import keys
from symgen.notes.theory.scales import scale
from symgen.sampling import steers
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask
from tests.sampling.fakes import OFF, PERFORMANCE, SHIFT, VELOCITY, Bigram, Toy, noise, pianist
from tests.sampling.steering import aim, begin, check_key, steer


@pytest.mark.parametrize("rate", [4.0, 9.0])
@pytest.mark.parametrize("density", [1.0, 2.0, 3.0, 6.0, 12.0])
def test_the_density_asked_is_reached(rate, density):
    samples = draw(Toy(pianist(rate)), ask(num=6, seconds=30, seed=4, density=density))
    for sample in samples:
        assert sample.requested["density"] == density
        assert sample.measured["density"] == pytest.approx(density, rel=0.15)
        assert sample.measured["density"] == pytest.approx(len(sample.sequence) / 30)
    assert np.mean([sample.measured["density"] for sample in samples]) == pytest.approx(
        density, rel=0.07
    )


def test_density_is_not_a_burst_and_a_wait():
    """The notes are spread over the sample: each third holds about a third of them."""
    for sample in draw(Toy(pianist(8.0)), ask(num=4, seconds=30, seed=4, density=3.0)):
        thirds = np.histogram(sample.sequence.notes["start_time"], [0, 10, 20, 30])[0]
        assert (thirds > 21).all()
        assert (thirds < 39).all()


@pytest.mark.parametrize("key", ["C", "F# minor", "Db", "E phrygian"])
def test_the_key_asked_is_reached(key):
    for model in (pianist(), noise()):
        for sample in draw(Toy(model), ask(num=4, seconds=20, seed=4, key=key)):
            assert sample.requested["key"] == scale(key).name
            check_key(sample, key, 0.95)


def test_a_strict_key_lets_nothing_else_sound():
    for sample in draw(
        Toy(noise(3)), ask(num=4, seconds=20, seed=4, key="Ab", strict_key=True, temperature=2.0)
    ):
        assert scale("Ab").mask[sample.sequence.notes["pitch"] % 12].all()
        assert sample.measured["key"] == 1


def test_the_key_leaves_the_rhythm_alone():
    """Note-ons together stay as likely, however few of the model's pitches are in the key."""
    scores = pianist().tables[0][:3] + np.random.default_rng(1).normal(0, 1, (3, 388)).astype(
        np.float32
    )
    before = np.exp(scores)
    for strict in (False, True):
        steered = scores.copy()
        steer("key", PERFORMANCE, 3, key="C", strict_key=strict).apply(0, steered)
        after = np.exp(steered)
        assert np.allclose(after[:, :OFF].sum(1), before[:, :OFF].sum(1), rtol=1e-4)
        assert np.array_equal(after[:, OFF:], before[:, OFF:])
        white = scale("C").mask[np.arange(128) % 12]
        ratio = after[:, :OFF][:, white] / before[:, :OFF][:, white]
        assert np.allclose(
            ratio, ratio[:, :1], rtol=1e-3
        )  # among the pitches of the key nothing changes


def sounded(made, grammar, pitches, seconds):
    """Let `pitches` sound for `seconds` in every stream, as the steer `made` takes it."""
    batch = made.view.batch
    for pitch in pitches:
        grammar.choose(0, np.full(batch, VELOCITY + 10))
        grammar.choose(0, np.full(batch, pitch))
    begin(made, np.zeros(batch), grammar)
    begin(made, np.full(batch, float(seconds)), grammar)


def steered(scores, key, pitches=(), seconds=0.0):
    """The chances that `scores` [388] have for each pitch class once they are steered to `key`."""
    made = steer("key", PERFORMANCE, 1, key=key)
    sounded(made, PERFORMANCE.grammar(1), pitches, seconds)
    after = scores[None].copy()
    made.apply(0, after)
    return np.bincount(np.arange(OFF) % 12, np.exp(after[0, :OFF]), 12)


def test_a_pitch_class_that_sounded_long_gives_way_to_one_that_did_not():
    scores = np.zeros(388, np.float32)
    silent = steered(scores, "C")
    inside = np.flatnonzero(scale("C").mask)
    assert np.allclose(
        silent[inside] / np.bincount(np.arange(OFF) % 12)[inside], silent[0] / 11, rtol=1e-4
    )  # nothing heard, no lean
    after = steered(
        scores, "C", pitches=[59, 71], seconds=20
    )  # B alone, for long: G, C and E are lacking
    share = after / silent
    assert share[11] == min(share[inside])
    assert share[11] < 0.5 * share[7]
    assert share[[0, 4, 7]] == pytest.approx(
        share[0], rel=0.05
    )  # each lacks as much of its own share as the others
    assert after.sum() == pytest.approx(silent.sum(), rel=1e-4)  # the rhythm is left alone
    outside = ~scale("C").mask
    assert (
        after[outside].sum() <= silent[outside].sum() * 1.001
    )  # what is lacking never leads out of the key


def test_the_lean_forgets_when_the_key_changes():
    made, grammar = steer("key", PERFORMANCE, 1), PERFORMANCE.grammar(1)
    aim(made, 60.0, key="C@0,G@30")
    sounded(made, grammar, [59], 20)
    assert made._lean([0])[0, 11] < -0.3
    grammar.choose(0, np.array([OFF + 59]))
    begin(made, [31.0], grammar)
    assert np.allclose(made._lean([0]), 0, atol=1e-6)


@pytest.mark.parametrize("key", ["C", "A minor", "F# major", "Eb minor"])
def test_the_key_is_found_again_and_not_its_scale_alone(key):
    """A model with equally likely pitches is steered to music in which the key is found."""
    samples = draw(Toy(pianist()), ask(num=6, seconds=30, seed=4, key=key))
    found = [keys.key_of(sample.sequence).name for sample in samples]
    assert sum(name == scale(key).name for name in found) >= 5


def test_bars_stay_bars():
    """Steering never makes legal what the grammar bars, and never gives NaN."""
    for name in steers:
        made = steer(name, PERFORMANCE, 2, key="C", density=2.0)
        scores = np.full((2, 388), -np.inf, np.float32)
        scores[1, [61, OFF + 3, SHIFT + 5, VELOCITY]] = 0
        barred = np.isneginf(scores)
        made.apply(0, scores)
        assert np.array_equal(np.isneginf(scores), barred)
        assert not np.isnan(scores).any()


def test_nothing_asked_changes_nothing():
    plain = draw(Toy(pianist()), ask(seconds=10, seed=1))[0]
    for name in steers:
        made = aim(steer(name, PERFORMANCE, 1))
        scores = np.random.default_rng(1).normal(size=(1, 388)).astype(np.float32)
        before = scores.copy()
        made.apply(0, scores)
        assert np.array_equal(scores, before)
    assert set(plain.requested) == {"seconds"}
    assert "key" not in plain.measured


def test_both_at_once():
    for sample in draw(Toy(pianist(8.0)), ask(num=4, seconds=30, seed=2, key="Bb", density=4.0)):
        assert sample.measured["density"] == pytest.approx(4.0, rel=0.1)
        assert sample.measured["key"] >= 0.95


def test_a_model_that_cannot_obey_ends_all_the_same():
    """Only long rests, or only note-ons: the bias has its limit, and the sample its end."""
    rest, strike = np.full((2, 389, 388), -60, np.float32)
    rest[:, VELOCITY - 1] = 0
    strike[:, 60] = strike[:, VELOCITY] = 0
    for table, density in ((rest, 12.0), (strike, 1.0)):
        [sample] = draw(Toy(Bigram([table])), ask(seconds=20, seed=1, density=density))
        assert sample.measured["seconds"] == 20
