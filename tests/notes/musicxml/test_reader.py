"""A whole score: tables, bars, title, archive."""

import io
import zipfile

import pytest

from symgen.notes.theory.meter import bar_lines
from tests.notes.musicxml.scores import (
    BACK,
    COMMON,
    QUARTERS,
    note,
    part,
    played,
    read,
    rows,
    score,
    tied,
)

WALTZ = score(
    part(
        "<attributes><divisions>4</divisions><key><fifths>-1</fifths><mode>minor</mode></key>"
        '<time><beats>3</beats><beat-type>4</beat-type></time></attributes><sound tempo="60"/>'
        + note("D4")
        + note("F4")
        + note("A4", before="<chord/>")
        + note("G4"),
        tied("A4", 8, "start") + note("B4"),
        note("D5", 12),
    )
)


def test_a_waltz():
    sequence = read(WALTZ)
    assert sequence.notes[["pitch", "start_time", "end_time"]].tolist() == [
        (62, 0.0, 1.0), (65, 1.0, 2.0), (69, 1.0, 2.0), (67, 2.0, 3.0), (69, 3.0, 5.0),
        (71, 5.0, 6.0), (74, 6.0, 9.0),
    ]  # fmt: skip
    assert sequence.tempos.tolist() == [(0.0, 60.0)]
    assert sequence.time_signatures.tolist() == [(0.0, 3, 4)]
    assert sequence.key_signatures.tolist() == [(0.0, 2, 1)]  # D minor
    assert sequence.source.format == "musicxml"
    assert sequence.total_time == 9.0
    assert bar_lines(sequence).tolist() == [0.0, 3.0, 6.0, 9.0]


def test_a_compressed_score():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("waltz.xml", WALTZ)
    assert rows(read(file.getvalue(), "x.mxl")) == rows(read(WALTZ))


def test_a_title():
    for tag in ("work/work-title", "movement-title"):
        names = tag.split("/")
        inside = (
            "".join(f"<{n}>" for n in names) + "A  Title" + "".join(f"</{n}>" for n in names[::-1])
        )
        assert played(QUARTERS + note("C5"), before=inside).source.title == "A Title"


def test_a_pickup():
    sequence = played(('number="0" implicit="yes"', COMMON + note("G4", 4)), note("C5", 16))
    assert sequence.first_bar_time == 0.5
    assert bar_lines(sequence).tolist() == [0.5, 2.5]
    assert sequence.time_signatures.tolist() == [(0.0, 4, 4)]


def test_a_bar_in_two_pieces_is_one_bar():
    pieces = [COMMON + note("C5", 16), note("D5", 12) + BACK, note("E5", 4), note("F5", 16)]
    lines = bar_lines(played(*pieces)).tolist()
    assert lines == [0.0, 2.0, 3.5, 5.5, 7.5, 9.5]


@pytest.mark.parametrize(
    ("inside", "meter"),
    [
        ("<beats>6</beats><beat-type>8</beat-type>", (6, 8)),
        ("<beats>3+2</beats><beat-type>8</beat-type>", (5, 8)),
        (
            "<beats>3</beats><beat-type>8</beat-type><beats>2</beats><beat-type>4</beat-type>",
            (7, 8),
        ),
    ],
)
def test_meters(inside, meter):
    time = f"<attributes><time>{inside}</time></attributes>"
    assert played(QUARTERS + time + note("C5")).time_signatures.tolist() == [(0.0, *meter)]


def test_music_without_a_meter():
    time = "<attributes><time><senza-misura/></time></attributes>"
    assert played(QUARTERS + time + note("C5")).time_signatures.tolist() == []


def test_the_end_is_that_of_the_last_measure():
    assert played(COMMON + note("C5", 4) + note("R", 12)).total_time == 2.0
