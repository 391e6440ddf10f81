"""The survey of a corpus: unusual pieces and near-duplicates are found and reported."""

import json
import re

import numpy as np
import pytest

from symgen import notes
from symgen.corpus import open_corpus
from symgen.evaluation.corpus_survey import outliers, survey
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.report.pages.corpus import page, verdict
from symgen.report.writers import html
from tests.report.documents import music


def tune(seed, count=60, step=0.5):
    """A melody in C major, different for each seed."""
    rng = np.random.default_rng(seed)
    pitches = 60 + np.array([0, 2, 4, 5, 7, 9, 11])[rng.integers(0, 7, count)]
    pitches[-20:] = 60 + np.resize([0, 4, 7], 20)
    return NoteSequence(
        notes=notes_of(
            [(int(p), 64 + i % 9, i * step, (i + 0.9) * step) for i, p in enumerate(pitches)]
        )
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten tunes: one is a transposed, slower copy, one is very long; and a broken file."""
    path = tmp_path_factory.mktemp("corpus") / "songs"
    for i in range(8):
        notes.write(tune(i, 40 + 8 * i), path / f"tune{i}.mid")
    copy = tune(3, 64, 0.7)
    higher = copy.notes.copy()
    higher["pitch"] += 5
    notes.write(copy.replace(notes=higher), path / "same.mid")
    notes.write(tune(99, 4000), path / "long.mid")
    (path / "broken.mid").write_bytes(b"MThd what is this")
    return path


@pytest.fixture(scope="module")
def found(folder):
    return survey(open_corpus(folder))


def test_each_piece_has_its_figures(found):
    assert len(found["pieces"]) == 10
    row = next(row for row in found["pieces"] if row["id"] == "tune0.mid")
    assert (row["notes"], row["key"]) == (40, "C major")
    assert row["note_density"] == pytest.approx(40 / row["seconds"], rel=0.02)
    assert row["polyphony"] == 1
    assert found["stats"]["refused"] == 1
    assert sum(found["velocities"]) == sum(found["pitches"]) == found["stats"]["notes"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_very_long_piece_is_an_outlier(found):
    assert [(one["id"], one["what"]) for one in found["outliers"] if one["what"] == "seconds"] == [
        ("long.mid", "seconds")
    ]


def test_near_duplicates_are_found_in_another_key_and_speed(found):
    assert found["duplicates"] == [["same.mid", "tune3.mid"]]


def test_there_are_no_outliers_among_few_or_equal_pieces():
    row = {
        "seconds": 60.0,
        "tempo": 120.0,
        "note_density": 4.0,
        "polyphony": 2.0,
        "velocity_mean": 64.0,
        "velocity_deviation": 5.0,
        "pitch_range": 24.0,
    }
    assert outliers([{"id": str(i), **row, "seconds": 10.0**i} for i in range(4)]) == []
    assert (
        outliers(
            [{"id": str(i), **row} for i in range(20)] + [{"id": "odd", **row, "seconds": None}]
        )
        == []
    )


def test_the_page_begins_with_the_verdict(found):
    text = html.render(page(found))
    lead = text[text.index("<header>") : text.index("</header>")]
    assert re.findall("<dt>(.*?)</dt><dd>(?:<b>(.*?)</b>)?", lead) == [
        ("How much music is there?", ""),
        ("Can every file be read?", "No."),
        ("Are there unusual pieces?", "Yes."),
        ("Are there near-duplicates?", "Yes."),
    ]
    for words in (
        "10 pieces",
        "1 of 11 files cannot be read",
        f"The most unusual is {found['outliers'][0]['id']}: ",
        "1 piece repeats the melody of another.",
    ):
        assert words in lead
    for words in ("same.mid, tune3.mid", "Most frequent: C major", "notes per second", "Iglewicz"):
        assert words in text


def test_a_corpus_of_one_loudness_has_no_dynamics(found):
    velocities = [0] * 128
    velocities[80] = 100
    answers = {one.question: one for one in verdict(found | {"velocities": velocities})}
    assert answers["Does it have dynamics?"].short == "No"
    assert "Does it have dynamics?" not in {one.question for one in verdict(found)}


def test_drums_have_no_key():
    from symgen.corpus.piece import Piece
    from symgen.evaluation.corpus_survey import MEASURED, _row
    from symgen.evaluation.statistics.metrics import make_metrics

    beat = music().notes.copy()
    beat["is_drum"] = True
    row = _row(
        Piece("beat.mid", music().replace(notes=beat), "beat.mid", None, {}, ""),
        make_metrics(MEASURED),
    )
    assert (row["key"], row["note_density"]) == (None, None)


def test_the_command_writes_all_three_forms(symgen, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("symgen.report.plotting.png.installed", lambda: False)
    code, out, _ = symgen("corpus", "stats", folder, "-o", "page.html")
    assert code == 0 and out.splitlines()[-1] == "page.html"
    code, out, _ = symgen("corpus", "stats", folder, "-o", "figures", "--json")
    assert code == 0 and json.loads(out)["report"] == "figures"
    assert (tmp_path / "figures" / "corpus-seconds.svg").is_file()
    assert symgen("corpus", "stats", folder, "-o", "page.json")[0] == 0
    assert json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))["kind"] == "corpus"


@pytest.mark.parametrize(
    ("target", "code", "message"), [("page.pdf", 2, ".html"), ("there.html", 1, "exists")]
)
def test_a_bad_target_is_refused_before_the_music_is_read(
    symgen, folder, tmp_path, target, code, message
):
    (tmp_path / "there.html").write_text("mine")
    left, _, error = symgen("corpus", "stats", folder, "-o", target)
    assert left == code and message in error and error.count("\n") == 1
    assert (tmp_path / "there.html").read_text() == "mine"
