"""Short ABC tunes for the tests, and what they come to in quarter notes."""

from symgen.notes import read_bytes

NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
HEADER = {"X": "1", "T": "test", "M": "4/4", "L": "1/4", "K": "C"}


def abc(music, **fields):
    """Return the text of a tune; a field that is None is left out, K: stands last."""
    fields = HEADER | fields
    order = [k for k in fields if k != "K"] + ["K"]
    return "".join(f"{k}:{fields[k]}\n" for k in order if fields[k] is not None) + music + "\n"


def tune(music, **fields):
    """Read a tune of these lines of music."""
    ((_, sequence),) = read_bytes(abc(music, **fields).encode(), "test.abc")
    if isinstance(sequence, Exception):
        raise sequence
    return sequence


def pitches(sequence, instrument=0):
    return sequence.notes["pitch"][sequence.notes["instrument"] == instrument].tolist()


def lengths(sequence, instrument=0):
    """Durations in quarters of a tune without tempo."""
    notes = sequence.notes[sequence.notes["instrument"] == instrument]
    return [round(x * 2, 6) for x in (notes["end_time"] - notes["start_time"]).tolist()]


def starts(sequence, instrument=0):
    return [
        round(x * 2, 6)
        for x in sequence.notes["start_time"][sequence.notes["instrument"] == instrument].tolist()
    ]


def meters(sequence):
    """Rows of the meter as (quarters, "4/4")."""
    return [
        (round(float(r["time"]) * 2, 6), f"{r['numerator']}/{r['denominator']}")
        for r in sequence.time_signatures
    ]


def letters(sequence, instrument=0):
    """Return the names of the notes: C C# D ... from middle C, c c# d ... above."""
    return "".join(
        NAMES[p - 60] if p < 72 else NAMES[p - 72].lower() for p in pitches(sequence, instrument)
    )
