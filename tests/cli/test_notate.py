"""symgen notate, as one types it."""

import json

import numpy as np
import pytest

from symgen import notes

TUNES = """X:1
T:The first
M:4/4
L:1/4
Q:1/4=100
K:G
"G"GABc|"D"d2d2|"G"g4|]

X:2
T:The second
M:6/8
L:1/8
K:D
DFA dfa|d6|]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a book of tunes, a file of the first tune, and one that is no music."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.abc").write_text(TUNES, encoding="utf-8")
    (tmp_path / "one.abc").write_text(TUNES.split("\n\n")[0] + "\n", encoding="utf-8")
    (tmp_path / "bad.mid").write_bytes(b"no music")
    return tmp_path


def same(first, second):
    """Whether two pieces have the same pitches at the same times, to a millisecond."""
    one, two = first.notes, second.notes
    return (
        one["pitch"].tolist() == two["pitch"].tolist()
        and np.allclose(one["start_time"], two["start_time"], atol=1e-3)
        and np.allclose(one["end_time"], two["end_time"], atol=1e-3)
    )


def test_a_tune_goes_to_midi_and_back(folder, symgen):
    code, out, _ = symgen("notate", "one.abc", "-o", "one.mid")
    assert (code, out) == (0, "one.mid: 7 notes, 7.2 s\n")
    tune, played = notes.read("one.abc"), notes.read("one.mid")
    assert same(tune, played)
    assert played.chords["symbol"].tolist() == ["G", "D", "G"]
    assert symgen("notate", "one.mid", "-o", "again.abc")[0] == 0
    again = notes.read("again.abc")
    assert same(tune, again)
    assert again.time_signatures.tolist() == tune.time_signatures.tolist()
    assert again.chords.tolist() == tune.chords.tolist()


def test_a_tune_goes_to_musicxml_and_back(folder, symgen):
    assert symgen("notate", "one.abc")[:2] == (0, "one.musicxml: 7 notes, 7.2 s\n")
    tune, score = notes.read("one.abc"), notes.read("one.musicxml")
    assert same(tune, score)
    assert score.chords["symbol"].tolist() == ["G", "D", "G"]
    assert symgen("notate", "one.musicxml", "-o", "again.abc")[0] == 0
    assert same(tune, notes.read("again.abc"))


def test_a_tune_is_engraved(folder, symgen):
    pytest.importorskip("verovio", reason="the extra `sheets` is not installed")
    code, out, err = symgen("notate", "one.abc", "-o", "one.svg")
    assert (code, out, err) == (0, "one.svg: 7 notes, 7.2 s\n", "")
    assert "The first" in (folder / "one.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(("suffix", "begin"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_tune_is_printed(folder, symgen, suffix, begin):
    pytest.importorskip("verovio", reason="the extra `sheets` is not installed")
    code, out, err = symgen("notate", "one.abc", "-o", f"one.{suffix}")
    assert (code, out, err) == (0, f"one.{suffix}: 7 notes, 7.2 s\n", "")
    assert (folder / f"one.{suffix}").read_bytes()[:4] == begin


def test_dynamics_are_printed_if_they_are_asked_for(folder, symgen):
    assert symgen("notate", "one.abc", "-o", "plain.musicxml")[0] == 0
    assert symgen("notate", "one.abc", "-o", "loud.musicxml", "--dynamics")[0] == 0
    texts = [
        (folder / name).read_text(encoding="utf-8") for name in ("plain.musicxml", "loud.musicxml")
    ]
    assert ["<dynamics>" in text for text in texts] == [False, True]


def test_one_tune_of_a_book_is_named_by_its_number(folder, symgen):
    assert symgen("notate", "book.abc#2", "--format", "mid")[0] == 0
    assert notes.read("book-2.mid").notes["pitch"].tolist()[:3] == [62, 66, 69]
    code, _, err = symgen("notate", "book.abc", "-o", "x.mid")
    assert code == 1 and "book.abc#1" in err


def test_several_go_into_a_folder_and_a_bad_one_does_not_stop_them(folder, symgen):
    inputs = ("book.abc#1", "bad.mid", "book.abc#2")
    code, out, err = symgen("notate", *inputs, "-o", "out", "--format", "mid", "--json")
    assert code == 1
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["book-1.mid", "book-2.mid"]
    document = json.loads(out)
    assert [done["notes"] for done in document["notated"]] == [7, 7]
    assert [failed["input"] for failed in document["failed"]] == ["bad.mid"]
    assert "1 of 3 files could not be notated" in err.splitlines()[-1]


def test_what_the_format_cannot_hold_is_said(folder, symgen):
    rows = [(60, 80, 0.0, 0.5), (62, 80, 0.5, 1.0)]
    piece = notes.NoteSequence(notes.notes_of(rows))
    other = notes.notes_of([(40, 80, 0.0, 1.0)])
    other["instrument"] = 1
    notes.write(piece.replace(notes=np.append(piece.notes, other)), "two.mid")
    code, _, err = symgen("notate", "two.mid", "-o", "two.abc")
    assert code == 0
    assert err.startswith("two.mid: 1 of 3 notes left out")


@pytest.fixture
def played(folder):
    """A waltz that somebody played freely."""
    rng, rows, now = np.random.default_rng(0), [], 0.7
    for k in range(48):
        low = 43 if k % 3 == 0 else 59
        rows += [(low, 80 if k % 3 == 0 else 50, now, now + 0.5)]
        rows += [(72 + k % 5, 70, now + 0.004, now + 0.5)]
        now += 0.61 + 0.04 * np.sin(k / 5) + rng.normal(0, 0.008)
    notes.write(notes.NoteSequence(notes.notes_of(rows)), "played.mid")
    return "played.mid"


def test_played_music_is_put_on_the_grid_of_its_beat(played, symgen):
    code, _, err = symgen("notate", played, "-o", "sheet.abc")
    assert code == 0 and "played.mid: beat found: " in err and ", 3/4; " in err
    assert " off the grid " not in err
    sheet = notes.read("sheet.abc")
    assert sheet.time_signatures[["numerator", "denominator"]].tolist() == [(3, 4)]
    assert np.allclose(sheet.notes["start_time"][::2] * sheet.tempos["qpm"][0] / 60 % 1, 0)
    assert symgen("notate", played, "-o", "beat.mid", "-q", "--meter", "4/4")[0] == 0
    again = notes.read("beat.mid")
    assert len(again.tempos) > 20, "MIDI keeps the tempo as it was played"
    assert again.time_signatures["numerator"][-1] == 4
    code, _, err = symgen("notate", played, "-o", "raw.mid", "--no-quantise")
    assert (code, err) == (0, "")
    assert same(notes.read("raw.mid"), notes.read(played))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["one.abc", "-o", "x.mid", "--no-quantise", "--tempo", "90"], 2, "--no-quantise leaves"),
        (["one.abc", "-o", "x.mid", "--meter", "4"], 2, "meter 4: expected a meter such as"),
        (["one.abc", "-o", "x.mid", "--tempo", "9"], 2, "tempo 9: expected 20 to 300"),
        (["one.abc", "-o", "x.wav"], 2, "cannot write '.wav'"),
        (["one.abc", "-o", "x.gif"], 2, "cannot write '.gif'"),
        (["one.abc", "book.abc#2", "-o", "x.mid"], 2, "name a folder"),
        (["one.abc", "-o", "x.mid", "--format", "abc"], 2, "does not end in .abc"),
        (["one.abc", "-o", "bad.mid"], 1, "--force"),
        (["one.abc", "-o", "./one.abc", "-f"], 2, "would replace what is read"),
        (["none.abc", "-o", "x.mid"], 1, "no such file"),
    ],
)
def test_a_bad_request_is_one_line(folder, symgen, arguments, code, says):
    found = symgen("notate", *arguments)
    assert found[0] == code and found[1] == ""
    assert says in found[2] and len(found[2].splitlines()) == 1


def test_what_the_file_has_and_the_copy_has_not_is_said(folder, symgen):
    (folder / "grace.abc").write_text("X:1\nL:1/4\nK:C\n{d}c4|]\n", encoding="utf-8")
    code, out, err = symgen("notate", "grace.abc", "-o", "grace.musicxml")
    assert code == 0 and "1 note, " in out
    assert "1 grace note left out" in err


def test_notes_of_other_voices_are_counted_beside_chords_too(folder, symgen):
    text = 'X:1\nL:1/4\nK:C\nV:1\nV:2\n[V:1] "C"c4|]\n[V:2] E4|]\n'
    (folder / "voices.abc").write_text(text, encoding="utf-8")
    code, out, err = symgen("notate", "voices.abc", "-o", "melody.abc")
    assert code == 0 and out.startswith("melody.abc: 1 note, ")
    assert "1 of 2 notes left out" in err


def test_a_piece_without_a_melody_is_no_abc(folder, symgen):
    drums = notes.read("one.abc")
    table = drums.notes.copy()
    table["is_drum"] = True
    notes.write(drums.replace(notes=table, chords=drums.chords[:0]), "drums.mid")
    code, _, err = symgen("notate", "drums.mid", "-o", "drums.abc")
    assert code == 1 and "ABC holds the melody alone" in err and err.count("\n") == 1
    assert not (folder / "drums.abc").exists()


@pytest.mark.parametrize("name", ["one.abc", "lead.musicxml"])
def test_what_is_read_is_never_replaced(folder, symgen, name):
    """The default output of MusicXML is MusicXML; `--force` would take the musician's own file."""
    symgen("notate", "one.abc", "-o", "lead.musicxml")
    before = (folder / name).read_bytes()
    code, _, err = symgen("notate", name, "-o", f"./{name}", "--force")
    assert (code, before) == (2, (folder / name).read_bytes())
    assert f"{name} would replace what is read; name another file with -o" in err
