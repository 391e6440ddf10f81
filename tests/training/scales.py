"""Datasets of scales, in memory."""

import itertools

import numpy as np

from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding

PERFORMANCE = encoding("performance")


def scale(start, count=30):
    """Return a rising and falling scale of `count` notes as performance events."""
    pitches = itertools.islice(itertools.cycle([0, 2, 4, 5, 7, 5, 4, 2]), count)
    steps = [[start + p, 256 + 24, 128 + start + p] for p in pitches]
    return np.array([371, *itertools.chain(*steps)], np.int32)[:, None]


def held(folder, enc, train, held_out):
    """Return a dataset of the events of some pieces; nothing is written."""
    info = {"corpora": [{"name": "scales", "licence": "CC0-1.0"}], "fingerprint": "made"}
    made = Dataset(folder / "data", info, enc, Augment())
    made._halves = {
        "train": Split.of(enc, {f"s{i}": piece for i, piece in enumerate(train)}),
        "eval": Split.of(enc, {f"e{i}": piece for i, piece in enumerate(held_out)}),
    }
    return made


def scales(folder):
    """Return a dataset of fourteen scales, two of them held out."""
    train = [scale(48 + i, 20 + i) for i in range(12)]
    return held(folder, PERFORMANCE, train, [scale(52, 40), scale(57, 25)])
