"""Sheet music as SVG."""

import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest

from symgen.errors import DataError, MissingExtra
from symgen.notes import NoteSequence, notes_of
from symgen.rendering import sheets

SVG = "{http://www.w3.org/2000/svg}"


def scale(bars):
    return NoteSequence(notes_of((60 + k % 8, 80, k / 2, k / 2 + 0.5) for k in range(4 * bars)))


def drawn(path, kind):
    """Return how many elements of a class a page has."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    return sum(kind in (element.get("class") or "").split() for element in root.iter(f"{SVG}g"))


@pytest.fixture
def engraver():
    """Skip without verovio."""
    pytest.importorskip("verovio", reason="the extra `sheets` is not installed")


@pytest.mark.usefixtures("engraver")
def test_a_page_has_the_notes_and_bars_of_the_piece(tmp_path):
    [page] = sheets.save(scale(4), tmp_path / "x.svg")
    assert (drawn(page, "note"), drawn(page, "measure")) == (16, 4)
    first = page.read_bytes()
    with pytest.raises(DataError, match="--force"):
        sheets.save(scale(4), page)
    assert sheets.save(scale(4), page, force=True) == [page]
    assert page.read_bytes() == first


@pytest.mark.usefixtures("engraver")
def test_a_long_piece_has_several_pages_with_numbers(tmp_path):
    pages = sheets.save(scale(200), tmp_path / "x.svg")
    assert [page.name for page in pages[:2]] == ["x.svg", "x-2.svg"]
    assert sum(drawn(page, "note") for page in pages) == 800


@pytest.mark.usefixtures("engraver")
def test_a_piece_without_notes_is_refused(tmp_path):
    with pytest.raises(DataError, match="no notes, nothing to engrave"):
        sheets.save(NoteSequence(), tmp_path / "x.svg")


@pytest.mark.usefixtures("engraver")
def test_a_pdf_has_all_pages_and_a_png_one(tmp_path):
    [file] = sheets.save(scale(200), tmp_path / "x.pdf")
    data = file.read_bytes()
    pictures = sheets.save(scale(200), tmp_path / "x.png")
    assert [page.name for page in pictures[:2]] == ["x.png", "x-2.png"]
    assert data.count(b"/Type /Page ") == len(pictures)
    assert sheets.save(scale(200), file, force=True) and file.read_bytes() == data
    width, height = struct.unpack(">II", pictures[0].read_bytes()[16:24])
    assert abs(height / width - 297 / 210) < 0.01


@pytest.mark.usefixtures("engraver")
def test_another_extension_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"written as \.svg, \.pdf, \.png"):
        sheets.save(scale(1), tmp_path / "x.gif")


@pytest.mark.usefixtures("engraver")
def test_without_matplotlib_the_extra_is_named(tmp_path, monkeypatch):
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_pdf"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("x.pdf", "x.png"):
        with pytest.raises(MissingExtra, match=r"needs matplotlib: pip install 'symgen\[sheets\]'"):
            sheets.save(scale(1), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_without_verovio_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "verovio", None)
    with pytest.raises(MissingExtra, match=r"needs verovio: pip install 'symgen\[sheets\]'"):
        sheets.save(scale(1), tmp_path / "x.svg")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("engraver")
def test_a_piece_is_engraved_in_any_thread():
    piece = NoteSequence(notes_of([(60, 80, 0.0, 0.5), (64, 80, 0.5, 1.0)]))
    with ThreadPoolExecutor(1) as pool:
        pages = pool.submit(sheets.engraved, piece, pageWidth=1000).result()
    assert pages == sheets.engraved(piece, pageWidth=1000) and pages[0].startswith("<svg")
