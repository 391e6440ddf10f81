"""Bars, meter and tempo on a grid of beats: exact in every sample, and told to the model."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symgen
from symgen.controls import compute_all, make_all
from symgen.encodings import encoding
from symgen.errors import BadOption
from symgen.notes.sequence import CHORD, TEMPO, TIME_SIGNATURE, NoteSequence, notes_of, table
from symgen.notes.theory.bars import changes, layout, meter, tempo
from symgen.notes.theory.meter import bar_lines
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.stream import Stream
from symgen.sampling.tunes.plan import BARS, planned
from tests.sampling.fakes import Toy, noise
from tests.sampling.fiddler import CHORDS, Fiddler, planned_draw, tunes

METERS = ["4/4", "3/4", "6/8", "2/2", "2/4", "9/8", "12/8", "5/8", "7/8", "3/8", "3/2"]


@given(
    st.integers(1, 12),
    st.sampled_from(METERS),
    st.integers(40, 200),
    st.integers(0, 999),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_bars_meter_and_tempo_are_exact_in_every_sample(bars, rhythm, beats, seed, cadence):
    of = meter(rhythm)
    seconds = bars * 4 * of.numerator / of.denominator * 60 / tempo(beats, of).qpm
    for sample in planned_draw(
        tunes(seed=seed), num=2, bars=bars, meter=rhythm, tempo=beats, seed=seed, cadence=cadence
    ):
        music = sample.sequence
        assert music.total_time == pytest.approx(seconds) == sample.measured["seconds"]
        assert np.allclose(bar_lines(music), np.linspace(0, seconds, bars + 1))
        assert music.time_signatures[["numerator", "denominator"]].tolist() == [tuple(of)]
        assert music.tempos["qpm"].tolist() == [pytest.approx(float(4 * of.beat) * beats)]
        assert len(sample.events) == bars * of.bar(4)
        assert sample.measured["bars"] == sample.requested["bars"] == bars


@pytest.mark.parametrize(
    ("rhythm", "text", "qpm", "printed"),
    [
        ("4/4", 110, 110, "quarter note = 110"),
        ("6/8", 110, 165, "dotted quarter note = 110"),
        ("2/2", 80, 160, "half note = 80"),
        ("6/8", "1/8=200", 100, "eighth note = 200"),
        ("3/4", "90", 90, "quarter note = 90"),
        ("9/8", "3/8 = 100", 150, "dotted quarter note = 100"),
        ("7/8", 120, 120, "quarter note = 120"),
        ("3/8", 60, 90, "dotted quarter note = 60"),
    ],
)
def test_a_tempo_counts_the_beats_of_the_meter(rhythm, text, qpm, printed):
    made = tempo(text, meter(rhythm))
    assert made.qpm == pytest.approx(qpm)
    assert str(made) == printed
    assert tempo(made.text, meter("4/4")).qpm == pytest.approx(qpm)


def test_a_model_of_tunes_plays_32_bars_unless_asked():
    [sample] = planned_draw(tunes(), seed=1)
    assert (sample.measured["bars"], sample.measured["meter"], sample.measured["tempo"]) == (
        32,
        "4/4",
        "quarter note = 120",
    )
    [sample] = planned_draw(tunes(), seed=1, seconds=7, meter="3/4")
    assert sample.measured["bars"] == 5  # of 1.5 seconds
    assert sample.requested["seconds"] == 7


def test_the_model_is_told_where_it_is():
    controls = make_all([{"name": "meter"}])
    model = tunes(controls)
    conditions = []

    class Listening(Fiddler):
        def step(self, events, controls=None):
            super().step(events, controls)
            conditions.append(controls)

    model.player = Listening(model.encoding)
    planned_draw(model, num=2, bars=5, meter="6/8", seed=1)
    context = {"bars": [0, 6, 8], "steps": 60}
    expected = compute_all(controls, model.encoding, np.zeros((60, 2), np.int32), context)
    assert np.array_equal(np.array(conditions), np.repeat(expected[:, None], 2, axis=1))


def test_chords_change_on_the_beats():
    for rhythm, steps in (("4/4", 4), ("6/8", 6), ("3/4", 4), ("2/2", 4), ("7/8", 2)):
        for sample in planned_draw(tunes(), num=3, bars=8, meter=rhythm, seed=3):
            where = np.flatnonzero(np.diff(sample.events[:, 1]) != 0) + 1
            assert len(where) > 3
            bar = meter(rhythm).bar(4)
            assert (where % bar % steps == 0).all()
    loose = planned_draw(tunes(), bars=32, seed=3, chords_on="any")[0].events[:, 1]
    assert ((np.flatnonzero(np.diff(loose)) + 1) % 4 != 0).any()


def test_bars_of_a_tune_that_changes_meter():
    """A pickup of 2 steps, two bars of 6/8, a short bar and 3/4 to the end."""
    bars = layout([2, 6, 8, 26, 6, 8, 34, 3, 4], 60, 4)
    assert [(b.start, b.stop) for b in bars] == [
        (2, 14),
        (14, 26),
        (26, 34),
        (34, 46),
        (46, 58),
        (58, 60),
    ]
    assert np.flatnonzero(changes(bars, 60, 4)).tolist() == [
        0,
        2,
        8,
        14,
        20,
        26,
        32,
        34,
        38,
        42,
        46,
        50,
        54,
        58,
    ]


def test_a_sample_depends_on_nothing_beside_it():
    many = planned_draw(tunes(), num=40, bars=4, seed=5)
    for index in (0, 7, 39):
        assert np.array_equal(
            planned_draw(tunes(), first=index, bars=4, seed=5)[0].events, many[index].events
        )
    assert not np.array_equal(many[0].events, many[1].events)


def primer_tune():
    """A pickup of a quarter, then two bars of 3/4 at 90."""
    beat = 60 / 90
    notes = notes_of((67 + k, 80, k * beat, (k + 1) * beat) for k in range(7))
    meters = table(TIME_SIGNATURE, time=0, numerator=3, denominator=4)
    return NoteSequence(
        notes,
        tempos=table(TEMPO, time=0, qpm=90),
        time_signatures=meters,
        chords=table(CHORD, time=[0, beat], symbol=["G", "C"]),
        first_bar_time=beat,
        total_time=7 * beat,
    )


def test_a_primer_keeps_its_meter_tempo_and_pickup():
    primer = primer_tune()
    for sample in planned_draw(tunes(make_all([{"name": "meter"}])), primer, num=2, bars=6, seed=1):
        music = sample.sequence
        assert np.array_equal(sample.events[:28], tunes().encoding.encode(primer))
        assert np.allclose(bar_lines(music), 60 / 90 * (1 + 3 * np.arange(7)))
        assert music.first_bar_time == pytest.approx(60 / 90)
        assert (music.notes["start_time"] > 7 * 60 / 90).sum() == pytest.approx(
            sample.measured["notes"], abs=1
        )
        assert "cadence" not in sample.measured
    with pytest.raises(BadOption, match="the primer has its own meter; remove --meter"):
        planned_draw(tunes(), primer, meter="4/4")
    with pytest.raises(BadOption, match="ask for more --bars"):
        planned_draw(tunes(), primer, bars=1)


def test_density_and_key_are_reached_at_any_tempo():
    for beats in (60, 180):
        for sample in planned_draw(
            tunes(), num=3, bars=32, tempo=beats, seed=2, density=2.5, key="D"
        ):
            assert sample.measured["density"] == pytest.approx(2.5, rel=0.12)
            assert sample.measured["density"] == pytest.approx(
                len(sample.sequence.notes) / sample.sequence.total_time
            )
            assert sample.measured["key"] > 0.95


def test_a_strict_key_bars_chords_too():
    from symgen.notes.theory.scales import scale

    model = tunes()
    classes = model.encoding.table(1)["classes"].astype(int)
    outside = sum(1 << c for c in np.flatnonzero(~scale("A").mask))

    def share(**options):
        return np.mean(
            [
                (classes[s.events[:, 1]] & outside > 0).mean()
                for s in planned_draw(model, num=8, seed=2, **options)
            ]
        )

    assert share(key="A", strict_key=True) == 0
    assert 0 < share(key="A") < 0.3
    assert share() > 0.5


def test_a_stream_plays_on_in_the_tempo():
    controls = make_all([{"name": "meter"}])
    model = tunes(controls)

    def stream(**shape):
        request = planned(
            ask(seconds=None, seed=1, shape=Structure(**shape)), model.encoding, endless=True
        )
        return Stream(model.encoding, model.play(), request, controls)

    endless = stream(tempo=60)
    played = [next(endless) for _ in range(900)]
    assert played[-1].time > 140  # 35 bars: it has gone round
    assert [e.time for e in played] == sorted(e.time for e in played)
    assert {round(e.time * 4 % 1, 6) for e in played} == {0}
    some = list(stream(bars=4, tempo=60).notes())
    [sample] = planned_draw(model, bars=4, tempo=60, seed=1)
    assert sorted(some) == sorted(
        (n["pitch"], n["velocity"], n["start_time"], n["end_time"]) for n in sample.sequence.notes
    )


def test_an_endless_stream_never_hears_of_an_end():
    request = planned(ask(seconds=None, seed=1), tunes().encoding, endless=True)
    rows = request.plan.controls(make_all([{"name": "meter"}]), tunes().encoding)
    assert len(rows) == 32 * 16
    assert rows[:, -4:].max() == 0  # none of the last four bars
    assert [request.plan.row(t) for t in (0, 511, 512, 767, 768)] == [0, 511, 256, 511, 256]
    assert np.array_equal(rows[256, -12:], rows[511 + 1 - 256, -12:])


def test_a_plan_tells_nothing_of_music_that_is_not_made_yet():
    """What is computed of the music to come in training must be asked for here."""
    request = planned(ask(seconds=None, seed=1), tunes().encoding)
    rows = request.plan.controls(
        make_all([{"name": "density"}, {"name": "meter"}, {"name": "pitch_histogram"}]),
        tunes().encoding,
    )
    alone = request.plan.controls(make_all([{"name": "meter"}]), tunes().encoding)
    assert (
        np.array_equal(rows[:, 20:-13], alone)
        and not rows[:, :20].any()
        and not rows[:, -13:].any()
    )


@pytest.mark.parametrize("form", ["onsets", "sounding"])
def test_both_forms_of_the_melody_are_sampled(form):
    made = encoding("melody_chords", chords=CHORDS, melody=form)
    for sample in planned_draw(Toy(Fiddler(made), made), num=2, bars=8, seed=1):
        assert sample.sequence.total_time == 16
        assert sample.sequence.notes["pitch"][-1] % 12 == sample_tonic(sample)


def sample_tonic(sample):
    from symgen.notes.theory.scales import scale

    return scale(sample.measured["key_name"]).tonic


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(bars=0), "bars 0: expected a whole number from 1 to 2000"),
        (dict(bars=2.5), "bars 2.5"),
        (dict(bars=3000), "to 2000"),
        (dict(meter="4/5"), "meter '4/5': expected beats per bar"),
        (dict(meter="jig"), "such as 4/4, 3/4 or 6/8"),
        (dict(meter="0/4"), "'0/4'"),
        (dict(tempo=0), "tempo 0: expected a number from 10 to 600"),
        (dict(tempo="fast"), "'fast': expected beats per minute"),
        (dict(tempo=500, meter="6/8"), "in quarter notes per minute"),
        (dict(tempo="0/8=100"), "tempo '0/8=100'"),
        (dict(bars=8, seconds=4), "bars 8 and seconds 4 both set the length"),
        (dict(seconds=80_000), "expected at most 2000 bars"),
        (dict(meter="1/32"), "a bar has 0.5 steps"),
        (dict(chords_on="tuesdays"), "no place for chords to change is called 'tuesdays'"),
        (dict(cadence="yes"), "cadence 'yes'"),
    ],
)
def test_bad_shapes_are_named_with_their_limits(options, message):
    with pytest.raises(BadOption, match=message):
        planned_draw(tunes(), **options)


@pytest.mark.parametrize(
    "options",
    [
        dict(bars=8),
        dict(meter="6/8"),
        dict(tempo=90),
        dict(form="AABB"),
        dict(chords="G"),
        dict(melody="x.abc"),
        dict(cadence=True),
        dict(chords_on="beat"),
    ],
)
def test_a_model_of_performances_says_what_it_is(options):
    with pytest.raises(
        BadOption,
        match=f"--{next(iter(options)).replace('_', '-')} .*`performance`, which has no bars",
    ):
        planned_draw(Toy(noise()), **options)


def test_a_meter_tells_its_beats():
    assert meter("C|").beat == Fraction(1, 2)
    assert meter("C").name == "4/4"
    assert [meter(m).strong(4) for m in ("4/4", "6/8", "3/4", "2/4", "2/2", "12/8", "9/8")] == [
        8,
        6,
        0,
        0,
        8,
        12,
        0,
    ]


def test_without_a_length_a_continuation_has_so_many_bars_more(tmp_path):
    primer = tmp_path / "a.abc"
    primer.write_text(
        'X:1\nM:4/4\nL:1/4\nK:C\n"C"CEGc|"F"fcAF|"C"CEGc|"G"GFED|]\n', encoding="utf-8"
    )
    model = symgen.load("folk")
    assert model.plan(ask(seed=1, shape=Structure()), primer).plan.bars == 4 + BARS
    assert model.plan(ask(seed=1, shape=Structure(bars=8)), primer).plan.bars == 8


@pytest.mark.parametrize("bars", [1, 2])
def test_a_primer_that_leaves_nothing_to_play_is_refused_in_bars(tmp_path, bars):
    primer = tmp_path / "a.abc"
    primer.write_text('X:1\nM:4/4\nL:1/4\nK:C\n"C"CDEF|"G"GABc|\n', encoding="utf-8")
    with pytest.raises(
        BadOption,
        match=rf"primer lasts 2 bars and the sample {bars}, primer included.*more --bars",
    ):
        planned_draw(tunes(), primer, bars=bars, seed=1)
    assert len(planned_draw(tunes(), primer, bars=3, seed=1)[0].events) == 3 * 16
