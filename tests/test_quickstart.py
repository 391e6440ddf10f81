"""From a folder of music to new music: the model that is used, the files, the messages."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import symgen as library
from symgen.bundle.bundle import Bundle
from symgen.corpus import open_corpus
from symgen.errors import BadOption, DataError
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.quickstart import of_tunes, quick

ROOT = Path(__file__).parents[1]
MOMENT = 0.005  # minutes


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's folder, with MIDI files in `mine` and a few tunes in `tunes`."""
    monkeypatch.chdir(tmp_path)
    for i in range(4):
        rows = [(60 + (5 * k + i) % 12, 70, k / 4, k / 4 + 0.2) for k in range(60)]
        library.write(NoteSequence(notes_of(rows)), f"mine/{i}.mid")
    (tmp_path / "tunes").mkdir()
    jigs = (ROOT / "corpora" / "folk" / "jigs.abc").read_text(encoding="utf-8").split("\nX:")
    (tmp_path / "tunes" / "jigs.abc").write_text("\nX:".join(jigs[:9]), encoding="utf-8")
    return tmp_path


@pytest.fixture
def light(monkeypatch):
    """An installation without Keras."""
    monkeypatch.setattr(
        "symgen.quickstart.find_spec", lambda name: None if name == "keras" else True
    )


def test_tunes_are_known_by_their_chords_or_as_abc(mine):
    assert of_tunes(open_corpus("tunes")) and not of_tunes(open_corpus("mine"))


@pytest.mark.usefixtures("shipped_models", "light")
def test_accidentals_are_read_as_asked(mine, symgen):
    assert symgen("quick", "tunes", "--accidentals", "bar")[0] == 2
    code, _, err = symgen("quick", "tunes", "-n", "1", "--accidentals", "pitch")
    assert code == 0, err
    [written] = mine.glob("data/*/dataset.json")
    assert json.loads(written.read_text())["corpora"][0]["reading"] == {"accidentals": "pitch"}


@pytest.mark.usefixtures("shipped_models")
@pytest.mark.parametrize(
    ("folder", "model", "suffixes"),
    [("mine", "piano", [".mid"]), ("tunes", "folk", [".mid", ".abc"])],
)
def test_it_goes_on_from_the_model_that_fits(mine, folder, model, suffixes):
    messages = []
    seconds = 8 if model == "piano" else None
    made = quick(folder, num=2, minutes=MOMENT, seconds=seconds, seed=1, log=messages.append)
    assert made.how == "fine-tuned" and any(f"fine-tuning {model}" in line for line in messages)
    assert Bundle.open(made.run.best).info["training"]["config"]["from"] == model
    assert [path.suffix for path in made.files] == suffixes * 2
    assert all(len(library.read(path)) for path in made.files)
    assert [path.stat().st_size > 10_000 for path in made.sounds] == [True, True]
    assert [path.stem for path in made.sounds] == ["quick", "quick-2"]
    assert any(
        line.startswith(f"model {model} (ships with symgen)") and "CC" in line for line in messages
    ) == (model == "piano")  # the licence; the stand-in of folk has none


@pytest.mark.usefixtures("shipped_models", "light", "mine")
def test_a_second_time_nothing_is_replaced():
    made, again = (quick("tunes", num=num, seed=1) for num in (2, 1))
    assert not {*again.files, *again.sounds} & {*made.files, *made.sounds}
    assert [path.stem for path in (*made.sounds, *again.sounds)] == ["quick", "quick-2", "quick-3"]
    assert "T:quick 3\n" in again.files[1].read_text()


@pytest.mark.usefixtures("shipped_models", "light")
@pytest.mark.parametrize("folder", ["mine", "tunes"])
def test_without_keras_an_ngram_is_counted_and_that_is_said(mine, folder):
    messages = []
    made = quick(folder, num=1, seed=1, log=messages.append)
    assert made.how == "counted" and Bundle.open(made.run.best).player == "table"
    assert any(
        "keras not installed, so an n-gram is counted" in line and "symgen[train]" in line
        for line in messages
    )
    assert len(made.sounds) == 1


def test_a_model_that_is_missing_is_said_to_be(mine, monkeypatch):
    monkeypatch.setattr("symgen.pretrained.folder", lambda: mine)
    made = quick("mine", num=1, seconds=2)
    assert made.how == "counted" and "piano.symgen is missing" in made.why
    with pytest.raises(DataError, match=r"piano\.symgen is missing"):
        quick("mine", model="piano")


@pytest.mark.usefixtures("shipped_models")
def test_what_cannot_be_is_said_before_anything_is_made(mine):
    (mine / "empty").mkdir()
    with pytest.raises(DataError, match="empty: holds no music"):
        quick("empty")
    with pytest.raises(BadOption, match="num 0"):
        quick("mine", num=0)
    with pytest.raises(BadOption, match="minutes 0"):
        quick("mine", minutes=0)
    assert not (mine / "data").exists() and not (mine / "runs").exists()


@pytest.mark.usefixtures("shipped_models", "light")
def test_a_file_that_cannot_be_read_stops_nothing_and_is_named(mine, symgen):
    (mine / "mine" / "bad.mid").write_bytes(b"MThd\0\0\0\6\0\0\0\0\0\0")  # 0 ticks a quarter
    assert not of_tunes(open_corpus("mine"))
    code, out, err = symgen("quick", "mine", "-n", "1", "--seconds", "2")
    assert code == 0, err
    assert "4 pieces of 5 files" in err
    assert re.search(r"^left out:\n  bad\.mid: \S", out, re.MULTILINE)


@pytest.mark.usefixtures("shipped_models", "light", "mine")
def test_the_command_line_says_where_to_listen(symgen):
    code, out, err = symgen("quick", "mine", "-n", "1", "--seconds", "2", "-o", "new")
    assert code == 0, err
    assert "listen:\n  new/quick.wav" in out and "an n-gram is counted" in err
    code, out, _ = symgen("quick", "mine", "-n", "1", "--seconds", "2", "-q", "--json")
    assert code == 0 and json.loads(out)["how"] == "counted"
    assert symgen("quick", "nothing")[0] == 1
    assert callable(library.quick)


@pytest.mark.usefixtures("shipped_models", "light")
@pytest.mark.parametrize("folder", ["mine", "tunes"])
def test_a_recipe_makes_each_piece_again(mine, symgen, folder):
    """From the MIDI file, and from the report beside it."""
    made = quick(folder, num=2, seconds=6 if folder == "mine" else None, seed=3)
    for path in (made.files[0], made.files[-1].with_suffix(".json")):
        code, _, err = symgen("sample", "--recipe", path, "-o", "again.mid", "--force", "-q")
        assert code == 0, err
        first = library.read(path.with_suffix(".mid"))
        assert np.array_equal(library.read("again.mid").notes, first.notes)


@pytest.mark.usefixtures("shipped_models", "light")
def test_a_name_that_another_process_takes_meanwhile_is_left_to_it(mine, monkeypatch):
    from symgen.quickstart import write

    taken = []

    def late(sequence, path, **options):
        if not taken:
            taken.append(path)
            path.parent.mkdir()
            path.write_bytes(b"of another")
        write(sequence, path, **options)

    monkeypatch.setattr("symgen.quickstart.write", late)
    made = quick("mine", num=1, seconds=2)
    assert taken[0].read_bytes() == b"of another"
    assert [path.name for path in made.files] == ["quick-2.mid"]
