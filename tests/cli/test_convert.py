"""`symgen convert`: the encoding that it chooses, and names that a dataset cannot have."""

import json

import pytest

from symgen.notes import NoteSequence, notes_of, read, write

TUNE = """X:{0}
T:Tune {0}
M:4/4
L:1/4
K:G
"G"GABc|"D"d2d2|"C"cB"D"AF|"G"G4|]
"""


@pytest.fixture
def music(tmp_path):
    """A folder of tunes with chords, and one of piano music."""
    (tmp_path / "tunes").mkdir()
    book = "\n".join(TUNE.format(number) for number in range(1, 5))
    (tmp_path / "tunes" / "book.abc").write_text(book, encoding="utf-8")
    for name in "ab":
        rows = [(40 + ord(name) % 7 + k % 30, 60, k / 4, k / 4 + 1) for k in range(60)]
        write(NoteSequence(notes_of(rows)), tmp_path / "piano" / f"{name}.mid")
    return tmp_path


def converted(symgen, *words):
    code, out, err = symgen("convert", *words, "--json", "--no-progress", "--workers", "1")
    assert code == 0, err
    return json.loads(out)["encoding"]["name"], json.loads(out)["path"], err


def test_the_encoding_is_the_one_that_the_music_calls_for(music, symgen):
    name, path, err = converted(symgen, "tunes")
    assert (name, path) == ("melody_chords", "data/tunes-melody_chords")
    assert "encoding melody_chords: 4 of 4 pieces looked at are melodies with chord symbols" in err
    assert "used 2 times or more" in err
    name, path, err = converted(symgen, "piano")
    assert (name, path) == ("performance", "data/piano-performance")
    assert "encoding performance: none of 2 pieces" in err
    name, _, err = converted(symgen, "tunes", "--encoding", "notes")
    assert name == "notes" and "looked at" not in err


@pytest.mark.parametrize("name", ["x.mid", "x.abc", "out/x.MusicXML"])
def test_an_output_named_like_a_music_file_is_refused(symgen, tmp_path, name):
    code, out, err = symgen("convert", "my-music", "-o", name)
    assert (code, out) == (2, "")
    assert f"--output {name} names a music file, but a dataset is a folder" in err
    assert f"symgen notate INPUT -o {name}" in err and len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_the_scope_of_accidentals_is_an_option(tmp_path, symgen):
    (tmp_path / "tunes").mkdir()
    tune = "X:{0}\nM:4/4\nL:1/4\nK:C\n^FFfE|CDE{1}|\n"
    book = "\n".join(tune.format(number, note) for number, note in ((1, "F"), (2, "G"), (3, "A")))
    (tmp_path / "tunes" / "book.abc").write_text(book, encoding="utf-8")
    _, one, _ = converted(symgen, "tunes", "--encoding", "notes")
    _, two, _ = converted(symgen, "tunes", "--encoding", "notes", "--accidentals", "pitch")
    assert (one, two) == ("data/tunes-notes", "data/tunes-notes-2")
    manifest = json.loads((tmp_path / two / "dataset.json").read_text(encoding="utf-8"))
    assert manifest["corpora"][0]["reading"] == {"accidentals": "pitch"}
    code, _, err = symgen("convert", "tunes", "--accidentals", "bar")
    assert code == 2 and "bar" in err
    assert symgen("corpus", "check", "tunes", "--accidentals", "pitch")[0] == 0
    assert symgen("notate", "tunes/book.abc#1", "--accidentals", "pitch", "-o", "x.mid")[0] == 0
    assert read("x.mid").notes["pitch"].tolist()[:3] == [66, 66, 78]
