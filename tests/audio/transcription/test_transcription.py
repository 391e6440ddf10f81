"""Recordings to notes: what our own player plays comes back, however it is read."""

import numpy as np
import pytest
import soundfile

import symgen
from symgen.audio import reading, transcription
from symgen.audio.transcription import batch, transcribe
from symgen.errors import BadOption, DataError, ReadError
from symgen.notes import read
from tests.audio.sound import save

pytestmark = pytest.mark.usefixtures("hearing")


def found(truth, heard, within=0.05):
    """Return which notes of `truth` are among those heard, each used once."""
    left = list(zip(heard["pitch"].tolist(), heard["start_time"].tolist(), strict=True))
    out = []
    for pitch, start in zip(truth["pitch"].tolist(), truth["start_time"].tolist(), strict=True):
        near = [one for one in left if one[0] == pitch and abs(one[1] - start) < within]
        out.append(bool(near))
        if near:
            left.remove(near[0])
    return np.array(out)


@pytest.fixture(scope="module")
def heard(recording):
    return transcribe(recording)


def test_notes_that_our_player_plays_come_back(played, heard):
    hits = found(played.notes, heard.notes)
    assert hits.mean() >= 0.93 and hits.sum() >= 0.93 * len(heard)
    assert (heard.source.format, heard.source.title) == ("recording", "played")


def test_lengths_and_loudness_come_from_the_sound(played, heard):
    def of(sequence, pitch, near):
        notes = sequence.notes[sequence.notes["pitch"] == pitch]
        return notes[np.abs(notes["start_time"] - near).argmin()]

    assert abs(of(heard, 67, 1.0)["end_time"] - of(played, 67, 1.0)["end_time"]) < 0.15
    soft, loud = of(heard, 48, 2.0), of(heard, 53, 3.0)
    assert soft["velocity"] + 20 < loud["velocity"]
    assert abs(soft["end_time"] - 2.9) < 0.25


def test_loudness_of_the_recording_does_not_matter(recording, heard, tmp_path):
    sound, rate = soundfile.read(recording)
    quiet = transcribe(save(tmp_path / "quiet.wav", sound.mean(1) * 0.2, rate, subtype="FLOAT"))
    assert found(heard.notes, quiet.notes).mean() > 0.95
    assert abs(np.median(quiet.notes["velocity"]) - np.median(heard.notes["velocity"])) <= 2


def test_blocks_of_any_length_give_the_same_notes(recording, heard):
    made = transcription.transcriber()
    for seconds in (0.31, 100.0):
        blocks = (block[:, 0] for block in reading.blocks(recording, made.rate, seconds=seconds))
        assert np.array_equal(made.notes(blocks), heard.notes)


def test_the_beginning_is_that_of_the_whole(recording, heard):
    part = transcribe(recording, seconds=4.0)
    early = heard.notes[heard.notes["start_time"] < 3.5]
    assert np.array_equal(
        part.notes[: len(early)][["pitch", "start_time"]], early[["pitch", "start_time"]]
    )


def test_options_are_those_of_the_transcriber(recording, heard):
    fewer = symgen.transcribe(recording, "basic_pitch", threshold=0.95, min_length=0.4)
    assert 0 < len(fewer) < len(heard)
    assert (fewer.notes["end_time"] - fewer.notes["start_time"]).min() >= 0.4
    for options in ({"threshold": 0}, {"seconds": 0}):
        with pytest.raises(BadOption, match="0: expected a number"):
            symgen.transcribe(recording, **options)


def test_a_file_without_notes_is_told(tmp_path):
    silent = save(tmp_path / "silent.wav", np.zeros(20_000, np.float32))
    with pytest.raises(DataError, match=r"silent\.wav: no note is heard in it"):
        transcribe(silent)
    with pytest.raises(ReadError, match="no recording ends in"):
        transcribe(tmp_path / "notes.txt")


@pytest.fixture
def folder(recording, tmp_path):
    """Recordings: two of one name, one in a subfolder, one that is silent, and a text."""
    sound, rate = soundfile.read(recording)
    short = sound[: 2 * rate].mean(1)
    root = tmp_path / "songs"
    (root / "live").mkdir(parents=True)
    for name in ("a.wav", "a.flac", "live/b.wav"):
        save(root / name, short, rate)
    save(root / "quiet.wav", np.zeros(5000, np.float32))
    (root / "notes.txt").write_text("no sound")
    return root


def test_a_folder_is_transcribed_once(folder, tmp_path):
    made, out = transcription.transcriber(), tmp_path / "midi"
    work, skipped = batch.jobs([folder], out)
    assert [job.target.relative_to(out).as_posix() for job in work] == [
        "a.flac.mid",
        "a.wav.mid",
        "live/b.mid",
        "quiet.mid",
    ]
    assert [name for name, _ in skipped] == ["notes.txt"]
    first = list(batch.run(work, made))
    assert [done.reason for done in first] == ["", "", "", "no note is heard in it"]
    assert len(read(out / "live" / "b.mid")) == first[2].notes > 5
    before = (out / "live" / "b.mid").stat().st_mtime_ns
    again = list(batch.run(work, made))
    assert [done.notes for done in again[:3]] == [None] * 3
    assert (out / "live" / "b.mid").stat().st_mtime_ns == before
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [
        "a.flac.mid",
        "a.wav.mid",
        "b.mid",
    ]


def test_an_interruption_leaves_whole_files_and_the_rest_is_done_later(folder, tmp_path):
    class Tired(transcription.Transcriber):
        rate, files = 22_050, 0

        def check(self):
            pass

        def notes(self, blocks):
            self.files += 1
            if self.files == 2:
                raise KeyboardInterrupt
            return made.notes(blocks)

    made, out = transcription.transcriber(), tmp_path / "midi"
    work, _ = batch.jobs([folder / "live", folder / "a.wav"], out)
    with pytest.raises(KeyboardInterrupt):
        list(batch.run(work, Tired()))
    assert [path.name for path in out.rglob("*")] == ["b.mid"]
    assert [done.notes is None for done in batch.run(work, made)] == [True, False]


def test_two_files_of_one_name_are_refused(folder, tmp_path):
    with pytest.raises(BadOption, match=r"two recordings would both be written to b\.wav\.mid"):
        batch.jobs([folder / "live", folder / "live" / "b.wav"], tmp_path)
