"""Sound for tests: tones, and files of them."""

import numpy as np
import soundfile

RATE = 16_000
SUBTYPES = {".ogg": ("OGG", "VORBIS"), ".opus": ("OGG", "OPUS"), ".aiff": ("AIFF", "PCM_16")}


def tone(seconds=1.0, rate=RATE, pitch=440.0, peak=0.5):
    """Return a sine of float32 [frames]."""
    time = np.arange(round(seconds * rate)) / rate
    return (peak * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def save(path, sound, rate=RATE, **options):
    """Write sound in the format that the extension names, and return the path."""
    if path.suffix in SUBTYPES:
        options = dict(zip(("format", "subtype"), SUBTYPES[path.suffix], strict=True)) | options
    soundfile.write(path, sound, rate, **options)
    return path


def noise(seconds=1.0, rate=RATE, peak=0.5, seed=0):
    """Return white noise of float32 [frames]."""
    drawn = np.random.default_rng(seed).uniform(-peak, peak, round(seconds * rate))
    return drawn.astype(np.float32)
