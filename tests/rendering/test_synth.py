"""Measured listening: the built-in player with the soundfont that ships, as one hears it."""

import itertools

import numpy as np
import pytest

from symgen.notes.sequence import CONTROL_CHANGE, PITCH_BEND, table
from symgen.rendering.soundfont import synth as soundfont
from symgen.rendering.soundfont.reverb import Reverb, room
from tests.rendering.font import RATE


def rms(sound, begin, end):
    return float(np.sqrt((sound[round(begin * RATE) : round(end * RATE)] ** 2).mean()))


def centroid(sound):
    power = np.abs(np.fft.rfft(sound.mean(1))) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum())


def pedal(*rows):
    time, value = np.array(rows).T
    return table(CONTROL_CHANGE, time=time, control_number=64, control_value=value)


@pytest.mark.parametrize(("pitch", "hertz"), [(48, 130.81), (60, 261.63), (69, 440.0), (81, 880.0)])
def test_the_piano_is_in_tune(piece, play, fundamental, pitch, hertz):
    sound = play(piece(pitch=pitch, end_time=2.0))
    assert fundamental(sound[RATE // 5 : 2 * RATE, 0]) == pytest.approx(hertz, rel=0.01)


@pytest.mark.parametrize(("program", "bend"), [(19, 8191), (48, -8192), (73, 8191)])
def test_a_bend_moves_the_pitch_of_a_note_that_sounds(piece, play, fundamental, program, bend):
    bends = table(PITCH_BEND, time=[1.0], bend=[bend])
    sound = play(piece(pitch=60, end_time=2.0, program=program).replace(pitch_bends=bends))
    plain = fundamental(sound[RATE // 5 : 9 * RATE // 10, 0])
    bent = fundamental(sound[11 * RATE // 10 : 19 * RATE // 10, 0])
    assert bent / plain == pytest.approx(2 ** (np.sign(bend) * 2 / 12), rel=0.01)


def test_a_pitch_envelope_does_not_end_a_note_early(piece, play, font):
    sound = play(piece(pitch=69, end_time=0.9), font({54: 1, 7: 1200, 38: -8000}))
    assert rms(sound, 0.8, 0.9) == pytest.approx(rms(sound, 0.1, 0.2), rel=0.05)


def test_volume_fades_a_note_that_sounds(piece, play):
    fade = table(
        CONTROL_CHANGE,
        time=np.arange(128) * 0.02,
        control_number=7,
        control_value=np.arange(127, -1, -1),
    )
    sound = play(piece(pitch=60, end_time=4.0, program=48, control_changes=fade))
    assert rms(sound, 3.0, 3.5) < 10 ** (-30 / 20) * rms(sound, 0.2, 0.5)
    assert np.abs(np.diff(sound[RATE:, 0])).max() < 2 * np.abs(np.diff(sound[:RATE, 0])).max()


def test_controllers_that_are_not_played_are_named(piece):
    moved = table(CONTROL_CHANGE, time=[0, 1], control_number=67, control_value=[127, 0])
    messages = []
    list(soundfont.Soundfont().play(piece(pitch=60, control_changes=moved), 8000, messages.append))
    assert messages == ["1 soft pedal press not played"]


def test_a_louder_velocity_is_louder_and_brighter(piece, play):
    sounds = [play(piece(pitch=60, velocity=v)) for v in (20, 45, 70, 95, 120)]
    levels = [rms(s, 0, 1) for s in sounds]
    assert all(b > 1.3 * a for a, b in itertools.pairwise(levels))
    assert centroid(sounds[-1]) > 1.02 * centroid(sounds[0])


def test_a_note_begins_when_it_is_written(piece, play):
    sound = play(piece(pitch=60, start_time=1.0, end_time=2.0))
    assert not sound[:RATE].any()
    onset = np.flatnonzero(np.abs(sound).max(1) > 0.02 * np.abs(sound).max())[0] / RATE
    assert onset == pytest.approx(1.0, abs=0.005)


def test_a_note_dies_away_when_it_is_let_go(piece, play):
    sound = play(piece(pitch=60))
    assert rms(sound, 1.05, 1.15) < rms(sound, 0.9, 1.0)
    assert 0 < rms(sound, 1.4, 1.5) < 0.1 * rms(sound, 0.9, 1.0)
    assert len(sound) < 2.5 * RATE


def test_a_short_note_is_softer_afterwards_than_a_held_one(piece, play):
    short, held = play(piece(pitch=60, end_time=0.1)), play(piece(pitch=60, end_time=1.5))
    np.testing.assert_allclose(short[:4000], held[:4000], atol=1e-6)
    assert rms(short, 1.0, 1.2) < 0.05 * rms(held, 1.0, 1.2)


def test_the_pedal_prolongs(piece, play):
    held = play(piece(pitch=60, end_time=0.3, control_changes=pedal((0.1, 127), (3.0, 0))))
    dry = play(piece(pitch=60, end_time=0.3))
    assert rms(held, 2.0, 2.9) > 20 * rms(dry, 1.0, 1.3)
    assert rms(held, 3.6, 3.8) < 0.1 * rms(held, 2.8, 3.0)


def test_a_pitch_struck_again_under_the_pedal_lets_the_first_go(piece, play):
    first, again = {"pitch": 60, "velocity": 100, "end_time": 0.2}, pedal((0.1, 127), (6.0, 0))
    one = play(piece(**first, control_changes=again))
    two = play(
        piece(
            pitch=60,
            velocity=[100, 1],
            start_time=[0.0, 1.0],
            end_time=[0.2, 1.2],
            control_changes=again,
        )
    )
    assert rms(two, 2.5, 3.0) < 0.05 * rms(one, 2.5, 3.0)


def test_a_long_note_rings_on(piece, play):
    sound = play(piece(pitch=60, end_time=10.0, program=[0]))
    levels = [rms(sound, t, t + 0.5) for t in (0.0, 2.0, 5.0, 9.0)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] > 3e-4 * levels[0]
    organ = play(piece(pitch=60, end_time=10.0, program=19))
    assert rms(organ, 9.0, 9.9) == pytest.approx(rms(organ, 4.0, 5.0), rel=0.2)


def test_drums_are_no_piano(piece, play):
    kick, snare, hat = (centroid(play(piece(pitch=p, is_drum=True))) for p in (36, 38, 42))
    assert kick < 400 < snare < 2000 < hat
    assert centroid(play(piece(pitch=42))) < 400


def test_programs_differ(piece, play):
    piano, violin = (play(piece(pitch=67, program=p, end_time=3.0)) for p in (0, 40))
    assert rms(piano, 2.5, 3.0) < 0.5 * rms(piano, 0.0, 0.5)
    assert rms(violin, 2.5, 3.0) > 0.7 * rms(violin, 0.5, 1.0)


def test_the_pan_controller_moves_the_sound(piece, play):
    left = table(CONTROL_CHANGE, control_number=10, control_value=0)
    sound = play(piece(pitch=60, control_changes=left))
    assert np.abs(sound[:, 0]).max() > 50 * np.abs(sound[:, 1]).max()


def test_notes_add_up(piece, play):
    both = play(piece(pitch=[60, 64], start_time=[0.0, 0.5], end_time=2.0))
    one, other = (
        play(piece(pitch=60, end_time=2.0)),
        play(piece(pitch=64, start_time=0.5, end_time=2.0)),
    )
    total = np.zeros_like(both)
    total[: len(one)] += one
    total[: len(other)] += other
    np.testing.assert_allclose(both, total, atol=1e-6)


def test_a_piece_is_the_same_in_any_windows(piece, play, monkeypatch):
    rng = np.random.default_rng(3)
    start = rng.uniform(0, 6, 30)
    sequence = piece(
        pitch=rng.integers(40, 90, 30),
        velocity=rng.integers(20, 120, 30),
        start_time=start,
        end_time=start + rng.uniform(0.05, 3, 30),
        program=rng.choice([0, 19, 48], 30),
    )
    whole = play(sequence, reverb=-14.0)
    monkeypatch.setattr(soundfont, "SPAN", 1)
    np.testing.assert_allclose(play(sequence, reverb=-14.0), whole, atol=1e-6)


def test_progress_goes_up_to_the_end(piece):
    seen = []
    list(
        soundfont.Soundfont().play(
            piece(pitch=60, end_time=100.0, program=19), 8000, print, lambda *a: seen.append(a)
        )
    )
    assert [done <= total for done, total, _ in seen] == [True, True]
    assert seen[-1][0] == seen[-1][1]
    assert seen[-1][2] == "rendering"


def test_the_room_is_modest_and_dies_away():
    answer = room(RATE).astype(float)
    assert (answer**2).sum(1) == pytest.approx([1, 1])
    assert not answer[:, :400].any()
    assert (answer[:, RATE // 2 :] ** 2).sum() < 0.01 * (answer**2).sum()
    assert abs(np.corrcoef(answer)[0, 1]) < 0.1


def test_the_room_is_the_same_in_any_blocks():
    sound = np.random.default_rng(0).standard_normal((RATE * 3, 2)).astype(np.float32)
    one, many = Reverb(RATE, -14), Reverb(RATE, -14)
    whole = one.add(sound)
    parts = np.concatenate([many.add(p) for p in np.array_split(sound, [100, 50_000, 50_001])])
    np.testing.assert_allclose(parts, whole, atol=1e-4)
    rest = np.zeros((2 * RATE, 2), np.float32)
    np.testing.assert_allclose(many.add(rest), one.add(rest), atol=1e-4)
    assert not one.add(rest).any()
    wet = whole - sound
    assert 20 * np.log10(wet[RATE:].std() / sound.std()) == pytest.approx(
        -14 - 3, abs=1
    )  # both ears hear the middle
