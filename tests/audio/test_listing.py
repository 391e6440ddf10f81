"""Folders of recordings."""

import numpy as np
import pytest

from symgen.audio.listing import holds_audio, recordings
from symgen.errors import DataError
from symgen.notes import notes_of, write
from symgen.notes.sequence import NoteSequence
from tests.audio.sound import save


def test_a_folder_is_listed_with_reasons(tmp_path):
    (tmp_path / "deep").mkdir()
    save(tmp_path / "b.wav", np.zeros(100))
    save(tmp_path / "deep" / "a.FLAC", np.zeros(100))
    for name, text in (("cover.jpg", "x"), (".hidden.mp3", "x"), ("none.ogg", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = recordings(tmp_path)
    assert found.files == [
        ("b.wav", tmp_path / "b.wav"),
        ("deep/a.FLAC", tmp_path / "deep" / "a.FLAC"),
    ]
    assert found.skipped == [
        (".hidden.mp3", "hidden"),
        ("cover.jpg", "no recording (.jpg)"),
        ("none.ogg", "is empty (0 bytes)"),
    ]
    assert holds_audio(tmp_path)
    write(NoteSequence(notes_of([(60, 80, 0, 1.0)])), tmp_path / "a.mid")
    assert not holds_audio(tmp_path) and len(recordings(tmp_path)) == 2


def test_one_file_and_nothing(tmp_path):
    path = save(tmp_path / "b.wav", np.zeros(100))
    assert recordings(path).files == [("b.wav", path)] and holds_audio(path)
    with pytest.raises(DataError, match="no such file or folder"):
        recordings(tmp_path / "x")
    path.unlink()
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match=r"holds no recording \(1 file skipped\); put \.3gp"):
        recordings(tmp_path)
    with pytest.raises(DataError, match=r"no recording ends in '\.txt'"):
        recordings(tmp_path / "a.txt")
