"""What is read and written again sounds the same to a player that knows nothing of symgen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.notes import read_bytes
from symgen.notes.midi.writer import MidiWriter
from tests.notes.midi.files import midi, track, vlq
from tests.notes.midi.listener import played

CONTROLS = [1, 7, 10, 11, 64, 120, 121, 123]
VALUES = st.sampled_from([0, 30, 64, 100, 127])


def read(data):
    ((_, sequence),) = read_bytes(data, "a.mid")
    return sequence


def again(data):
    return MidiWriter().encode(read(data))


@st.composite
def moves(draw, channel):
    """Draw the bytes of something that changes a channel."""
    kind = draw(st.sampled_from(["program", "bank", "control", "bend", "range"]))
    if kind == "control":
        return [bytes([0xB0 | channel, draw(st.sampled_from(CONTROLS)), draw(VALUES)])]
    if kind == "bend":
        return [bytes([0xE0 | channel, draw(VALUES), draw(VALUES)])]
    if kind == "range":
        semitones = draw(st.sampled_from([2, 12, 24]))
        return [bytes([0xB0 | channel, n, v]) for n, v in ((101, 0), (100, 0), (6, semitones))]
    bank = [bytes([0xB0 | channel, 0, draw(st.sampled_from([0, 8]))])] if kind == "bank" else []
    return [*bank, bytes([0xC0 | channel, draw(st.sampled_from([0, 5, 40]))])]


@st.composite
def files(draw, channels, most):
    """Draw a file: notes and moves in any track, each at a tick of its own."""
    tracks = [[] for _ in range(draw(st.integers(1, 4)))]
    sounding, tick = set(), 0
    for _ in range(draw(st.integers(1, most))):
        channel = draw(st.sampled_from(channels))
        tick += draw(st.integers(1, 300))
        where = draw(st.integers(0, len(tracks) - 1))
        if draw(st.booleans()):
            tracks[where] += [(tick, event) for event in draw(moves(channel))]
            continue
        pitch = draw(st.integers(60, 63))
        begun = next((n for n in sounding if n[:2] == (channel, pitch)), None)
        if begun is None:
            sounding.add((channel, pitch, where))
            tracks[where].append((tick, bytes([0x90 | channel, pitch, draw(st.integers(1, 127))])))
        else:
            sounding.remove(begun)
            released = begun[2] if draw(st.booleans()) else where
            tracks[released].append((tick, bytes([0x80 | channel, pitch, 0])))
    for channel, pitch, where in sorted(sounding):
        tick += 1
        tracks[where].append((tick, bytes([0x80 | channel, pitch, 0])))
    return midi(*(body(events) for events in tracks), division=500)  # ticks of a millisecond


def body(events):
    now, out = 0, b""
    for tick, event in events:
        out += vlq(tick - now) + event
        now = tick
    return track(out)


@settings(max_examples=100, deadline=None)
@given(files([0, 1, 9], 40))
def test_a_written_file_sounds_like_the_one_that_was_read(data):
    assert played(again(data)) == played(data)


@settings(max_examples=30, deadline=None)
@given(files(list(range(16)), 120))
def test_a_written_file_of_all_channels_sounds_like_the_one_that_was_read(data):
    assert played(again(data)) == played(data)
