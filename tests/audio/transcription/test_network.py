"""The network of the package basic-pitch: found without an import, and only the right one."""

import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from symgen.audio.transcription import network, transcriber
from symgen.audio.transcription.frames import KEYS, RATE, WINDOW
from symgen.errors import BadOption, DataError


@pytest.fixture
def missing(monkeypatch):
    def files(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", files)


def test_where_it_is_missing_the_error_names_the_command(missing):
    with pytest.raises(DataError, match=r"pip install --no-deps basic-pitch==0\.4\.0"):
        transcriber()


@pytest.mark.parametrize("content", [b"", b"another network", b"x" * (network.MOST + 1)])
def test_another_file_is_refused(tmp_path, monkeypatch, content):
    (tmp_path / "nmp.onnx").write_bytes(content)
    monkeypatch.setattr(network, "place", lambda: tmp_path / "nmp.onnx")
    with pytest.raises(DataError, match=r"nmp\.onnx.*pip install --no-deps basic-pitch"):
        network.graph()


def test_it_hears_a_tone_and_is_not_imported(hearing):
    tone = np.sin(2 * np.pi * 440 * np.arange(WINDOW) / RATE).astype(np.float32)
    tone[: WINDOW // 2] = 0
    onset, note = network.network()(tone)
    assert onset.shape == note.shape == (172, KEYS)
    assert note[100:150].mean(0).argmax() == 69 - 21
    assert abs(int(onset[:, 69 - 21].argmax()) - 86) <= 2
    assert "basic_pitch" not in sys.modules


def test_the_lock_pins_the_release_that_is_opened():
    lock = Path(__file__).parents[3] / "requirements-alone.lock"
    assert f"{network.PACKAGE}=={network.VERSION} " in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.5}, "threshold 1.5: expected a number from 0.01 to 0.99"),
        ({"min_length": -1}, "min_length -1: expected a number from 0"),
        ({"threads": 0}, "threads 0: expected a whole number"),
        ({"pedal": True}, "no option of transcriber 'basic_pitch' is called 'pedal'"),
    ],
)
def test_bad_options_are_one_line(options, message):
    with pytest.raises(BadOption, match=message):
        transcriber(**options)


def test_another_transcriber_is_not_known():
    with pytest.raises(BadOption, match=r"no transcriber is called 'basicpitch'\. Did you mean"):
        transcriber("basicpitch")
