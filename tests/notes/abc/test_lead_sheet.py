"""Chord symbols in the text of a tune: where they stand, and that nothing else changes."""

import random
import re
from bisect import bisect_right
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from symgen.errors import ReadError
from symgen.notes import read_bytes
from symgen.notes.abc.lead_sheet import lead_sheet
from symgen.notes.abc.playback.macros import Macros
from symgen.notes.theory import meter

FOLK = Path(__file__).parents[3] / "corpora" / "folk"
QUARTER = 34594560  # ticks
HEAD = "X:1\nL:1/4\nM:4/4\nK:C\n"
KINDS = ("maj7", "m7b5", "dim7")  # which no tune here has
QUOTED = re.compile(rb'"[^"\n]*"')
ADDED = re.compile(rb'"[CFG](?:maj7|m7b5|dim7)"')


def chorded(text, *chords, number=0):
    """The text of a tune with chords: (quarter notes as played, symbol)."""
    made, messages = lead_sheet(text.encode(), "x.abc", number).with_chords(chords)
    return made.decode(), messages


def music(line, *chords):
    """A line of music after HEAD, with chords; no chord is moved or lost."""
    text, messages = chorded(HEAD + line + "\n", *chords)
    assert messages == []
    assert text.startswith(HEAD)
    return text[len(HEAD) : -1]


@pytest.mark.parametrize(
    ("line", "at", "expected"),
    [
        ("CDEF|", 1, 'C"G"DEF|'),
        ("C2 z2|", 2, 'C2 "G"z2|'),
        ("C2 x2|", 2, 'C2 "G"x2|'),
        ("Z2|C4|", 0, '"G"Z2|C4|'),
        ("Z2|C4|", 8, 'Z2|"G"C4|'),
        ("C2 [EG]2|", 2, 'C2 "G"[EG]2|'),
        ("C{ga}DEF|", 1, 'C{ga}"G"DEF|'),  # 4.20: grace notes, chord symbols, decorations
        ("C~DEF|", 1, 'C"G"~DEF|'),
        ("C!trill!.^DEF|", 1, 'C"G"!trill!.^DEF|'),
        ('C"^text"DEF|', 1, 'C"G""^text"DEF|'),
        ("C(DE)F|", 1, 'C"G"(DE)F|'),
        ("C{g}(~DE)F|", 1, 'C{g}"G"(~DE)F|'),
        ("C2 (3DEF|", 2, 'C2 "G"(3DEF|'),
        ("C>D EF|", 1.5, 'C>"G"D EF|'),
        ("C-CEF|", 1, 'C-"G"CEF|'),
        ("C -CEF|", 1, 'C -"G"CEF|'),
        ("CD[K:G]EF|", 2, 'CD[K:G]"G"EF|'),
        ("CDEF|1 GABc:|2 GABd|]", 4, 'CDEF|1 "G"GABc:|2 GABd|]'),
        ("CDEF|[1 GABc:|[2 GABd|]", 12, 'CDEF|[1 GABc:|[2 "G"GABd|]'),
        ("CDEF&G,4|CDEF|", 3, 'CDE"G"F&G,4|CDEF|'),
        ("CSDEF|", 1, 'CS"G"DEF|'),  # the segno is where the music comes back to
        ("C`D`EF|", 1, 'C`"G"D`EF|'),
        ("CD\\\nEF|", 2, 'CD\\\n"G"EF|'),
        ("CDEF| % D E F\nGABc|", 4, 'CDEF| % D E F\n"G"GABc|'),
        ('CDEF|\nw:la le "G" li\nGABc|', 4, 'CDEF|\nw:la le "G" li\n"G"GABc|'),
        ("Cy2DEF|", 1, 'Cy2"G"DEF|'),
    ],
)
def test_a_chord_stands_before_its_note(line, at, expected):
    assert music(line, (at, "G")) == expected


def test_chords_go_to_the_first_voice():
    text = HEAD + "V:1\nCDEF|\nV:2\nC4|\nV:1\nGABc|\n[V:2]E4|[V:1]c4|\n"
    assert chorded(text, (0, "C"), (4, "G"), (8, "F"))[0] == (
        HEAD + 'V:1\n"C"CDEF|\nV:2\nC4|\nV:1\n"G"GABc|\n[V:2]E4|[V:1]"F"c4|\n'
    )


def test_a_repeat_is_written_once():
    """Chords of the first pass; where the second comes from other music they are written out."""
    line = "C4|:G4|c4:|"
    assert music(line, (0, "C"), (8, "F"), (12, "C"), (16, "F")) == '"C"C4|:"C"G4|"F"c4:|'
    assert music(line, (0, "C")) == '"C"C4|:G4|c4:|'


def test_a_chord_that_differs_in_a_repeat_is_as_in_the_first_time():
    text, messages = chorded(HEAD + "|:C4|G4:|\n", (0, "C"), (4, "G"), (8, "Am"), (12, "G"))
    assert text == HEAD + '|:"C"C4|"G"G4:|\n'
    assert messages == ["1 chord that differs in a repeat is as in the first time"]


def test_jumps_and_parts():
    assert music("CDEF|!segno!G4|c4!D.S.!|", (4, "G"), (8, "C"), (12, "G"), (16, "C")) == (
        'CDEF|!segno!"G"G4|"C"c4!D.S.!|'
    )
    text = "X:1\nL:1/4\nP:ABA\nK:C\nP:A\nC4|\nP:B\nG4|\n"
    assert chorded(text, (0, "C"), (4, "G"), (8, "C"))[0] == (
        'X:1\nL:1/4\nP:ABA\nK:C\nP:A\n"C"C4|\nP:B\n"G"G4|\n'
    )


def test_a_chord_inside_a_note_goes_to_its_nearer_end():
    """ABC has no chord inside a note; a spacer (y) after it is at the time of the next note."""
    head = HEAD + "C3D|E4|\n"
    moved = ["1 chord that begins inside a note is moved to an end of it"]
    assert chorded(head, (1, "G")) == (HEAD + '"G"C3D|E4|\n', moved)
    assert chorded(head, (2, "G")) == (HEAD + 'C3"G"D|E4|\n', moved)
    assert chorded(head, (0, "C"), (1, "G")) == (HEAD + '"C"C3"G"D|E4|\n', moved)
    text, messages = chorded(head, (0, "C"), (1, "G"), (3, "F"))
    assert text == HEAD + '"C"C3"F"D|E4|\n'
    assert messages == ["1 chord that begins inside a note is left out"]


def test_its_own_chord_symbols_are_replaced_and_its_annotations_stay():
    line = '"Am"C"^slow"D"G""Fine"E["F"FA]|"N.C."G4|'
    assert music(line) == 'C"^slow"D"Fine"E[FA]|G4|'
    assert music(line, (2, "C")) == 'C"^slow"D"C""Fine"E[FA]|G4|'
    assert music('CDEF|\ns:"C" * "G" "^a"\nV:2\n"C"C4|', (1, "F")) == (
        'C"F"DEF|\ns:* * * "^a"\nV:2\nC4|'
    )


def test_macros_stay_as_they_are_written():
    """A chord inside the text of a macro goes to where the macro begins, if no note is between."""
    text = "X:1\nL:1/4\nM:4/4\nm: ~g2 = {f}g{a}g\nK:C\nC2 ~g2|~g2 C2|\n"
    made = lead_sheet(text.encode(), "x.abc")
    assert [time for time, _ in made.visits] == [q * QUARTER for q in (0, 2, 4, 6)]
    assert chorded(text, (2, "G"), (4, "F"), (6, "C"))[0].endswith('K:C\nC2 "G"~g2|"F"~g2 "C"C2|\n')


def test_what_stands_for_other_text_is_known_by_its_place():
    """A letter of a macro's replacement may be replaced again."""
    macros = Macros()
    macros.define("~G2 = G{A}T")
    macros.define("T = FG")
    line = 'A"~G2"~G2T|'
    assert macros.expand(line) == 'A"~G2"G{A}FGFG|'
    origins = [0, 1, 2, 3, 4, 5, 6, -1, -1, -1, -1, -1, 9, -1, 10]
    assert macros.origins(line) == origins


def test_a_tune_of_a_book():
    book = (
        "%abc-2.1\nM:6/8\n\nsome text\n\nX:1\nT:A\nK:C\nCDE|\n\n"
        "X:3\nT:B\n% of B\nK:C\nCDE|\n% the end\n\nX:4\nK:C\nE|\n"
    )
    assert chorded(book, (0, "C"), number=1)[0] == (
        '%abc-2.1\nM:6/8\n\nX:3\nT:B\n% of B\nK:C\n"C"CDE|\n% the end\n'
    )
    with pytest.raises(ReadError, match="has no tune 4; it has 3"):
        lead_sheet(book.encode(), "x.abc", 3)


@pytest.mark.parametrize(
    ("codec", "mark", "odd"),
    [
        ("utf-8", b"", "é\u0394\U0001d11e"),
        ("utf-8", b"\xef\xbb\xbf", "é"),
        ("cp1252", b"", "é\u0153"),
        ("utf-16-le", b"\xff\xfe", "é\U0001d11e"),
        ("utf-16-be", b"\xfe\xff", "\u0394"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_bytes_outside_chords_stay(codec, mark, odd, end):
    """Encodings, line ends, control characters, and no line end at the last line."""
    lines = ["X:1", f"T:{odd}\x07", "K:C", f'"^{odd}"C\x01D % {odd}', "w:a b", f'"^{odd}"E4|']
    text = end.join(lines)
    data = mark + text.encode(codec)
    made, _ = lead_sheet(data, "x.abc").with_chords([(0.5, "Am"), (1, "F")])
    expected = text.replace("\x01D", '\x01"Am"D').replace(f'"^{odd}"E', f'"F""^{odd}"E')
    assert made == mark + expected.encode(codec)


def test_a_bad_byte_stays():
    data = b"X:1\nI:abc-charset iso-8859-2\nT:\xa1\x81\xff\nK:C\nCDEF|\xfe\n"
    made, _ = lead_sheet(data, "x.abc").with_chords([(0, "C")])
    assert made == data.replace(b"CDEF", b'"C"CDEF')


def in_force(times, symbols, at):
    """The symbol at each time of `at`."""
    known = ["", *symbols]
    return [known[bisect_right(times, time + 1e-6)] for time in at]


def laws(data, name, number, rng):
    """Random chords on random places: only they are new, and they are read where they were."""
    sheet = lead_sheet(data, name, number)
    whole, (plain, _) = sheet.source.spliced([], sheet.parts), sheet.with_chords([])
    if whole.count(b'"') % 2 == 0:  # else a quotation mark is not closed
        assert QUOTED.sub(b"", plain) == QUOTED.sub(b"", whole)
    assert sheet.own or sheet.listed or plain == whole
    assert all(part in data for part in whole.split(b"\nX:"))
    (_, before), *_ = read_bytes(plain, name)
    chord, by_place, played = "", {}, []
    for ticks, place in sheet.visits:
        if place not in by_place:
            chord = rng.choice("CFG") + rng.choice(KINDS) if rng.random() < 0.4 else chord
            by_place[place] = chord
        played.append((ticks / QUARTER, by_place[place]))
    made, messages = sheet.with_chords([one for one in played if one[1]])
    assert messages == []
    assert ADDED.sub(b"", made) == plain
    assert len(made) > len(plain) or not any(by_place.values())
    (_, after), *_ = read_bytes(made, name)
    for field in ("notes", "tempos", "time_signatures", "key_signatures"):
        assert np.array_equal(getattr(after, field), getattr(before, field))
    ours = {symbol for _, symbol in played}
    rows = [row for row in after.chords.tolist() if row[1] in ours]
    times = meter.quarters(after, [time for time, _ in rows]).tolist()
    found = in_force(times, [symbol for _, symbol in rows], [time for time, _ in played])
    begun = next((k for k, one in enumerate(played) if one[1]), len(played))
    expected, chord = [], ""
    for _, symbol in played:
        chord = symbol or chord  # before its first chord a place has the one that goes on
        expected.append(chord)
    assert found[begun:] == expected[begun:]
    return len(sheet.own), len(by_place), sum(map(bool, by_place.values()))


def over(paths, seed=0, every=1):
    """The laws over each `every`th tune of files: all tunes, those refused, places, chords."""
    rng = random.Random(seed)
    counts = Counter()
    for path in paths:
        data = path.read_bytes()
        for number, (_, one) in enumerate(read_bytes(data, path.name)):
            if isinstance(one, ReadError):
                counts["refused"] += 1
                continue
            counts["tunes"] += 1
            if counts["tunes"] % every == 0:
                own, places, chords = laws(data, path.name, number, rng)
                counts.update(own=own, places=places, chords=chords)
    return counts


def test_the_laws_hold_over_folk():
    found = over(sorted(FOLK.glob("*.abc")))
    assert found["tunes"] == 76
    assert found["own"] == 1565


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "tunes"),
    [("nottingham/ABC_cleaned", 1034), ("tunebooks", 238), ("nasty/abc", 60)],
)
def test_the_laws_hold_over_real_tunes(corpora, folder, tunes):
    readable = []
    for path in sorted((corpora / folder).glob("*.abc")):
        try:
            read_bytes(path.read_bytes(), path.name)
        except ReadError:
            continue
        readable.append(path)
    assert over(readable, every=5)["tunes"] == tunes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "tunes"), [("airdsAirs", 1180), ("ryansMammoth", 1059), ("oneills1850", 2009)]
)
def test_the_laws_hold_over_the_collections(folder, tunes):
    music21 = pytest.importorskip("music21", reason="the extra `score` is not installed")
    books = sorted((Path(music21.__file__).parent / "corpus" / folder).rglob("*.abc"))
    assert over(books, every=5)["tunes"] == tunes


def test_a_broken_rhythm_is_read_as_without_a_watch():
    """It depends on the length of the note after it."""
    text = b"X:1\nM:4/4\nL:1/4\nK:C\nG>c/B/ c>d|\n"
    visits = [ticks / QUARTER for ticks, _ in lead_sheet(text, "x.abc").visits]
    [(_, found)] = read_bytes(text, "x.abc")
    assert visits == [0, 1, 1.5, 2, 3.5]
    assert visits == meter.quarters(found, found.notes["start_time"]).tolist()
