"""Clips of random playing, rendered with soundfonts and made worse, and the frames of each."""

import io
from pathlib import Path

import numpy as np
import playing
import soundfile

from symgen.audio import reading
from symgen.audio.transcription import frames as framing
from symgen.audio.transcription.network import network
from symgen.notes.pedal import sustain
from symgen.rendering import render

TRUTH = ("pitch", "start_time", "end_time", "velocity")
PROGRAMS = (0, 0, 0, 1)  # acoustic grand piano, and the bright one
KBITS_64 = 0.889  # the compression level of libsndfile that is about 64 kbit/s at 44,100 Hz


def clip(folder, number, fonts, seconds=60.0):
    """Return the frames and the notes, as long as they sound, of a clip; it is made once."""
    made = Path(folder) / f"{number}.npz"
    if not made.exists():
        notes, sound = Path(folder) / f"{number}.notes.npy", Path(folder) / f"{number}.wav"
        piece = playing.piece(number, seconds, PROGRAMS)
        np.save(notes, sustain(piece).notes)
        render(piece, sound, soundfont=fonts[number % len(fonts)], force=True)
        worsen(sound, np.random.default_rng(number + 1000))
        blocks = (block[:, 0] for block in reading.blocks(sound, framing.RATE))
        parts = list(framing.frames(blocks, network()))
        joined = framing.Frames(*(np.concatenate(each) for each in zip(*parts, strict=True)))
        small = {name: each.astype(np.float16) for name, each in joined._asdict().items()}
        np.savez(made, **small, notes=np.load(notes))
        sound.unlink()
        notes.unlink()
    table = np.load(made)
    columns = (table[name].astype(np.float32) for name in framing.Frames._fields)
    return framing.Frames(*columns), table["notes"]


def worsen(path, rng):
    """Tilt the spectrum, add noise, change the loudness, and compress, each in some clips."""
    sound, rate = soundfile.read(path, dtype="float32")
    sound = sound.mean(1)
    if rng.random() < 0.5:
        sound[1:] += rng.uniform(-0.5, 0.5) * sound[:-1]
    peak = np.abs(sound).max()
    if rng.random() < 0.35:
        sound += rng.normal(0, 10 ** rng.uniform(-4, -2.3) * peak, len(sound)).astype(np.float32)
    sound *= rng.uniform(0.1, 0.95) / np.abs(sound).max()
    if rng.random() < 0.35:
        packed = io.BytesIO()
        level = {"bitrate_mode": "CONSTANT", "compression_level": KBITS_64}
        soundfile.write(packed, sound, rate, format="MP3", **level)
        packed.seek(0)
        sound, rate = soundfile.read(packed, dtype="float32")
    soundfile.write(path, sound, rate)
