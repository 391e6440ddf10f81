"""A small dataset of performances on disk, for evaluations of bundles."""

import numpy as np

from symgen import convert, notes
from symgen.notes.sequence import NoteSequence, notes_of


def dataset(path):
    """Convert six invented pieces of 40 s, the last of 8 s; the last two are held out."""
    corpus = path.parent / "corpus"
    rows = ["file,split"]
    for i in range(6):
        rng = np.random.default_rng(i)
        seconds = 8 if i == 5 else 40
        times = np.arange(0, seconds, 0.25)
        pitches = 48 + np.cumsum(rng.integers(-3, 4, len(times))) % 36
        loud = rng.integers(30, 100, len(times))
        piece = [
            (int(p), int(v), float(t), float(t) + 0.3)
            for p, v, t in zip(pitches, loud, times, strict=True)
        ]
        notes.write(NoteSequence(notes=notes_of(piece)), corpus / f"piece{i}.mid")
        rows.append(f"piece{i}.mid,{'validation' if i > 3 else 'train'}")
    (corpus / "metadata.csv").write_text("\n".join(rows) + "\n")
    return convert(corpus, output=path)
