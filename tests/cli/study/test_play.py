"""symgen play, with a sound card that only counts."""

import sys

import numpy as np
import pytest

from symgen import notes
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.rendering import playing


class Card:
    """Plays all that waits at once."""

    heard: list[np.ndarray]

    def __init__(self, rate):
        type(self).heard = []

    def start(self, take):
        self.take = take

    def close(self):
        self.take = None


@pytest.fixture
def card(monkeypatch):
    """A card that is asked for what waits whenever the player would sleep."""
    made = []

    def open_card(rate):
        made.append(Card(rate))
        return made[-1]

    def sleep(seconds):
        card = made[-1]
        if getattr(card, "take", None) is not None:
            Card.heard.append(card.take(20_000))

    monkeypatch.setattr(playing, "MiniaudioCard", open_card)
    monkeypatch.setattr(playing.time, "sleep", sleep)
    return Card


@pytest.fixture
def song(tmp_path):
    sequence = NoteSequence(notes=table(NOTE, pitch=60, velocity=100, end_time=1.0))
    notes.write(sequence, tmp_path / "song.mid")
    return tmp_path / "song.mid"


def test_a_file_is_played_to_its_end(symgen, song, card):
    code, out, err = symgen("play", song)
    assert code == 0 and "song.mid: " in out and "s played" in out
    assert "Ctrl-C stops" in err
    sound = np.concatenate(card.heard)
    assert 0.05 < np.abs(sound).max() <= 1
    assert np.flatnonzero(np.abs(sound).max(1) > 1e-4)[-1] > 44100


def test_a_model_is_played_as_long_as_asked(symgen, tiny_bundle, card):
    code, out, _ = symgen("play", "--model", tiny_bundle, "--seed", "3", "--seconds", "2")
    assert code == 0 and "seed 3" in out
    assert np.concatenate(card.heard).any()


def test_ctrl_c_ends_cleanly(symgen, song, card, monkeypatch):
    asked = []

    def sleep(seconds):
        asked.append(seconds)
        if len(asked) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(playing.time, "sleep", sleep)
    code, out, err = symgen("play", song)
    assert code == 0 and "0.0 s played" in out and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["song.mid", "--model", "piano"], 2, "is a file"),
        (["song.mid", "--seconds", "3"], 2, "is a file"),
        (["none.mid"], 1, "none.mid"),
        (["song.mid", "--soundfont", "none.sf2"], 1, "no such soundfont"),
        (["song.mid"], 1, "pip install 'symgen[play]'"),
    ],
)
def test_what_cannot_be_played_is_one_line(symgen, song, monkeypatch, arguments, code, says):
    monkeypatch.chdir(song.parent)
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    done, out, err = symgen("play", *arguments)
    assert (done, out) == (code, "")
    assert len(err.strip().splitlines()) == 1 and says in err
