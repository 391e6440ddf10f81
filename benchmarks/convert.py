"""MIDI to events and to shards: symgen and note_seq on the same files, alternating in one process.

python benchmarks/convert.py [--corpora FOLDER] [--files 12] [--repeats 5]

The peer needs the extra `interop`. Gives medians of CPU microseconds per note. Then the whole
command `symgen convert`, with start-up, reading, encoding, splitting, shards and checksums; the
whole MAESTRO archive on two cores.
"""

import logging
import statistics
import tempfile
import time
from pathlib import Path

import measure

import symgen
from symgen.notes import pedal

ENCODING = symgen.encoding("performance")
STEPS = ("read", "pedal", "pedal, grid and encode")


def ours(path):
    yield "read", (sequence := symgen.read(path))
    yield "pedal", pedal.sustain(sequence)
    yield "pedal, grid and encode", ENCODING.encode(sequence)


def theirs(path):
    import note_seq
    from note_seq import performance_encoder_decoder, performance_lib, sequences_lib

    yield "read", (sequence := note_seq.midi_file_to_note_sequence(str(path)))
    begin = time.process_time()
    held = sequences_lib.apply_sustain_control_changes(sequence)
    theirs.pedal = time.process_time() - begin
    yield "pedal", held
    events = performance_lib.Performance(
        sequences_lib.quantize_note_sequence_absolute(held, 100), num_velocity_bins=32
    )
    ids = performance_encoder_decoder.PerformanceOneHotEncoding(32)
    yield "pedal, grid and encode", [ids.encode_event(e) for e in events]


def seconds(steps, path):
    """Return the CPU seconds of each step.

    The pedal's time is added to note_seq's last step, because ours includes it.
    """
    spent, begin = {}, time.process_time()
    for name, _ in steps(path):
        spent[name], begin = time.process_time() - begin, time.process_time()
    if steps is theirs:
        spent["pedal, grid and encode"] += theirs.pedal
    return spent


def by_step(args, folder):
    """Yield the time of each step, ours and theirs."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    paths = paths[:: max(len(paths) // args.files, 1)][: args.files]
    paths = paths[:3] if args.quick else paths
    notes, who = sum(len(symgen.read(p)) for p in paths), [ours]
    try:
        if not args.no_peer:
            logging.disable()
            list(theirs(paths[0]))  # so that the import is not measured
            who.append(theirs)
    except ImportError:
        pass
    turns = {one: [dict.fromkeys(STEPS, 0.0) for _ in range(args.repeats)] for one in who}
    for turn in range(args.repeats):
        for path in paths:
            for one in who:
                for step, spent in seconds(one, path).items():
                    turns[one][turn][step] += spent / notes * 1e6
    middle = {
        one: {step: statistics.median(t[step] for t in turns[one]) for step in STEPS} for one in who
    }
    for step in STEPS:
        values = [t[step] for t in turns[ours]]
        more = f"{min(values):.2f} to {max(values):.2f}"
        if theirs in who:
            yield f"peer: note_seq, {step}", middle[theirs][step], "us a note", f"{notes:,} notes"
            more += f"; note_seq takes {measure.ratio(middle[theirs][step], middle[ours][step])}"
        yield f"{step}", middle[ours][step], "us a note", more
    if theirs in who:
        sums = [
            sum(middle[one][step] for step in STEPS if step != "pedal") for one in (ours, theirs)
        ]
        yield (
            "read and encode",
            sums[0],
            "us a note",
            f"note_seq takes {measure.ratio(sums[1], sums[0])}",
        )


def whole(args, source, name, cores):
    """Yield the time of the command on a corpus."""
    measure.pin(*range(cores)) if cores > 1 else measure.pin(args.core)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "data"
        repeats = 1 if args.quick or cores > 1 else args.repeats
        wall, cpu, peak, notes = measure.convert(source, out, cores, repeats)
        size = sum(path.stat().st_size for path in out.iterdir())
    where = f"{cores} core{'s' if cores > 1 else ''}"
    yield (
        f"convert {name}, {where}",
        wall,
        "s",
        f"CPU {cpu:.1f} s, peak {peak:.0f} MB, {notes:,} notes",
    )
    yield f"convert {name}, all in", cpu / notes * 1e6, "us a note", f"CPU time, {where}"
    yield (
        f"dataset of {name}",
        size / notes,
        "bytes per note",
        f"{size / 1e6:.1f} MB with dataset.json",
    )
    measure.pin(args.core)


def rows(args):
    """Yield all rows whose music is found."""
    folder = args.corpora / "piano_performances"
    if measure.there(folder):
        yield from by_step(args, folder)
        yield from whole(args, folder, folder.name, 1)
    archives = [] if args.quick else sorted(args.corpora.glob("maestro*.zip"))
    for archive in archives:
        yield from whole(args, archive, "MAESTRO archive", 2)


if __name__ == "__main__":
    args = measure.options(__doc__, files=12)
    measure.run(args, rows(args))
