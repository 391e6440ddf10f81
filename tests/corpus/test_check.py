import json

import numpy as np
import pytest

from symgen.cli import run
from symgen.corpus import open_corpus
from symgen.corpus.check import check, pedal_seconds, stats
from symgen.errors import DataError
from symgen.notes.sequence import CONTROL_CHANGE, NoteSequence, notes_of, table
from tests.corpus.files import midi
from tests.notes.musicxml.scores import COMMON, note, part, score


def test_each_file_is_told_in_figures(lay):
    root = lay(
        {"a.mid": midi(*range(50, 60), pedal=True), "b.mid": midi(64, 64), "c.mid": b"GIF89a"}
    )
    a, b, c = check(open_corpus(root))
    assert (a.id, a.notes, a.seconds, a.velocities, a.pedals, a.tempos, a.warnings) == (
        "a.mid",
        10,
        5.0,
        10,
        2,
        a.tempos,
        (),
    )
    assert b.warnings == ("1 distinct velocity: little or no dynamics to learn",)
    assert c.refused.startswith("not a MIDI file")


def test_eight_velocities_are_enough(lay):
    seven, eight = check(
        open_corpus(lay({"7.mid": midi(*range(1, 8)), "8.mid": midi(*range(1, 9))}))
    )
    assert seven.warnings
    assert not eight.warnings


def test_a_corpus_is_counted(lay):
    table_ = "file,title\na.mid,T\nb.mid,T\n"
    found = stats(
        open_corpus(
            lay(
                {
                    "a.mid": midi(40, 60, pedal=True),
                    "b.mid": midi(80),
                    "c.mid": b"GIF89a",
                    "metadata.csv": table_,
                }
            )
        )
    )
    assert (found.pieces, found.files, found.refused, found.groups, found.notes) == (2, 3, 1, 1, 3)
    assert found.minutes == pytest.approx(1.5 / 60)
    assert found.notes_per_second == pytest.approx(2.0)
    assert found.velocity_mean == pytest.approx(60)
    assert found.velocity_sd == pytest.approx(np.std([40, 60, 80]))
    assert (found.pitch_lowest, found.pitch_highest) == (60, 61)
    assert found.pedal_share == pytest.approx(1 / 1.5)


def test_nothing_readable_cannot_be_counted(lay):
    with pytest.raises(
        DataError, match="1 file, none of which can be read; see: symgen corpus check"
    ):
        stats(open_corpus(lay({"c.mid": b"GIF89a"})))


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ([], 0.0),
        ([(1, 127, 0), (3, 0, 0)], 2.0),
        ([(1, 64, 0), (2, 100, 0), (3, 63, 0), (4, 20, 0)], 2.0),
        ([(8, 127, 0)], 2.0),  # never released: to the end
        ([(1, 127, 0), (2, 127, 1), (3, 0, 0), (4, 0, 1)], 3.0),  # two instruments, counted once
        ([(9, 127, 0), (12, 0, 0)], 1.0),  # released after the last note
    ],
)
def test_the_pedal_is_timed(changes, seconds):
    times, values, instruments = zip(*changes, strict=True) if changes else ((), (), ())
    controls = table(
        CONTROL_CHANGE,
        time=np.array(times, float),
        control_number=64,
        control_value=np.array(values, int),
        instrument=np.array(instruments, int),
    )
    assert pedal_seconds(
        NoteSequence(notes_of([(60, 64, 0.0, 10.0)]), control_changes=controls)
    ) == pytest.approx(seconds)


def test_the_command_checks_a_folder(lay, capsys):
    root = lay(
        {"a.mid": midi(*range(1, 9)), "b.mid": b"GIF89a", ".x.mid": 1}
        | {f"flat{i}.mid": midi(9) for i in range(9)}
    )
    assert run(["corpus", "check", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["notes", "seconds", "velocities", "pedal", "tempos", "piece"]
    assert lines[1].split()[:4] == ["8", "4.0", "8", "0"]
    assert lines[11:] == [
        "warning: 9 files, such as flat0.mid and flat1.mid (-v lists all): "
        "1 distinct velocity: little or no dynamics to learn",
        lines[12],
        "skipped: .x.mid: hidden",
        "music: 11 pieces, 10 usable, 9 of them with warnings, 1 refused, 1 other file skipped",
    ]
    assert lines[12].startswith("refused: b.mid: not a MIDI file")
    assert run(["corpus", "check", "-v", str(root)]) == 0
    assert "warning: flat8.mid: 1 distinct velocity" in capsys.readouterr().out


def test_the_tunes_of_a_book_can_be_found(lay, capsys):
    book = 'X:4\nT:The Jig\nM:6/8\nK:Em\n"Em"EFG "D"ABc|]\n\nX:5\nK:none\nCDE|]\n'
    root = lay({"book.abc": book.encode(), "a.mid": midi(*range(50, 60))})
    assert run(["corpus", "check", str(root)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["notes", "seconds", "velocities", "pedal", "tempos", "piece"]
    assert lines[1][-1] == "a.mid"
    assert lines[2:5] == [
        ["notes", "seconds", "chords", "meter", "key", "piece", "title"],
        ["6", "1.5", "2", "6/8", "E", "minor", "book.abc#4", "The", "Jig"],
        ["3", "0.8", "0", "book.abc#5"],
    ]
    assert run(["corpus", "check", "--json", str(root)]) == 0
    pieces = json.loads(capsys.readouterr().out)["pieces"]
    assert [(p["title"], p["key"], p["meter"], p["chords"]) for p in pieces][1] == (
        "The Jig",
        "E minor",
        "6/8",
        2,
    )


def test_the_chords_of_a_score_are_counted(lay):
    chord = "<harmony><root><root-step>D</root-step></root><kind>minor</kind></harmony>"
    contents = COMMON + chord + note("D5") + chord + note("F5")
    data = score(part(contents), before="<movement-title>A Song</movement-title>")
    (found,) = check(open_corpus(lay({"a.musicxml": data})))
    assert (found.notes, found.chords, found.meter, found.key, found.title) == (
        2,
        2,
        "4/4",
        "C major",
        "A Song",
    )


def test_a_fingering_is_not_counted_as_a_chord(lay):
    (book,) = check(open_corpus(lay({"a.abc": 'X:1\nL:1/4\nK:C\n"4"C "G"D "Am"E "0"F |\n'})))
    assert book.chords == 2


def test_the_command_gives_json(lay, capsys):
    root = lay({"a.mid": 2, "b.mid": b"GIF89a", "c.txt": ""})
    assert run(["corpus", "check", "--json", str(root)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(p["id"], p["notes"], bool(p["refused"])) for p in document["pieces"]] == [
        ("a.mid", 2, False),
        ("b.mid", 0, True),
    ]
    assert document["skipped"] == [{"name": "c.txt", "reason": "no music file (.txt)"}]
    assert run(["corpus", "stats", "--json", str(root)]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == 2


@pytest.mark.parametrize("command", ["check", "stats"])
def test_the_command_leaves_with_1_where_nothing_can_be_read(lay, capsys, command):
    assert run(["corpus", command, str(lay({"b.mid": b"GIF89a"}))]) == 1
    err = capsys.readouterr().err
    assert err.startswith("symgen: ")
    assert err.count("\n") == 1
    assert run(["corpus", command, str(lay({}) / "none")]) == 1


def test_the_command_says_that_the_stand_in_is_used(ship, capsys):
    ship(
        {
            "composer/corpus.toml": 'name = "composer"\nlicence = "yours"\n[standin]\n'
            'folder = "s"\ntitle = "Ours"\nlicence = "CC0-1.0"\n',
            "composer/s/a.mid": 3,
            "far/corpus.toml": 'name = "far"\nlicence = "CC BY"\n[[archives]]\nname = "a.zip"\n'
            'sha256 = "0"\naddress = "http://x.example/a.zip"\n',
        }
    )
    assert run(["corpus", "stats", "composer"]) == 0
    out, err = capsys.readouterr()
    assert "synthetic stand-in, Ours" in err
    assert "CC0-1.0" in out
    assert run(["corpus", "list", "--json"]) == 0
    found = {c["name"]: c for c in json.loads(capsys.readouterr().out)["corpora"]}
    assert found["composer"] == {
        "name": "composer",
        "title": "Ours",
        "licence": "CC0-1.0",
        "files": 1,
        "state": "1 file, the stand-in: put your own music there",
    }
    assert found["far"]["state"] == "not here; run: symgen corpus fetch far"
    assert run(["corpus", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["name", "licence", "state", "title"]


def test_the_command_fetches_from_a_file(tmp_path, ship, capsys):
    ship({"far/corpus.toml": 'name = "far"\n[[archives]]\nname = "a.zip"\nsha256 = "0"\n'})
    (tmp_path / "x.zip").write_bytes(b"")
    assert run(["corpus", "fetch", "far", "--from", str(tmp_path / "x.zip")]) == 1
    assert "is not a known archive of far" in capsys.readouterr().err
