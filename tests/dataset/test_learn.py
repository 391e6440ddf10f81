"""Datasets of an encoding that learns from the music: what it learns, and which config fits."""

import dataclasses
import os

import numpy as np
import pytest

import symgen
from symgen.controls.members.meter import places
from symgen.dataset import convert, encode, find
from symgen.dataset import learn as survey
from symgen.dataset.ledger import summary
from symgen.encodings import encoding
from symgen.encodings.melody_chords.encoding import MelodyChords
from symgen.errors import DataError
from symgen.notes import write
from symgen.notes.sequence import CHORD, NOTE, TIME_SIGNATURE, NoteSequence, table

OPEN = encoding("melody_chords", cutoff=12)


@dataclasses.dataclass(frozen=True)
class DeadlySurvey(MelodyChords):
    """Ends its process where it surveys the piece of 19 notes."""

    def survey(self, sequence):
        if len(sequence.notes) == 19:
            os._exit(1)
        return super().survey(sequence)


@dataclasses.dataclass(frozen=True)
class FailingSurvey(MelodyChords):
    """Raises there."""

    def survey(self, sequence):
        if len(sequence.notes) == 19:
            raise IndexError("index 7 is out of bounds")
        return super().survey(sequence)


def tune(seed, notes=16, chords=("C", "G7", "F", "C")):
    """A random melody in eighths after a pickup of one, with a chord every four notes."""
    pitch = np.random.default_rng(seed).integers(60, 80, notes)
    time = np.arange(notes) / 4
    rows = table(NOTE, pitch=pitch, velocity=80, start_time=time, end_time=time + 0.25)
    named = np.array([(0.25 + i, symbol) for i, symbol in enumerate(chords)], CHORD)
    return NoteSequence(
        rows,
        chords=named,
        first_bar_time=0.25,
        time_signatures=np.array([(0, 4, 4)], TIME_SIGNATURE),
        tempos=[(0, 120)],
    )


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Twelve tunes of 16 to 27 notes; one has a rare chord, one has none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tunes").mkdir()
    for i in range(12):
        write(
            tune(i, 16 + i, {4: ("C", "Ebdim", "C", "C"), 5: ()}.get(i, ("C", "G7", "F", "C"))),
            tmp_path / "tunes" / f"{i:02d}.mid",
        )
    return tmp_path / "tunes"


def test_the_vocabulary_is_learned_and_stored(source):
    data = convert(source, OPEN, workers=1)
    assert data.info["survey"] == {"C": 23, "Ebdim": 1, "F": 10, "G7": 10}
    assert data.encoding == OPEN.learned(data.info["survey"])
    assert len(data.encoding.chords) == 12  # major triads; G7 is used 10 times, and 12 are asked
    assert data.info["fields"] == [{"name": "melody", "size": 130}, {"name": "chord", "size": 13}]
    assert symgen.Dataset.open(data.path).encoding == data.encoding
    for name in ("train", "eval"):
        split = data.split(name)
        for i, piece in enumerate(split.ids):
            music = symgen.read(source / piece)
            np.testing.assert_array_equal(split.events(i), data.encoding.encode(music))
            assert split.contexts[i]["bars"] == data.encoding.context(music)["bars"]
            assert split.contexts[i]["steps"] == len(split.part(i))


def test_what_was_learned_and_what_fell_out_is_said(source):
    info = convert(source, OPEN, workers=1).info
    assert (
        info["learned"] == "12 chords from 44 uses; 2 used too rarely (cutoff 12): G7 10, Ebdim 1"
    )
    message = summary(info)
    assert f"  learned {info['learned']}" in message
    assert (
        "  refused 1 x nothing is left of it: "
        "tune without chord symbols (need_chords = false takes them)" in message
    )
    assert "  dropped 10 x chord outside the vocabulary, replaced by a simpler one" in message
    assert "  dropped 1 x chord outside the vocabulary, replaced by no chord" in message
    assert info["ledger"]["notes_read"] == info["ledger"]["notes_encoded"]
    sounding = convert(source, dataclasses.replace(OPEN, melody="sounding"), workers=1).info[
        "ledger"
    ]
    assert (
        sounding["notes_read"] > sounding["notes_encoded"] > 0
    )  # one of two equal notes in a row cannot be told


def test_the_bytes_are_the_same_whatever_the_number_of_workers(source, tmp_path):
    folders = [convert(source, OPEN, tmp_path / f"out{n}", workers=n).path for n in (1, 2)]
    one, two = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert one == two


def test_a_second_time_nothing_is_surveyed(source, monkeypatch):
    first = convert(source, OPEN, workers=1)
    monkeypatch.setattr(survey, "survey_file", lambda *_: pytest.fail("music was read"))
    assert convert(source, OPEN, workers=1).path == first.path
    with pytest.raises(pytest.fail.Exception, match="music was read"):
        convert(source, dataclasses.replace(OPEN, cutoff=2), workers=1)


@pytest.mark.parametrize(
    ("member", "workers"), [(DeadlySurvey, 2), (FailingSurvey, 2), (FailingSurvey, 1)]
)
def test_a_file_on_which_the_survey_breaks_stops_no_other(source, tmp_path, member, workers):
    (source / "bad.mid").write_bytes(b"not music")
    info = convert(source, member(cutoff=12), tmp_path / "out", workers=workers).info
    assert info["survey"]["C"] == 21  # all but those of the piece on which it breaks
    assert [row["name"] for row in info["ledger"]["refused"]] == ["05.mid", "bad.mid"]
    assert info["ledger"]["pieces_written"] == 11


def test_an_open_encoding_finds_the_dataset_that_filled_it(source):
    data = convert(source, OPEN, workers=1)
    other = convert(source, dataclasses.replace(OPEN, grid=12), workers=1)
    assert find("data", OPEN).path == data.path
    assert find("data", data.encoding).path == data.path
    assert find("data").path == other.path
    with pytest.raises(
        DataError, match=r"for the melody_chords encoding as configured.*--set encoding\.cutoff=3"
    ):
        find("data", dataclasses.replace(OPEN, cutoff=3))
    with pytest.raises(DataError, match=r"encoding\.chords"):
        find("data", dataclasses.replace(OPEN, chords=("C", "Am")))


def test_music_without_chords_leaves_the_vocabulary_open(source, tmp_path):
    plain = dataclasses.replace(OPEN, cutoff=1000, need_chords=False)
    with pytest.warns(UserWarning, match=r"nothing was frequent enough.*cutoff 1000"):
        data = convert(source, plain, tmp_path / "out", workers=1)
    assert data.encoding == plain
    assert data.info["ledger"]["pieces_written"] == 12
    assert plain.accepts(data.encoding)


def test_the_only_piece_is_split_at_its_bars(tmp_path):
    """Both parts know where their bars lie: the second goes on in the middle of one."""
    (tmp_path / "one").mkdir()
    write(tune(1, 81), tmp_path / "one" / "tune.mid")
    music, whole = (
        symgen.read(tmp_path / "one" / "tune.mid"),
        encoding("melody_chords", chords=("C", "F", "G7")),
    )
    bars = places(np.arange(162), whole.context(music)["bars"], 162, 4)
    with pytest.warns(UserWarning, match="the only piece"):
        data = convert(tmp_path / "one", whole, tmp_path / "out", workers=1)
    start = 0
    for name in ("train", "eval"):
        split = data.split(name)
        steps = len(split.part(0))
        assert split.contexts[0]["steps"] == steps
        at = places(np.arange(steps), split.contexts[0]["bars"], steps, 4)
        assert at.place.tolist() == bars.place[start : start + steps].tolist()
        assert np.array_equal(
            split.events(0)[1:, 0], whole.encode(music)[start + 1 : start + steps, 0]
        )
        start += steps
    assert start == 162


def test_the_only_piece_is_not_divided_into_nothing(tmp_path):
    """Without a chord in the vocabulary its parts would be refused for want of chords."""
    (tmp_path / "one").mkdir()
    write(tune(1, 81), tmp_path / "one" / "tune.mid")
    with (
        pytest.warns(UserWarning, match="nothing was frequent"),
        pytest.warns(UserWarning, match="divided: the eval split is empty"),
    ):
        data = convert(
            tmp_path / "one", encoding("melody_chords", cutoff=1000), tmp_path / "out", workers=1
        )
    assert data.info["halves"]["train"]["events"] == 162
    assert len(data.split("eval")) == 0


def test_pitches_stay_inside_when_they_are_moved(source):
    split = convert(source, OPEN, workers=1).split("train")
    for i, (lowest, highest) in enumerate(split.spans.tolist()):
        notes = split.encoding.decode(split.events(i)).notes["pitch"]
        assert (lowest, highest) == (notes.min(), notes.max())
        split.encoding.transpose(split.events(i), 127 - highest)


@pytest.mark.parametrize(("limit", "again"), [(survey.MAX_KEPT, 0), (50, 10), (0, 12)])
def test_a_small_corpus_is_read_once_and_a_large_one_gives_the_same(
    source, tmp_path, monkeypatch, limit, again
):
    first = convert(source, OPEN, tmp_path / "first", workers=2)
    read, load = [], encode.load
    monkeypatch.setattr(survey, "MAX_KEPT", limit)
    monkeypatch.setattr(encode, "load", lambda entry: read.append(entry.id) or load(entry))
    second = convert(source, OPEN, tmp_path / "second", workers=1)
    assert len(read) == again
    assert [path.read_bytes() for path in sorted(first.path.iterdir())] == [
        path.read_bytes() for path in sorted(second.path.iterdir())
    ]
