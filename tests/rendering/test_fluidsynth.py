"""The fluidsynth program: arguments and failures with a stand-in, and the real one if installed."""

import os
import shutil
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile

from symgen.errors import DataError
from symgen.notes.sequence import CONTROL_CHANGE, table
from symgen.rendering import fluidsynth, render
from symgen.rendering.soundfont import fonts
from symgen.rendering.soundfont.synth import Soundfont

stand_in = pytest.mark.skipif(
    os.name == "nt", reason="the stand-in for fluidsynth is a script with a #! line"
)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a `fluidsynth` on the path that runs Python lines with `args` and the output `wave`."""

    def make(lines):
        folder = tmp_path / "bin"
        folder.mkdir()
        script = folder / "fluidsynth"
        script.write_text(
            f"#!{sys.executable}\nimport json, sys, time\nimport numpy, soundfile\n"
            "args = sys.argv[1:]\n"
            "wave = args[args.index('-F') + 1]\n" + textwrap.dedent(lines)
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    return make


@stand_in
def test_it_is_called_with_rate_font_and_notes(tmp_path, piece, program):
    program(f"""
        import shutil
        shutil.copy(args[-1], {str(tmp_path / "heard.mid")!r})
        json.dump(args, open({str(tmp_path / "args")!r}, "w"))
        soundfile.write(wave, numpy.full((22050, 2), 0.1), 22050, "PCM_16")
    """)
    done = render(piece(pitch=60), tmp_path / "a.wav", rate=22050)
    assert (done.synth, done.seconds) == ("fluidsynth", 1.0)
    message = (tmp_path / "args").read_text()
    assert '"-r", "22050"' in message
    font = Path(fonts.system() or fonts.shipped()).resolve()  # either may be a link
    assert f'"{font}"' in message
    assert (tmp_path / "heard.mid").read_bytes()[:4] == b"MThd"
    sound, rate = soundfile.read(done.path)
    assert (rate, len(sound)) == (22050, 22050)
    assert np.abs(sound).max() == pytest.approx(10 ** (-1 / 20), abs=1e-3)


@stand_in
def test_a_sound_that_clips_is_made_again_softer(tmp_path, piece, program):
    program("""
        gain = float(args[args.index("-g") + 1])
        sound = numpy.clip(numpy.array([[3.0, 1.0]] * 5000) * gain, -1, 1)
        soundfile.write(wave, sound, 44100, "PCM_16")
    """)
    sound, _ = soundfile.read(render(piece(pitch=60), tmp_path / "a.wav").path)
    assert sound[0, 0] / sound[0, 1] == pytest.approx(3, rel=0.01)


@stand_in
@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("sys.exit('fluidsynth: error: no\\x1b[31m room')", r"exit 1\): fluidsynth: error: no"),
        ("sys.exit(0)", r"exit 0\): it wrote no sound"),
        ("open(wave, 'wb').close()", r"exit 0\): it wrote no sound"),
    ],
)
def test_its_failures_are_one_line(tmp_path, piece, program, lines, reason):
    program(lines)
    with pytest.raises(DataError, match=reason) as caught:
        render(piece(pitch=60), tmp_path / "a.wav")
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "--synth soundfont" in str(caught.value)
    assert not (tmp_path / "a.wav").exists()


@stand_in
def test_it_is_not_waited_for_forever(tmp_path, piece, program, monkeypatch):
    monkeypatch.setattr(fluidsynth, "PATIENCE", -0.5)
    program("time.sleep(60)")
    with pytest.raises(DataError, match="did not finish in"):
        render(piece(pitch=60), tmp_path / "a.wav")


def test_asked_for_and_not_there_is_an_error(tmp_path, piece, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        DataError, match="fluidsynth is not installed; install it, or use --synth soundfont"
    ):
        render(piece(pitch=60), tmp_path / "a.wav", synth="fluidsynth")


@pytest.mark.skipif(shutil.which("fluidsynth") is None, reason="fluidsynth is not installed")
def test_the_built_in_player_sounds_like_it(piece):
    rng = np.random.default_rng(0)
    start = np.sort(rng.uniform(0, 8, 60))
    pedal = table(
        CONTROL_CHANGE, time=[0.5, 3.0, 3.2, 6.0], control_number=64, control_value=[127, 0, 127, 0]
    )
    sequence = piece(
        pitch=rng.integers(36, 90, 60),
        velocity=rng.integers(30, 110, 60),
        start_time=start,
        end_time=start + rng.uniform(0.1, 1.5, 60),
        control_changes=pedal,
    )
    font = str(fonts.shipped())
    theirs, ours = (
        np.concatenate(list(s.play(sequence, 44100, print)))
        for s in (fluidsynth.Fluidsynth(soundfont=font), Soundfont(soundfont=font))
    )
    step = 882  # 20 ms
    count = min(len(theirs), len(ours)) // step * step
    envelopes = [np.sqrt((s[:count].reshape(-1, 2 * step) ** 2).mean(1)) for s in (theirs, ours)]
    assert np.corrcoef(envelopes)[0, 1] > 0.9
