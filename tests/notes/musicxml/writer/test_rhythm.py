"""How notes are cut by the meter, put in tuplets and beamed: read as a line of signs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.notes.abc.writer.time import TICKS, groups
from symgen.notes.musicxml.writer import beams, grid, rhythm

SIGNS = dict(zip(rhythm.TYPES, ("B", "1", "2", "4", "8", "16", "32", "64"), strict=False))


def bar(meter, *notes):
    """Return the events of a bar of (begin, end) in quarters, and its grid."""
    numerator, denominator = map(int, meter.split("/"))
    of = grid.of_bar(0, 4 * TICKS * numerator // denominator, 0, numerator, denominator)
    rows = [(round(begin * TICKS), round(end * TICKS), 60) for begin, end in notes]
    return of, rhythm.events(of, groups(sorted(rows)))


def line(meter, *notes):
    """Return a bar as text: 4. is a dotted quarter note, r a rest, ~ a tie, (3 ... ) a tuplet."""
    _, events = bar(meter, *notes)
    out, inside = [], None
    for one in events:
        sign = SIGNS[rhythm.TYPES[one.kind]] + "." * one.dots
        if one.tuplet != inside and one.tuplet is not None:
            sign = f"({one.tuplet.actual}:{one.tuplet.normal} {'' if one.pitches else 'r'}{sign}"
        elif not one.pitches:
            sign = f"r{sign}"
        inside = one.tuplet
        out.append(sign + ("~" if one.tied else ""))
    return " ".join(out)


@pytest.mark.parametrize(
    ("meter", "notes", "written"),
    [
        ("4/4", [(0, 4)], "1"),
        ("4/4", [(0, 3), (3, 4)], "2. 4"),
        ("4/4", [(0.5, 1.5), (1.5, 2)], "r8 4 8 r2"),
        ("4/4", [(1.5, 2.5)], "r4 r8 8~ 8 r8 r4"),
        ("4/4", [(1, 3)], "r4 2 r4"),
        ("4/4", [(0.5, 3.5)], "r8 4.~ 4. r8"),
        ("4/4", [(1, 2.5)], "r4 4~ 8 r8 r4"),
        ("4/4", [(0, 2.5)], "2~ 8 r8 r4"),
        ("4/4", [(0, 1.25)], "4~ 16 r16 r8 r2"),
        ("4/4", [(0.25, 0.75)], "r16 8 r16 r4 r2"),
        ("3/4", [(0, 3)], "2."),
        ("3/4", [(0.5, 2.5)], "r8 8~ 4. r8"),
        ("6/8", [(0, 1.5), (1.5, 3)], "4. 4."),
        ("6/8", [(0, 2)], "4.~ 8 r4"),
        ("6/8", [(0.5, 1.5)], "r8 4 r4."),
        ("6/8", [(1, 2)], "r4 8~ 8 r4"),
        ("12/8", [(0, 3)], "2. r2."),
        ("2/2", [(0, 4)], "1"),
        ("7/8", [(0, 1), (1, 2), (2, 3.5)], "4 4 4."),
    ],
)
def test_notes_show_the_beats_of_the_meter(meter, notes, written):
    assert line(meter, *notes) == written


def thirds(*places):
    return [(a / 3, b / 3) for a, b in places]


@pytest.mark.parametrize(
    ("meter", "notes", "written"),
    [
        ("2/4", thirds((0, 1), (1, 2), (2, 3)), "(3:2 8 8 8 r4"),
        ("2/4", thirds((0, 2), (2, 3)), "(3:2 4 8 r4"),
        ("2/4", thirds((0, 2), (2, 4), (4, 6)), "(3:2 4 4 4"),
        ("2/4", thirds((0, 1), (1, 2), (2, 4), (4, 5), (5, 6)), "(3:2 8 8 8~ (3:2 8 8 8"),
        ("2/4", [(0, 1 / 6), (1 / 6, 1 / 3), (1 / 3, 1 / 2)], "(3:2 16 16 16 r8 r4"),
        ("2/4", [(0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1)], "(5:4 16 16 16 16 16 r4"),
        ("4/4", [(0, 4 / 3), (4 / 3, 8 / 3), (8 / 3, 4)], "(3:2 2 2 2"),
        ("2/4", [*thirds((0, 1)), (1, 2)], "(3:2 8 r4 4"),
    ],
)
def test_tuplets_fill_the_smallest_part_of_the_meter(meter, notes, written):
    assert line(meter, *notes) == written


def beamed(meter, *notes):
    """Return the first beam of each event: b(egin), c(ontinue), e(nd), or - for none."""
    of, events = bar(meter, *notes)
    return "".join(beam[0][0] if beam else "-" for beam in beams.beams(of, events))


def eighths(*places):
    return [(k / 2, k / 2 + 0.5) for k in places]


@pytest.mark.parametrize(
    ("meter", "notes", "signs"),
    [
        ("4/4", eighths(*range(8)), "bccebcce"),
        ("3/4", eighths(*range(6)), "bcccce"),
        ("6/8", eighths(*range(6)), "bcebce"),
        ("4/4", eighths(0, 1, 2), "be---"),
        ("2/4", [(k / 4, k / 4 + 0.25) for k in range(8)], "bccebcce"),
        ("7/8", eighths(*range(7)), "bebebce"),
        ("4/4", [(0, 0.5), (0.5, 0.75), (0.75, 1), (1, 2)], "bce--"),
    ],
)
def test_beams_show_the_beats(meter, notes, signs):
    assert beamed(meter, *notes) == signs


def test_a_short_note_beside_a_dotted_one_has_a_hook():
    of, events = bar("2/4", (0, 0.75), (0.75, 1), (1, 2))
    assert beams.beams(of, events) == [("begin",), ("end", "backward hook"), ()]


places = st.sampled_from([k / 12 for k in range(49)] + [k / 10 for k in range(41)])


@given(
    st.lists(places, min_size=2, max_size=9, unique=True),
    st.sampled_from(["4/4", "2/2", "12/8", "8/8"]),
)
def test_a_bar_is_filled_and_each_note_has_a_type(times, meter):
    times = sorted(times)
    notes = [(a, b) for a, b in zip(times[::2], times[1::2], strict=False) if a < min(b, 4)]
    of, events = bar(meter, *notes)
    assert events[0].begin == 0 and events[-1].end == of.end
    assert all(one.end == after.begin for one, after in pairwise(events))
    assert all(one.kind >= 0 for one in events)
    sounding = [(one.begin, one.end) for one in events if one.pitches]
    assert sum(b - a for a, b in sounding) == sum(
        round(b * TICKS) - round(a * TICKS) for a, b in notes
    )
