"""Controls of the music to come: values counted by hand, cropping and transposing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.controls import controls, make_all
from symgen.controls.members.density import BINS, Density
from symgen.controls.members.label import Label
from symgen.controls.members.loudness import Loudness
from symgen.controls.members.pitch_histogram import PitchHistogram
from symgen.controls.members.polyphony import Polyphony
from symgen.controls.members.position import Position
from symgen.controls.members.register import Register
from symgen.controls.scalar import Scalar
from symgen.controls.timeline import timeline
from symgen.encodings import encoding
from symgen.errors import BadOption

PIANO, TUNES = encoding("performance"), encoding("melody_chords", chords=("C", "G"))
FUTURE = [name for name in controls if controls.load(name).future]
WRONG = {
    "density": (-1, 0, 51, "3", True, float("nan")),
    "pitch_histogram": ([1] * 13, [0] * 12, [-1] + [1] * 11, "C", None, [float("inf")] * 12),
    "loudness": (0, 128),
    "register": (-1, 128),
    "polyphony": (0, 33),
    "position": (1.01, -0.1),
    "label": ("Ravle", 3, ""),
    "key": ("H", "C foo", 3),
}


def made(name):
    return controls.make(
        {"name": name} | ({"labels": ["Debussy", "Ravel"]} if name == "label" else {})
    )


def piano(*words):
    """Events from words: `+60` note-on, `-60` note-off, `v20` velocity bin 20, `.150` 1.5 s."""
    ids = []
    for word in words:
        sign, number = word[0], int(word[1:])
        if sign == ".":
            ids += [255 + 100] * (number // 100) + [255 + number % 100] * (number % 100 > 0)
        else:
            ids.append({"+": 0, "-": 128, "v": 355}[sign] + number)
    return np.array(ids, np.int32)[:, None]


def values(control, events, enc=PIANO, context=None):
    """Return what `control` counts before each event, as numbers."""
    line = timeline(enc, events, context)
    return control.values(line)[line.moment]


def music():
    """Random events of a piano, some of them nonsense, such as note-offs of silent pitches."""

    def part(low, high):
        return st.integers(low, high)

    return st.lists(
        st.one_of(part(40, 90), part(168, 218), part(256, 355), part(300, 355), part(356, 387)),
        min_size=1,
        max_size=80,
    ).map(lambda ids: np.array(ids, np.int32)[:, None])


SCALE = piano(
    "v16",
    "+60",
    ".50",
    "-60",
    "+62",
    ".50",
    "-62",
    "v32",
    "+64",
    "+67",
    ".300",
    "-64",
    "-67",
    "+72",
    ".100",
    "-72",
)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_target_is_refused_in_one_line(name):
    for value in WRONG[name]:
        with pytest.raises(BadOption) as error:
            made(name).encode(PIANO, value)
        assert "\n" not in str(error.value) and repr(value) in str(error.value)


def test_what_only_music_tells_cannot_be_asked():
    for name in ("meter", "recall"):
        with pytest.raises(BadOption, match="cannot be set"):
            controls.make({"name": name}).encode(TUNES, 1)


@pytest.mark.parametrize(
    "name", ["density", "loudness", "register", "polyphony", "pitch_histogram"]
)
def test_the_whole_piece_is_measured_in_the_unit_of_the_target(name):
    measured = made(name).measure(timeline(PIANO, SCALE))
    length = 5.0
    expected = {
        "density": 5 / length,
        "loudness": (63 * 2 + 127 * 3) / 5,
        "register": (60 + 62 + 64 + 67 + 72) / 5,
        "polyphony": (0.5 + 0.5 + 6 + 1) / length,
    }
    if name == "pitch_histogram":
        assert measured == pytest.approx(np.array([1.5, 0, 0.5, 0, 3, 0, 0, 3, 0, 0, 0, 0]) / 8)
    else:
        assert measured == pytest.approx(expected[name])
    assert made(name).measure(timeline(PIANO, SCALE[:0])) is None


def test_density_over_the_next_three_seconds():
    """Onsets at 0, 0.5, 1 (two) and 4; the piece ends at 5 s, within the last window."""
    found = values(Density(), SCALE)
    assert found[0] == found[1] == found[2] == pytest.approx(4 / 3)  # before the first shift
    assert (
        found[3] == found[4] == found[5] == pytest.approx(3 / 3)
    )  # at 0.5 s; the onset at 4 is beyond
    assert found[6] == pytest.approx(2 / 3)  # at 1 s
    assert found[12:17].tolist() == [1 / 2, 1, 1, 1, 1]  # at 3 and 4 s
    assert found[17] == 0  # nothing is left
    assert values(Density(window=1), SCALE)[0] == 2


def test_density_is_told_as_a_bin_or_a_number():
    columns = Density(form="bins").code(np.array([0, 0.99, 1, 3, 64, 1000]))
    assert (columns[:, 0] == 1).all() and columns[:, 1:].argmax(axis=1).tolist() == [
        0,
        0,
        1,
        2,
        7,
        7,
    ]
    assert columns.shape == (6, 2 + len(BINS)) and (columns[:, 1:].sum(axis=1) == 1).all()
    rows = [Density().encode(PIANO, d) for d in np.linspace(0.01, 50, 300)]
    assert (np.diff([r[1] for r in rows]) > 0).all()  # every number is told apart
    assert np.array_equal(
        Density(form="bins").encode(PIANO, 2), Density(form="bins").encode(PIANO, 3)
    )
    with pytest.raises(BadOption, match=r"did you mean 'bins'"):
        Density(form="bin")
    with pytest.raises(BadOption, match=r"window"):
        Density(window=0)


@pytest.mark.parametrize("name", [n for n in FUTURE if issubclass(controls.load(n), Scalar)])
def test_knots_lie_about_the_number(name):
    control = made(name)
    for knot, row in zip(control.knots, control.code(np.array(control.knots, float)), strict=True):
        assert row[0] == 1 and row[2 + control.knots.index(knot)] == pytest.approx(1)
    between = control.code(np.linspace(control.low, control.high, 97))
    assert between[:, 2:].sum(axis=1) == pytest.approx(np.ones(97), abs=1e-5)
    assert ((between[:, 2:] > 0).sum(axis=1) <= 2).all()
    assert not control.code(np.array([np.nan])).any()


def test_the_histogram_is_of_sounding_time():
    """The window of 5 s ends with the piece; a prior of 0.01 s goes to each class."""
    line = timeline(PIANO, SCALE)
    found = PitchHistogram().seconds(line)[line.moment]
    assert found[0] == pytest.approx(np.array([1.5, 0, 0.5, 0, 3, 0, 0, 3, 0, 0, 0, 0]) + 0.01)
    assert found[-1] == pytest.approx(np.full(12, 0.01))
    columns = PitchHistogram().compute(PIANO, SCALE, {})
    assert (columns[:, 0] == 1).all() and columns[:, 1:].sum(axis=1) == pytest.approx(
        np.ones(len(SCALE))
    )
    assert PitchHistogram().encode(PIANO, [2] + [0] * 6 + [2] + [0] * 4)[[1, 8]].tolist() == [
        0.5,
        0.5,
    ]


def test_loudness_register_and_polyphony_by_hand():
    assert values(Loudness(), SCALE)[[0, 2, 6, 13, 17]] == pytest.approx(
        [(63 * 2 + 127 * 2) / 4] * 2 + [127] * 2 + [np.nan], nan_ok=True
    )
    assert values(Register(), SCALE)[[0, 6, 13, 17]] == pytest.approx(
        [(60 + 62 + 64 + 67) / 4, 65.5, 72, np.nan], nan_ok=True
    )
    # the window ends with the shift that passes its end: from 0.5 s and from 1 s on it ends at 4 s
    assert values(Polyphony(), SCALE)[[0, 3, 6, 12, 13, 17]] == pytest.approx(
        [5 / 3, 6.5 / 3.5, 2, 1.5, 1, np.nan], nan_ok=True
    )
    silent = Loudness().compute(
        encoding("performance", velocity_bins=0), SCALE[SCALE[:, 0] < 356], {}
    )
    assert not silent.any()
    assert not Loudness().compute(TUNES, np.full((4, 2), 62, np.int32) * [1, 0], {}).any()


def test_position_goes_from_beginning_to_end():
    found = values(Position(), SCALE)
    assert found[0] == 0 and found[-1] == 1 and (np.diff(found) >= 0).all()
    assert found[6] == pytest.approx(0.2)
    columns = Position().compute(TUNES, np.zeros((8, 2), np.int32), {"steps": 16})
    assert columns[-1, 1] == pytest.approx(7 / 16)
    assert not Position().compute(PIANO, piano("+60"), {}).any()


def test_a_tune_is_counted_by_its_tempo():
    """At 60 per minute a step of a grid of 4 is a quarter of a second: 3 s are 12 steps."""
    tune = np.zeros((24, 2), np.int32)
    tune[[0, 4, 8, 16], 0], tune[[1, 2, 5], 0] = (62, 64, 62 + 7, 60), 1
    assert values(Density(), tune, TUNES, {"qpm": 60})[[0, 1, 8, 23]] == pytest.approx(
        [1, 3 / 3 * 2 / 3, 2 / 3, 0]
    )
    assert values(Density(), tune, TUNES)[0] == pytest.approx(4 / 3)  # 120 where nothing is told
    shares = PitchHistogram().measure(timeline(TUNES, tune))
    expected = np.eye(12)[[0, 2, 7, 10]].T @ np.array([3, 2, 1, 1]) / 7
    assert shares == pytest.approx(expected, abs=1e-4)
    sounding = encoding("melody_chords", melody="sounding", chords=("C",))
    held = np.array([[61, 0], [61, 0], [0, 0], [61, 0], [63, 0]], np.int32)
    line = timeline(sounding, held)
    assert line.onset.tolist() == [0, 3, 4] and line.end.tolist() == [2, 4, 5]


def test_the_labels_of_the_most_pieces_are_learned(monkeypatch):
    monkeypatch.setattr("symgen.controls.members.label.MOST_LABELS", 2)
    assert Label().learned([{"label/composer": c} for c in "CABCBC"]).labels == ("B", "C")


def test_labels_are_learned_and_asked_by_name():
    contexts = [{"label/composer": c} for c in ("Ravel", "Debussy", "Ravel")] + [{}]
    learned = Label().learned(contexts)
    assert (
        Label().learns
        and not learned.learns
        and learned.labels == ("Debussy", "Ravel") == made("label").learned([]).labels
    )
    assert learned.compute(PIANO, SCALE, contexts[0]).tolist() == [[1, 0, 1]] * len(SCALE)
    assert (
        not learned.compute(PIANO, SCALE, {"label/composer": "Satie"}).any()
        and not learned.compute(PIANO, SCALE, {}).any()
    )
    assert learned.encode(PIANO, "debussy").tolist() == [1, 1, 0]
    with pytest.raises(BadOption, match=r"Did you mean 'Ravel'\? Known: Debussy, Ravel"):
        learned.encode(PIANO, "Ravle")
    assert learned.survey(PIANO, contexts, None)["counts"] == {"Debussy": 1, "Ravel": 2}
    none = Label(key="genre").learned(contexts)
    assert none.labels == () and none.compute(PIANO, SCALE, contexts[0]).shape == (len(SCALE), 1)
    assert Label(key="folder").learned([{"id": "Bach/Fugue/1.mid"}, {"id": "2.mid"}]).labels == (
        "Bach/Fugue",
    )
    for options in ({"labels": ["A", "A"]}, {"labels": "A"}, {"key": ""}):
        with pytest.raises(BadOption):
            Label(**options)


@pytest.mark.parametrize("name", [n for n in FUTURE if issubclass(controls.load(n), Scalar)])
def test_a_survey_tells_what_was_heard(name):
    found = made(name).survey(PIANO, [{}] * 3, lambda i: SCALE)
    assert (
        found["unit"] == made(name).unit
        and found["seen"] == sorted(found["seen"])
        and len(found["seen"]) == 3
    )
    assert made(name).survey(PIANO, [], lambda i: SCALE)["seen"] == []


def test_a_survey_is_by_time():
    """Half a second has 63.25, another half 64.33, one second 65.5 and three seconds 72."""
    assert Register().survey(PIANO, [{}], lambda i: SCALE)["seen"] == [63.25, 72, 72]


@given(music(), st.data())
def test_rows_hang_on_what_comes_alone(events, data):
    """The rows of a crop are those of the whole piece: they depend only on what comes."""
    moment = timeline(PIANO, events).moment
    start = data.draw(
        st.sampled_from([0, *(np.flatnonzero(np.diff(moment)) + 1).tolist()])
    )  # before the next note-on
    for control in make_all(
        [{"name": "density"}, {"name": "density", "form": "bins"}, {"name": "register"}]
    ):
        whole = control.compute(PIANO, events, {})
        assert np.array_equal(whole[start:], control.compute(PIANO, events[start:], {}))


@given(music(), st.integers(-40, 37))
def test_transposing_turns_the_histogram_and_moves_the_register(events, semitones):
    moved = PIANO.transpose(events, semitones)
    histogram = PitchHistogram()
    columns = histogram.compute(PIANO, events, {})[:, 1:]
    assert histogram.compute(PIANO, moved, {})[:, 1:] == pytest.approx(
        np.roll(columns, semitones, axis=1)
    )
    before, after = values(Register(), events), values(Register(), moved)
    assert after == pytest.approx(before + semitones, nan_ok=True)
    for same in (Density(), Polyphony(), Loudness(), Position()):
        assert np.array_equal(same.compute(PIANO, events, {}), same.compute(PIANO, moved, {}))


@given(
    st.lists(st.tuples(st.integers(40, 80), st.integers(1, 6)), min_size=1, max_size=40),
    st.sampled_from([0.5, 2.0]),
)
def test_stretching_divides_the_density(notes, factor):
    """With a window stretched as well, each moment has the density divided by the factor."""
    events = piano(
        *(word for pitch, tenths in notes for word in (f"+{pitch}", f".{20 * tenths}", f"-{pitch}"))
    )
    slow = PIANO.stretch(events, factor)
    assert made("density").measure(timeline(PIANO, slow)) == pytest.approx(
        made("density").measure(timeline(PIANO, events)) / factor
    )
    one, other = timeline(PIANO, events), timeline(PIANO, slow)
    strikes = np.unique(one.onset), np.unique(other.onset)
    assert Density(window=3 * factor).values(other)[strikes[1]] == pytest.approx(
        Density().values(one)[strikes[0]] / factor
    )


@given(music())
def test_all_counts_are_those_of_a_slow_way(events):
    """Step by step over the sets of sounding pitches, as one would count by hand."""
    at, sounding, time, velocity = [], set(), 0, 0
    struck, areas = [], []
    for event in events[:, 0].tolist():
        at.append(time)
        if event < 128:
            sounding.add(event)
            struck.append((time, event, velocity))
        elif event < 256:
            sounding.discard(event - 128)
        elif event < 356:
            areas.append((time, event - 255, len(sounding)))
            time += event - 255
        else:
            velocity = 1 + (event - 356) * 4 + 2
    for t, low, poly, loud in zip(
        at,
        values(Register(), events),
        values(Polyphony(), events),
        values(Loudness(), events),
        strict=True,
    ):
        window = [(p, v) for when, p, v in struck if t <= when < t + 300]
        known = [v for _, v in window if v]
        spans = [(d, n) for when, d, n in areas if t <= when < t + 300]
        assert low == pytest.approx(
            np.mean([p for p, _ in window]) if window else np.nan, nan_ok=True
        )
        assert loud == pytest.approx(np.mean(known) if known else np.nan, nan_ok=True)
        assert poly == pytest.approx(
            sum(d * n for d, n in spans) / sum(d for d, _ in spans) if spans else np.nan,
            nan_ok=True,
        )
