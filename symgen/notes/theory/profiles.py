"""What share of the sounding time each pitch class takes in real music in a key.

Measured on the 118 recorded piano performances of ASAP (Foscarin and others, ISMIR 2020) and 53 of the pieces of
piano-midi.de, pedal applied, in the 754 of their stretches of 20 seconds whose key is clear: the profile of Krumhansl and
Kessler of one key (see `symgen.notes.theory.keys`) correlates with what sounds by 0.8 or more, and by 0.15 more than that of any
other. The means of the shares, moved to a tonic of C: of 501 stretches in major and 253 in minor. 91 % lie in the scale in
major, 94 % in minor (with both sixths and sevenths).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.notes.theory.scales import Key

Floats = npt.NDArray[np.float64]

MAJOR = (
    0.2540,
    0.0122,
    0.0873,
    0.0132,
    0.1400,
    0.1076,
    0.0181,
    0.1878,
    0.0205,
    0.0766,
    0.0261,
    0.0565,
)
MINOR = (
    0.2337,
    0.0250,
    0.0795,
    0.1658,
    0.0180,
    0.0880,
    0.0191,
    0.1689,
    0.0947,
    0.0177,
    0.0461,
    0.0436,
)
PEAKED = 1.5  # power of the shares that are told: see `window`


def profile(key: Key) -> Floats:
    """Return float64 `[12]`, which sum to 1: the shares of C to B in music in `key`.

    A mode other than major and minor takes the table that has its third, with the weight of a pitch class outside it moved
    to its neighbour inside that the table lacks.
    """
    minor = bool(key.mask[(key.tonic + 3) % 12]) and not key.mask[(key.tonic + 4) % 12]
    shares, inside = np.array(MINOR if minor else MAJOR), np.roll(key.mask, -key.tonic)
    usual = np.zeros(12, bool)
    usual[[0, 2, 3, 5, 7, 8, 9, 10, 11] if minor else [0, 2, 4, 5, 7, 9, 11]] = True
    for wanted in np.flatnonzero(inside & ~usual):
        for lost in ((wanted - 1) % 12, (wanted + 1) % 12):
            if not inside[lost] and shares[lost] > shares[wanted]:
                shares[wanted], shares[lost] = shares[lost], shares[wanted]
    return np.asarray(np.roll(shares / shares.sum(), key.tonic), np.float64)


def window(key: Key) -> Floats:
    """Return float64 `[12]`, which sum to 1: what a model is told where `key` is asked, the shares of a window of 5 s.

    A model is told histograms of 5 s in training, and 5 s have fewer pitch classes than their mean: those of MAESTRO's
    validation half that correlate with a key by 0.8 have 2.71 bits in the middle, the means above 3.04 and 3.13. To the power
    PEAKED the means have 2.65 and 2.76. Told as they are, they stand for music that is more chromatic than it is in the key.
    """
    shares = profile(key) ** PEAKED
    return np.asarray(shares / shares.sum(), np.float64)
