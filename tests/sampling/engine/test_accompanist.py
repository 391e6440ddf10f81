"""Chords are played under a melody while both are decided, as under a whole tune."""

import numpy as np
import pytest

import symgen
from symgen.encodings.base import Change
from symgen.notes.accompany import accompany
from symgen.notes.theory.chords import parse
from symgen.pretrained import folder


@pytest.fixture(scope="module")
def folk():
    return symgen.load(folder() / "folk.symgen")


def streamed(model, **options):
    """Return the notes of a stream, as (voice, start, end, pitch), and the sample of its seed."""
    stream = model.stream(accompany=True, **options)
    notes = sorted((n.voice, n.start_time, n.end_time, n.pitch) for n in stream.notes())
    [sample] = model.sample(**options)
    return notes, sample


@pytest.mark.parametrize("meter", ["4/4", "6/8", "3/4", "2/4"])
def test_a_new_chord_begins_with_its_bass(folk, meter):
    notes, tune = streamed(folk, bars=8, meter=meter, seed=3, key="G")
    bass = {round(start, 3): pitch for voice, start, _, pitch in notes if voice == 1 and pitch < 52}
    before, checked = None, 0
    for time, symbol in zip(tune.chords["time"], tune.chords["symbol"], strict=True):
        chord, last_bar = parse(symbol), time > tune.total_time * 7 / 8 - 0.01
        if chord not in (None, before) and round(time, 3) in bass and not last_bar:
            assert bass[round(time, 3)] % 12 == chord.bass
            checked += 1
        before = chord
    assert checked >= 2


def test_its_notes_are_those_of_the_whole_tune(folk):
    """But for the last bar and the voicing, which here knows no more than the melody so far."""
    notes, tune = streamed(folk, bars=16, meter="4/4", seed=5, key="G")
    whole = accompany(tune).notes
    whole = whole[whole["instrument"] == whole["instrument"].max()]
    last_bar = tune.total_time * 15 / 16 - 1e-6
    own = {(round(s, 3), p % 12) for v, s, _, p in notes if v == 1 and s < last_bar}
    expected = {
        (round(n["start_time"], 3), n["pitch"] % 12) for n in whole if n["start_time"] < last_bar
    }
    assert len(own & expected) > 0.9 * len(own | expected)


def test_it_stays_under_the_melody_and_ends_with_it(folk):
    notes, tune = streamed(folk, bars=8, seed=7, key="D")
    melody = [n for n in notes if n[0] == 0]
    for voice, start, _, pitch in notes:
        if voice == 1:
            sounding = [p for _, s, e, p in melody if s <= start + 1e-6 < e - 1e-6]
            assert all(pitch < p for p in sounding)
    ends = [end for voice, _, end, _ in notes if voice == 1]
    assert max(ends) == pytest.approx(tune.total_time, abs=0.01)
    assert len(ends) > len(melody) / 2


def test_the_melody_is_the_same_without_it(folk):
    with_, _ = streamed(folk, bars=8, seed=9)
    alone = [
        (n.voice, n.start_time, n.end_time, n.pitch) for n in folk.stream(bars=8, seed=9).notes()
    ]
    assert [n for n in with_ if n[0] == 0] == sorted(alone)


def test_a_copy_goes_on_alike(folk):
    stream = folk.stream(seed=2, accompany=True)
    for _ in range(120):
        next(stream)
    other = stream.copy()
    first = [next(stream) for _ in range(80)]
    assert [next(other) for _ in range(80)] == first
    assert np.unique([event.voice for event in first]).tolist() == [0, 1]


def test_a_stream_that_is_closed_ends_all_that_sounds(folk):
    stream = folk.stream(seed=2, accompany=True)
    events = [next(stream) for _ in range(60)]
    stream.close()
    events += list(stream)
    down = [(e.pitch, e.voice) for e in events if e.kind == "on"]
    up = [(e.pitch, e.voice) for e in events if e.kind == "off"]
    assert sorted(down) == sorted(up)


def test_the_bars_of_a_pickup_and_of_a_new_meter_are_kept():
    """The pattern follows the bar lines: a pickup is the end of a bar, and 3/4 has one bass."""
    from types import SimpleNamespace

    from symgen.sampling.engine.accompanist import Accompanist

    bars = [4, 4, 4, 36, 3, 4]  # a quarter of pickup, two bars of 4/4, then 3/4
    plan = SimpleNamespace(context={"bars": bars}, grid=4, steps=36 + 24, endless=False)
    accompanist = Accompanist(plan, [None, parse("C")])
    melody = [Change("on", 0, 79, 80)]
    basses = []
    for step in range(plan.steps):
        played = accompanist.take(step, 1, melody if step == 0 else [])
        basses += [step for one in played if one.kind == "on" and one.pitch < 52]
    # the chord of the pickup begins with its bass; the last bar rings
    assert basses == [0, 4, 12, 20, 28, 36, 48]
