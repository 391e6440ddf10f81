"""`symgen evaluate A --against B` on folders of music: the table, the document, and errors."""

import io
import json

import pytest

from symgen import cli
from symgen.notes import notes_of, write
from symgen.notes.sequence import NoteSequence


def folder(path, low, count=12, velocity=64):
    path.mkdir()
    for k in range(1, count + 1):
        notes = [(low + (i * k) % 12, velocity + k, i / 4, i / 4 + 0.2) for i in range(40)]
        write(NoteSequence(notes=notes_of(notes)), path / f"{k:02d}.mid")
    return path


@pytest.fixture
def folders(tmp_path):
    return folder(tmp_path / "high", 72), folder(tmp_path / "low", 40, velocity=20)


def test_two_folders_are_compared_with_no_model(symgen, folders):
    code, out, _ = symgen(
        "evaluate",
        folders[0],
        "--against",
        folders[1],
        "--metrics",
        "velocity_mean,pitch_range",
        "--no-progress",
    )
    assert code == 0
    *verdict, _, head, theme_a, first, theme_b, second = out.splitlines()
    assert head.split()[:5] == ["metric", "median", "reference", "overlap", "KL"]
    assert (theme_a, theme_b) == ("velocity", "pitch")
    assert first.split()[:3] == ["velocity_mean", "70.5", "26.5"] and "*" in first
    assert second.split()[:3] == ["pitch_range", "9.5", "9.5"] and "*" not in second
    assert verdict[:2] == [
        "high: 12 pieces, median 10 s and 40 notes",
        "low: 12 pieces, median 10 s and 40 notes (the reference)",
    ]
    last = " ".join(verdict[2:])
    assert last.startswith("1 of 2 metrics differ significantly") and last.endswith("velocity_mean")


def test_the_document_is_that_of_an_evaluation(symgen, folders):
    code, out, _ = symgen(
        "evaluate", *folders, "--against", folders[1], "--json", "-q", "--seconds", "5"
    )
    document = json.loads(out)
    assert code == 0 and (document["kind"], document["version"]) == ("evaluation", 1)
    statistics = document["statistics"]
    assert statistics["a"]["name"] == "high, low" and statistics["a"]["pieces"] == 24
    assert statistics["options"]["seconds"] == 5 and statistics["a"]["notes"] == 20
    assert all(row["version"] >= 1 for row in statistics["metrics"].values())


def test_music_alone_is_measured(symgen, folders):
    code, out, _ = symgen("evaluate", folders[0], "--metrics", "pitch_range")
    assert code == 0 and out.splitlines()[-1].split() == [
        "pitch_range",
        "9.5",
        "8.67",
        "3.14",
        "12",
        "semitones",
    ]


def test_files_that_cannot_be_read_are_counted_and_the_rest_is_measured(symgen, folders):
    (folders[0] / "bad.mid").write_bytes(b"MThd and no more")
    code, out, err = symgen("evaluate", folders[0], "--metrics", "pitch_range")
    assert code == 0 and "12 pieces" in out and "1 of 13 files refused" in err
    assert "bad.mid" in symgen("evaluate", folders[0], "--metrics", "pitch_range", "-v")[2]


def test_a_terminal_gets_a_table_of_its_own(folders, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    assert (
        cli.run(
            [
                "evaluate",
                str(folders[0]),
                "--against",
                str(folders[1]),
                "--metrics",
                "velocity_mean",
                "-q",
            ]
        )
        == 0
    )
    assert "velocity_mean" in screen.getvalue() and "differ significantly" in screen.getvalue()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nowhere"], 1, "nowhere"),
        (["high", "--against", "nowhere"], 1, "nowhere"),
        (["empty"], 1, "no music"),
        (["high", "--metrics", "polyfony"], 2, "'polyphony'"),
        (["high", "--metrics", ","], 2, "names no metric"),
        (["high", "--seconds", "0"], 2, "above 0"),
        (["unreadable"], 1, "corpus check"),
    ],
)
def test_errors_are_one_line(symgen, folders, tmp_path, words, code, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "unreadable").mkdir()
    (tmp_path / "unreadable" / "bad.mid").write_bytes(b"MThd and no more")
    found, out, err = symgen("evaluate", *words, "-q")
    assert (found, out) == (code, "")
    assert message in err and err.startswith("symgen: ") and len(err.splitlines()) == 1
