"""The meter of a played piece and its first bar line, from the salience of its beats."""

from __future__ import annotations

import numpy as np

from symgen.types import Floats

METERS = {2: {4: (4, 4), 3: (3, 4)}, 3: {2: (6, 8)}}
"""By the parts of a beat and the beats of a bar; the first is usual. 9/8 has to be asked for."""
SURE = 1.25  # how much clearer the second meter must be


def beats_of(numerator: int, denominator: int) -> tuple[int, int]:
    """Return the beats of a bar, and 3 if the meter is compound, else 2."""
    if denominator >= 8 and numerator % 3 == 0:
        return numerator // 3, 3
    return numerator, 2


def found(salience: Floats, parts: int) -> tuple[int, int, int]:
    """Return numerator, denominator, and the number of the first beat that begins a bar.

    `salience` is that of the onset at each beat, or 0.
    """
    options = [(_clear(salience, beats), beats) for beats in METERS[parts]]
    (usual, beats), *others = options
    for score, other in others:
        if score[0] > SURE * usual[0]:
            beats = other
    return *METERS[parts][beats], downbeat(salience, beats)


def downbeat(salience: Floats, beats: int) -> int:
    """Return the number of the first beat of a bar of `beats` beats, below `beats`."""
    return _clear(salience, beats)[1]


def _clear(salience: Floats, beats: int) -> tuple[float, int]:
    """Return how much more salient one beat of each bar is, in standard errors, and which it is."""
    if len(salience) < 2 * beats:
        return 0.0, 0
    deviation = float(salience.std()) or 1.0
    scores = []
    for k in range(beats):
        mine = salience[k::beats]
        scores.append((mine.mean() - salience.mean()) / deviation * len(mine) ** 0.5)
    best = int(np.argmax(scores))
    return float(scores[best]), best
