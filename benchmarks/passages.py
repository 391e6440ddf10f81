"""Copied passages: the index of a training split, its memory, and the search for a piece in it.

python benchmarks/passages.py [--corpora FOLDER] [--dataset FOLDER] [--notes 5600000] [--repeats 5]

Without a dataset (a folder that `symgen convert` made), the pieces of piano_performances are
indexed repeatedly, each time with every tenth note changed, until there are as many notes as in
MAESTRO.
"""

import multiprocessing
import resource
import tempfile
from pathlib import Path

import measure
import numpy as np

import symgen
from symgen.dataset import Dataset
from symgen.notes import transform
from symgen.similarity.passages import Index


def music(args):
    """Yield (name, piece) pairs."""
    if args.dataset:
        data = Dataset.open(args.dataset)
        half = data.half("train")
        yield from (
            (name, data.encoding.decode(half.events(i), half.contexts[i]))
            for i, name in enumerate(half.ids)
        )
        return
    pieces, count, random = (
        [p.sequence for p in symgen.pieces(args.corpora / "piano_performances")],
        0,
        np.random.default_rng(0),
    )
    for k in range(1000):
        for i, piece in enumerate(pieces):
            if count > args.notes:
                return
            notes = piece.notes.copy()
            notes["pitch"][random.random(len(notes)) < 0.1 * (k > 0)] -= 1
            count += len(notes)
            yield f"{i} {k}", piece.replace(notes=notes)


def built(args, path):
    """Build an index in this process and write it.

    Return its number of notes, its CPU seconds, and the peak memory in MB after and before.
    """
    pieces = list(music(args))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = []
    seconds = measure.cpu(lambda: made.append(Index.build(pieces)), 1)
    made[0].save(path)
    return (
        len(made[0].order),
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        before / 1024,
    )


def rows(args):
    """Yield all rows, if the music is found."""
    if not (args.dataset or measure.there(args.corpora / "piano_performances")):
        return
    args.notes = args.notes // 10 if args.quick else args.notes
    with (
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.get_context("spawn").Pool(1) as pool,
    ):
        path = Path(folder) / "passages.npz"
        notes, seconds, peak, before = pool.apply(built, (args, path))
        yield (
            f"index the passages of {notes:,} notes",
            seconds,
            "s",
            f"CPU time; peak {peak:,.0f} MB, of which the music {before:,.0f} MB",
        )
        yield (
            "the index as a file",
            path.stat().st_size / 1e6,
            "MB",
            f"{path.stat().st_size / notes:.0f} bytes per note",
        )
        yield "read it", measure.cpu(lambda: Index.load(path), args.repeats), "s", "CPU time"
        index, piece = Index.load(path), next(music(args))[1]
        for seconds in (30, piece.total_time):
            some = transform.crop(piece, 0, seconds)
            spent = measure.cpu(
                lambda some=some: (index.longest(some), index.shares(some)), args.repeats
            )
            yield (
                f"look for {seconds:.0f} s of piano in it",
                spent,
                "s",
                f"CPU time; {len(some):,} notes",
            )


if __name__ == "__main__":
    args = measure.options(__doc__, dataset="", notes=5_600_000)
    measure.run(args, rows(args))
