"""MIDI: counts and lengths that lie, and files that are all of one kind of event."""

import struct

from tests.hostile.cases import EITHER, READ, REFUSED, file, hostile

END = b"\0\xff\x2f\0"
NOTE = b"\0\x90\x3c\x50\x08\x80\x3c\0"


def chunk(kind, data, size=None):
    return kind + struct.pack(">I", len(data) if size is None else size) + data


def midi(*tracks, division=96, claimed=None):
    """A file of type 1 of these tracks, whose end is added."""
    head = struct.pack(">HHH", 1, len(tracks) if claimed is None else claimed, division)
    return chunk(b"MThd", head) + b"".join(chunk(b"MTrk", track + END) for track in tracks)


def varying(number):
    """A number as MIDI writes it: seven bits a byte."""
    out = [number & 127]
    while number := number >> 7:
        out.append(number & 127 | 128)
    return bytes(reversed(out))


@hostile("midi", READ)
def a_track_of_four_gigabytes_by_its_header(folder):
    return file(folder, "x.mid", midi()[:14] + chunk(b"MTrk", NOTE + END, 0xFFFFFFFF))


@hostile("midi", READ, "announces 65535 tracks")
def a_header_that_claims_65535_tracks(folder):
    return file(folder, "x.mid", midi(NOTE, claimed=65535))


@hostile("midi", REFUSED, "holds no notes")
def a_text_of_256_megabytes_by_its_length(folder):
    return file(folder, "x.mid", midi(b"\0\xff\x01\xff\xff\xff\x7fshort"))


@hostile("midi", READ)
def two_notes_a_year_apart(folder):
    wait = b"\xff\xff\xff\x7f\xb0\x01\0"
    return file(folder, "x.mid", midi(NOTE + wait * 60 + NOTE))


@hostile("midi", READ)
def notes_with_rests_of_nearly_a_minute(folder):
    note = varying(96 * 119) + b"\x90\x3c\x50\x08\x80\x3c\0"
    return file(folder, "x.mid", midi(note * 20_000))


@hostile("midi", EITHER)
def controllers_beside_16_instruments(folder):
    notes = [bytes((0, 0xC0 | c, c)) + NOTE.replace(b"\x90", bytes([0x90 | c])) for c in range(16)]
    return file(folder, "x.mid", midi(*notes, b"\0\xb0\x01\x40" * 1_000_000))


@hostile("midi", EITHER)
def damage_of_text_mode_made_for_the_mender(folder):
    return file(folder, "x.mid", midi(*[b"\0\x90\x3c\x0d\x0a\x0d\x0a" * 140_000] * 4))


@hostile("midi", EITHER)
def thousands_of_instruments_with_a_pedal(folder):
    track = b"\0\xc0\x05\0\xb0\x40\x7f" + NOTE + b"\0\xb0\x40\0"
    return file(folder, "x.mid", midi(*[track] * 32_000))


@hostile("midi", REFUSED, "notes with repeats, over the limit")
def a_million_notes(folder):
    return file(folder, "x.mid", midi(NOTE * 1_000_000))


@hostile("midi", EITHER)
def a_million_tempi(folder):
    return file(folder, "x.mid", midi(b"\x01\xff\x51\x03\x07\xa1\x20" * 1_000_000 + NOTE))


@hostile("midi", EITHER)
def a_million_names_and_chords(folder):
    track = b"\0\xff\x03\x04\x1b[2J\0\xff\x06\x01C" * 400_000
    return file(folder, "x.mid", midi(track + NOTE))


@hostile("midi", EITHER)
def half_a_million_foreign_chunks(folder):
    return file(folder, "x.mid", midi(NOTE) + chunk(b"XXXX", b"") * 500_000)


@hostile("midi", EITHER)
def notes_that_never_end(folder):
    ons = b"".join(bytes((0, 0x90, k % 128, 80)) for k in range(300_000))
    return file(folder, "x.mid", midi(ons))


@hostile("midi", REFUSED, "a piece has at most")
def long_notes_for_an_encoding_of_steps(folder):
    note = b"\0\x90\x3c\x50" + varying(96 * 4 * 2000) + b"\x80\x3c\0"
    file(folder, "x.mid", midi(note * 12_000))
    words = ["convert", "x.mid", "-o", "set", "--encoding", "melody_chords", "-q"]
    return [*words, "--set", "encoding.need_chords=false", "--workers", "1"]


@hostile("midi", EITHER)
def a_name_with_a_line_feed_and_an_escape(folder):
    return file(folder, "x\nsymgen: written\x1b[2J.mid", midi(NOTE))
