"""Controls of whole performances: symgen and note_seq on the same events, in one process.

python benchmarks/controls_speed.py [--corpora FOLDER] [--files 3] [--repeats 5]

The peer needs the extra `interop`. Gives millions of events per second of CPU time on one core: the
median of the repeats; note_seq runs once.
"""

import time

import measure

import symgen
from symgen.controls import compute_all, controls

ENCODING = symgen.encoding("performance")


def seconds(run):
    begin = time.process_time()
    run()
    return time.process_time() - begin


def theirs(pieces):
    """Return note_seq's seconds for each of its two signals, with its inputs."""
    try:
        from note_seq import performance_controls as signals
    except ImportError:
        return {}
    from note_seq.performance_encoder_decoder import PerformanceOneHotEncoding

    class Performance(list):
        steps_per_second = 100

    decoded = [
        Performance(PerformanceOneHotEncoding(32).decode_event(e) for e in events[:, 0].tolist())
        for events in pieces
    ]

    def extracted(signal):
        for piece in decoded:
            values = signal.extract(piece)
            for i in range(len(piece)):
                signal.encoder.events_to_input(values, i)

    bins = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    return {
        "density": seconds(
            lambda: extracted(signals.NoteDensityPerformanceControlSignal(3.0, bins))
        ),
        "pitch_histogram": seconds(
            lambda: extracted(signals.PitchHistogramPerformanceControlSignal(5.0))
        ),
    }


def rows(args):
    """Yield all rows, if the music is found."""
    folder = args.corpora / "piano_performances"
    if not measure.there(folder):
        return
    files = sorted(folder.rglob("*.mid"))
    pieces = [
        ENCODING.encode(symgen.read(path))
        for path in files[:: max(len(files) // args.files, 1)][: args.files]
    ]
    events, slow = sum(map(len, pieces)), {} if args.no_peer else theirs(pieces)
    named = [controls.make({"name": name}) for name in controls if controls.load(name).future]
    for name, members in [*((c.name, [c]) for c in named), ("all of them", named)]:
        spent = measure.cpu(
            lambda m=members: [
                compute_all(m, ENCODING, e, {"label/composer": "Bach"}) for e in pieces
            ],
            args.repeats,
        )
        beside = ""
        if name in slow:
            yield (
                f"peer: note_seq, {name}",
                events / slow[name] / 1e6,
                "million events/CPU s",
                f"{events:,} events",
            )
            beside = f"note_seq takes {measure.ratio(slow[name], spent)}"
        yield name, events / spent / 1e6, "million events/CPU s", beside


if __name__ == "__main__":
    args = measure.options(__doc__, files=3)
    measure.run(args, rows(args))
