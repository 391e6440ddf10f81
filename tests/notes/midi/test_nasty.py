"""The hostile MIDI files of the shared corpora are read, read with a warning, or refused in one
line.

The table names every MIDI file of their manifest. A row is: notes or refusal, seconds, and the
warning or message.
"""

import re
import time
import tracemalloc

import pytest

from symgen.errors import ReadError
from symgen.notes import read, read_bytes

REFUSED = "refused"

FILES = {
    "ok_type0.mid": (8, 4.0, None),
    "ok_type1_3_tracks.mid": (16, 4.0, None),
    "type2_two_patterns.mid": (16, 8.0, "2 patterns are read one after the other"),
    "smpte_25fps_40ticks.mid": (8, 4.0, None),
    "division_zero.mid": (REFUSED, None, "division 0"),
    "tempo_zero.mid": (8, 4.0, "1 tempo event"),
    "tempo_slowest.mid": (8, 134.2, None),
    "tempo_every_tick_2000.mid": (8, 5.9, None),
    "running_status_vel0_off.mid": (8, 2.0, None),
    "no_note_off.mid": (8, 4.0, "8 notes never released"),
    "overlap_same_pitch.mid": (2, 0.75, None),
    "zero_duration_notes.mid": (0, 0.0, "8 notes of no length"),
    "huge_delta.mid": (2, 134217728.5, None),
    "note_24_hours_long.mid": (1, 86400.0, None),
    "starts_after_10_minutes.mid": (8, 604.0, None),
    "tracks_1000.mid": (1000, 1.3, None),
    "empty_tracks_only.mid": (0, 0.0, "no notes"),
    "no_events_pedal_only.mid": (0, 0.0, "no notes"),
    "zero_length.mid": (REFUSED, None, "empty"),
    "header_only.mid": (REFUSED, None, "announces 1 tracks"),
    "truncated_mid_track.mid": (23, 5.5, "cut off or damaged"),
    "truncated_in_header.mid": (REFUSED, None, "cut off inside the header"),
    "track_length_too_long.mid": (8, 4.0, "more bytes than there are"),
    "track_length_too_short.mid": (8, 4.0, None),
    "missing_end_of_track.mid": (8, 4.0, None),
    "track_count_says_5_has_2.mid": (8, 4.0, "announces 5 tracks, 2 are there"),
    "track_count_says_1_has_2.mid": (8, 4.0, "announces 1 tracks, 2 are there"),
    "unknown_chunk_between_tracks.mid": (8, 4.0, "1 chunk of another kind"),
    "garbage_after_last_track.mid": (8, 4.0, None),
    "header_chunk_length_10.mid": (8, 4.0, None),
    "rmid_riff_wrapped.mid": (8, 4.0, None),
    "not_midi_png.mid": (REFUSED, None, "not a MIDI file"),
    "not_midi_text.mid": (REFUSED, None, "not a MIDI file"),
    "data_byte_over_127.mid": (9, 4.5, "1 data byte over 127"),
    "key_signature_invalid.mid": (8, 4.0, "1 key signature"),
    "time_signatures_odd.mid": (24, 3.25, None),
    "vlq_of_5_bytes.mid": (1, 279620.8, None),
    "sysex_flood_20000.mid": (8, 4.0, None),
    "sysex_unterminated.mid": (8, 4.0, None),
    "track_name_latin1.mid": (8, 4.0, None),
    "track_name_shift_jis.mid": (8, 4.0, None),
    "track_name_nul_and_escape.mid": (8, 4.0, None),
    "drums_only_channel_10.mid": (8, 4.0, None),
    "multi_instrument_16_channels.mid": (128, 4.0, None),
    "velocity_all_64.mid": (64, 32.0, None),
    "velocity_1_and_127.mid": (8, 4.0, None),
    "pitch_0_and_127.mid": (8, 4.0, None),
    "polyphony_128.mid": (128, 0.5, None),
    "dense_5000_notes_in_1_s.mid": (5000, 1.0, None),
    "pedal_never_released.mid": (8, 4.0, None),
    "pedal_half_values.mid": (8, 5.3, None),
    "duplicate_tracks.mid": (16, 4.0, None),
    "UPPERCASE.MID": (8, 4.0, None),
    "long_extension.midi": (8, 4.0, None),
    ".hidden.mid": (8, 4.0, None),
    "name with spaces – ünïcødé 名前.mid": (8, 4.0, None),
    "folder_named.mid/inside.mid": (8, 4.0, None),
    "appledouble/._song.mid": (REFUSED, None, "not a MIDI file"),
}


def test_the_table_names_every_file_of_the_manifest(corpora):
    manifest = (corpora / "nasty" / "MANIFEST.md").read_text(encoding="utf-8")
    midi = manifest.split("## MIDI")[1].split("## ABC")[0]
    named = re.findall(r"^\| (?!file |---)([^|]+?) \|", midi, re.MULTILINE)
    assert sorted(named) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_hostile_file(corpora, name):
    count, seconds, message = FILES[name]
    path = corpora / "nasty" / "midi" / name
    before = time.monotonic()
    if count == REFUSED:
        with pytest.raises(ReadError, match=message) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert str(caught.value).isprintable()
    else:
        sequence = read(path)
        assert len(sequence) == count
        assert sequence.total_time == pytest.approx(seconds, abs=0.05)
        assert (
            any(message in w for w in sequence.source.warnings)
            if message
            else not sequence.source.warnings
        )
        assert all(w.isprintable() for w in sequence.source.warnings)
    assert time.monotonic() - before < 2


@pytest.mark.parametrize(
    "name",
    ["huge_delta.mid", "note_24_hours_long.mid", "vlq_of_5_bytes.mid", "track_length_too_long.mid"],
)
def test_memory_follows_the_bytes_that_are_there(corpora, name):
    data = (corpora / "nasty" / "midi" / name).read_bytes()
    read_bytes(data, name)
    tracemalloc.start()
    try:
        read_bytes(data, name)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_drums_are_marked_and_a_scale_is_not(corpora):
    folder = corpora / "nasty" / "midi"
    assert read(folder / "drums_only_channel_10.mid").notes["is_drum"].all()
    many = read(folder / "multi_instrument_16_channels.mid").notes
    assert int(many["is_drum"].sum()) == 8
    assert len(set(many["instrument"].tolist())) == 16
