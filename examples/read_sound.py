"""Read a dataset of sound with NumPy alone, and write a crop of a track as WAV.

python examples/read_sound.py data/my-songs-mu_law crop.wav

A shard is raw bytes, `[samples, fields]`: here one field of mu-law, y = sign(x) ln(1 + 255 |x|) /
ln(256), of which value 128 is silence. Only the crop is read from the disk.
"""

import json
import sys
import wave
from pathlib import Path

import numpy as np


def crop(folder, seconds=5.0, seed=0):
    """Return float samples of a random place of a random training track, and the rate."""
    info = json.loads((Path(folder) / "dataset.json").read_text())
    rate = info["encoding"]["rate"]
    tracks = [piece for piece in info["pieces"] if piece["half"] == "train"]
    rng = np.random.default_rng(seed)
    track = tracks[rng.integers(len(tracks))]
    shard = np.memmap(Path(folder) / track["shard"], np.uint8, "r")
    start = track["at"] + rng.integers(max(track["events"] - int(seconds * rate), 0) + 1)
    stop = min(start + int(seconds * rate), track["at"] + track["events"])
    curve = (2.0 * shard[start:stop] - 256) / 255
    return np.sign(curve) * np.expm1(np.abs(curve) * np.log(256)) / 255, rate


def main(folder, path):
    """Write the crop as 16-bit WAV."""
    samples, rate = crop(folder)
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(np.int16(np.clip(samples, -1, 1) * 32767).tobytes())
    print(f"{path}: {len(samples) / rate:g} s at {rate} Hz")


if __name__ == "__main__":
    main(*sys.argv[1:])
