"""Files that a text-mode transfer made shorter: what was lost is put back where it was."""

import pytest
from notes_bytes import midi

from symgen.notes import midi_repair, read_bytes

SONG = [  # pedal values of 13 with a delay of 10 behind them: CR LF
    "00 c0 00", "00 b0 40 7f", *["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20,
    "08 b0 40 0d", "0a 40 20", "07 40 21", "07 90 40 44", "07 41 45", "20 80 40 00", "07 41 00",
    *["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20,
    "08 b0 40 0d", "0a 90 43 20", "07 43 00", "07 3c 40", "07 3c 00",
    *["08 90 3c 40", "08 3e 41", "08 3c 00", "08 b0 40 30", "08 40 31", "08 80 3e 00"] * 20]


TRACK = b"\n" * 300 + b"\xff\x2f\x00"


def test_the_bytes_are_put_back_and_it_is_said():
    whole = midi(["00 ff 51 03 07 a1 20"], SONG)
    lost = whole.replace(b"\r\n", b"\n")
    assert len(whole) - len(lost) == 2
    (_, mended), = read_bytes(lost, "x.mid")
    (_, wanted), = read_bytes(whole, "x.mid")
    assert mended == wanted
    assert mended.source.warnings == ("2 bytes that a text-mode transfer took (CR LF became LF) put back",)


def test_a_track_that_is_merely_cut_off_is_left_alone():
    whole = midi(SONG)
    (_, cut), = read_bytes(whole[:-40], "x.mid")
    assert not any("put back" in warning for warning in cut.source.warnings)
    assert any("more bytes than there are" in warning for warning in cut.source.warnings)


def test_time_is_bounded(monkeypatch):
    calls = []
    monkeypatch.setattr(midi_repair, "_oddities", lambda track: calls.append(1) or midi_repair.Oddities([50] * 99, 1000 + len(calls)))
    monkeypatch.setattr(midi_repair, "BUDGET", len(TRACK) * 10)
    assert midi_repair.mend(TRACK, 5) == (TRACK, 0)
    assert len(calls) <= 11


def test_real_performances_come_back(corpora):
    found = exact = 0
    for path in sorted((corpora / "piano_performances").rglob("*.mid"))[::2]:
        whole = path.read_bytes()
        lost = whole.replace(b"\r\n", b"\n")
        if lost != whole:
            found += 1
            exact += read_bytes(lost, "x.mid")[0][1] == read_bytes(whole, "x.mid")[0][1]
    assert found >= 10
    assert exact >= 0.8 * found


@pytest.mark.parametrize("lost", [0, 33])
def test_other_damage_is_not_looked_at(lost):
    assert midi_repair.mend(TRACK, lost) == (TRACK, 0)
