"""Files that went through a text-mode transfer: they are repaired exactly, or refused."""

import hashlib
import json
import os
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import ReadError
from symgen.notes import read_bytes
from symgen.notes.midi import repair
from tests.notes.midi.files import END, midi, track

EVERY = int(os.environ.get("SYMGEN_TEST_EVERY", "8"))  # one real file in so many; 1 reads them all
PHRASE = ["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20
SONG = [  # pedal values of 13: two with a delta of 10 behind them (CR LF), one without
    "00 c0 00",
    "00 b0 40 7f",
    *PHRASE,
    "08 b0 40 0d",
    "0a 40 20",
    "07 40 21",
    "07 90 40 44",
    "07 41 45",
    "20 80 40 00",
    "07 41 00",
    *PHRASE,
    "08 b0 40 0d",
    "0a 90 43 20",
    "07 43 00",
    "07 b0 40 0d",
    "08 40 00",
    *PHRASE,
]
TEMPO = ["00 ff 51 03 07 a1 20"]


def shortened(data):
    return data.replace(b"\r\n", b"\n")


def lengthened(data):
    return data.replace(b"\n", b"\r\n")


def read(data):
    ((_, sequence),) = read_bytes(data, "x.mid")
    return sequence


def refusal(data):
    with pytest.raises(ReadError) as raised:
        read_bytes(data, "x.mid")
    message = str(raised.value)
    assert message.startswith("x.mid: a text-mode transfer took bytes from it")
    assert message.endswith("; fetch it again as a binary file")
    return message


def test_lost_bytes_are_restored_with_a_warning():
    whole = midi(TEMPO, SONG)
    damaged = shortened(whole)
    assert len(whole) - len(damaged) == 2
    assert repair.undo(damaged, "x.mid") == whole
    assert read(damaged) == read(whole)
    assert read(damaged).source.warnings == (
        "repaired: a text-mode transfer had removed 2 CR bytes",
    )


def test_added_bytes_are_removed_with_a_warning():
    whole = midi(TEMPO, SONG)
    damaged = lengthened(whole)
    assert damaged.count(b"\r\r\n") == 2
    assert repair.undo(damaged, "x.mid") == whole
    assert read(damaged).source.warnings == ("repaired: a text-mode transfer had added 2 CR bytes",)


def test_a_transfer_that_kept_each_cr_lf_and_lengthened_each_lf():
    whole = midi(TEMPO, [*SONG, "0a 90 3c 40", "0a 3c 00"])
    assert repair.undo(lengthened(shortened(whole)), "x.mid") == whole


def test_a_cr_lf_that_is_left_was_cr_cr_lf():
    whole = midi([*SONG, "07 90 3c 0d", "0d 0a 20", "07 0a 00", "07 3c 00"])
    damaged = shortened(whole)
    assert damaged.count(b"\r\n") == 1
    assert repair.undo(damaged, "x.mid") == whole


def test_every_lf_that_is_left_may_have_been_behind_two_crs():
    whole = midi(TEMPO, ["05 b0 40 0d", "05 40 00", "00 90 0d 0d", "0a 90 0d 00"])
    damaged = shortened(whole)
    assert damaged.count(b"\n") == damaged.count(b"\r\n") == 1
    assert repair.undo(damaged, "x.mid") == whole


def test_the_length_of_a_track_may_be_the_cr():
    whole = midi(SONG, ["0a c0 01", "05 02", "05 03", "05 04"])
    assert b"MTrk\x00\x00\x00\x0d\x0a\xc0" in whole
    assert repair.undo(shortened(whole), "x.mid") == whole


def test_the_number_of_tracks_may_be_an_lf():
    whole = midi(*[["00 90 3c 40", "08 3c 00"]] * 10)
    assert whole[8:14] == bytes.fromhex("0001 000a 01e0")
    assert repair.undo(lengthened(whole), "x.mid") == whole
    assert read(lengthened(whole)) == read(whole)


def test_bytes_of_a_text_and_of_a_system_message_are_restored():
    whole = midi(["00 f0 05 43 0d 0a 01 f7", b"\x00\xff\x01\x06a\r\nb\r\n", *SONG])
    assert repair.undo(shortened(whole), "x.mid") == whole


def test_choices_that_differ_only_in_a_text_are_one():
    whole = midi([b"\x00\xff\x01\x04\n\r\nb", *SONG])
    assert read(shortened(whole)) == read(whole)


def test_two_repairs_that_fit_are_refused():
    whole = midi(["00 ff 51 03 0d 0a 0a"], SONG)
    assert "and 2 repairs fit equally well" in refusal(shortened(whole))


def test_damage_of_another_kind_beside_it_is_refused():
    whole = shortened(midi(TEMPO, SONG))
    at = whole.index(b"\x90\x43\x20")
    assert "and no repair fits" in refusal(whole[:at] + b"\xf4" + whole[at + 1 :])


def test_an_unfinished_note_is_no_clean_reading():
    whole = midi([*SONG, "08 90 50 40"])
    assert "and no repair fits" in refusal(shortened(whole))


@pytest.mark.parametrize("keep", [b"", b"\n"])
def test_a_file_without_any_cr_is_refused(keep):
    whole = midi(TEMPO, SONG)
    damaged = whole.replace(b"\r\n", keep).replace(b"\r", b"")
    assert "and it has no CR left, so any byte may be missing" in refusal(damaged)


def test_a_length_that_is_merely_wrong_is_read_as_it_stands():
    events = ["00 90 3c 40", "0a 3c 00", "0d 3c 0a", "0b 3c 00", "0a 40 20", "05 40 00"]
    framed = track(*events)
    wrong = framed[:4] + (len(framed) - 8 + 2).to_bytes(4, "big") + framed[8:]
    data = midi(wrong)
    assert repair.undo(data, "x.mid") is None
    assert read(data) == read(midi(events))
    assert any("more bytes than there are" in w for w in read(data).source.warnings)


def test_a_track_that_is_merely_cut_off_is_left_alone():
    whole = midi(SONG)
    for cut in (whole[:-40], shortened(whole)[:-40]):
        assert repair.undo(cut, "x.mid") is None
        assert any("more bytes than there are" in w for w in read(cut).source.warnings)


def test_a_file_that_adds_up_does_not_load_the_repair(monkeypatch):
    monkeypatch.delitem(sys.modules, "symgen.notes.midi.repair")
    read(midi(TEMPO, SONG))
    assert "symgen.notes.midi.repair" not in sys.modules


def test_noise_takes_bounded_time(monkeypatch):
    monkeypatch.setattr(repair, "MIN_STATES", 2_000)
    monkeypatch.setattr(repair, "STATES_PER_BYTE", 0)
    noise = np.random.default_rng(0).choice(np.frombuffer(b"\n\x90\xb0\x20\x40", np.uint8), 30_000)
    events = b"\x00\x90\x3c\x40" + b"\x0a" * 3_000 + END
    assert repair.search(events, 1_500, repair.Rules.EVENTS).ways == repair.TOO_MANY
    assert repair.search(noise.tobytes() + END, 30, repair.Rules.STRICT).ways == 0


times = st.sampled_from([0, 10, 10, 13, 13, 5, 100])
values = st.sampled_from([10, 13, 13, 1, 64, 127])
notes = st.tuples(times, st.just("note"), st.sampled_from([10, 13, 60, 61]), values, times)
pedals = st.tuples(times, st.just("pedal"), st.sampled_from([64, 67]), values, st.just(0))


def spelled(parts, running):
    """Return the bytes of notes, each with its release, and pedals; with running status or not."""
    out, status = [b"\x05\xb0\x40\x0d\x05\x40\x00"], 0xB0
    for delta, kind, number, value, length in parts:
        messages = [(delta, 0xB0 if kind == "pedal" else 0x90, number, value)]
        if kind == "note":
            messages.append((length, 0x90, number, 0))
        for time, new, first, second in messages:
            head = b"" if running and new == status else bytes([new])
            out.append(bytes([time]) + head + bytes([first, second]))
            status = new
    return b"".join(out)


@settings(max_examples=200)
@given(st.lists(notes | pedals, max_size=30), st.booleans())
def test_a_clean_file_comes_back_exactly_or_not_at_all(parts, running):
    whole = midi(TEMPO, [spelled(parts, running)])
    for damaged in (shortened(whole), lengthened(whole), lengthened(shortened(whole))):
        if damaged == whole:
            continue
        try:
            assert repair.undo(damaged, "x.mid") == whole
        except ReadError:
            assert len(damaged) < len(whole) or damaged == lengthened(shortened(whole))


def test_most_damaged_files_of_a_sample_come_back():
    rng, exact = np.random.default_rng(1), 0
    for _ in range(40):
        parts = [
            (int(rng.integers(5, 20)), "note", int(rng.integers(40, 80)), 13, 10)
            if rng.random() < 0.5
            else (int(rng.integers(5, 20)), "pedal", 64, int(rng.integers(5, 20)), 0)
            for _ in range(100)
        ]
        whole = midi([spelled(parts, True)])
        exact += outcome(shortened(whole), hashlib.sha256(whole).hexdigest()) == "exact"
    assert exact >= 20


def test_real_performances_come_back(corpora):
    outcomes = []
    for path in sorted((corpora / "piano_performances").rglob("*.mid"))[::3]:
        whole = path.read_bytes()
        if b"\r\n" in whole:
            outcomes.append(outcome(shortened(whole), hashlib.sha256(whole).hexdigest()))
            assert repair.undo(lengthened(whole), "x.mid") == whole
    assert outcomes.count("exact") >= 8
    assert outcomes.count("wrong") == 0


def outcome(damaged, digest):
    try:
        repaired = repair.undo(damaged, "x.mid")
    except ReadError:
        return "refused"
    exact = repaired is not None and hashlib.sha256(repaired).hexdigest() == digest
    return "exact" if exact else "wrong"


@pytest.mark.slow
def test_the_damaged_archive_comes_back(corpora):
    """280 files of the archive were damaged by somebody else; their checksums are known."""
    known = json.loads((corpora / "maestro-v2.0.0-checksums.json").read_text())
    outcomes = []
    with zipfile.ZipFile(corpora / "maestro-v2.0.0-midi-train-validation.zip") as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        damaged = [
            (name, entry)
            for name in sorted(sizes)
            if (entry := known.get(name.split("/", 1)[1])) and entry["bytes"] != sizes[name]
        ]
        assert len(damaged) == 280
        damaged.sort(key=lambda found: found[1]["bytes"])
        for name, entry in damaged[:: 4 * EVERY]:
            outcomes.append(outcome(archive.read(name), entry["sha256"]))
    assert set(outcomes) == {"exact"}
