"""Files that a text-mode transfer made shorter: what was lost is put back where it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.notes import read_bytes
from symgen.notes.midi import oddities as midi_oddities
from symgen.notes.midi import repair as midi_repair
from tests.notes.midi_bytes import midi

SONG = [  # pedal values of 13 with a delay of 10 behind them: CR LF
    "00 c0 00",
    "00 b0 40 7f",
    *["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20,
    "08 b0 40 0d",
    "0a 40 20",
    "07 40 21",
    "07 90 40 44",
    "07 41 45",
    "20 80 40 00",
    "07 41 00",
    *["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20,
    "08 b0 40 0d",
    "0a 90 43 20",
    "07 43 00",
    "07 3c 40",
    "07 3c 00",
    *["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20,
]


TRACK = b"\n" * 300 + b"\xff\x2f\x00"


def test_the_bytes_are_put_back_and_it_is_said():
    whole = midi(["00 ff 51 03 07 a1 20"], SONG)
    lost = whole.replace(b"\r\n", b"\n")
    assert len(whole) - len(lost) == 2
    ((_, mended),) = read_bytes(lost, "x.mid")
    ((_, wanted),) = read_bytes(whole, "x.mid")
    assert mended == wanted
    assert mended.source.warnings == (
        "2 bytes that a text-mode transfer took (CR LF became LF) put back",
    )


def test_a_track_that_is_merely_cut_off_is_left_alone():
    whole = midi(SONG)
    ((_, cut),) = read_bytes(whole[:-40], "x.mid")
    assert not any("put back" in warning for warning in cut.source.warnings)
    assert any("more bytes than there are" in warning for warning in cut.source.warnings)


def test_a_byte_lost_in_a_system_message_is_put_back():
    whole = midi(["00 f0 05 43 0d 0a 01 f7", *SONG])
    ((_, mended),) = read_bytes(whole.replace(b"\r\n", b"\n"), "x.mid")
    assert mended == read_bytes(whole, "x.mid")[0][1]
    assert mended.source.warnings == (
        "3 bytes that a text-mode transfer took (CR LF became LF) put back",
    )


def test_the_worst_noise_takes_bounded_time(monkeypatch):
    read, path = [], midi_repair._path
    monkeypatch.setattr(midi_repair, "_path", lambda *about: read.append(path(*about)) or read[-1])
    monkeypatch.setattr(midi_repair, "BUDGET", 1000)
    noise = (
        np.random.default_rng(0)
        .choice(np.frombuffer(b"\n\x90\xb0\x20\x40\x83", np.uint8), 30_000)
        .tobytes()
        + midi_repair.END
    )
    midi_repair.mend(noise, 30)
    assert sum(len(one.rows) for one in read) < 1000 + midi_repair.NEAR * midi_repair.FAR / 3
    midi_repair.mend(TRACK, 5)  # no event at all


@given(
    st.lists(
        st.sampled_from(
            [b"\n", b"\x90", b"\xb0", b"\xc0", b"\x40", b"\x0d", b"\xff\x2f\x00", b"\xf0", b"\x85"]
        ),
        max_size=120,
    ),
    st.integers(1, 9),
)
def test_whatever_the_bytes_nothing_but_carriage_returns_is_added(parts, lost):
    track = b"".join(parts) + midi_repair.END
    mended, found = midi_repair.mend(track, lost)
    assert len(mended) == len(track) + found
    assert mended.replace(b"\r", b"") == track.replace(b"\r", b"")


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(60, 62), st.booleans()), max_size=40),
    st.data(),
)
def test_a_path_weighs_what_the_whole_track_would(events, data):
    """Releases of what is not open and strikes never released, counted over the whole with some of the notes replaced."""

    def count(notes):
        silent, held = 0, dict.fromkeys(range(128), 0)
        for pitch, on in notes:
            silent += not on and not held[pitch]
            held[pitch] = held[pitch] + 1 if on else max(held[pitch] - 1, 0)
        return silent + sum(held.values())

    notes = [(pitch, on) for _, pitch, on in events]
    begin = data.draw(st.integers(0, len(notes)))
    end = data.draw(st.integers(begin, len(notes)))
    other = data.draw(st.lists(st.tuples(st.integers(59, 62), st.booleans()), max_size=8))
    columns = (
        [
            np.array(column, dtype)
            for column, dtype in zip(zip(*notes, strict=True), (np.uint8, bool), strict=True)
        ]
        if notes
        else [np.zeros(0, np.uint8), np.zeros(0, bool)]
    )
    whole = midi_oddities._Notes(np.arange(len(notes)), *columns, len(notes))
    more = whole.more(
        np.zeros(len(other), np.int64),
        np.array([p for p, _ in other], np.uint8),
        np.array([o for _, o in other], bool),
        np.array([begin]),
        np.array([end]),
    )
    assert more.tolist() == [count(notes[:begin] + other + notes[end:]) - count(notes)]


def test_real_performances_come_back(corpora):
    found = exact = 0
    for path in sorted((corpora / "piano_performances").rglob("*.mid"))[::2]:
        whole = path.read_bytes()
        lost = whole.replace(b"\r\n", b"\n")
        if lost != whole:
            found += 1
            exact += read_bytes(lost, "x.mid")[0][1] == read_bytes(whole, "x.mid")[0][1]
    assert found >= 10
    assert exact >= 0.9 * found


@pytest.mark.parametrize("lost", [0, 33])
def test_other_damage_is_not_looked_at(lost):
    assert midi_repair.mend(TRACK, lost) == (TRACK, 0)
