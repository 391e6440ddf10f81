"""Any damage to a file gives a valid sequence or a ReadError, without Python warnings."""

import warnings

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symgen.errors import ReadError
from symgen.notes import NoteSequence, read_bytes
from symgen.notes.midi import events as midi_events
from tests.notes.midi.files import midi, track, vlq

WHOLE = midi(
    [
        "00 ff 51 03 07 a1 20",
        "00 ff 58 04 06 03 18 08",
        "00 ff 59 02 fd 01",
        b"\x00\xff\x03\x06chords",
        b"\x00\xff\x06\x02Am",
    ],
    [
        "00 c0 05",
        "00 b0 40 7f",
        "00 90 3c 40",
        "81 70 3e 40",
        "00 3c 00",
        "10 80 3e 00",
        "00 d0 10",
        "10 11",
        "00 b0 7b 00",
    ],
    ["00 f0 03 01 02 f7", "00 99 24 40", "10 89 24 00", "00 e0 00 40"],
)
PIECES = [
    b"MTrk",
    b"MThd",
    b"\x00\xff\x2f\x00",
    b"\x80\x80\x80\x80\x80",
    b"\xff\x51\x03\x00\x00\x00",
    b"\xf0\x8f\xff\xff\xff\x7f",
    b"\xb0\x7b\x00",
    b"\x90\x3c\x40",
    b"\xc0\x01\x00\x02",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
]


def check(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            ((_, sequence),) = read_bytes(data, "fuzz.mid")
        except ReadError as refused:
            message, sequence = str(refused), NoteSequence()
        else:
            message = "".join(sequence.source.warnings)
    assert message.isprintable()
    notes = sequence.notes
    assert (notes["end_time"] > notes["start_time"]).all()
    assert (np.diff(notes["start_time"]) >= 0).all()
    assert np.isfinite(sequence.total_time)
    for name in ("pitch", "velocity", "program"):
        assert ((notes[name] >= (name == "velocity")) & (notes[name] <= 127)).all()


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes(data):
    check(data)
    check(b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0" + track(data))


@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_a_whole_file_with_a_few_changes(data):
    changed = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        at, gone = data.draw(st.integers(0, len(changed))), data.draw(st.integers(0, 4))
        changed[at : at + gone] = data.draw(
            st.one_of(st.sampled_from(PIECES), st.binary(max_size=4))
        )
    check(bytes(changed))


KINDS = st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0])
MESSAGE = st.tuples(
    st.integers(0, 300_000), KINDS, st.integers(0, 15), st.integers(0, 127), st.integers(0, 127)
)
BETWEEN = st.sampled_from(
    [b"", b"", b"", b"\x00\xff\x01\x02ab", b"\x00\xf0\x02\x01\xf7", b"\x05\xf7\x01\x01"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(MESSAGE, BETWEEN, st.booleans()), max_size=30), min_size=1, max_size=3
    ),
    st.sampled_from([1, 7, 64, 1 << 14]),
)
@example([[((5, 0xD0, 0, 1, 0), b"", True)] * 3], 1)
def test_every_event_is_found_whatever_the_running_status_and_the_block(tracks, block):
    bodies, expected = [], []
    for number, messages in enumerate(tracks):
        body, now, status = b"", 0, None
        for (delta, kind, channel, *data), between, run in messages:
            body += between
            now += delta + (between[0] if between else 0)
            repeated = run and status == kind | channel
            status = kind | channel
            data = data[:1] if kind in (0xC0, 0xD0) else data
            body += vlq(delta) + (b"" if repeated else bytes([status])) + bytes(data)
            expected.append((number, now, status, *data))
        bodies.append(body + b"\x00\xff\x2f\x00")
    before, midi_events.BLOCK = midi_events.BLOCK, block
    try:
        events = midi_events.parse(bodies)
    finally:
        midi_events.BLOCK = before
    channel = np.flatnonzero((events.status >= 0x80) & (events.status < 0xF0))
    found = []
    for row in channel.tolist():
        two = events.status[row] & 0xF0 not in (0xC0, 0xD0)
        data = [int(byte[row]) for byte in (events.first, events.second)[: 2 if two else 1]]
        found.append(
            (int(events.track[row]), int(events.tick[row]), int(events.status[row]), *data)
        )
    assert found == expected
    assert not events.warnings
