"""Every steer beside its formula written out, computed from the whole past at every step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.controls import make_all
from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.notes.theory.profiles import profile
from symgen.notes.theory.scales import scale
from symgen.sampling.engine.conditioning import Conditioner
from symgen.sampling.generate import draw
from symgen.sampling.processors.density import DensitySteer as Density
from symgen.sampling.processors.key import KeySteer as Key
from symgen.sampling.processors.polyphony import PolyphonySteer as Polyphony
from symgen.sampling.processors.register import RegisterSteer as Register
from symgen.sampling.request.request import ask
from tests.sampling.fakes import PERFORMANCE, SHIFT, VELOCITY, Toy, noise, pianist
from tests.sampling.steering import after, aim, begin, steer

TABLE = PERFORMANCE.table()
SECONDS, STRUCK = TABLE["advance"] / 100, TABLE["kind"] == "note_on"
BATCH, STEPS = 4, 120
WISHES = {
    "key": ["C", "F#m@0,Bb@1.5,C@3"],
    "density": [1.0, 9.0, "6@0:2@4", "2@0:8@3,4@3.5"],
    "register": [50, "40@0:80@4,60@5"],
    "polyphony": [2.5, "1@0:6@4"],
}
CASES = [(name, target, False) for name, targets in WISHES.items() for target in targets] + [
    ("key", target, True) for target in WISHES["key"]
]


class Key1:
    """The key of one stream, by its whole past."""

    def __init__(self, target, strict):
        self.target, self.strict, self.observed, self.key, self.due = (
            target,
            strict,
            np.zeros(12),
            None,
            0.0,
        )

    def steered(self, scores, now, took, sounding):
        key = scale(self.target.values[int(self.target.index(now))])
        if key.name != self.key:
            self.observed, self.key, self.due = np.zeros(12), key.name, now
        self.observed = self.observed + took * np.bincount(
            np.flatnonzero(sounding) % 12, minlength=12
        )
        inside = key.mask[np.arange(128) % 12]
        late = np.concatenate(
            [np.zeros(128, bool), sounding & ~inside, np.zeros(388 - SHIFT, bool)]
        ) & np.isfinite(scores)
        if self.strict and late.any():
            scores = np.where(late, scores, -np.inf)
        if now >= self.due:
            found, self.due = self.observed + Key.PRIOR * profile(key), now + Key.EVERY
            self.lean = np.clip(
                np.log(profile(key) / (found / found.sum())), -Key.FARTHEST, Key.FARTHEST
            )
            self.lean[~key.mask] = self.lean[key.mask].min()
        biases = (
            np.where(inside, 0, -np.inf if self.strict else Key.OUTSIDE)
            + self.lean[np.arange(128) % 12]
        )
        if np.isfinite(scores[:128]).any():
            weights = np.exp(scores[:128] - scores[:128].max())
            gain = min(
                np.log(weights.sum()) - np.log(max((weights * np.exp(biases)).sum(), 1e-30)), 6.0
            )
            scores = np.append(scores[:128] + biases + gain, scores[128:])
        return scores

    def chosen(self, value, sounds):
        pass


class Density1:
    """The density of one stream."""

    def __init__(self, target, strict):
        self.target, self.requested, self.lean, self.ahead, self.age = (
            target,
            Density.TYPICAL,
            0.0,
            0.0,
            0.0,
        )

    def steered(self, scores, now, took, sounding):
        requested = float(self.target.at(now))
        place = self.lean / (Density.BELOW if self.lean < 0 else Density.ABOVE) + np.log(
            requested / self.requested
        )
        self.lean = place * (Density.BELOW if place < 0 else Density.ABOVE)
        self.age = 0.0 if abs(requested / self.requested - 1) > Density.LEAP else self.age
        self.requested = requested
        self.gain = (
            1 + Density.EAGER * np.exp(-self.age / Density.SOON) + Density.FEW / requested**3
        )
        worth = np.where(STRUCK | (TABLE["kind"] == "velocity"), Density.STRIKE, 0)
        worth = worth - np.minimum(max(requested, Density.SLOWEST) * SECONDS, Density.CAP)
        return scores + worth * np.clip(
            self.lean - Density.GAIN * self.gain * self.ahead, -Density.REACH, Density.REACH
        )

    def chosen(self, value, sounds):
        took = SECONDS[value]
        self.lean = np.clip(
            self.lean - Density.DRIFT * self.gain * self.ahead * took, -Density.REACH, Density.REACH
        )
        self.ahead += STRUCK[value] / self.requested - took
        self.age += took


class Register1:
    """The register of one stream."""

    def __init__(self, target, strict):
        self.target, self.requested, self.above, self.slope = target, Register.TYPICAL, 0.0, 0.0

    def steered(self, scores, now, took, sounding):
        requested = float(self.target.at(now))
        self.slope += Register.FIRST * (requested - self.requested) / 12
        self.requested = requested
        slope = np.clip(self.slope - Register.GAIN * self.above, -Register.REACH, Register.REACH)
        if np.isfinite(scores[:128]).any():
            leant = scores[:128] + slope * np.arange(128) / 12
            before, after = (np.logaddexp.reduce(s) for s in (scores[:128], leant))
            scores = np.append(leant + before - after, scores[128:])
        return scores

    def chosen(self, value, sounds):
        if STRUCK[value]:
            off = (value - self.requested) / 12
            self.above = self.above * (1 - 1 / Register.SPAN) + off
            self.slope = np.clip(self.slope - Register.DRIFT * off, -Register.REACH, Register.REACH)


class Polyphony1:
    """The polyphony of one stream."""

    def __init__(self, target, strict):
        self.target, self.beyond, self.lean = target, 0.0, 0.0

    def steered(self, scores, now, took, sounding):
        self.requested = float(self.target.at(now))
        more = np.log(max(sounding.sum(), Polyphony.BELOW) / max(self.requested, Polyphony.BELOW))
        lean = self.lean + Polyphony.GAIN * self.beyond + Polyphony.NOW * more
        return scores + np.clip(lean, -Polyphony.REACH, Polyphony.REACH) * (
            TABLE["kind"] == "note_off"
        )

    def chosen(self, value, sounds):
        took = SECONDS[value]
        self.beyond += took * (sounds - self.requested) / max(self.requested, Polyphony.BELOW)
        self.lean = np.clip(
            self.lean + Polyphony.DRIFT * self.beyond * took, -Polyphony.REACH, Polyphony.REACH
        )


FORMULAS = {"key": Key1, "density": Density1, "register": Register1, "polyphony": Polyphony1}


@pytest.mark.parametrize(("name", "target", "strict"), CASES)
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_a_steer_is_its_formula_on_the_whole_past(name, target, strict, seed):
    rng, requested = np.random.default_rng(seed), Targets(**{name: target}, strict_key=strict)
    made, grammar = steer(name, PERFORMANCE, BATCH), PERFORMANCE.grammar(BATCH)
    aim(made, **{name: target}, strict_key=strict)
    formulas = [FORMULAS[name](requested.schedules[name], strict) for _ in range(BATCH)]
    now, took = np.zeros(BATCH), np.zeros(BATCH)
    for _ in range(STEPS):
        scores = rng.normal(0, 2, (BATCH, 388)).astype(np.float32)
        scores[:, SHIFT + 20 : VELOCITY] -= 6
        grammar.bar(0, scores)
        sounding = grammar.open_pitches().copy()
        expected = [
            f.steered(s.astype(np.float64), float(t), float(dt), on)
            for f, s, t, dt, on in zip(formulas, scores, now, took, sounding, strict=True)
        ]
        begin(made, now.copy(), grammar)
        made.apply(0, scores)
        np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)
        values = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
        grammar.choose(0, values)
        after(made, values[:, None])
        for formula, value, on in zip(formulas, values, sounding, strict=True):
            formula.chosen(value, on.sum())
        took = SECONDS[values]
        now = now + took


@pytest.mark.parametrize(
    "options",
    [
        dict(density="2:8"),
        dict(register="50:75"),
        dict(polyphony="2:6"),
        dict(key="C@0,F#m@2", strict_key=True),
        dict(key="D", density="6@0,2@2", register=70, polyphony="1:4"),
    ],
)
def test_a_stream_that_is_steered_depends_on_nothing_beside_it(options):
    for model in (pianist(), noise(3)):
        many = draw(Toy(model), ask(num=7, seconds=5, seed=3, **options))
        for index in (0, 3, 6):
            [alone] = draw(Toy(model), ask(first=index, seconds=5, seed=3, **options))
            assert np.array_equal(alone.events, many[index].events)


@given(
    st.lists(
        st.tuples(st.floats(0.01, 5), st.floats(-9, 9), st.booleans()), min_size=1, max_size=6
    ),
    st.lists(st.floats(0, 40), min_size=1, max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_a_value_over_time_is_a_line_or_a_step(points, seconds):
    times = tuple(np.cumsum([gap for gap, _, _ in points]).tolist())
    made = Schedule(
        times,
        tuple(value for _, value, _ in points),
        (False, *(glide for _, _, glide in points[1:])),
    )
    for second in [*seconds, *times]:
        place = max(sum(time <= second for time in times) - 1, 0)
        value = made.values[place]
        if place + 1 < len(times) and made.glides[place + 1] and second > times[place]:
            value += (
                (second - times[place])
                / (times[place + 1] - times[place])
                * (made.values[place + 1] - value)
            )
        assert made.index(second) == place
        assert float(made.at(second)) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_what_is_set_is_told_at_once():
    """Also where no time has passed since the last row."""
    known, begin = make_all([{"name": "density"}, {"name": "loudness"}]), np.array([1.0])
    conditioner = Conditioner(known, PERFORMANCE, 1, Targets(density="2@0:8@20"), ("density",))
    before = conditioner.rows(np.arange(1), begin).copy()
    assert np.array_equal(conditioner.rows(np.arange(1), begin), before)
    conditioner.set(Targets(density=5.0, loudness=60.0), ("density", "loudness"))
    assert np.allclose(
        conditioner.rows(np.arange(1), begin)[0],
        [*known[0].encode(PERFORMANCE, 5.0), *known[1].encode(PERFORMANCE, 60.0)],
    )
    assert not np.allclose(conditioner.rows(np.arange(1), begin), before)
