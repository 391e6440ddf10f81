"""Notes to voices: programs, drums, controllers, exclusive classes, warnings of missing sounds."""

import numpy as np
import pytest

from symgen.notes.sequence import CONTROL_CHANGE, PITCH_BEND, table
from symgen.rendering.soundfont import region as r
from symgen.rendering.soundfont import sf2
from symgen.rendering.soundfont.voices import Casting
from tests.rendering.font import RATE, Font, sine, span


@pytest.fixture
def cast():
    """Return the voices of a piece and the lines that were said."""

    def voices(path, sequence):
        messages = []
        return Casting(sf2.read(path), RATE, messages.append).voices(sequence), messages

    return voices


def changes(*rows):
    time, number, value = np.array(rows).T
    return table(CONTROL_CHANGE, time=time, control_number=number, control_value=value)


def test_a_voice_starts_and_ends_where_its_note_does(font, piece, cast):
    (voice,), messages = cast(font({54: 1, 38: 0}), piece(pitch=69, start_time=1.5, end_time=2.0))
    assert (voice.start, voice.held) == (round(1.5 * RATE), round(0.5 * RATE))
    assert voice.length == pytest.approx(0.5 * RATE + 0.8 * RATE, abs=2)
    assert not messages


def test_pan_and_the_pan_controller_add_up(font, piece, cast):
    path = font({54: 1, r.PAN: 500})
    (right,), _ = cast(path, piece(pitch=69))
    assert right.left == pytest.approx(0, abs=1e-9)
    (middle,), _ = cast(path, piece(pitch=69, control_changes=changes((0, 10, 0))))
    assert middle.left == pytest.approx(middle.right, rel=0.02)


def test_volume_and_expression_count_as_they_stand_at_the_start(font, piece, cast):
    sequence = piece(
        pitch=[69, 69, 69],
        start_time=[0.0, 1.0, 2.0],
        end_time=[0.5, 1.5, 2.5],
        control_changes=changes((0.0, 7, 100), (1.0, 7, 50), (2.0, 11, 64)),
    )
    voices, _ = cast(font({54: 1, 38: -8000}), sequence)
    gains = [v.left for v in voices]
    assert gains[1] / gains[0] == pytest.approx(0.25)
    assert gains[2] / gains[1] == pytest.approx((64 / 127) ** 2)


def test_volume_moves_under_a_note(font, piece, cast):
    moved = changes((0.0, 7, 127), (0.5, 7, 64), (0.75, 11, 0), (9.0, 7, 1))
    (voice,), _ = cast(font({54: 1, 38: -8000}), piece(pitch=69, control_changes=moved))
    frames, levels = zip(*voice.levels.left, strict=True)
    assert list(frames) == [0, round(0.5 * RATE), round(0.75 * RATE)]
    assert np.array(levels) / levels[0] == pytest.approx([1, (64 / 127) ** 2, 0])


def test_pan_moves_under_a_note(font, piece, cast):
    moved = changes((0.0, 10, 0), (0.5, 10, 127))
    (voice,), _ = cast(font({54: 1}), piece(pitch=69, control_changes=moved))
    assert voice.levels.left[1][1] < 0.01 * voice.levels.left[0][1]
    assert voice.levels.right[0][1] < 0.01 * voice.levels.right[1][1]


def test_a_bend_makes_another_tone(font, piece, cast):
    bends = table(PITCH_BEND, time=[1.0, 1.5], bend=[4096, 0])
    sequence = piece(pitch=[69, 69], start_time=[0.0, 1.0], end_time=[0.2, 2.0])
    one, other = cast(font({54: 1, 38: -8000}), sequence.replace(pitch_bends=bends))[0]
    assert one.tone.bend == ()
    assert other.tone.bend == ((0, 100.0), (round(0.5 * RATE), 0.0))


def test_a_controller_moves_its_own_instrument_only(font, piece, cast):
    sequence = piece(pitch=[69, 69], instrument=[0, 1], control_changes=changes((0.0, 7, 10)))
    one, other = cast(font(), sequence)[0]
    assert one.left < other.left / 50


def test_layers_sound_together_and_ranges_choose(font, piece, cast):
    soft, loud = {54: 1, r.VELOCITIES: span(0, 63)}, {54: 1, r.VELOCITIES: span(64, 127)}
    path = font(soft, loud, {54: 1, r.KEYS: span(60, 72)})
    assert [v.tone.region for v in cast(path, piece(pitch=69, velocity=30))[0]] == [0, 2]
    assert [v.tone.region for v in cast(path, piece(pitch=50, velocity=90))[0]] == [1]


def test_equal_notes_share_a_tone(font, piece, cast):
    voices, _ = cast(
        font(), piece(pitch=[69, 69, 70], velocity=[60, 61, 60], start_time=[0, 1, 2], end_time=3.0)
    )
    assert voices[0].tone == voices[1].tone != voices[2].tone


def test_a_new_note_of_an_exclusive_class_ends_the_one_before(font, piece, cast):
    path = font({54: 1, 38: 1200, r.CLASS: 1})
    voices, _ = cast(
        path, piece(pitch=[69, 70, 71], start_time=[0.0, 0.5, 0.5], end_time=[2.0, 0.6, 0.6])
    )
    assert voices[0].length == pytest.approx(0.52 * RATE, abs=2)
    assert voices[0].fade
    assert not voices[1].fade
    assert not voices[2].fade


def test_a_bank_has_its_own_presets(tmp_path, piece, cast):
    made = Font()
    made.sample(sine(0.1), (0, 4410))
    for pan in (-500, 500):
        made.instrument({54: 1, r.PAN: pan, 53: 0})
    made.preset(0, 4, {41: 0})
    made.preset(8, 4, {41: 1})
    (tmp_path / "f.sf2").write_bytes(made.bytes())
    for bank, side in ((8, 1), (0, -1)):
        selected = piece(pitch=69, program=4, control_changes=changes((0.0, 0, bank)))
        (voice,), messages = cast(tmp_path / "f.sf2", selected)
        assert np.sign(voice.right - voice.left) == side
        assert not messages
    lacks = piece(pitch=69, program=4, control_changes=changes((0.0, 0, 9)))
    line = "f.sf2 has no program 4 of bank 9; played with program 4 of bank 0"
    assert cast(tmp_path / "f.sf2", lacks)[1] == [line]


def test_programs_and_drums_have_their_own_presets(tmp_path, piece, cast):
    made = Font()
    made.sample(sine(0.1), (0, 4410))
    for pan in (-500, 0, 500):
        made.instrument({54: 1, r.PAN: pan, 53: 0})
    made.preset(0, 0, {41: 0})
    made.preset(0, 5, {41: 1})
    made.preset(128, 0, {41: 2})
    (tmp_path / "f.sf2").write_bytes(made.bytes())
    voices, messages = cast(
        tmp_path / "f.sf2", piece(pitch=69, program=[0, 5, 0], is_drum=[False, False, True])
    )
    assert [np.sign(round(v.right - v.left, 6)) for v in voices] == [-1, 0, 1]
    assert not messages


@pytest.mark.parametrize(
    ("note", "line"),
    [
        ({"program": 40}, "font.sf2 has no program 40; played with program 0 of bank 0"),
        ({"is_drum": True}, "font.sf2 has no drum kit 0; played with program 0 of bank 0"),
    ],
)
def test_a_preset_that_is_missing_is_replaced_and_said(font, piece, cast, note, line):
    voices, messages = cast(font(), piece(pitch=69, **note))
    assert len(voices) == 1
    assert messages == [line]


def test_a_pitch_without_a_sample_is_said(font, piece, cast):
    voices, messages = cast(font({54: 1, r.KEYS: span(60, 72)}), piece(pitch=[69, 20]))
    assert len(voices) == 1
    assert messages == ["font.sf2 has no sample for pitch 20; not heard"]
