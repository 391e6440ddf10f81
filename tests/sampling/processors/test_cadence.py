"""The close of a piece: the dominant before, the tonic's chord, and a held last note."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symgen.encodings import encoding
from symgen.notes.theory.bars import layout, meter
from symgen.notes.theory.scales import scale
from symgen.sampling.tunes.cadence import cadence, dominants, nearest, tonics
from tests.sampling.fiddler import planned_draw, tunes

HOLD = 1


@given(
    st.sampled_from(["4/4", "3/4", "6/8", "2/4", "9/8", "2/2"]),
    st.integers(1, 9),
    st.integers(0, 999),
    st.sampled_from([None, "G", "Am", "D dorian", "F# minor"]),
    st.sampled_from(["onsets", "sounding"]),
    st.booleans(),
)
@example("6/8", 7, 716, "Am", "onsets", False)  # its melody is at 127: 117 is the nearest A
@settings(max_examples=60, deadline=None)
def test_every_sample_closes_on_the_tonic(rhythm, bars, seed, key, form, strict):
    """Legal as everything else is: holds hold something, and the length is as asked."""
    model = tunes(seed=seed, melody=form)
    for sample in planned_draw(
        model,
        num=3,
        bars=bars,
        meter=rhythm,
        seed=seed,
        key=key,
        strict_key=strict and key is not None,
    ):
        bar, music = meter(rhythm).bar(4), sample.sequence
        named = scale(sample.measured["key_name"])
        assert key is None or named.name == scale(key).name
        last = music.notes[-1]
        assert last["pitch"] % 12 == named.tonic
        step = music.total_time / len(sample.events)
        strong = {len(sample.events) - bar, len(sample.events) - bar + meter(rhythm).strong(4)}
        assert round(last["start_time"] / step) in strong or form == "sounding"
        assert last["end_time"] == pytest.approx(music.total_time)
        classes = model.encoding.table(1)["classes"][sample.events[-bar:, 1]]
        assert set(classes.tolist()) == {sum(1 << c for c in named.triad)}
        if (
            form == "onsets"
            and len(sample.events) - bar < round(last["start_time"] / step)
            and len(music.notes) > 1
        ):
            before = int(music.notes[-2]["pitch"])
            leap = abs(int(last["pitch"]) - before)
            assert leap == min(abs(pitch - before) for pitch in range(named.tonic, 128, 12))
        if form == "onsets":
            holds = sample.events[:, 0] == HOLD
            assert not (holds[1:] & (sample.events[:-1, 0] == 0)).any()
            assert not holds[0]


def test_the_dominant_comes_before():
    """The fiddler ends the bar before on a dominant in 2 of 36 samples; the bias makes it most."""

    def share(**options):
        ends = [
            s.events[-17, 1]
            for s in planned_draw(tunes(), num=40, bars=8, seed=1, key="C", **options)
        ]
        return np.isin(ends, dominants(tunes().encoding.table(1), scale("C"))).mean()

    assert share() > 0.6
    assert share(cadence=False) < share() - 0.15


def test_it_is_left_off_where_it_is_not_asked():
    ends = [
        s.sequence.notes[-1]
        for s in planned_draw(tunes(), num=20, bars=8, seed=1, key="C", cadence=False)
    ]
    assert len({n["pitch"] % 12 for n in ends}) > 2
    assert "cadence" not in planned_draw(tunes(), bars=2, seed=1, cadence=False)[0].measured


def test_the_key_is_found_in_what_has_sounded():
    """A model that plays in E flat closes in it, whatever the others beside it do."""
    model = tunes()
    classes = np.arange(128) % 12
    model.player.melody[:, 2:] += (
        np.where(scale("Eb").mask[classes], 0, -12)
        + np.array([0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 2, 0])[classes]
    )
    model.player.chord[:, 1 + 3] += 3
    names = [s.measured["key_name"] for s in planned_draw(model, num=20, bars=16, seed=1)]
    assert np.mean([name == "Eb major" for name in names]) > 0.7
    assert (
        len(
            {
                s.measured.get("cadence", s.measured.get("ends")).split()[-1]
                for s in planned_draw(tunes(), num=8, bars=8, seed=1)
            }
        )
        > 1
    )


def test_a_piece_in_a_key_begins_in_it():
    """Without the lean a piece in G begins as often on the chord of another degree."""

    def first(**options):
        return np.mean(
            [
                s.events[0, 1] == 1 + 7
                for s in planned_draw(tunes(), num=40, bars=2, seed=1, **options)
            ]
        )

    assert first(key="G") > 0.5
    assert first() < 0.2


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("C", ["G", "G7"]),
        ("A minor", ["E", "E7"]),
        ("D dorian", ["C", "Am"]),
        ("G mixolydian", ["F", "Dm"]),
    ],
)
def test_chords_of_the_dominant(key, names):
    made = tunes().encoding
    assert sorted(made.chords[v - 1] for v in dominants(made.table(1), scale(key))) == sorted(names)


def test_the_chord_of_the_tonic():
    made = tunes().encoding
    assert [
        made.chords[v - 1] for v in np.flatnonzero(tonics(made.table(1), scale("F# minor")))
    ] == ["F#m"]
    poor = encoding("melody_chords", chords=("G7", "C7", "Am", "F#"))

    def near(key):
        return [poor.chords[v - 1] for v in np.flatnonzero(tonics(poor.table(1), scale(key)))]

    assert near("C") == ["Am"]  # the only one of the key that holds its tonic
    assert len(near("Eb")) == 4  # none does, and any will do
    sample = planned_draw(tunes_of(poor), bars=4, key="Eb", strict_key=True, seed=1)[0]
    assert len(sample.events) == 64


def tunes_of(made):
    from tests.sampling.fiddler import Fiddler, Tunes

    return Tunes(Fiddler(made), made)


def test_where_it_is():
    bars = layout([2, 6, 8], 2 + 48, 4)
    assert cadence(bars, 4) == (26, 38, 44, 50)
    assert cadence(bars[:1], 4) == (2, 2, 8, 14)
    assert (
        cadence(layout([2, 6, 8], 42, 4), 4).final == 38
    )  # the last bar is cut short by the pickup, before its middle


def test_the_nearest_pitch():
    classes = np.zeros((5, 12), bool)
    classes[:, 0] = True
    assert nearest(np.array([61, 67, 66, 0, 127]), classes).tolist() == [60, 72, 60, 0, 120]
