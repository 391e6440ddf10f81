"""Small networks of symgen's own that judge what the large one proposes.

They are perceptrons of two hidden layers. `judges.npz` holds them; examples/fit_transcriber.py
made them, from random music that it renders with two soundfonts.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from symgen.types import Floats32

FILE = Path(__file__).with_name("judges.npz")


class Judge(NamedTuple):
    """A perceptron: layers of (weights [inputs, outputs], biases [outputs])."""

    layers: tuple[tuple[Floats32, Floats32], ...]

    def __call__(self, rows: Floats32) -> Floats32:
        """Return the probability for each row of features [rows]."""
        values = rows
        *hidden, (weights, biases) = self.layers
        for inner, shift in hidden:
            values = np.maximum(values @ inner + shift, 0)
        found: Floats32 = 1 / (1 + np.exp(-np.clip((values @ weights + biases)[:, 0], -30, 30)))
        return found


class Judges(NamedTuple):
    """The judges: of onsets, of onsets among others, of notes that sound; and loudness.

    `strength` is velocity as a linear function: weights of levels and of the key.
    """

    onset: Judge
    among: Judge
    sounding: Judge
    strength: Floats32


@functools.cache
def judges() -> Judges:
    """Return the judges."""
    with np.load(FILE, allow_pickle=False) as table:
        return of(dict(table))


def of(table: dict[str, Floats32]) -> Judges:
    """Return the judges in a table of arrays, such as `onset.weights.0`."""

    def judge(name: str) -> Judge:
        count = sum(key.startswith(f"{name}.weights.") for key in table)
        pairs = ((table[f"{name}.weights.{i}"], table[f"{name}.biases.{i}"]) for i in range(count))
        return Judge(tuple((w.astype(np.float32), b.astype(np.float32)) for w, b in pairs))

    return Judges(judge("onset"), judge("among"), judge("sounding"), table["strength"])
