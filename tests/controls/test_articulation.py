"""Articulation: ratios counted by hand, what leaves them alone, and a model that is conditioned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.controls import compare, make_all
from symgen.controls.members.articulation import Articulation
from symgen.controls.timeline import timeline
from symgen.encodings import encoding
from symgen.errors import BadOption
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask
from tests.sampling.fakes import OFF, PERFORMANCE, SHIFT, Bigram, Toy, pianist

ENCODINGS = [PERFORMANCE, encoding("notes")]


def piece(*notes):
    """Music from (begin, length) pairs, each note a semitone higher than the one before."""
    return NoteSequence(notes_of([(50 + i, 80, t, t + d) for i, (t, d) in enumerate(notes)]))


def line(enc, music):
    return timeline(enc, enc.encode(music))


def scale(length, gap=0.5, count=9):
    return piece(*[(i * gap, length) for i in range(count)])


def near(value):
    """A ratio is rounded to an eighth of an octave."""
    return pytest.approx(value, rel=2 ** (1 / 16) - 1 + 1e-9)


@pytest.mark.parametrize("enc", ENCODINGS, ids=lambda e: e.name)
@pytest.mark.parametrize(
    ("length", "ratio"), [(0.1, 0.2), (0.25, 0.5), (0.5, 1), (0.75, 1.5), (2.0, 4)]
)
def test_it_is_the_length_over_the_time_to_the_next_onset(enc, length, ratio):
    control, found = Articulation(), line(enc, scale(length))
    assert control.measure(found) == near(ratio)
    assert control.values(found)[found.onset[:-1]] == near(np.full(8, ratio))
    assert np.isnan(control.values(found)[found.onset[-1]])  # no onset follows


def test_the_value_is_the_median():
    music = piece((0, 0.25), (1, 0.25), (2, 1), (3, 2), (4, 2), (5, 2))
    assert Articulation().measure(line(PERFORMANCE, music)) == near(1)
    even = piece((0, 0.25), (1, 1), (2, 1))
    assert Articulation().measure(line(PERFORMANCE, even)) == near(0.5)


def test_a_spread_chord_has_one_next_onset():
    music = piece((0, 0.5), (0.02, 0.48), (0.04, 0.46), (1, 0.5), (1.02, 0.48), (2, 1))
    assert Articulation().measure(line(PERFORMANCE, music)) == near(0.5)


def test_the_end_of_a_phrase_does_not_count():
    music = piece((0, 1), (1, 1), (2, 0.1), (6, 1), (7, 1), (8, 0.1))
    assert Articulation().measure(line(PERFORMANCE, music)) == near(1)
    assert Articulation().measure(line(PERFORMANCE, piece((0, 1), (5, 1)))) is None


def test_it_is_counted_over_the_next_three_seconds():
    music = piece(*[(i / 2, 0.125) for i in range(10)], *[(5 + i / 2, 0.5) for i in range(10)])
    found = line(PERFORMANCE, music)
    values = Articulation().values(found)[found.onset]
    assert values[0] == near(0.25) and values[10] == near(1)
    assert Articulation(window=60).values(found)[0] == Articulation().measure(found)


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 30)), min_size=3, max_size=30))
def test_neither_tempo_nor_pitch_changes_it(steps):
    begins = np.cumsum([gap for gap, _ in steps]) / 10
    music = piece(*[(t, length / 10) for t, (_, length) in zip(begins, steps, strict=True)])
    events = PERFORMANCE.encode(music)
    value = Articulation().measure(timeline(PERFORMANCE, events))
    for other in (PERFORMANCE.stretch(events, 2.0), PERFORMANCE.transpose(events, 7)):
        assert Articulation().measure(timeline(PERFORMANCE, other)) == value


def test_a_part_of_the_music_is_measured_with_the_onset_after_it():
    notes = scale(0.25).notes
    assert compare.measured(["articulation"], notes, 0, 1)["articulation"] == near(0.5)
    assert compare.measured(["articulation"], notes, 1, 1.2)["articulation"] == near(0.5)


class Touch(Bigram):
    """A pianist who releases notes the sooner the smaller the articulation is."""

    def step(self, events, controls=None):
        super().step(events)
        self.now = controls

    def logits(self, field, chosen, rows=None):
        out = np.array(super().logits(field, chosen, rows))
        now = self.now if rows is None else self.now[rows]
        level = now[:, 1:2]  # 0 is 1/8, 1 is 8
        out[:, OFF:SHIFT] += np.where(now[:, :1] > 0, 8 * (0.5 - level), 0)
        return out

    def select(self, rows):
        super().select(rows)
        self.now = self.now[rows]


class Taught(Toy):
    controls = make_all([{"name": "articulation"}])


def test_a_model_trained_with_it_is_conditioned():
    def reached(value):
        samples = draw(Taught(Touch(pianist().tables)), ask(num=4, seconds=10, articulation=value))
        assert all(s.methods == {"articulation": "conditioned"} for s in samples)
        return np.mean([s.measured["articulation"] for s in samples])

    assert reached(0.25) < reached(1) < reached(4)


def test_any_other_model_says_that_it_cannot():
    with pytest.raises(
        BadOption, match=r"no control for articulation: .* use a model trained with"
    ):
        draw(Toy(pianist()), ask(seconds=2, articulation=0.5))
