"""Memory of converting as music grows: the same pieces 1, 4 and 16 times, and one file of hours.

python benchmarks/memory.py [--corpora FOLDER] [--repeats 1]

Peak memory is that of the command and its workers at once. Each copy of a piece is transposed by a
different number of semitones, so that no two have the same events. The file of hours is one piece:
all notes of a corpus in a row.
"""

import sys
import tempfile
from pathlib import Path

import measure
import numpy as np

import symgen

PEER = "import sys, note_seq; note_seq.midi_file_to_note_sequence(sys.argv[1])"


def copies(pieces, folder, times):
    """Write each piece `times` times in different keys, without pedal; return the notes."""
    folder.mkdir()
    for i, piece in enumerate(pieces):
        for k in range(times):
            notes = piece.notes.copy()
            notes["pitch"] = (notes["pitch"].astype(int) + k - 8).clip(0, 127)
            symgen.write(symgen.NoteSequence(notes), folder / f"{i:03d}-{k:02d}.mid")
    return times * sum(len(piece) for piece in pieces)


def row_of(pieces):
    """Return all pieces as one."""
    notes, time = [], 0.0
    for piece in pieces:
        moved = piece.notes.copy()
        moved["start_time"] += time
        moved["end_time"] += time
        notes.append(moved)
        time += piece.total_time
    return symgen.NoteSequence(np.concatenate(notes))


def rows(args):
    """Yield all rows, if the music is found."""
    source = args.corpora / "calm_piano"
    if not measure.there(source):
        return
    pieces = [piece.sequence for piece in symgen.pieces(source)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for times in (1, 4) if args.quick else (1, 4, 16):
            copies(pieces, folder / str(times), times)
            _, cpu, peak, notes = measure.convert(folder / str(times), folder / "out", 2)
            yield f"convert {times} x, peak", peak, "MB", f"{notes:,} notes, two workers"
            yield (
                f"convert {times} x",
                cpu / notes * 1e6,
                "us a note",
                f"CPU {cpu:.1f} s, start-up and two workers included",
            )
        path = symgen.write(row_of(pieces), folder / "hours.mid")
        _, cpu, peak, notes = measure.convert(path, folder / "out", 1)
        hours = sum(piece.total_time for piece in pieces) / 3600
        yield (
            "convert one file of hours, peak",
            peak,
            "MB",
            f"{notes:,} notes in {hours:.1f} hours, one process, CPU {cpu:.1f} s",
        )
        yield from () if args.no_peer else peer(path)


def peer(path):
    """Yield the memory that note_seq needs for that file."""
    try:
        import note_seq  # noqa: F401
    except ImportError:
        return
    _, cpu, peak = measure.command([sys.executable, "-c", PEER, str(path)])
    yield "peer: note_seq, that file, peak", peak, "MB", f"reading alone, CPU {cpu:.1f} s"


if __name__ == "__main__":
    args = measure.options(__doc__)
    measure.run(args, rows(args))
