"""The ABC writer: what is written reads back, and a person can read it too."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symgen.errors import BadOption, DataError
from symgen.notes import NoteSequence, read, read_bytes, write
from symgen.notes.abc.writer.pitch import Key, Speller, key
from symgen.notes.abc.writer.writer import AbcWriter
from symgen.notes.sequence import CHORD, KEY_SIGNATURE, TEMPO, TIME_SIGNATURE, notes_of
from symgen.notes.theory.meter import bar_lines, seconds_at

MAJOR, MINOR = 0, 1


def piece(notes, meters=((0, 4, 4),), chords=(), keys=(), tempos=(), pickup=0, end=0):
    """A piece from (begin, end, pitch) and other rows whose times are quarter notes."""
    empty = NoteSequence()
    for quarter, qpm in tempos:
        row = np.array([(seconds_at(empty, quarter), qpm)], TEMPO)
        empty = empty.replace(tempos=np.concatenate([empty.tempos, row]))

    def seconds(quarter):
        return float(seconds_at(empty, quarter))

    def rows(table, dtype):
        return np.array([(seconds(quarter), *rest) for quarter, *rest in table], dtype)

    notes = sorted(notes, key=lambda note: (note[0], note[2]))
    return empty.replace(
        notes=notes_of([(pitch, 80, seconds(a), seconds(b)) for a, b, pitch in notes]),
        time_signatures=rows(meters, TIME_SIGNATURE),
        chords=rows(chords, CHORD),
        key_signatures=rows(keys, KEY_SIGNATURE),
        first_bar_time=seconds(pickup),
        total_time=seconds(end),
    )


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("D dorian", "Ddor"),
        ("C mixolydian", "Cmix"),
        ("F# minor", "F#m"),
        ("G# major", "Ab"),
        ("A aeolian", "Aaeo"),
        ("Gm", "Gm"),
    ],
)
def test_the_key_that_is_asked_is_written(asked, written):
    made = text(piece(line([60, 62, 70], [1, 1, 2])), key=asked)
    assert f"\nK:{written}\n" in made
    assert read_bytes(made.encode(), "x.abc")[0][1].notes["pitch"].tolist() == [60, 62, 70]


def test_a_key_that_is_none_is_said():
    for wrong in ("H major", "", "D martian", "none"):
        with pytest.raises(BadOption, match="expected a tonic and a mode"):
            text(piece(line([60], [1])), key=wrong)


def line(pitches, lengths):
    """Notes one after the other; 0 is a rest."""
    ends = list(itertools.accumulate(lengths))
    return [
        (end - length, end, pitch)
        for pitch, length, end in zip(pitches, lengths, ends, strict=True)
        if pitch
    ]


def text(sequence, **options):
    return AbcWriter(**options).encode(sequence).decode()


def music(sequence, **options):
    """The lines of music alone."""
    return text(sequence, **options).partition("\nK:")[2].splitlines()[1:]


def again(sequence, **options):
    ((suffix, back),) = read_bytes(AbcWriter(**options).encode(sequence), "again.abc")
    assert suffix == "#1"
    assert back.source.warnings == ()
    return back


def near(one, other):
    return one.shape == other.shape and bool((abs(one - other) < 1e-9).all())


def in_order(notes):
    return notes[
        np.lexsort((notes["end_time"].round(9), notes["pitch"], notes["start_time"].round(9)))
    ]


def same_notes(one, other):
    """The notes are equal, of any instrument and velocity."""
    first, second = in_order(one.notes), in_order(other.notes)
    assert first["pitch"].tolist() == second["pitch"].tolist()
    assert near(first["start_time"], second["start_time"])
    assert near(first["end_time"], second["end_time"])


def same(one, other):
    """Notes, chords, keys, meters, tempo and bar lines are equal."""
    same_notes(one, other)
    for table in ("chords", "time_signatures", "key_signatures", "tempos"):
        first, second = getattr(one, table), getattr(other, table)
        assert [row[1:] for row in first.tolist()] == [row[1:] for row in second.tolist()]
        assert near(first["time"], second["time"])
    assert abs(one.first_bar_time - other.first_bar_time) < 1e-9
    assert abs(one.total_time - other.total_time) < 1e-9
    assert near(bar_lines(one), bar_lines(other))


def test_a_tune_as_a_person_would_write_it():
    tune = piece(
        line(
            [62, 67, 71, 74, 76, 74, 72, 71, 69, 67, 66, 62, 67],
            [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5],
        ),
        meters=[(0, 6, 8)],
        chords=[(0.5, "G"), (2, "C"), (3.5, "D7"), (6.5, "G")],
        keys=[(0, 7, MAJOR)],
        tempos=[(0, 108)],
        pickup=0.5,
        end=7.5,
    )
    assert text(tune, title="The Well", comment="seed 7") == (
        "%abc-2.1\nX:1\nT:The Well\n% seed 7\nM:6/8\nL:1/8\nQ:3/8=72\nK:G\n"
        'D | "G"GBd "C"edc | "D7"BAG FDG- | "G"G2 |]\n'
    )
    same(tune, again(tune))


def test_bars_stand_four_to_a_line_beside_the_pickup():
    tune = piece(line([60] * 37, [1] * 37), pickup=1)
    assert [row.count("|") for row in music(tune)] == [5, 4, 1]
    assert music(tune)[0].startswith("C2 | C2 C2 C2 C2 |")


def test_values_are_those_that_one_note_has():
    assert music(piece(line([60, 62, 64, 65, 67], [2.5, 0.25, 1.25, 4, 1.75]))) == [
        "C4- CD/E/- E2 | F8 | G7/2 |]"
    ]
    assert music(piece(line([60, 62], [2, 2.5]), meters=[(0, 6, 8)])) == ["C3- CD2- | D3 |]"], (
        "no note hides the dotted beat"
    )


def test_tuplets():
    triplets = piece(
        line(
            [60, 62, 64, 65, 67, 69, 0, 71],
            [1 / 3, 1 / 3, 1 / 3, 2 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3],
        )
    )
    assert music(triplets) == ["(3CDE (3:2:2F2G (3A2z2B2 |]"]
    others = piece(line([60] * 21, [1 / 5] * 5 + [1 / 7] * 7 + [1 / 9] * 9))
    assert music(others) == [
        "(5:4:5C/C/C/C/C/ (7:4:7C/C/C/C/C/C/C/ (9:8:9C/4C/4C/4C/4C/4C/4C/4C/4C/4 |]"
    ]
    across = piece(line([60, 62, 64, 65, 60], [1 / 5, 2 / 15, 2 / 3, 1, 1 / 3]))
    for tune in (triplets, others, across):
        same_notes(tune, again(tune))


def test_double_stops_are_tied_where_one_outlasts_another():
    tune = piece([(0, 1, 60), (0, 1, 64), (1, 3, 67), (2, 5, 60), (5, 6, 60), (5, 6, 60)])
    assert music(tune) == ["[CE]2 G2- [C-G]2 C2- | C2 [CC]2 |]"]
    same_notes(tune, again(tune))


def test_a_note_that_its_own_pitch_overlaps_is_a_voice():
    tune = piece([(0, 2, 60), (1, 3, 60), (3, 4, 62)], chords=[(1, "C")])
    assert music(tune) == ["V:1", 'C2- "C"C2 z2 D2 |]', "V:2", "z2 C4 z2 |]"]
    same_notes(tune, again(tune))


def test_changes_inside_the_tune():
    tune = piece(
        line([60, 62, 64, 65, 66, 65], [4, 1, 2, 2, 1, 2]),
        meters=[(0, 4, 4), (4, 3, 4), (9, 3, 4)],
        keys=[(0, 0, MAJOR), (8, 7, MAJOR)],
        tempos=[(0, 120), (4, 90.5), (5.5, 100)],
    )
    assert music(tune) == ["C8 | [M:3/4][Q:1/4=90.5]D2 E-[Q:1/4=100]E3 | F2- [K:G]=F2 | F2 =F4 |]"]
    same(tune, again(tune))


@pytest.mark.parametrize(
    ("meter", "qpm", "expected"),
    [
        ((6, 8), 165, "3/8=110"),
        ((9, 8), 90, "3/8=60"),
        ((2, 2), 168, "1/2=84"),
        ((3, 2), 100, "1/2=50"),
        ((6, 4), 180, "3/4=60"),
        ((3, 8), 90, "3/8=60"),
        ((3, 4), 90.5, "1/4=90.5"),
        ((7, 8), 120, "1/4=120"),
        ((6, 8), 100, "1/4=100"),
        ((4, 4), 1000.125, "1/4=1000.125"),
    ],
)
def test_a_tempo_counts_the_beats_of_its_meter_where_that_is_exact(meter, qpm, expected):
    tune = piece(line([60] * 6, [1] * 6), meters=[(0, *meter)], tempos=[(0, qpm)])
    assert f"\nQ:{expected}\n" in text(tune)
    assert again(tune).tempos["qpm"].tolist() == [qpm]


def test_the_mode_is_the_one_that_needs_fewest_signs():
    assert key(9, MINOR, [69, 71, 72, 76, 80]) == Key("Am", 0)
    assert key(2, MINOR, [62, 64, 65, 69, 71, 72]) == Key("Ddor", 0)
    assert key(7, MAJOR, [67, 71, 74, 65]) == Key("Gmix", 0)
    assert (
        " ".join(key(pitch, MAJOR, []).name for pitch in range(12))
        == "C Db D Eb E F F# G Ab A Bb B"
    )
    assert (
        " ".join(key(pitch, MINOR, []).name for pitch in range(12))
        == "Cm C#m Dm Ebm Em Fm F#m Gm G#m Am Bbm Bm"
    )


def test_a_key_is_found_where_none_is_said():
    assert "\nK:D\n" in text(piece(line([62, 66, 69, 74, 73, 71, 69, 67, 66, 64, 62], [1] * 11)))


SIGNS = {"": None, "^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}


def heard(written, signature, octaves):
    """Read the notes of one bar, an accidental holding for its octave or for all."""
    state, pitches = {}, []
    for sign, letter, marks in re.findall(r"([\^_=]*)([A-Ga-g])([,']*)", written):
        octave = 5 + letter.islower() + marks.count("'") - marks.count(",")
        place = (letter.upper(), octave if octaves else 0)
        if SIGNS[sign] is not None:
            state[place] = SIGNS[sign]
        pitches.append(
            12 * octave
            + {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[letter.upper()]
            + state.get(place, signature[letter.upper()])
        )
    return pitches


@given(
    st.lists(st.integers(0, 127), max_size=12), st.integers(0, 11), st.sampled_from([MAJOR, MINOR])
)
def test_accidentals_read_alike_by_both_rules(pitches, tonic, mode):
    speller = Speller(key(tonic, mode, pitches))
    written = "".join(speller.note(pitch) for pitch in pitches)
    assert heard(written, speller.signature, octaves=True) == pitches
    assert heard(written, speller.signature, octaves=False) == pitches


def test_no_sign_is_written_twice_in_a_bar():
    assert music(piece(line([66, 66, 65, 66, 66], [1] * 5), keys=[(0, 0, MAJOR)])) == [
        "^F2 F2 =F2 ^F2 | ^F2 |]"
    ]


METERS = [(4, 4), (3, 4), (6, 8), (2, 2), (9, 8), (5, 8), (2, 4), (12, 8), (3, 8), (7, 8)]


@st.composite
def tunes(draw):
    grid = draw(st.sampled_from([4, 12, 48]))
    lengths = draw(st.lists(st.integers(1, 3 * grid), min_size=2, max_size=40))
    pitches = draw(
        st.lists(st.sampled_from([0, *range(50, 90)]), min_size=len(lengths), max_size=len(lengths))
    )
    pitches[-1] = pitches[-1] or 60
    numerator, denominator = draw(st.sampled_from(METERS))
    bar, end = 4 * numerator / denominator, sum(lengths) / grid
    pickup = draw(st.sampled_from([0, bar / numerator, bar / 2]))
    assume(pickup < end)
    chords = draw(
        st.lists(
            st.tuples(
                st.integers(0, sum(lengths) - 1),
                st.sampled_from(["G", "D7", "Am/e", "N.C.", "F#dim"]),
            ),
            max_size=9,
            unique_by=lambda row: row[0],
        )
    )
    tonic, mode = draw(st.tuples(st.integers(0, 11), st.integers(0, 1)))
    return piece(
        line(pitches, [length / grid for length in lengths]),
        meters=[(0, numerator, denominator)],
        pickup=pickup,
        end=end,
        chords=sorted((time / grid, text) for time, text in chords),
        keys=[(0, tonic, mode)],
        tempos=draw(
            st.sampled_from([(), [(0, 90)], [(0, 137.25), (max(1, sum(lengths) // 2) / grid, 80)]])
        ),
    )


@given(tunes())
def test_any_tune_reads_back(tune):
    same(tune, again(tune))


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.integers(60, 66)),
        min_size=1,
        max_size=20,
    )
)
def test_any_heap_of_notes_reads_back(rows):
    tune = piece([(begin / 4, (begin + length) / 4, pitch) for begin, length, pitch in rows])
    same_notes(tune, again(tune))


AABB = piece(
    line([67, 69, 71, 72, 74, 72, 71, 67] * 2 + [74, 76, 78, 76, 74, 72, 69, 74] * 2, [1] * 32),
    keys=[(0, 7, MAJOR)],
    chords=[
        (0, "G"),
        (4, "D"),
        (6, "G"),
        (12, "D"),
        (14, "G"),
        (16, "D"),
        (22, "D7"),
        (24, "D"),
        (30, "D7"),
    ],
)


def test_a_form_is_written_as_repeats(tmp_path):
    assert music(AABB, form="AABB") == [
        '|:"G"G2 A2 B2 c2 | "D"d2 c2 "G"B2 G2 :|',
        '|:"D"d2 e2 f2 e2 | d2 c2 "D7"A2 d2 :|',
    ]
    back = read(write(AABB, tmp_path / "tune.abc", title="Both Ways", form="AABB"))
    same_notes(AABB, back)
    assert near(bar_lines(back), bar_lines(AABB))
    assert back.source.title == "Both Ways"


@pytest.mark.parametrize(
    ("form", "strains"),
    [
        ("AAB", "aab"),
        ("ABA", "aba"),
        ("AAAB", "aaab"),
        ("AABBC", "aabbc"),
        ("AABA", "aaba"),
        ("A", "a"),
        ("ABCD", "abab"),
        ("AAAA", "aaaa"),
    ],
)
@pytest.mark.parametrize("pickup", ["none", "inside", "before"])
def test_forms_read_back_as_the_whole_tune(form, strains, pickup):
    rng = np.random.default_rng(len(form))
    notes = {letter: rng.integers(60, 80, 8).tolist() for letter in "abc"}
    pitches = [pitch for letter in strains for pitch in notes[letter]]
    lead = [62] if pickup == "before" else []
    chords = [
        (8 * k + len(lead) + 3, "CGD"["abc".index(letter)]) for k, letter in enumerate(strains)
    ]
    tune = piece(
        line(lead + pitches, [1] * len(lead + pitches)),
        pickup=0 if pickup == "none" else 1,
        chords=chords,
    )
    back = again(tune, form=form)
    same_notes(tune, back)
    assert back.chords["symbol"].tolist() == tune.chords["symbol"].tolist()
    assert near(back.chords["time"], tune.chords["time"])
    assert near(bar_lines(back), bar_lines(tune))
    assert text(tune, form=form).count(":|") == sum(
        len(list(run)) // 2 for _, run in itertools.groupby(form)
    )


def test_a_strain_that_begins_in_the_chord_before_it_says_it_again():
    chords = [(0, "G"), (6, "D"), (8, "G"), (14, "D"), (24, "G")]
    tune = piece(
        line([67, 69, 71, 72, 74, 72, 71, 67] * 4, [1] * 32), chords=[(0, "D"), *chords[1:4]]
    )
    with pytest.raises(DataError, match="strains of one letter differ"):
        text(tune, form="AABB")
    held = piece(
        line([67] * 16, [1] * 16), chords=[(0, "G"), (4, "D"), (6, "G"), (12, "D"), (14, "G")]
    )
    assert music(held, form="AA") == ['|:"G"G2 G2 G2 G2 | "D"G2 G2 "G"G2 G2 :|']


@pytest.mark.parametrize(
    ("form", "error", "message"),
    [
        ("aabb", BadOption, "'aabb' is not a form"),
        ("", BadOption, "'' is not a form"),
        ("ABAB", DataError, "strains of one letter differ"),
        ("AAB", DataError, "8 bars do not make 3 strains"),
        ("AABBCCDDE", DataError, "8 bars"),
    ],
)
def test_a_form_that_the_piece_has_not(form, error, message):
    with pytest.raises(error, match=message):
        text(AABB, form=form)


def test_a_form_refuses_what_changes_and_what_crosses():
    with pytest.raises(DataError, match="the key"):
        text(
            AABB.replace(key_signatures=np.array([(0, 0, 0), (4, 2, 0)], KEY_SIGNATURE)),
            form="AABB",
        )
    with pytest.raises(DataError, match="strains of one letter differ"):
        text(piece(line([60, 62, 60, 64], [2] * 4)), form="AA")
    with pytest.raises(DataError, match="sounds into the next"):
        text(piece(line([0, 60, 62, 60, 62, 60], [1, 2, 2, 2, 2, 3])), form="AAB")


def test_signs_are_said_again_after_a_repeat_or_a_key_inside_a_bar():
    tune = piece(
        line([65, 60, 60, 60, 66] * 2 + [65, 60, 60, 60, 66], [1, 1, 1, 4, 1] * 3),
        pickup=1,
        keys=[(0, 0, MAJOR)],
    )
    assert music(tune, form="AAB") == [
        "|:F2 | C2 C2 C4- | C4 ^F2 :|",
        "=F2 | C2 C2 C4- | C4 ^F2 |]",
    ]
    tune = piece(line([68, 67, 67, 67], [1, 1, 1, 1]), keys=[(0, 9, MINOR), (2, 7, MAJOR)])
    assert music(tune) == ["^G2 =G2 [K:G]=G2 =G2 |]"]


def test_times_off_the_grid_are_moved_and_told():
    played = NoteSequence(
        notes=notes_of([(60, 64, 0.013, 0.49), (64, 64, 0.5, 0.507), (67, 64, 1, 2)])
    )
    with pytest.warns(
        UserWarning,
        match=r"this piece: 2 of 3 notes were off the grid of 1/48 .* moved by up to 0\.0",
    ):
        data = AbcWriter().encode(played)
    ((_, back),) = read_bytes(data, "x.abc")
    assert back.notes["pitch"].tolist() == [60, 64, 67]
    assert abs(back.notes["start_time"] - played.notes["start_time"]).max() <= 1 / 96 / 2 + 1e-9


def test_chord_symbols_that_abc_cannot_hold():
    tune = piece(line([60, 62], [2, 2]), chords=[(0, '"G"\n7'), (1, ""), (2, "^slow"), (4, "C")])
    with pytest.warns(UserWarning, match="2 chord symbols left out"):
        assert music(tune) == ['"G 7"C2- " "C2 D4 |]']


def test_a_piece_of_a_year_is_refused():
    with pytest.raises(DataError, match="quarter notes are more than the limit of 524288"):
        text(piece([(0, 1, 60), (6e7, 6e7 + 1, 60)]))


@pytest.mark.parametrize("title", ["50% \\ of & me", "Æ ć 音", "a\nb"])
def test_titles_and_comments(title):
    tune = piece(line([60], [1]))
    assert again(tune, title=title, comment="K:D\nX:2").source.title == " ".join(title.split())
    assert again(tune.replace(source=again(tune, title="Own").source)).source.title == "Own"


def test_what_is_not_melody_is_left_out_and_nothing_is_a_tune_too():
    tune = piece(line([60, 62, 64], [1, 1, 1]), chords=[(0, "C")])
    notes = tune.notes.copy()
    notes["instrument"], notes["is_drum"] = [2, 3, 0], [False, False, True]
    with pytest.warns(UserWarning, match="2 of 3 notes left out"):
        assert music(tune.replace(notes=notes)) == ['"C"C2 z4 |]']
    with pytest.warns(UserWarning, match="2 of 3 notes left out"):
        assert music(tune.replace(notes=notes, chords=tune.chords[:0])) == ["C2 z4 |]"]
    assert music(NoteSequence()) == [" |]"]


def test_music21_hears_the_same():
    converter = pytest.importorskip(
        "music21.converter", reason="the extra `score` is not installed"
    )
    tune = piece(
        line(
            [62, 67, 71, 73, 0, 72, 71, 66, 69, 67, 60, 62, 64],
            [1, 0.5, 1, 0.5, 0.5, 0.75, 0.25, 2, 1.5, 1, 1 / 3, 1 / 3, 1 / 3],
        ),
        keys=[(0, 7, MAJOR)],
        pickup=1,
    )
    score = converter.parseData(text(tune), format="abc").stripTies()
    theirs = [
        (float(note.offset), float(note.offset + note.quarterLength), note.pitch.midi)
        for note in score.flatten().notes
    ]
    ours = [(2 * a, 2 * b, pitch) for pitch, _, a, b, *_ in tune.notes.tolist()]
    np.testing.assert_allclose(theirs, ours)


@pytest.mark.slow
def test_all_of_nottingham_reads_back(corpora):
    count = 0
    for path in sorted((corpora / "nottingham" / "ABC_cleaned").glob("*.abc")):
        for _, tune in read_bytes(path.read_bytes(), path.name):
            count += 1
            same(tune, again(tune))
    assert count == 1034
