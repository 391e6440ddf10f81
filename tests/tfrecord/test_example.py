"""The SequenceExample wire format against itself and against TensorFlow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import DataError
from symgen.tfrecord import example as records
from symgen.tfrecord import protobuf as wire

INT32 = st.integers(-(2**31), 2**31 - 1)
CONTEXTS = st.dictionaries(
    st.text(max_size=5),
    st.one_of(
        st.text(max_size=200),
        st.floats(width=32, allow_nan=False),
        st.integers(-(2**63), 2**63 - 1),
    ),
    max_size=4,
)


@st.composite
def events(draw):
    width, steps = draw(st.integers(1, 3)), draw(st.integers(0, 40))
    values = draw(st.one_of(st.just(st.integers(0, 400)), st.just(INT32)))
    return np.array(
        draw(st.lists(values, min_size=steps * width, max_size=steps * width)), np.int32
    ).reshape(steps, width)


@given(CONTEXTS, events())
def test_what_is_written_is_read(context, events):
    record = records.loads(records.dumps(context, events), events.shape[1])
    assert record.context == context
    assert record.events.dtype == np.int32
    np.testing.assert_array_equal(record.events, events)


def test_bytes_are_those_of_the_schema():
    assert records.dumps({"id": "x"}, np.array([[5], [300]])).hex(" ") == (
        "0a 0d"  # context
        " 0a 0b 0a 02 69 64 12 05 0a 03 0a 01 78"  # "id": bytes_list "x"
        " 12 1a"  # feature_lists
        " 0a 18 0a 05 65 76 65 6e 74 12 0f"  # "event"
        " 0a 05 1a 03 0a 01 05"  # int64_list 5
        " 0a 06 1a 04 0a 02 ac 02"
    )  # int64_list 300


def test_bytes_do_not_depend_on_the_order_of_keys():
    one, other = {"a": 1, "b": 2.0, "c": "x"}, {"c": "x", "b": 2.0, "a": 1}
    assert records.dumps(one, np.zeros((1, 1), int)) == records.dumps(other, np.zeros((1, 1), int))


def test_a_name_that_is_not_utf8_survives():
    name = b"caf\xe9.mid".decode("utf-8", "surrogateescape")
    assert (
        records.loads(records.dumps({"id": name}, np.zeros((0, 1), int)), 1).context["id"] == name
    )


@given(st.lists(st.one_of(st.integers(0, 400), st.integers(0, 2**14 - 1)), min_size=1, max_size=60))
def test_small_values_are_looked_up_and_found_again(values):
    events = np.array(values)[:, None]
    raw = records._steps(events)
    np.testing.assert_array_equal(raw, records._serialised(events))
    np.testing.assert_array_equal(records._small_steps(raw), events)


def test_what_is_not_written_so_is_left_to_the_search():
    raw = records._steps(np.array([[5], [300]]))
    for other in (
        raw[:-1],
        raw[1:],
        raw[:6],
        np.append(raw, 8),
        np.where(np.arange(len(raw)) == 1, 6, raw),
    ):
        assert records._small_steps(other.astype(np.uint8)) is None


def test_steps_longer_than_127_bytes_have_longer_lengths():
    wide = np.full((3, 60), 2**31 - 1)
    np.testing.assert_array_equal(records.loads(records.dumps({}, wide), 60).events, wide)


@given(st.binary(max_size=80))
def test_garbage_is_a_data_error_or_a_record(data):
    try:
        record = records.loads(data, 1)
    except DataError:
        return
    assert record.events.shape[1] == 1


@given(events(), st.data())
@settings(max_examples=300)
def test_a_damaged_record_is_a_data_error_or_a_record(events, data):
    raw = bytearray(records.dumps({"id": "x", "n": 3, "f": 1.5}, events))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=3)):
        raw[place] = data.draw(st.integers(0, 255))
    try:
        record = records.loads(bytes(raw[: data.draw(st.integers(0, len(raw)))]), events.shape[1])
    except DataError:
        return
    assert record.events.shape[1] == events.shape[1]


@pytest.mark.parametrize("width", [1, 3])
def test_another_number_of_fields_is_named(width):
    with pytest.raises(DataError, match=f"a step of 2 values; the encoding has {width}"):
        records.loads(records.dumps({}, np.zeros((4, 2), int)), width)


def test_a_value_beyond_32_bits_is_named():
    with pytest.raises(DataError, match=f"beyond 32 bits: {2**40}"):
        records.loads(records.dumps({}, np.array([[1], [2**40]])), 1)


def test_a_number_across_two_steps_is_damage():
    raw = records.dumps({}, np.array([[300, 1], [1, 1]]))
    with pytest.raises(DataError):
        records.loads(raw.replace(b"\xac\x02\x01", b"\xac\x02\x81"), 2)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_varints_round_trip(values):
    data = wire.varints(np.array(values, np.int64))
    assert len(data) == wire.varint_sizes(np.array(values, np.int64)).sum()
    assert wire.decode_varints(data)[0].tolist() == values


def entry(key, item):
    return wire.field(
        1, wire.field(2, item) + wire.field(1, key)
    )  # the value before the key, as protocol buffers allow


def loose(steps):
    """A SequenceExample with unpacked numbers, its feature list first, and unknown keys."""
    rows = [wire.field(3, b"".join(b"\x08" + wire.varint(v) for v in step)) for step in steps]
    lists = entry(b"event", b"".join(wire.field(1, row) for row in rows)) + entry(
        b"other", b"\x0a\x00"
    )
    return (
        wire.field(2, lists)
        + wire.field(9, b"unknown")
        + wire.field(1, entry(b"n", wire.field(3, b"\x08\x07")))
    )


def test_unpacked_lists_other_keys_and_another_order_are_read():
    steps = [[8, 300], [0, 8], [10, 26], [5, 2**31 - 1]]
    record = records.loads(loose(steps), 2)
    assert record.context == {"n": 7}
    assert record.events.tolist() == steps


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow", reason="the extra `train` is not installed")


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(0)
    return [
        rng.integers(0, high, (steps, width))
        for high in (100, 388, 2**31 - 1)
        for steps in (0, 1, 500)
        for width in (1, 2, 3)
    ]


def test_tensorflow_reads_ours(tf, cases):
    for events in cases:
        raw = records.dumps({"id": "an id", "seconds": 1.5, "notes": -7}, events)
        context, lists = tf.io.parse_single_sequence_example(
            raw,
            {
                "id": tf.io.FixedLenFeature([], tf.string),
                "seconds": tf.io.FixedLenFeature([], tf.float32),
                "notes": tf.io.FixedLenFeature([], tf.int64),
            },
            {"event": tf.io.FixedLenSequenceFeature([events.shape[1]], tf.int64)},
        )
        assert (context["id"].numpy(), context["seconds"].numpy(), context["notes"].numpy()) == (
            b"an id",
            1.5,
            -7,
        )
        np.testing.assert_array_equal(lists["event"].numpy(), events)


def test_ours_is_what_tensorflow_would_write(tf, cases):
    for events in cases:
        raw = records.dumps({"id": "x"}, events)
        example = tf.train.SequenceExample.FromString(raw)
        assert example.SerializeToString(deterministic=True) == raw


def test_what_tensorflow_writes_is_read(tf, cases):
    for events in cases:
        example = tf.train.SequenceExample()
        example.context.feature["zz"].bytes_list.value.append(b"text")
        example.context.feature["aa"].float_list.value.extend([1.5, 2.5])
        example.context.feature["mm"].int64_list.value.append(-3)
        example.feature_lists.feature_list["another"].feature.add().float_list.value.append(1.0)
        for row in events.tolist():
            example.feature_lists.feature_list["event"].feature.add().int64_list.value.extend(row)
        record = records.loads(example.SerializeToString(), events.shape[1])
        assert record.context == {"zz": "text", "aa": [1.5, 2.5], "mm": -3}
        np.testing.assert_array_equal(record.events, events)
