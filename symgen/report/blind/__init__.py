"""The page of a blind listening test: one file that plays, counts and says the share.

`page` makes it from clips. The answers are in the file, encoded so that they are not read by
chance.
"""

from __future__ import annotations

import base64
import html
import json
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from symgen import __version__
from symgen.evaluation.blind import NORMAL, Clip
from symgen.rendering import render
from symgen.report.writers.sound import mp3, read
from symgen.types import Floats32, Progress

RATE = 32_000  # frames per second
LOUD = 0.08  # RMS of every clip, about -22 dBFS
PEAK = 0.9  # the most that a frame may have
FADE = 0.05  # seconds at both ends
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src data:"
)


def page(
    clips: Sequence[Clip],
    title: str,
    soundfont: str | None = None,
    progress: Progress | None = None,
) -> str:
    """Return the page as HTML. All clips have the same sound, loudness and fades."""
    made = list[dict[str, Any]]()
    for k, clip in enumerate(clips):
        if progress:
            progress(k, len(clips), "rendering clips")
        sound = base64.b64encode(audio(clip, soundfont)).decode()
        made.append({"sound": sound, "generated": clip.generated, "origin": clip.origin})
    test = {"title": title, "normal": NORMAL, "clips": made}
    data = base64.b64encode(json.dumps(test).encode()).decode()
    parts = {
        "POLICY": POLICY,
        "TITLE": html.escape(title),
        "STYLE": _part("page.css"),
        "VERSION": html.escape(__version__),
        "DATA": data,
        "SCRIPT": _part("page.js"),
    }
    out = _part("page.html")
    for name, text in parts.items():
        out = out.replace(f"{{{{{name}}}}}", text)
    return out


def audio(clip: Clip, soundfont: str | None = None) -> bytes:
    """Return a clip as MP3."""
    with tempfile.TemporaryDirectory(prefix="symgen") as folder:
        path = Path(folder) / "clip.wav"
        render(clip.music, path, rate=RATE, soundfont=soundfont)
        frames, rate = read(path)
    whole = round(clip.music.total_time * rate)
    return mp3(level(frames[:whole], rate), rate)


def level(frames: Floats32, rate: int) -> Floats32:
    """Return float32 `[frames, channels]` with the loudness LOUD, and faded at both ends."""
    power = float(np.sqrt(np.mean(np.square(frames)))) if frames.size else 0.0
    peak = float(np.abs(frames).max(initial=0.0))
    if power == 0 or peak == 0:
        return frames
    out = frames * np.float32(min(LOUD / power, PEAK / peak))
    size = min(round(FADE * rate), len(out) // 2)
    ramp = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    out[:size] *= ramp
    out[len(out) - size :] *= ramp[::-1]
    return out


def _part(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
