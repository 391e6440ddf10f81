"""MIDI files small enough to be written by hand."""

import struct


def midi(*velocities, pedal=False):
    """Return a MIDI file of type 0, 120 to the minute: one quarter note of half a second for each velocity."""
    events = b"\x00\xb0\x40\x7f" if pedal else b""
    for i, velocity in enumerate(velocities):
        events += bytes([0x00, 0x90, 60 + i % 12, velocity]) + bytes([0x60, 0x80, 60 + i % 12, 0])
    events += (b"\x00\xb0\x40\x00" if pedal else b"") + b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(events)) + events
