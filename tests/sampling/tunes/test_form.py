"""Forms: strains of one letter are the same, note for note and chord for chord."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.controls import make_all
from symgen.controls.members.recall import LENGTHS
from symgen.errors import BadOption
from symgen.notes import read, write
from symgen.notes.theory.bars import layout
from symgen.sampling.generate import engine
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.form import repeats
from symgen.sampling.tunes.plan import planned
from tests.sampling.fiddler import planned_draw, tunes

HOLD = 1


def bars_of(events, count):
    return np.split(events, count)


@given(
    st.sampled_from(["AABB", "AB", "AABA", "ABAC", "AAB", "ABCABC", "A"]),
    st.integers(1, 4),
    st.sampled_from(["4/4", "6/8", "3/4"]),
    st.integers(0, 999),
)
@settings(max_examples=40, deadline=None)
def test_bars_of_equal_letters_are_equal(form, each, meter, seed):
    model = tunes(make_all([{"name": "meter"}]), seed=seed)
    for sample in planned_draw(
        model, num=2, form=form, bars=each * len(form), meter=meter, seed=seed
    ):
        strains = dict[str, list]()
        for letter, events in zip(form, bars_of(sample.events, len(form)), strict=True):
            assert events[0, 0] > HOLD  # a note
            strains.setdefault(letter, []).append(events)
        for same in strains.values():
            assert all(np.array_equal(same[0], other) for other in same)
        different = [same[0] for same in strains.values()]
        assert (
            each == 1 or len(different) < 2 or not np.array_equal(different[0], different[1])
        )  # one bar may be a note that is held
        assert sample.measured["bars"] == each * len(form)


def test_a_strain_is_8_bars_unless_asked():
    [sample] = planned_draw(tunes(), form="aaba", seed=1)
    assert sample.measured["bars"] == 32
    assert sample.requested["form"] == "AABA"
    assert (
        planned_draw(tunes(), form="ABC", seconds=20, seed=1)[0].measured["bars"] == 12
    )  # 10 are asked, of 3 equal strains


def test_the_cadence_is_in_the_strain_that_ends_the_piece():
    """In ABA it is at the end of A, which is sampled first; B goes on as it likes."""
    for form in ("ABA", "AABB"):
        for sample in planned_draw(tunes(), num=4, form=form, bars=4 * len(form), seed=3, key="G"):
            for letter, events in zip(form, bars_of(sample.events, len(form)), strict=True):
                closes = (events[-16:, 1] == 1 + 7).all() and (events[-8:, 0] == HOLD).sum() >= 7
                assert closes if letter == form[-1] else True
    free = [
        planned_draw(tunes(), form="AB", bars=8, seed=s, key="G")[0].events[48:64, 1]
        for s in range(8)
    ]
    assert any((chords != 1 + 7).any() for chords in free)


def test_files_hold_the_form(tmp_path):
    """The MIDI is unrolled; the ABC has its repeats, and reads back as the same music."""
    for form in ("AABB", "ABAC"):
        [sample] = planned_draw(tunes(), form=form, bars=16, meter="6/8", seed=4)
        write(sample.sequence, tmp_path / f"{form}.mid")
        write(sample.sequence, tmp_path / f"{form}.abc", form=form)
        text = (tmp_path / f"{form}.abc").read_text(encoding="utf-8")
        assert ":|" in text or form == "ABAC"
        for name in (f"{form}.mid", f"{form}.abc"):
            music = read(tmp_path / name)
            assert music.total_time == pytest.approx(sample.sequence.total_time, abs=0.01)
            strains = [
                strain(music, k * music.total_time / 4, (k + 1) * music.total_time / 4)
                for k in range(4)
            ]
            for a in range(4):
                for b in range(a):
                    assert (strains[a] == strains[b]) == (form[a] == form[b])
            assert [s for s in strains if s]


def strain(music, start, end):
    """The notes and chords of one strain, in hundredths of a second from its beginning."""
    notes = [
        (n["pitch"], round(100 * (n["start_time"] - start)), round(100 * (n["end_time"] - start)))
        for n in music.notes
        if start - 1e-3 <= n["start_time"] < end - 1e-3
    ]
    times = np.arange(start + 0.01, end, 0.05)
    force = np.searchsorted(music.chords["time"], times, "right") - 1
    return notes, [str(music.chords["symbol"][k]) if k >= 0 else "N.C." for k in force]


def test_steps_that_are_repeated():
    copy, fresh = repeats("ABA", layout([0, 2, 4], 24, 4))
    assert copy.tolist() == [-1] * 16 + list(range(8))
    assert np.flatnonzero(fresh).tolist() == [0, 8, 16]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            dict(form="AABB", bars=30),
            "bars 30 are not 4 equal strains of form AABB; use 28 or 32 bars",
        ),
        (dict(form="AB", bars=1), "use 2 bars"),
        (dict(form="A1"), "form 'A1': expected 1 to 16 letters"),
        (dict(form=""), "form ''"),
        (dict(form="A" * 17), "1 to 16 letters"),
    ],
)
def test_bad_forms(options, message):
    with pytest.raises(BadOption, match=message):
        planned_draw(tunes(), **options)


def test_a_new_strain_begins_like_nothing_before():
    """A model with recall would repeat A where B begins; its condition forbids that."""
    model = tunes(make_all([{"name": "recall"}]))
    request = planned(ask(seed=2, shape=Structure(form="AAB", bars=6)), model.encoding)
    player = model.play()
    made = engine(model.encoding, player, request, 1, 0, model.controls)
    while len(made.view.live):
        made.step()
    alike = np.concatenate(player.conditions)[:, -len(LENGTHS) :].any(
        axis=1
    )  # of the forgiving memory
    strain = 2 * 16
    assert alike[strain + 1 : 2 * strain].all()  # what is repeated is recalled
    assert not alike[2 * strain]  # and B begins anew
    assert alike[2 * strain + 1 :].any()
