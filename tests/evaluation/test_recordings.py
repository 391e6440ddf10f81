"""A folder of recordings is checked and described like a corpus of notes."""

import json

import numpy as np
import pytest

from symgen.audio.listing import recordings
from symgen.cli import run
from symgen.evaluation.recordings import look, oddities, survey, totals
from symgen.limits import Limits, using
from tests.audio.sound import RATE, noise, save
from tests.audio.test_fingerprint import song


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "tapes"
    (made / "old").mkdir(parents=True)
    save(made / "a.flac", song(1), 11_025)
    save(made / "old" / "b.mp3", song(1) * 0.5, 11_025)
    gap = np.zeros(2 * RATE, np.float32)
    save(made / "mix.wav", np.concatenate([noise(14.0), gap, noise(14.0)]))
    (made / "text.mp3").write_text("text\n" * 100, encoding="utf-8")
    (made / "cover.jpg").write_text("x", encoding="utf-8")
    return made


def test_each_recording_is_checked_and_bad_ones_are_named(folder, capsys):
    assert run(["corpus", "check", "tapes", "--longest", "20", "--workers", "1"]) == 0
    shown = capsys.readouterr().out
    assert "0:30  16000         1  WAV" in shown and "old/b.mp3" in shown
    assert "cut: mix.wav#1: from 0:00, 0:15 long" in shown and "mix.wav#2: from 0:15" in shown
    assert "refused: text.mp3: no sound that can be read; is it really .mp3?" in shown
    assert "skipped: cover.jpg: no recording (.jpg)" in shown
    assert "tapes: 4 recordings, 3 usable (1:12)" in shown and "1 refused, 1 other file" in shown


def test_stats_write_a_page_and_a_document(folder, capsys):
    assert run(["corpus", "stats", "tapes", "--workers", "1", "-o", "out.html"]) == 0
    shown = capsys.readouterr().out
    assert "tapes: 3 (1 refused)" in shown and shown.rstrip().endswith("out.html")
    page = (folder.parent / "out.html").read_text(encoding="utf-8")
    for words in ("Are they equally loud?", "LUFS", "Near-duplicates", "a.flac, old/b.mp3"):
        assert words in page
    assert run(["corpus", "stats", "tapes", "--workers", "1", "-o", "out.json"]) == 0
    document = json.loads((folder.parent / "out.json").read_text(encoding="utf-8"))
    assert document["duplicates"] == [["a.flac", "old/b.mp3"]]
    first, second, third = document["recordings"]
    assert (first["id"], second["id"], third["id"]) == ("a.flac", "mix.wav", "old/b.mp3")
    assert first["lufs"] - third["lufs"] == pytest.approx(6.02, abs=0.1)
    assert first["key"] == third["key"] and second["key"] is None


def test_json_and_a_single_file(folder, capsys):
    assert run(["corpus", "check", "tapes/a.flac", "--json", "-q"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["recordings"]
    assert row["id"] == "a.flac" and row["rate"] == 11_025
    assert run(["corpus", "check", "tapes/text.mp3"]) == 1
    assert "nothing in it can be read" in capsys.readouterr().err
    assert run(["corpus", "stats", "tapes/text.mp3"]) == 1
    assert "1 recording, none of which can be read" in capsys.readouterr().err


def test_a_folder_with_notes_says_how_its_recordings_are_taken(folder, capsys):
    from symgen.notes import notes_of, write
    from symgen.notes.sequence import NoteSequence

    write(NoteSequence(notes_of([(60, 80, 0, 1.0)])), folder / "a.mid")
    assert run(["corpus", "check", "tapes"]) == 0
    captured = capsys.readouterr()
    assert "a.mid" in captured.out and "4 recordings left out; --audio takes those" in captured.err
    assert run(["corpus", "check", "tapes", "--audio", "--workers", "1"]) == 0
    shown = capsys.readouterr().out
    assert "4 recordings, 3 usable" in shown and "notes, not a recording" in shown


def test_the_limits_hold_for_each(folder, capsys):
    assert run(["corpus", "check", "tapes", "--limit", "sound=25", "--workers", "1"]) == 0
    assert "refused: mix.wav: 30 seconds of sound, over the limit of 25" in capsys.readouterr().out
    with using(Limits(seconds=0.01)):
        slow = look(recordings(folder / "mix.wav"))
    assert "seconds of processor time" in slow[0].refused or slow[0].figures


@pytest.mark.slow
def test_other_processes_find_the_same(folder):
    found = recordings(folder)
    alone, together = look(found), look(found, workers=2)
    assert [one.document() for one in alone] == [one.document() for one in together]
    assert survey(found, alone) == survey(found, together)
    assert totals(found, alone)["recordings"] == 3


def test_what_is_odd_is_told():
    plain = dict(peak=-3.0, clipped=0, silence=0.0, offset=0.0, same=False, lufs=-20.0)
    assert oddities(plain) == []
    assert oddities(plain | dict(peak=None)) == ["silent from its beginning to its end"]
    odd = dict(clipped=2, silence=0.6, offset=-0.02, same=True, lufs=-4.0, channels=2)
    assert oddities(plain | odd) == [
        "2 places clipped at full scale",
        "60% of it is silent",
        "a constant offset of -0.020: a fault of recording",
        "its 2 channels are equal: it is mono",
        "-4.0 LUFS: very loud",
    ]
