"""Chords for a melody that is ABC: they are set into its text, which is otherwise as it was."""

import re

import numpy as np
import pytest

from symgen.notes import meter, read, write
from symgen.sampling.files import write_sample
from symgen.sampling.request.request import ask
from symgen.sampling.request.sources import tune, with_text
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.plan import planned
from tests.sampling.fiddler import planned_draw, tunes

JIG = """%abc-2.1
X:7
T:A Jig with Everything
C:Anon.
R:jig
M:6/8
L:1/8
K:G
% the first strain
D|:GBd {c}edc|~d3 def|1 g3 dBA|G3 G2D:|2 g2a gfd|G3 G2||
w:la la li
d|:!segno!"^lift"g2g a2a|b3 z3|(3gab a gfd|c3 G2 d:|
P:C
z6|D-D2 F3|G6|]
"""
SYMBOL = re.compile(r'"[A-G][^"^]*"')


@pytest.fixture
def jig(tmp_path):
    path = tmp_path / "jig.abc"
    path.write_text(JIG, encoding="utf-8")
    return path


def plan_of(path, **options):
    request = ask(shape=Structure(melody=str(path), **options))
    return planned(request, tunes().encoding).plan


def test_all_but_the_chords_is_as_it_was(jig, tmp_path):
    for sample in planned_draw(tunes(), num=4, melody=str(jig), seed=1):
        path = tmp_path / f"{sample.index}.abc"
        assert write_sample(sample, path, model="x", sheet=with_text(str(jig))[1]) == []
        text = path.read_text(encoding="utf-8")
        assert SYMBOL.sub("", text) == JIG
        assert len(SYMBOL.findall(text)) >= 2
        made = read(path)
        assert np.array_equal(made.notes, tune(str(jig)).notes)


def test_the_file_has_the_chords_of_the_sample(jig, tmp_path):
    """At the beginning of each note: a repeat may state again the chord that it begins with."""
    for sample in planned_draw(tunes(), num=4, melody=str(jig), seed=2):
        path = tmp_path / f"{sample.index}.abc"
        write_sample(sample, path, model="x", sheet=with_text(str(jig))[1])
        at = read(path).notes["start_time"]
        assert in_force(sample.sequence.chords, at) == in_force(read(path).chords, at)
        changes = np.isin(sample.sequence.chords["time"].round(6), times_of(path))
        assert changes.all()


def in_force(chords, times):
    known = ["", *chords["symbol"].tolist()]
    return [known[k] for k in np.searchsorted(chords["time"], times + 1e-6, "right")]


def times_of(path):
    """When notes and rests of a file begin, in seconds."""
    sheet = with_text(str(path))[1]
    ticks = np.array([time for time, _ in sheet.visits])
    return meter.seconds_at(read(path), ticks / 34594560).round(6)


def test_a_repeat_has_its_chords_again(jig):
    """The pickup of a quaver has none; when the strain comes again the chord before it goes on."""
    pickup, strain = 2, 4 * 12
    plan = plan_of(jig)
    assert plan.copy[:pickup].tolist() == [-1, -1]
    second = pickup + strain
    assert plan.copy[second : second + 24].tolist() == list(range(pickup, pickup + 24))
    assert plan.copy[second + 24] == -1  # the second ending
    for sample in planned_draw(tunes(), num=4, melody=str(jig), seed=3):
        chords = sample.events[:, 1]
        assert (chords[:pickup] == 0).all()
        first, again = chords[pickup : pickup + 24], chords[second : second + 24]
        carried = np.where(first > 0, first, chords[second - 1])  # until its first chord
        assert np.array_equal(again, carried)


def test_the_cadence_is_where_the_last_bars_are_first_played(tmp_path):
    path = tmp_path / "x.abc"
    path.write_text("X:1\nM:4/4\nL:1/4\nK:C\n|:CDEF|GABG|cBAG|C4:|\n", encoding="utf-8")
    assert plan_of(path).cadence[:2] == (2 * 16, 3 * 16)
    for sample in planned_draw(tunes(), num=3, melody=str(path), seed=1):
        assert sample.sequence.chords["symbol"][-1] == "C"
        assert np.array_equal(sample.events[:64, 1], sample.events[64:, 1])


def test_chords_change_at_notes_even_where_they_may_change_anywhere(tmp_path):
    path = tmp_path / "x.abc"
    path.write_text("X:1\nM:4/4\nL:1/4\nK:C\nC3D|E4|F2 z2|(3GAB c2|\n", encoding="utf-8")
    starts = {0, 12, 16, 32, 40, 48, 51, 53, 56}
    assert set(np.flatnonzero(plan_of(path, chords_on="any").beats)) == starts
    assert set(np.flatnonzero(plan_of(path).beats)) == {k for k in starts if k % 4 == 0}


def test_midi_is_a_melody_as_before(jig, tmp_path):
    path = tmp_path / "jig.mid"
    write(tune(str(jig)), path)
    assert with_text(str(path))[1] is None
    assert plan_of(path).copy is None


def test_its_own_chords_are_replaced_and_said_to_be(tmp_path):
    path = tmp_path / "x.abc"
    path.write_text('X:1\nL:1/4\nK:C\n"C"C"^slow"D"G"EF|{c}C4|\n', encoding="utf-8")
    assert plan_of(path).messages == (
        f"{path}: 1 grace note left out; kept in ABC",
        f"{path}: 2 chord symbols of its own replaced",
    )
