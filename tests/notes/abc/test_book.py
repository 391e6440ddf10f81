"""Files of tunes: where each begins and ends, what it is called, and how bytes become text."""

import pytest

from symgen.corpus import Piece, pieces
from symgen.errors import ReadError
from symgen.notes import read, read_bytes
from tests.notes.abc.tunes import abc, letters, tune


def book(text):
    data = text if isinstance(text, bytes) else text.encode()
    return {
        suffix: letters(found) if not isinstance(found, ReadError) else found
        for suffix, found in read_bytes(data, "a.abc")
    }


def test_tunes_are_named_by_their_number():
    text = (
        abc("C", X="7")
        + "\n"
        + abc("D", X="007")
        + "\n"
        + abc("E", X="2")
        + "\n\n\n"
        + abc("F", X="x")
    )
    assert book(text) == {"#7": "C", "#7.2": "D", "#2": "E", "#4": "F"}


def test_a_tune_ends_where_the_next_begins_with_or_without_an_empty_line():
    assert book(abc("CD|", X="1") + abc("EF|", X="2")) == {"#1": "CD", "#2": "EF"}


def test_free_text_between_tunes_is_passed_over():
    text = (
        "%abc-2.1\nA collection | of tunes\n\n" + abc("C|") + "\nThis is a tune: I like it.\n\n"
        "%%begintext\nX:9\nABC\n%%endtext\n\n% CDE\n\n" + abc("D|", X="2") + "\nBad cafe\n"
    )
    assert book(text) == {"#1": "C", "#2": "D"}


def test_an_empty_line_inside_a_tune_is_said():
    found = tune("CDEF|\n\nGABc|\n\n")
    assert letters(found) == "CDEFGABc" and "empty line" in found.source.warnings[0]
    ((_, found),) = read_bytes(b"X:1\nT:a\n\nM:4/4\nL:1/4\nK:G\nF|\n", "a.abc")
    assert found.notes["pitch"].tolist() == [66] and "empty line" in found.source.warnings[0]


def test_a_tune_may_lack_its_number_and_its_key():
    ((suffix, found),) = read_bytes(b"T:none\nM:4/4\nL:1/4\nCDEF|\n", "a.abc")
    assert (suffix, letters(found)) == ("#1", "CDEF")
    assert [w.split(";")[0] for w in found.source.warnings] == [
        "music without K: before it",
        "no X: before it",
    ]
    text = abc("C|") + "\n" + abc("D|", X=None) + "\n" + abc("E|", X="3")
    assert book(text) == {"#1": "C", "#2": "D", "#3": "E"}


def test_the_header_of_the_file_holds_for_every_tune():
    text = "%abc\nL:1/2\nM:3/4\nN:notes\n\nX:1\nK:C\nCD|\n\nX:2\nL:1/4\nK:C\nEF|\n"
    (_, first), (_, second) = read_bytes(text.encode(), "a.abc")
    assert first.total_time == 2 and second.total_time == 1
    assert first.time_signatures["numerator"].tolist() == [3]


def test_one_bad_tune_among_good_ones():
    found = book(abc("C") + "\nX:2\nT:bad\nK:C\n\n" + abc("D", X="3"))
    assert (found["#1"], found["#3"]) == ("C", "D")
    assert str(found["#2"]) == "a.abc#2: holds no notes"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(ends):
    assert book((abc("CD|\nEF|") + "\n" + abc("G|", X="2")).replace("\n", ends)) == {
        "#1": "CDEF",
        "#2": "G",
    }


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("T:Ó Súilleabháin – 名".encode(), "Ó Súilleabháin – 名"),
        ("T:Père Noël".encode("latin-1"), "Père Noël"),
        (b"T:It\x92s", "It’s"),
        ("%%abc-charset iso-8859-2\nT:Dvořák".encode("iso-8859-2"), "Dvořák"),
        (b'T:P\\`ere No\\"el &amp; \\~no', "Père Noël & ño"),
        (b"T:a\x00b\x1b[0m", "ab[0m"),
        (b"T: The  Reel % comment", "The  Reel"),
    ],
)
def test_text_of_every_encoding(data, title):
    ((_, found),) = read_bytes(b"X:1\n" + data + b"\nL:1/4\nK:C\nCDEF|\n", "a.abc")
    assert (found.source.title, letters(found), found.source.format) == (title, "CDEF", "abc")
    assert found.source.title.isprintable()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(encoding):
    assert book(abc("CD").encode(encoding)) == {"#1": "CD"}


@pytest.mark.parametrize(
    "data",
    [
        b"\n\n",
        b"<html><body>404</body></html>",
        b"Dear all,\n\nthis is a letter.\n",
        b"%PDF-1.4\n\xff\xfe",
        b"\x00\x01\x02" * 99,
    ],
)
def test_what_holds_no_tune_is_refused(data):
    with pytest.raises(ReadError, match="holds no tune"):
        read_bytes(data, "a.abc")


def test_music_that_begins_like_a_field_is_music():
    assert letters(tune("|:CDE\nF:|G\nA:|c\nd:|:e::")) == "CDEFCDEFGAGAcdcdee"
    assert letters(tune("C\nz:\nD")) == "CD"


def test_a_book_in_a_corpus(tmp_path):
    (tmp_path / "a.abc").write_text(
        abc("C", T="One") + "\n" + abc("", X="2") + "\n" + abc("D", X="3", T=None)
    )
    refused = []
    found = list(pieces(tmp_path, refused))
    assert [(p.id, p.label) for p in found] == [("a.abc#1", {"title": "One"}), ("a.abc#3", {})]
    assert all(isinstance(p, Piece) for p in found)
    (error,) = refused
    assert error.name.endswith("a.abc#2") and error.reason == "holds no notes"
    with pytest.warns(UserWarning, match="a.abc#2: holds no notes"):
        assert len(list(pieces(tmp_path))) == 2
    with pytest.raises(ReadError, match="holds 3 pieces"):
        read(tmp_path / "a.abc")


def test_a_table_gives_the_title_before_the_file_does(tmp_path):
    (tmp_path / "a.abc").write_text(abc("C", T="One"))
    (tmp_path / "metadata.csv").write_text("file,title\na.abc,Other\n")
    assert [p.label for p in pieces(tmp_path)] == [{"title": "Other"}]


def test_converting_names_a_bad_tune(tmp_path):
    from symgen.corpus import open_corpus
    from symgen.corpus.check import check
    from symgen.dataset.encode import Refused, encode_file
    from symgen.encodings import encoding

    (tmp_path / "a.abc").write_text(abc("C") + "\n" + abc("", X="2"))
    corpus = open_corpus(tmp_path)
    (entry,) = corpus.entries()
    good, bad = encode_file(encoding("performance"), entry)
    assert (good.id, good.facts["label/title"]) == ("a.abc#1", "test")
    assert bad == Refused("a.abc#2", "holds no notes")
    assert [(c.id, c.notes, c.refused) for c in check(corpus)] == [
        ("a.abc#1", 1, ""),
        ("a.abc#2", 0, "holds no notes"),
    ]
