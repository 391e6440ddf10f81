"""MIDI to performance events: symgen beside note_seq's own functions, in one process, turn by turn, on the same files.

python benchmarks/convert.py FOLDER [--files 20] [--repeats 5]     (needs the extra `interop`)

Prints CPU microseconds a note for each step, as median (least to most) over the repeats, and the ratio of the medians.
"""

import argparse
import logging
import statistics
import time
from pathlib import Path

import symgen
from symgen.notes import pedal

ENCODING = symgen.encoding("performance")


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
    events = performance_lib.Performance(sequences_lib.quantize_note_sequence_absolute(held, 100), num_velocity_bins=32)
    ids = performance_encoder_decoder.PerformanceOneHotEncoding(32)
    yield "pedal, grid and encode", [ids.encode_event(e) for e in events]


def seconds(steps, path):
    """The CPU seconds of each step; note_seq's last step is given its pedal's time, which ours includes."""
    spent, begin = {}, time.process_time()
    for name, _ in steps(path):
        spent[name], begin = time.process_time() - begin, time.process_time()
    if steps is theirs:
        spent["pedal, grid and encode"] += theirs.pedal
    return spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    logging.disable()
    paths = sorted(p for p in asked.folder.rglob("*") if p.suffix.lower() in (".mid", ".midi"))[:asked.files]
    notes = sum(len(symgen.read(p)) for p in paths)
    list(theirs(paths[0]))                                    # imports are not what is measured
    print(f"{len(paths)} files, {notes:,} notes; CPU microseconds a note, median (least to most) of {asked.repeats}")
    totals = {who: [{} for _ in range(asked.repeats)] for who in (ours, theirs)}
    for turn in range(asked.repeats):
        for path in paths:
            for who in (ours, theirs):
                for step, spent in seconds(who, path).items():
                    totals[who][turn][step] = totals[who][turn].get(step, 0) + spent / notes * 1e6
    for step in totals[ours][0]:
        mine, peers = ([t[step] for t in totals[who]] for who in (ours, theirs))
        print(f"{step:>24}  symgen {told(mine)}  note_seq {told(peers)}  {statistics.median(peers) / statistics.median(mine):.1f} x")


def told(values):
    return f"{statistics.median(values):7.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
