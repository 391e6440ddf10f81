"""Files: archives, encodings, what is refused and how."""

import io
import zipfile

import pytest

from symgen.errors import ReadError
from symgen.limits import Limits, using
from tests.notes.musicxml.scores import QUARTERS, note, part, pitches, read, rows, score

ONE = score(part(QUARTERS + note("C5")))
OTHER = score(part(QUARTERS + note("G4")))


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def container(*paths):
    files = "".join(f'<rootfile full-path="{p}"/>' for p in paths)
    return f"<container><rootfiles>{files}</rootfiles></container>"


def archive(inside, **scores):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("META-INF/container.xml", inside)
        for name, data in scores.items():
            made.writestr(f"{name}.xml", data)
    return file.getvalue()


def test_the_container_names_the_score():
    assert pitches(read(archive(container("b.xml"), a=OTHER, b=ONE), "x.mxl")) == [72]
    assert pitches(read(archive(container("a.xml", "b.xml"), b=ONE, a=OTHER), "x.mxl")) == [67]


def test_other_rootfiles_are_of_other_kinds():
    pdf = '<rootfile full-path="a.xml" media-type="application/pdf"/>'
    kind = "application/vnd.recordare.musicxml+xml"
    own = f'<rootfile full-path="b.xml" media-type="{kind}"/>'
    inside = f"<container><rootfiles>{pdf}{own}</rootfiles></container>"
    assert pitches(read(archive(inside, a=OTHER, b=ONE), "x.mxl")) == [72]


def test_without_a_container_the_first_score_counts():
    assert pitches(read(archive(container("gone.xml"), a=ONE, b=OTHER), "x.mxl")) == [72]


def declared(encoding, title):
    text = score(part(QUARTERS + note("C5")), before=f"<movement-title>{title}</movement-title>")
    return text.decode().replace("UTF-8", encoding).encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "Fleur d’été"), ("utf-16", "Fleur d’été"), ("utf-16-le", "Fleur"),
        ("iso-8859-1", "été"), ("windows-1252", "d’été"), ("shift_jis", "花"),
        ("utf-8-sig", "été"),
    ],
)  # fmt: skip
def test_encodings(encoding, title):
    sequence = read(declared(encoding, title))
    assert sequence.source.title == title
    assert sequence.source.warnings == ()


def test_text_that_is_not_what_it_says_is_read_as_latin_1():
    data = declared("utf-8", "ete").replace(b"ete", "été".encode("latin-1"))
    sequence = read(data)
    assert sequence.source.title == "été"
    assert sequence.source.warnings == ("the text is not utf-8 as it says; read as Latin-1",)


def test_score_timewise():
    one, two = note("C5"), note("G4")
    data = (
        '<score-timewise><part-list><score-part id="A"/><score-part id="B"/></part-list>'
        f'<measure number="1"><part id="A">{QUARTERS}{one}</part><part id="B">{QUARTERS}{two}'
        f'</part></measure><measure number="2"><part id="A">{two}</part><part id="B">{one}</part>'
        "</measure></score-timewise>"
    )
    assert rows(read(data.encode())) == [(0, 67, 1), (0, 72, 1), (1, 67, 2), (1, 72, 2)]


def test_a_namespace_changes_nothing():
    data = ONE.replace(b"<score-partwise ", b'<score-partwise xmlns="http://x.example/m" ')
    assert pitches(read(data)) == [72]


def test_a_document_type_is_not_fetched():
    kind = (
        b'<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
        b'"http://x.invalid/partwise.dtd">'
    )
    assert pitches(read(ONE.replace(b"?><", b"?>" + kind + b"<", 1))) == [72]


BAD_NOTE = "<note><pitch><step>C</step><octave>5</octave></pitch><duration>{}</duration></note>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html></html>", "not a MusicXML score"),
        (b"no XML at all", "not a MusicXML score"),
        (b"<score-partwise><part", "damaged XML: .* the file may be cut off: export it again"),
        (ONE[: len(ONE) // 2], "damaged XML"),
        (b"<opus/>", "only names other files"),
        (b"PK\x03\x04 not a zip", "damaged archive"),
        (zipped(**{"readme.txt": "hello"}), "holds no score"),
        (score(part(QUARTERS + BAD_NOTE.format("x"))), "duration 'x' .* measure 1 of part P1"),
        (score(part(QUARTERS + BAD_NOTE.format("-1"))), "duration -1 is below 0"),
        (score(part(QUARTERS + BAD_NOTE.format("nan"))), "duration 'nan'"),
        (score(part(QUARTERS + BAD_NOTE.format("9" * 5000))), "duration '9999"),
        (score(part(QUARTERS + note("H5"))), "step 'H' is not C to B"),
        (
            score(part("<attributes><divisions>0</divisions></attributes>")),
            "divisions 0 are not above 0",
        ),
        (ONE.replace(b"UTF-8", b"rot13"), "unknown encoding, rot13; save it as UTF-8"),
        (b"\xff\xfe<\x00s\x00c", "damaged UTF-16|not a MusicXML"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(data, said):
    with pytest.raises(ReadError, match=said) as caught:
        read(data)
    assert "\n" not in str(caught.value)


def test_entities_are_refused():
    kind = b'<!DOCTYPE score-partwise [<!ENTITY x "Title">]>'
    data = ONE.replace(b"?><", b"?>" + kind + b"<", 1)
    with pytest.raises(ReadError, match="declares entities"):
        read(data)
    with pytest.raises(ReadError, match="declares entities"):
        read(data.decode().encode("utf-16"))


def test_a_score_too_large_is_refused():
    packed = zipped(**{"a.xml": ONE + b" " * (1 << 20)})
    assert len(packed) < 10_000
    for data in (packed, ONE + b" " * (1 << 20)):
        with using(Limits(bytes=1 << 20)), pytest.raises(ReadError, match="limit of 1,048,576"):
            read(data)
    with using(Limits(tags=10)), pytest.raises(ReadError, match="over the limit of 10;"):
        read(ONE)


def test_a_score_without_parts_is_empty():
    assert len(read(b"<score-partwise/>")) == 0
