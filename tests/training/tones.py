"""Four soft tones, a little apart, as a dataset of sound."""

import numpy as np
import soundfile

from symgen.dataset import convert

RATE = 2000


def tones(folder, encoding, seconds):
    """Write the tones into `folder`, and return the dataset that they become."""
    (folder / "in").mkdir()
    t = np.arange(round(RATE * seconds)) / RATE
    for number in range(4):
        tone = 0.4 * np.sin(2 * np.pi * (50 + 5 * number) * t)
        soundfile.write(folder / "in" / f"{number}.wav", tone, RATE, "FLOAT")
    return convert(folder / "in", encoding, folder / "data", workers=1)
