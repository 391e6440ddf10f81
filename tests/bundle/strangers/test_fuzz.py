"""Bundles with random changes: each plays, or is refused with a DataError, and nothing else."""

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symgen.bundle import card as cards
from symgen.bundle.bundle import Bundle
from symgen.bundle.describe import describe
from symgen.errors import DataError
from tests.bundle.strangers.hostile import members

SHORT = settings(max_examples=60, suppress_health_check=list(HealthCheck))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | st.sampled_from(
        ["", "..", "x\n\x1b[2J", "lstm", "onnx", "table", "int8", "notes", "x" * 300]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def good(standin_models):
    return standin_models / "piano.symgen"


def use(path):
    """Open a bundle, describe it, and make ready to play it."""
    opened = Bundle.open(path)
    assert "\n" not in opened.name
    describe(opened.record)
    cards.text(cards.card(opened))
    opened.open_player(threads=1)
    opened.weights()


def tried(path, data):
    path.write_bytes(data)
    refusal = ""
    try:
        use(path)
    except DataError as error:
        refusal = str(error)
    assert not refusal or refusal.isprintable()


def places(value, path=()):
    """Yield the path of each value inside tables and lists."""
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


@SHORT
@given(data=st.data())
def test_any_value_of_bundle_json(good, tmp_path_factory, data):
    parts = members(good)
    info = json.loads(parts["bundle.json"])
    place = data.draw(st.sampled_from(list(places(info))))
    at = info
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = data.draw(VALUES)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, member in (parts | {"bundle.json": json.dumps(info)}).items():
            archive.writestr(name, member)
    tried(tmp_path_factory.getbasetemp() / "fuzz.symgen", file.getvalue())


@SHORT
@given(data=st.data())
def test_any_bytes_of_the_file(good, tmp_path_factory, data):
    whole = bytearray(good.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        near_the_end = data.draw(st.booleans())
        first = max(len(whole) - 600, 0) if near_the_end else 0
        whole[data.draw(st.integers(first, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 40)) if data.draw(st.booleans()) else 0
    tried(tmp_path_factory.getbasetemp() / "fuzz.symgen", bytes(whole[: len(whole) - cut]))
