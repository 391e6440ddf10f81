"""note_seq as the measure: read and sustained by it, as rows that compare."""

import os
import warnings
import zipfile

from symgen.notes.interop.note_seq import message_class

message_class()  # imports note_seq with its dependencies' own warnings silenced

EVERY = int(os.environ.get("SYMGEN_TEST_EVERY", "8"))  # one real file in so many; 1 reads them all
FIELDS = ["pitch", "velocity", "start_time", "end_time", "instrument", "program", "is_drum"]
CONTROLS = ["time", "control_number", "control_value", "instrument", "program", "is_drum"]


def real_files(corpora, name):
    """Yield (name, bytes) of some files of a corpus; of MAESTRO up to 100 undamaged ones."""
    if name == "maestro":
        with zipfile.ZipFile(corpora / "maestro-v2.0.0-midi-train-validation.zip") as archive:
            names = sorted(n for n in archive.namelist() if n.endswith(".midi"))[:: 7 * EVERY][:150]
            whole = [(n, archive.read(n)) for n in names]
        yield from [(n, data) for n, data in whole if _whole(data)][:100]
    else:
        files = sorted((corpora / name).rglob("*.mid*"))
        yield from ((str(path), path.read_bytes()) for path in files[::EVERY])


def _whole(data):
    """Whether the last track is as long as it claims: others lost bytes on the way."""
    at = 14
    while at < len(data):
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return at == len(data)


def note_seq_read(data):
    from note_seq import midi_io

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return midi_io.midi_to_note_sequence(data)


def note_seq_sustain(message):
    from note_seq import sequences_lib

    return sequences_lib.apply_sustain_control_changes(message)


def rows(table, fields):
    """Return the rows of a structured array or a repeated field, as plain tuples."""
    if hasattr(table, "dtype"):
        return table[fields].tolist()
    return [tuple(getattr(row, field) for field in fields) for row in table]
