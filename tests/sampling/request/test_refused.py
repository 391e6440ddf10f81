"""Refusals in one plain line, the report of a sample, and the record of a model that ships."""

import dataclasses
import re
import sys
import warnings
from pathlib import Path

import pytest

import symgen as library
from symgen.controls.members.label import Label
from symgen.errors import BadOption, counted
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import history as played
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask
from symgen.sampling.sample import SampleReport
from symgen.sampling.sample_text import line
from tests.sampling.whole_notes import notes_pianist

MUSIC = NoteSequence(notes_of([(60 + k % 8, 70, k / 2, k / 2 + 0.4) for k in range(16)]))


@pytest.fixture
def piano(shipped_models):
    return library.load("piano")


@pytest.fixture
def folk(shipped_models):
    return library.load("folk")


def test_options_that_are_none_are_told_the_nearest(piano):
    with pytest.raises(BadOption, match=r"option is called 'second'\. Did you mean 'seconds'"):
        piano.sample(second=3)
    with pytest.raises(BadOption, match=r"option is called 'foo'"):
        piano.stream(foo=1)
    with pytest.raises(BadOption, match=r"Did you mean 'density'"):
        piano.sample(densty=3)


def test_what_is_no_file_is_named_in_one_line(piano):
    with pytest.raises(TypeError, match=r"^model 5: expected a path, or a name"):
        library.load(5)
    with pytest.raises(TypeError, match=r"^5: expected the name of a file, or a NoteSequence$"):
        piano.sample(primer=5)


def test_a_primer_and_a_melody_are_not_both_had(folk):
    with pytest.raises(BadOption, match=r"primer and melody both say.*remove one of them"):
        folk.sample(primer=MUSIC, melody=MUSIC)


def test_attempts_need_something_to_come_close_to(piano):
    with pytest.raises(
        BadOption, match=r"best-of 4 needs a target to come close to; add one, such as --density 3"
    ):
        piano.sample(best_of=4, seconds=2)
    assert piano.plan(ask(best_of=4, density=3)).best_of == 4


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "3", True, 1e9])
def test_a_length_has_one_message(seconds):
    message = f"seconds {seconds!r}: expected a number above 0, up to 86400"
    with pytest.raises(BadOption, match=f"^{re.escape(message)}$"):
        ask(seconds=seconds)


def test_a_label_is_called_one():
    label = Label(key="folder", labels=("classical", "pop"))
    with pytest.raises(BadOption, match=r"no label is called 'jazz'.*classical, pop"):
        label.encode(None, "jazz")


def test_nothing_is_said_of_sums_on_rows_that_are_put_back():
    """Streams that are to be slower and streams that are to be faster, side by side."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = draw(notes_pianist(), ask(num=24, seconds=15, seed=1, polyphony=2, density=4))
        draw(notes_pianist(20.0), ask(num=24, seconds=8, seed=1, polyphony=2, density="0.2:20"))
    assert sum(len(s.sequence) for s in made) / (24 * 15) == pytest.approx(4, rel=0.15)


def test_a_key_that_was_drawn_is_not_said_to_be_asked(symgen, shipped_models):
    code, out, err = symgen(
        "sample", "--model", "folk", "--bars", "2", "--seed", "1", "-o", "x.mid"
    )
    assert code == 0, err
    if "key" in out:
        assert "key: requested" not in out
    report = SampleReport(
        files=("x.mid",),
        seed=1,
        index=0,
        requested={"key": "D major", "seconds": 3},
        measured={"seconds": 3.0, "notes": 1, "key": 0.5},
        methods={"key": "steered"},
    )
    drawn = dataclasses.replace(report, drawn=("key",))
    assert "; key D major (drawn), measured 50.0 %" in line(drawn)
    assert "; key: requested D major, measured 50.0 %" in line(report)
    assert "1 note;" in line(report)


def test_numbers_agree_with_their_nouns():
    assert [counted(n, "note") for n in (0, 1, 2000)] == ["0 notes", "1 note", "2,000 notes"]


def test_the_memory_of_a_model_that_ships_is_the_users(shipped_models, tmp_path, monkeypatch):
    before = sorted(shipped_models.iterdir())
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (sample,) = draw(notes_pianist(), ask(seconds=3, seed=1))
    path = played.remember(shipped_models / "piano.symgen", [dataclasses.replace(sample)])
    assert path == tmp_path / "data" / "symgen" / "piano.played.npz"
    assert len(played.recalled(shipped_models / "piano.symgen").names) == 1
    assert sorted(shipped_models.iterdir()) == before
    assert played.place(tmp_path / "best.symgen") == tmp_path / "best.played.npz"


@pytest.mark.parametrize(
    ("platform", "variable", "value", "folder"),
    [
        ("linux", "XDG_DATA_HOME", "", ".local/share/symgen"),
        ("linux", "XDG_DATA_HOME", "relative", ".local/share/symgen"),
        ("darwin", "XDG_DATA_HOME", "/elsewhere", "Library/Application Support/symgen"),
        ("win32", "LOCALAPPDATA", "", "AppData/Local/symgen"),
    ],
)
def test_each_system_has_its_place(tmp_path, monkeypatch, platform, variable, value, folder):
    from symgen.files import user_folder

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv(variable, value)
    assert user_folder() == tmp_path / folder
