"""The contract of every control in the registry: columns, target, measure and option."""

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.cli import cli
from symgen.controls import (
    REGISTRY,
    TARGETS,
    compare,
    compute_all,
    controls,
    make_all,
    schema,
    total_width,
)
from symgen.controls.members.meter import WIDTH
from symgen.controls.scalar import Scalar, Windowed
from symgen.controls.targets import Targets, definition, from_file
from symgen.controls.timeline import timeline
from symgen.encodings import encoding
from symgen.errors import BadOption, UnknownName

PIANO, NOTES = encoding("performance"), encoding("notes")
TUNES = encoding("melody_chords", chords=("C", "G"))
MEASURED = [name for name in TARGETS if definition(name).tolerance is not None]
SCALARS = [name for name in TARGETS if isinstance(definition(name), Scalar)]
LABELS = ("Debussy", "Ravel")
ENCODING = {"sounding": NOTES}  # the only one that a control has columns for


def made(name, **options):
    """The control as a model has it."""
    table = {"name": name} | options
    return controls.make(table | ({"labels": list(LABELS)} if name == "label" else {}))


def example(control):
    """A target of `control`, taken from its schema."""
    field = control.schema()
    if field["type"] == "number":
        low = field.get("minimum", field.get("exclusiveMinimum"))
        return float((low + field["maximum"]) / 2)
    if field["type"] == "array":
        return [1, *[0] * (field["minItems"] - 1)]
    return field.get("enum", field.get("examples"))[0]


def accepts(field, value):
    """Whether a value fits a JSON schema, of the keywords that the form has."""
    if "anyOf" in field:
        return any(accepts(part, value) for part in field["anyOf"])
    kinds = {"number": (int, float), "string": str, "array": list, "object": dict, "boolean": bool}
    if not isinstance(value, kinds[field["type"]]) or (
        isinstance(value, bool) and field["type"] != "boolean"
    ):
        return False
    if field["type"] == "number":
        return (
            field.get("minimum", -np.inf) <= value <= field.get("maximum", np.inf)
            and field.get("exclusiveMinimum", -np.inf) < value
        )
    if field["type"] == "string":
        return value in field.get("enum", [value]) and bool(
            re.search(field.get("pattern", ""), value)
        )
    if field["type"] == "boolean":
        return True
    if field["type"] == "array":
        return field["minItems"] <= len(value) <= field.get("maxItems", 99) and all(
            accepts(field["items"], item) for item in value
        )
    known = field.get("properties", {})
    return (
        set(value) <= set(known)
        and set(field.get("required", ())) <= set(value)
        and all(accepts(known[key], item) for key, item in value.items())
    )


@st.composite
def music(draw):
    """Events of a piano with velocities: notes of any length, chords, rests and repetitions."""
    words = draw(
        st.lists(
            st.tuples(st.integers(40, 90), st.integers(0, 90), st.integers(0, 3)),
            min_size=1,
            max_size=30,
        )
    )
    ids, held = [372], []
    for pitch, wait, ends in words:
        if pitch in held:  # its end would be read in two ways
            continue
        ids += [*[355] * (wait // 30), *([256 + wait] if wait < 60 else []), pitch]
        held.append(pitch)
        for _ in range(min(ends, len(held))):
            ids += [300, 128 + held.pop(0)]
    return np.array(ids, np.int32)[:, None]


@pytest.mark.parametrize("name", controls)
def test_every_control_keeps_the_contract(name):
    control = controls.make({"name": name})
    assert controls.make(control.spec()) == control and control.name == name
    assert control.about() and "\n" not in control.about()
    for enc in (TUNES, PIANO) if name not in ENCODING else (ENCODING[name],):
        events = np.zeros((7, len(enc.fields)), np.int32)
        rows = control.compute(enc, events, {})
        assert rows.dtype == np.float32
        assert rows.shape == (7, control.width(enc))
        known = control.future or control.follow(enc, 1, {}) is not None
        assert known or not rows.any()  # nothing is known, and the presence bit is 0
        empty = control.compute(enc, events[:0], {"bars": [0, 4, 4], "steps": 0})
        assert empty.shape == (0, control.width(enc))


@pytest.mark.parametrize("name", controls)
def test_every_control_may_be_dropped(name):
    control = controls.make({"name": name, "drop": 0.25})
    assert control.drop == 0.25 and control.spec()["drop"] == 0.25
    assert "drop" not in controls.make({"name": name}).spec()
    for drop in (-0.1, 1.5, True, "half"):
        with pytest.raises(BadOption, match="drop"):
            controls.make({"name": name, "drop": drop})


@pytest.mark.parametrize("name", sorted(controls))
def test_the_model_input_is_scaled_except_the_presence_bit(name):
    control = controls.load(name)()
    enc = {"meter": TUNES, "recall": TUNES, **ENCODING}.get(name, PIANO)
    events = np.array([[60], [300], [64], [310], [188], [192]], np.int32)
    if enc is not PIANO:
        events = np.zeros((6, len(enc.fields)), np.int32)
    context = {"bars": [0, 4, 4], "steps": 6}
    signal = control.compute(enc, events, context)
    scaled = compute_all((control,), enc, events, context)
    assert np.array_equal(scaled[:, 0], signal[:, 0])
    assert np.allclose(scaled[:, 1:], control.gain * signal[:, 1:])
    # the rows of a follower are not scaled
    assert control.gain == 1 or control.follow(enc, 1, context) is None


def test_controls_stand_side_by_side():
    two = make_all([{"name": "meter"}, {"name": "meter"}])
    events = np.zeros((5, 2), np.int32)
    rows = compute_all(two, TUNES, events, {"bars": [0, 4, 4], "steps": 5})
    assert rows.shape == (5, total_width(two, TUNES)) == (5, 2 * WIDTH)
    assert np.array_equal(rows[:, :WIDTH], rows[:, WIDTH:])
    assert compute_all((), TUNES, events, {}).shape == (5, 0)
    with pytest.raises(UnknownName, match="Did you mean 'meter'"):
        make_all([{"name": "metre"}])
    with pytest.raises(BadOption, match="no option of control"):
        make_all([{"name": "meter", "grid": 3}])


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_encoded_with_presence(name):
    control = made(name)
    row = control.encode(PIANO, example(control))
    assert row.dtype == np.float32 and row.shape == (control.width(PIANO),)
    assert row[0] == 1 and np.isfinite(row).all() and 0 <= row.min() <= row.max() <= 1
    assert np.array_equal(control.encode_all(PIANO, [example(control)] * 2), [row, row])


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_read_from_a_value_a_keyword_and_a_file(name, tmp_path):
    value = example(made(name))
    schedule = Targets(**{name: value}).schedules[name]
    assert schedule.constant and Targets(**{name: schedule}) == Targets(**{name: value})
    assert Targets(**{name: [{"at": 0, "value": value}]}).schedules[name] == schedule
    text = value if isinstance(value, str) else ",".join(map(str, np.ravel(value)))
    assert Targets(**{name: text}).schedules[name] == schedule
    path = tmp_path / "targets.toml"
    path.write_text(f"{name} = {value!r}")
    assert Targets(**from_file(str(path), {})) == Targets(**{name: value})


@pytest.mark.parametrize("name", TARGETS)
def test_a_misspelt_target_is_told_the_nearest(name, tmp_path):
    wrong = name[:-2] + name[-1] if name != "key" else "keyy"
    with pytest.raises(BadOption, match=f"Did you mean '{name}'"):
        Targets(**{wrong: 1})
    with pytest.raises(BadOption, match=f"Did you mean '{name}'"):
        Targets().changed(**{wrong: 1})
    path = tmp_path / "targets.toml"
    path.write_text(f"{wrong} = 1")
    with pytest.raises(BadOption, match=f"targets.toml: .*Did you mean '{name}'"):
        from_file(str(path), {})


@pytest.mark.parametrize("name", [name for name in controls if name not in TARGETS])
def test_what_is_no_target_cannot_be_set(name):
    with pytest.raises(BadOption, match=f"no target is called '{name}'"):
        Targets(**{name: 1})


@pytest.mark.parametrize("name", SCALARS)
def test_numbers_out_of_range_are_refused_with_unit_and_range(name):
    control = definition(name)
    bad = [control.low - 1, control.high + 1, "x", True, None, float("nan")]
    for value in [*bad, *([control.low] if control.above else [])]:
        with pytest.raises(BadOption) as error:
            control.read(value)
        message = str(error.value)
        assert repr(value) in message and control.unit in message and "\n" not in message
        assert f"{control.low:g}" in message and f"{control.high:g}" in message


@pytest.mark.parametrize("name", SCALARS)
@settings(max_examples=25)
@given(music())
def test_music_is_encoded_as_a_target_of_its_value(name, events):
    """A model gets the same columns for a target as for music that has that value."""
    control = definition(name)
    line = timeline(PIANO, events)
    rows = control.compute(PIANO, events, {})
    for row, value in zip(rows, control.values(line)[line.moment], strict=True):
        if np.isnan(value):
            assert not row.any()
        elif control.low + control.above * 1e-9 < value <= control.high:
            assert np.array_equal(row, control.encode(PIANO, float(value)))


@pytest.mark.parametrize("name", [n for n in SCALARS if isinstance(definition(n), Windowed)])
@settings(max_examples=25)
@given(music())
def test_training_and_samples_have_one_definition(name, events):
    """A window as long as the piece has the value that is measured of the whole piece."""
    line = timeline(PIANO, events)
    if line.seconds:
        whole = made(name, window=60).values(line)[0]
        assert definition(name).measure(line) == (
            None if np.isnan(whole) else pytest.approx(float(whole))
        )


@pytest.mark.parametrize("enc", [PIANO, NOTES], ids=lambda e: e.name)
@pytest.mark.parametrize("name", MEASURED)
@settings(max_examples=25)
@given(events=music())
def test_decoded_notes_measure_what_the_events_do(enc, name, events):
    events = enc.encode(PIANO.decode(events))
    line, notes = timeline(enc, events), enc.decode(events).notes
    target = Targets(key="D minor").schedules.get(name)
    if line.seconds:
        expected = definition(name).measure(line, target)
        found = compare.measured([name], notes, 0, line.seconds, {"key": target}).get(name)
        assert found == (None if expected is None else pytest.approx(expected, abs=1e-4))


@pytest.mark.parametrize("name", MEASURED)
def test_an_error_of_one_is_the_tolerance(name):
    control = made(name)
    target = control.read(example(control))
    if control.numeric:
        near = control.tolerance * (target if control.relative else 1)
        assert control.error(target, target) == 0
        assert control.error(target, target + near) == pytest.approx(1)
    assert control.error(target, None) > 0 if name != "key" else control.error(target, 0.95)


def test_the_form_has_every_target_and_takes_what_is_read():
    known = [made(name) for name in TARGETS]
    form = schema.form("all", known, dict.fromkeys(TARGETS, ("condition",)))
    assert form["type"] == "object" and form["$schema"] == schema.DIALECT
    assert set(form["properties"]) == {*TARGETS, "strict_key"}
    assert not form["additionalProperties"]
    for name in TARGETS:
        field, value = form["properties"][name], example(made(name))
        assert field["description"] == REGISTRY[name].help and field["methods"] == ["condition"]
        assert accepts(field, value) and accepts(field, [{"at": 0, "value": value}])
        assert not accepts(field, None) and not accepts(field, [{"at": 0}])
        assert accepts(field, [{"value": value, "glide": True}]) == made(name).numeric
    for name in SCALARS:
        field, control = form["properties"][name], definition(name)
        assert accepts(field, control.high) and accepts(field, "2:8")
        assert not accepts(field, control.high + 1) and not accepts(field, control.low - 1)
    assert not accepts(form["properties"]["label"], "Satie")


def test_the_form_leaves_out_what_a_model_cannot_meet():
    form = schema.form("one", (), {"density": ("steered",), "label": ()})
    assert list(form["properties"]) == ["density"]


def test_the_form_has_what_training_saw():
    known, seen = [made("label"), made("density")], {"seen": [1, 4, 12]}
    report = {"density": seen, "label": {"counts": {"Ravel": 3}}}
    fields = schema.form("x", known, {"density": ("condition",), "label": ("condition",)}, report)
    assert fields["properties"]["density"]["seen"] == [1, 4, 12]
    assert fields["properties"]["label"]["counts"] == {"Ravel": 3}


def test_a_bundle_has_a_form(symgen, tiny_bundle):
    code, out, _ = symgen("bundle", "info", str(tiny_bundle), "--schema")
    form = json.loads(out)
    methods = {name: field.get("methods") for name, field in form["properties"].items()}
    assert code == 0 and form["title"].startswith("Targets of ")
    assert methods["density"] == methods["key"] == ["steer"]
    assert not {"loudness", "label", "pitch_histogram"} & set(methods)


def test_every_target_is_an_option_of_sample():
    command = cli.get_command(None, "sample")
    options = {option.name: option for option in command.params}
    for name in TARGETS:
        entry, option = REGISTRY[name], options[name]
        assert option.opts == [f"--{name.replace('_', '-')}"]
        assert (option.metavar, option.help) == (entry.metavar, entry.help)
        assert len(entry.help) <= 120 and entry.help.endswith(".")
        if entry.flag:
            assert options[entry.flag].is_flag and options[entry.flag].help == entry.flag_help
