"""Controls of whole performances: symgen beside note_seq's control signals, in one process, on the same events.

python benchmarks/controls_speed.py FOLDER [--files 3] [--repeats 5]     (needs the extra `interop`)

Prints events a second of one core (CPU time): the best of the repeats, and for note_seq one run.
"""

import argparse
import time
from pathlib import Path

import symgen
from symgen.encoding.controls import compute_all, controls

ENCODING = symgen.encoding("performance")


def seconds(run):
    begin = time.process_time()
    run()
    return time.process_time() - begin


def theirs(pieces):
    """note_seq's seconds for each of its two signals, its inputs included."""
    from note_seq import performance_controls as signals
    from note_seq.performance_encoder_decoder import PerformanceOneHotEncoding

    class Performance(list):
        steps_per_second = 100

    decoded = [Performance(PerformanceOneHotEncoding(32).decode_event(e) for e in events[:, 0].tolist()) for events in pieces]

    def told(signal):
        for piece in decoded:
            values = signal.extract(piece)
            for i in range(len(piece)):
                signal.encoder.events_to_input(values, i)
    bins = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    return {"density": seconds(lambda: told(signals.NoteDensityPerformanceControlSignal(3.0, bins))),
            "pitch_histogram": seconds(lambda: told(signals.PitchHistogramPerformanceControlSignal(5.0)))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.mid"))
    pieces = [ENCODING.encode(symgen.read(path)) for path in files[::max(len(files) // options.files, 1)][:options.files]]
    events, slow = sum(map(len, pieces)), theirs(pieces)
    print(f"{len(pieces)} pieces, {events:,} events")
    asked = [controls.make({"name": name}) for name in controls if controls.load(name).asked]
    for name, members in [*((c.name, [c]) for c in asked), ("all of them", asked)]:
        best = min(seconds(lambda m=members: [compute_all(m, ENCODING, e, {"label/composer": "Bach"}) for e in pieces])
                   for _ in range(options.repeats))
        beside = f"; note_seq {events / slow[name]:,.0f}, {slow[name] / best:,.0f} times" if name in slow else ""
        print(f"{name:>16} {events / best / 1e6:6.2f} million events a second{beside}")


if __name__ == "__main__":
    main()
