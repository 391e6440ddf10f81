"""Values over time: what text and tables mean, and what is refused."""

import numpy as np
import pytest

from symgen.controls.targets import Targets, from_file
from symgen.errors import BadOption, DataError


def target(**targets):
    [made] = Targets(**targets).schedules.values()
    return made


def test_a_value_holds():
    assert target(density=3).at([0, 100]).tolist() == [3, 3]
    assert target(density="3").constant
    assert target(key="am").values == ("A minor",)
    assert target(pitch_histogram="2,0,1,0,1,1,0,1,0,1,0,1").values[0][:3] == (2, 0, 1)


def test_a_glide_takes_the_whole_piece():
    glide = target(density="2:8")
    assert glide.shares
    assert glide.over(30).at([0, 15, 30, 99]).tolist() == [2, 5, 8, 8]
    assert target(loudness="40:90:40").over(20).at([0, 5, 10, 15, 20]).tolist() == [
        40,
        65,
        90,
        65,
        40,
    ]
    with pytest.raises(
        BadOption,
        match=r"density 2:8: glides over the whole piece, but .* give times, such as 2@0:8@20",
    ):
        glide.over(None, "density")


def test_times_are_seconds():
    steps = target(key="C@0,Am@20,C@40")
    assert [steps.values[i] for i in steps.index([0, 19.9, 20, 39, 40, 1000])] == [
        "C major"
    ] * 2 + ["A minor"] * 2 + ["C major"] * 2
    assert steps.changes() == (20, 40)
    mixed = target(density="2:8@20,4@30")  # the first is at 0
    assert mixed.at([0, 10, 20, 29, 30, 40]).tolist() == [2, 5, 8, 8, 4, 4]
    assert mixed.changes() == (30,)
    assert mixed.later(5).at([5, 15, 25, 36]).tolist() == [2, 5, 8, 4]


def test_tables_say_the_same():
    rows = [{"at": 0, "value": 2}, {"at": 20, "value": 8, "glide": True}, {"at": 30, "value": 4}]
    assert target(density=rows) == target(density="2@0:8@20,4@30")
    assert target(key=[{"at": 0, "value": "C"}, {"at": 20, "value": "Am"}]) == target(
        key="C@0,Am@20"
    )
    assert target(pitch_histogram=[{"value": [1] * 12}, {"at": 9, "value": [2] * 12}]).index(
        [8, 9]
    ).tolist() == [0, 1]


def test_what_is_written_reads_back():
    for name, text in (
        ("density", "2:8"),
        ("density", "2@0:8@20,4@30"),
        ("key", "C major@0,A minor@20"),
        ("register", "60"),
    ):
        assert str(target(**{name: text})) == text
        assert target(**{name: str(target(**{name: text}))}) == target(**{name: text})


def test_moments_of_a_glide_are_fine_and_few():
    times, values = target(density="2@0:8@2,4@3").moments(0.5)
    assert times.tolist() == [0, 0.5, 1, 1.5, 2, 3]
    assert values == [2, 3.5, 5, 6.5, 8, 4]
    assert len(target(density="2@0:8@86400").moments()[0]) <= 2002


def test_a_part_is_scaled():
    assert target(density=3).scaled(2, 0).at([0, 9]).tolist() == [6, 6]
    scaled = target(density="2@0:8@30").scaled(1.5, 20)
    assert scaled.at([0, 10, 19.9999]) == pytest.approx([2, 4, 6], abs=1e-3)
    assert scaled.at([20.001, 30, 40]) == pytest.approx([9, 12, 12], abs=1e-2)
    assert target(density="3@0,6@15").scaled(2, 20).at([14, 16, 21]).tolist() == [3, 6, 12]


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (dict(density=-1), "density -1: expected notes per second, a number above 0, up to 50"),
        (dict(density="2:99"), "density 99"),
        (dict(density="x"), "density 'x': expected a number"),
        (dict(density="2,8"), "need times, such as 2@0,8@20"),
        (dict(density="2@0,8@20,3@10"), "runs backwards, from 20 s to 10 s"),
        (dict(density="2@0,8@0"), "runs backwards"),
        (dict(density="2@5"), "begins at 5 s"),
        (dict(density="2@0,8"), "a value has no time"),
        (dict(density="2@0,8@nan"), "has no time"),
        (dict(density="2@0,8@-3"), "time -3"),
        (dict(density="2@0,8@1e9"), "seconds from 0 to 86400"),
        (dict(density=True), "density True"),
        (dict(key="C@0,H@2"), "key 'H'"),
        (dict(key="C@0,Am"), "a value has no time"),
        (dict(loudness=0), "loudness 0: expected mean vel"),
        (dict(register=128), "from 0 to 127"),
        (dict(polyphony=0), "polyphony 0: expected pitches at once"),
        (dict(label=3), "label 3"),
        (dict(pitch_histogram=[1] * 13), "expected 12 weights from C to B, not 13"),
        (dict(pitch_histogram=[0] * 12), "not all 0"),
        (dict(pitch_histogram=[-1] + [1] * 11), "weights of 0 or more"),
        (dict(pitch_histogram="a,b"), "expected 12 weights"),
        (dict(density=[{"value": 1}, {"at": 3}]), "has no value"),
        (dict(density=[{"value": 1, "time": 3}]), "has no 'time'"),
        (
            dict(key=[{"value": "C"}, {"at": 3, "value": "G", "glide": True}]),
            "only numbers can glide",
        ),
        (
            dict(density=[{"value": 1}, {"at": 3, "value": 2, "glide": "yes"}]),
            "expected true or false",
        ),
        (dict(strict_key=True), "strict-key needs a key"),
    ],
)
def test_what_cannot_be_is_said_when_it_is_asked(targets, message):
    with pytest.raises(BadOption, match=message):
        Targets(**targets)


def test_changes_count_from_now():
    before = Targets(key="C", strict_key=True)
    after = before.changed(10.0, None, density="2@0:8@5")
    assert after.schedules["density"].at([10, 12.5, 20]).tolist() == [2, 5, 8]
    assert before.changed(10.0, 30.0, density="2:8").schedules["density"].at(
        [10, 20, 30]
    ).tolist() == [2, 5, 8]
    assert after.changed(12.0, None, key="G").schedules["density"] == after.schedules["density"]
    assert not after.changed(key=None).strict_key
    with pytest.raises(BadOption, match="no target is called 'tempo'"):
        before.changed(tempo=3)


def test_a_file_asks(tmp_path):
    path = tmp_path / "schedule.toml"
    path.write_text("""
        key = "C@0,Am@20"
        strict_key = true
        loudness = 60
        density = [{at = 0, value = 2}, {at = 20, value = 8, glide = true}]
    """)
    targets = Targets(**from_file(str(path), {"label": "Debussy"}))
    assert set(targets.schedules) == {"key", "loudness", "density", "label"}
    assert targets.strict_key
    assert np.isclose(targets.schedules["density"].at(10), 5)
    with pytest.raises(BadOption, match="density is set by an option and by"):
        from_file(str(path), {"density": 3})
    for text, message in (
        ("tempo = 3", "no target is called 'tempo'"),
        ("= 3", "not valid TOML"),
        ("strict_key = 3", "true or false"),
    ):
        path.write_text(text)
        with pytest.raises(BadOption, match=message):
            from_file(str(path), {})
    with pytest.raises(DataError, match="cannot be opened"):
        from_file(str(tmp_path / "none.toml"), {})
