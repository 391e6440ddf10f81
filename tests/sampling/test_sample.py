"""Samples outside the command line: their reports, the line about one, and their files."""

import json

import numpy as np
import pytest

from symgen.errors import BadOption, DataError
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling.files import output_paths, write_report, write_sample
from symgen.sampling.sample import Sample, SampleReport
from symgen.sampling.sample_text import line

NOTES = notes_of([(60, 80, 0.0, 0.5), (64, 80, 0.5, 1.0)])
EVENTS = np.zeros((0, 1), np.int32)
DOCUMENT = {
    "file": "a/x.mid",
    "files": ["a/x.mid", "a/x.abc"],
    "seed": 3,
    "index": 1,
    "requested": {"seconds": 2.0, "density": "2@0,8@1"},
    "measured": {"seconds": 2.0, "notes": 2, "density": 1.0},
    "methods": {"density": "steered"},
    "over_time": {"density": {"requested": [2, 8], "measured": [1.5, None]}},
    "distance": 0.25,
    "drawn": ["key"],
    "nats_per_event": 1.5,
    "originality": {"max_copy": 16, "drawn_again": 2, "longest": None},
    "messages": ["sample 1 was drawn again"],
    "audio": None,
}


OLD = {
    "file": "x.mid",
    "files": ["x.mid"],
    "seed": 3,
    "index": 1,
    "asked": {"seconds": 2.0, "density": 3, "way": "told", "attempts": 2},
    "reached": {"seconds": 2.0, "told": ["a message"]},
    "ways": {"density": "told and steered"},
    "over_time": {"at": [0.0], "density": {"asked": [2], "reached": [1.5]}},
    "said": ["sample 1 was drawn again"],
}


def sample(**facts):
    values = {"seconds": 2.0}
    music = NoteSequence(NOTES, total_time=2.0)
    return Sample(music, EVENTS, 3, 1, values, {"seconds": 2.0, "notes": 2}, **facts)


def test_a_report_is_read_back_as_it_was_written(tmp_path):
    report = SampleReport.from_dict(DOCUMENT)
    assert report.to_dict() == DOCUMENT
    write_report(report, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == DOCUMENT
    with pytest.raises(DataError, match=r"x\.json exists"):
        write_report(report, tmp_path / "x.json")


def test_the_keys_of_earlier_versions_are_read():
    report = SampleReport.from_dict(OLD)
    assert report.requested == {"seconds": 2.0, "density": 3, "method": "told", "best_of": 2}
    assert report.measured == {"seconds": 2.0, "messages": ["a message"]}
    assert report.methods == {"density": "conditioned and steered"}
    assert report.over_time == {"at": [0.0], "density": {"requested": [2], "measured": [1.5]}}
    assert report.messages == ("sample 1 was drawn again",)


def test_what_does_not_apply_is_left_out_of_a_report(tmp_path):
    report = SampleReport.of(sample(), [tmp_path / "x.mid"])
    assert set(report.to_dict()) == {"file", "files", "seed", "index", "requested", "measured"}
    assert SampleReport.from_dict(report.to_dict()) == report


def test_figures_in_a_report_have_four_decimals(tmp_path):
    made = sample(methods={"key": "steered"}, distance=0.123456, nats=1.234567)
    document = SampleReport.of(made, [tmp_path / "x.mid"]).to_dict()
    assert (document["distance"], document["nats_per_event"]) == (0.1235, 1.2346)


def test_the_line_about_a_sample():
    assert line(SampleReport.from_dict(DOCUMENT)) == (
        "a/x.mid a/x.abc: 2.00 s (requested 2), 2 notes; "
        "density: requested 2@0,8@1, measured 1.00 notes per second (1.5 - over time), steered; "
        "1.50 nats per event under the model without targets; longest copy 0 notes; "
        "drawn again 2 times; seed 3, sample 1"
    )


def test_facts_of_the_request_are_added_unless_they_are_none():
    made = sample()
    assert made.with_request(primer="a.mid", precision=None).requested == {
        "seconds": 2.0,
        "primer": "a.mid",
    }
    assert made.requested == {"seconds": 2.0}


def test_a_continuation_leaves_out_the_primer():
    assert sample(before=1).continuation.notes["pitch"].tolist() == [64]


def test_samples_in_a_folder_take_the_next_numbers(tmp_path):
    (tmp_path / "m-4.mid").touch()
    names = output_paths(str(tmp_path), "m", 2, (".mid", ".abc"), (".wav",))
    assert [[path.name for path in files] for files in names] == [
        ["m-5.mid", "m-5.abc"],
        ["m-6.mid", "m-6.abc"],
    ]


def test_several_samples_of_one_file_are_numbered(tmp_path):
    names = output_paths(str(tmp_path / "x.mid"), "m", 2, (".mid", ".abc"))
    assert [[path.name for path in files] for files in names] == [["x-1.mid"], ["x-2.mid"]]


@pytest.mark.parametrize(("taken", "beside"), [("x.mid", ()), ("x.wav", (".wav",))])
def test_no_file_is_replaced_without_force(tmp_path, taken, beside):
    (tmp_path / taken).touch()
    with pytest.raises(DataError, match=f"{taken} exists"):
        output_paths(str(tmp_path / "x.mid"), "m", 1, beside=beside)
    assert output_paths(str(tmp_path / "x.mid"), "m", 1, beside=beside, force=True)


def test_a_format_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(BadOption, match=r"x\.wav: samples are written as .*--render"):
        output_paths(str(tmp_path / "x.wav"), "m", 1)


def test_a_file_says_how_to_make_its_sample_again(tmp_path):
    made = sample().with_request(key="C major", strict_key=False)
    assert write_sample(made, tmp_path / "x.mid", model="m", version="1.2") == []
    comment = b"symgen 1.2: m, seed 3, sample 1, seconds 2.0, key C major"
    assert comment in (tmp_path / "x.mid").read_bytes()


def test_the_title_of_an_abc_file_names_the_melody_it_was_given(tmp_path):
    made = sample()
    assert write_sample(made, tmp_path / "x.abc", model="m") == []
    assert "T:symgen m seed 3 sample 1\n" in (tmp_path / "x.abc").read_text(encoding="utf-8")
