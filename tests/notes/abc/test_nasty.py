"""What becomes of each hostile ABC file of the shared corpora, as their manifest asks.

A row gives for each tune its notes (names, or how many) or what refuses it, and what is said.
"""

import re
import time

import pytest

from symgen.errors import ReadError
from symgen.notes import read_bytes
from tests.notes.abc.tunes import lengths, letters, meters, pitches, starts

FILES = {
    "ok_simple.abc": ({"#1": "CDEFGABc"}, None),
    "empty.abc": ("the file is empty", None),
    "headers_only.abc": ({"#1": "holds no notes"}, None),
    "missing_K.abc": ({"#1": "CDEFGABc"}, "C major is taken"),
    "missing_X.abc": ({"#1": "CDEF"}, "numbered 1 by its place"),
    "missing_M_and_L.abc": ({"#1": "CDEF"}, None),
    "default_L_by_meter.abc": ({"#1": "CDEF", "#2": "CDEF"}, None),
    "book_one_bad_of_three.abc": (
        {"#1": "CDEF", "#2": "holds no notes; M:zz/9 makes no sense", "#3": "GABc"},
        None,
    ),
    "duplicate_X.abc": ({"#1": "CDEF", "#1.2": "GABc"}, None),
    "accidental_carries_to_bar_end.abc": ({"#1": "F#F#fF#FFFF"}, None),
    "tie_over_bar.abc": ({"#1": "CDEE"}, None),
    "tie_written_before_note.abc": ({"#1": "CDE"}, None),
    "nested_repeats.abc": ({"#1": "CDDEE"}, "inner one counts"),
    "repeat_bomb_40_implied.abc": ({"#1": 80}, None),
    "repeat_never_closed.abc": ({"#1": "CDE"}, "not closed"),
    "endings_1_2.abc": ({"#1": "CDCEF"}, None),
    "endings_bar_digit.abc": ({"#1": "CDCE"}, None),
    "endings_list_1-3_4.abc": ({"#1": "CDCDCDCE"}, None),
    "parts_P_order.abc": ({"#1": "CDC"}, None),
    "parts_Y_order.abc": ({"#1": "CCDCC"}, None),
    "parts_key_by_written_place.abc": ({"#1": "F#FF#"}, None),
    "parts_missing_letter.abc": ({"#1": "CC"}, "names Z"),
    "parts_order_500_letters.abc": ({"#1": "CD" * 250}, None),
    "tuplets_2_to_9.abc": ({"#1": 44}, "longer than 4/4"),
    "broken_rhythm.abc": ({"#1": "CDEFGABc"}, None),
    "grace_notes.abc": ({"#1": "CD"}, None),
    "chords_in_brackets.abc": ({"#1": 12}, None),
    "rests_z_x_Z.abc": ({"#1": "CDE"}, None),
    "two_voices.abc": ({"#1": "CDEF"}, None),
    "inline_fields.abc": ({"#1": "CDEF" + "F#" * 4 + "C#DE"}, None),
    "key_modes.abc": ({f"#{i}": 8 for i in range(1, 13)}, "longer than 4/4"),
    "meters_C_and_Cbar_and_free.abc": (
        {"#1": "CDEF", "#2": "CDEF", "#3": "CDEF", "#4": "CDEFG"},
        None,
    ),
    "unknown_chords.abc": ({"#1": "CDEFGABc"}, None),
    "chord_spellings_nottingham.abc": ({"#1": "GCDEEBAB"}, None),
    "unterminated_quote.abc": ({"#1": "CDEFGABc"}, "not closed"),
    "bar_overfull_and_short.abc": ({"#1": "CDEFGACCDEF"}, "longer than 4/4"),
    "octaves_beyond_midi.abc": ({"#1": "holds no notes; a note outside the MIDI pitches"}, None),
    "unicode_title_utf8.abc": ({"#1": "CDEF"}, None),
    "latin1_title.abc": ({"#1": "CDEF"}, None),
    "utf8_bom.abc": ({"#1": "CDEF"}, None),
    "crlf.abc": ({"#1": "CDEFGABc"}, None),
    "nul_bytes.abc": ({"#1": "CDEF"}, "control characters"),
    "html_page.abc": ("holds no tune", None),
    "one_line_20000_bars.abc": ({"#1": 80_000}, None),
    "pickup_and_ending_bar.abc": ({"#1": "G" + "CDEFGAB" * 2}, None),
    "lyrics_and_decorations.abc": ({"#1": "CDEFGcdd"}, None),
    "backslash_and_comments.abc": ({"#1": "CDEFGABc"}, None),
}


def test_the_table_names_every_file_of_the_manifest(corpora):
    manifest = (corpora / "nasty" / "MANIFEST.md").read_text(encoding="utf-8").split("## ABC")[1]
    assert sorted(re.findall(r"^\| (\S+\.abc) \|", manifest, re.MULTILINE)) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_hostile_file(corpora, name):
    wanted, message = FILES[name]
    data = (corpora / "nasty" / "abc" / name).read_bytes()
    before = time.process_time()
    if isinstance(wanted, str):
        with pytest.raises(ReadError, match=wanted):
            read_bytes(data, name)
        return
    tunes = dict(read_bytes(data, name))
    assert time.process_time() - before < 2
    assert list(tunes) == list(wanted)
    for suffix, notes in wanted.items():
        found = tunes[suffix]
        if isinstance(found, ReadError):
            assert found.reason.startswith(str(notes)) and str(found).isprintable()
            continue
        assert (letters(found) if isinstance(notes, str) else len(found)) == notes
        assert (
            any(message in w for w in found.source.warnings)
            if message
            else not found.source.warnings
        )
        assert all(w.isprintable() for w in found.source.warnings)


@pytest.fixture
def only(corpora):
    return lambda name, suffix="#1": dict(
        read_bytes((corpora / "nasty" / "abc" / f"{name}.abc").read_bytes(), "a.abc")
    )[suffix]


def test_times_are_as_the_manifest_says(only):
    assert lengths(only("tie_over_bar")) == [2, 4, 2, 8]
    assert lengths(only("tie_written_before_note")) == [2, 4, 2]
    assert lengths(only("broken_rhythm")) == [1.5, 0.5, 0.5, 1.5, 1.75, 0.25, 0.25, 1.75]
    assert (
        lengths(only("default_L_by_meter")) == [0.25] * 4
        and lengths(only("default_L_by_meter", "#2")) == [0.5] * 4
    )
    assert lengths(only("missing_M_and_L")) == [0.5] * 4
    assert starts(only("grace_notes")) == [0, 2] and only("grace_notes").total_time == 2
    assert lengths(only("chords_in_brackets")) == [2] * 12
    assert starts(only("rests_z_x_Z")) == [2, 6, 16]
    assert starts(only("two_voices"), 0) == starts(only("two_voices"), 1) == [0, 1, 2, 3]
    assert sum(lengths(only("tuplets_2_to_9"))[2:5]) == pytest.approx(2)


def test_meters_keys_and_chords_are_as_the_manifest_says(only):
    assert [meters(only("meters_C_and_Cbar_and_free", f"#{i}")) for i in (1, 2, 3, 4)] == [
        [(0, "4/4")],
        [(0, "2/2")],
        [],
        [(0, "5/8")],
    ]
    assert pitches(only("accidental_carries_to_bar_end")) == [66, 66, 77, 66, 65, 65, 65, 65]
    assert meters(only("inline_fields")) == [(0, "4/4"), (8, "3/4")]
    assert only("pickup_and_ending_bar").first_bar_time == 0.5
    assert (
        only("unicode_title_utf8").source.title.startswith("Ó Súilleabháin")
        and only("latin1_title").source.title == "Père Noël"
    )
    assert only("ok_simple").chords.tolist() == [(0, "C"), (2, "G")]
    assert only("unknown_chords").chords["symbol"].tolist() == [
        "H7#9",
        "N.C.",
        "bla",
        "Gmaj13#11",
        "C/Q",
        "",
        "Dm",
    ]
    assert only("chord_spellings_nottingham").chords["symbol"].tolist() == [
        "Gd",
        "Ca",
        "D/f+",
        "E7b9",
        "(E7)",
        "B7",
        "A7/c+",
        "Bbd",
    ]
