"""MIDI files spelled out in bytes, for the tests of the notes room."""

END = bytes.fromhex("00 ff 2f 00")


def track(*events, end=END):
    """Frame a track; events are hexadecimal text or bytes."""
    body = b"".join(bytes.fromhex(e) if isinstance(e, str) else e for e in events) + end
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def midi(*tracks, kind=1, division=480, count=None):
    """Frame a file; a track is given framed, or as a list of events."""
    framed = [t if isinstance(t, bytes) else track(*t) for t in tracks]
    claimed = len(framed) if count is None else count
    return (
        b"MThd"
        + bytes.fromhex("00000006")
        + b"".join(v.to_bytes(2, "big") for v in (kind, claimed, division))
        + b"".join(framed)
    )


def vlq(value):
    """Spell a variable-length number."""
    digits = [value & 127]
    while value := value >> 7:
        digits.append(value & 127 | 128)
    return bytes(reversed(digits))
