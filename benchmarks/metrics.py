"""Musical statistics of real pieces, beside MusPy on the nine metrics that both define.

python benchmarks/metrics.py [--corpora FOLDER] [--pieces 200]

The peer runs where it is installed (pip install muspy). Gives CPU milliseconds per piece, without
reading, on the same notes, and the largest difference between the two.
"""

import statistics
import time

import measure

import symgen
from symgen.evaluation.statistics.metrics import make_metrics, measure_all
from symgen.evaluation.statistics.metrics.view import View

THEIRS = {
    "pitch_count": "n_pitches_used",
    "pitch_class_count": "n_pitch_classes_used",
}  # the other names are the same
COMMON = (
    *THEIRS,
    "pitch_range",
    "pitch_entropy",
    "pitch_class_entropy",
    "scale_consistency",
    "polyphony",
    "polyphony_rate",
    "empty_beat_rate",
)


def milliseconds(work, pieces):
    """Return the median CPU milliseconds per piece, and the results."""
    found, made = [], []
    for piece in pieces:
        begin = time.process_time()
        made.append(work(piece))
        found.append(1e3 * (time.process_time() - begin))
    return statistics.median(found), made


def as_muspy(muspy, sequence):
    """Return the notes of a piece as MusPy's."""
    ticks, tracks = View(sequence).ticks, {}
    for note, start, end in zip(
        sequence.notes, ticks.start.tolist(), ticks.end.tolist(), strict=True
    ):
        track = tracks.setdefault(bool(note["is_drum"]), muspy.Track(is_drum=bool(note["is_drum"])))
        track.notes.append(
            muspy.Note(
                time=start,
                pitch=int(note["pitch"]),
                duration=end - start,
                velocity=int(note["velocity"]),
            )
        )
    return muspy.Music(resolution=ticks.quarter, tracks=list(tracks.values()))


def rows(args):
    """Yield the rows, if the music is found."""
    for folder, pattern in (
        ("piano_performances", "*/*.mid*"),
        ("calm_piano", "*.mid"),
        ("nottingham/MIDI", "*.mid"),
    ):
        if not measure.there(args.corpora / folder):
            continue
        paths = sorted((args.corpora / folder).glob(pattern))
        pieces = [symgen.read(path) for path in paths[:: max(3 * len(paths) // args.pieces, 1)]]
        every, common = make_metrics(), make_metrics(COMMON)
        base, _ = milliseconds(lambda piece, every=every: measure_all(piece, every), pieces)
        notes = statistics.median(map(len, pieces))
        yield (
            f"{len(every)} metrics, {folder}",
            base,
            "ms a piece",
            f"{len(pieces)} pieces, median {notes:.0f} notes",
        )
        if args.no_peer:
            continue
        try:
            import muspy
        except ImportError:
            continue
        mine, figures = milliseconds(
            lambda piece, common=common: measure_all(piece, common), pieces
        )
        took, theirs = milliseconds(
            lambda music: {name: getattr(muspy, THEIRS.get(name, name))(music) for name in COMMON},
            [as_muspy(muspy, piece) for piece in pieces],
        )
        apart = max(
            abs(one[name] - other[name])
            for one, other in zip(figures, theirs, strict=True)
            for name in COMMON
        )
        yield f"{len(common)} metrics, {folder}", mine, "ms a piece", "those of MusPy"
        yield (
            f"peer: MusPy, {len(common)} metrics, {folder}",
            took,
            "ms a piece",
            f"{measure.ratio(took, mine)} as long; largest difference {apart:.1g}",
        )


if __name__ == "__main__":
    args = measure.options(__doc__, pieces=200)
    measure.run(args, rows(args))
