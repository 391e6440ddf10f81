"""`symgen doctor`: what is installed, what is missing, and the command that installs it."""

from __future__ import annotations

import os
import re
import sys

import symgen
from symgen.cli.command import command
from symgen.cli.common import Out, common
from symgen.errors import DataError

PARTS = [  # package, extra ("" for a plain install), what it is for
    ("numpy", "", "arrays"),
    ("pretty_midi", "", "exchange, soundfont"),
    ("onnxruntime", "", "sampling"),
    ("soundfile", "", "audio files"),
    ("soxr", "", "recordings at another rate"),
    ("av", "video", "M4A and the sound of videos"),
    ("google_crc32c", "", "checksums"),
    ("rich", "", "progress"),
    ("keras", "train", "training"),
    ("tensorflow", "train", "training"),
    ("onnx", "train", "writing bundles"),
    ("tensorboard", "train", "training curves"),
    ("matplotlib", "plot", "pictures"),
    ("verovio", "sheets", "sheet music as SVG"),
    ("miniaudio", "play", "sound on the sound card"),
    ("starlette", "serve", "the page that plays"),
    ("uvicorn", "serve", "the page that plays"),
    ("wsproto", "serve", "the page that plays"),
    ("music21", "score", "the tunes of aird, oneill and ryan"),
    ("note_seq", "interop", "exchange with note_seq"),
]
HEARS = "transcribing recordings"
FLUIDSYNTH = (
    "not found: the built-in soundfont player renders "
    "(apt install fluidsynth, brew install fluid-synth, choco install fluidsynth)"
)


@command()
@common
def doctor(out: Out) -> None:
    """Show what is installed, which device trains, and what to install.

    Each missing package is listed with the command that installs it.
    """
    import platform
    import shutil
    from importlib.util import find_spec

    rows = [_part(*part) for part in PARTS]
    fluidsynth = shutil.which("fluidsynth")
    transcriber, hint = _transcriber()
    device = _device() if find_spec("keras") else "nothing: Keras is not installed"
    system = {
        "symgen": symgen.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "fluidsynth": fluidsynth,
        "basic-pitch": transcriber,
        "training on": device,
    }
    lines = [f"{k:>14}  {v}" for k, v in system.items() if k not in ("fluidsynth", "basic-pitch")]
    lines.append(f"{'fluidsynth':>14}  {fluidsynth or FLUIDSYNTH}")
    lines.append(f"{'basic-pitch':>14}  {transcriber or 'missing'}  ({HEARS})" + hint)
    lines += [
        f"{r['package']:>14}  {r['version'] or 'missing'}  ({r['use']})"
        + ("" if r["version"] else f": pip install '{r['install']}'")
        for r in rows
    ]
    out.result("\n".join(lines), {**system, "parts": rows})


def _transcriber() -> tuple[str | None, str]:
    """Return the version of the package with the network that transcribes, and what is wrong."""
    from symgen.audio.transcription import network

    try:
        network.graph()
    except DataError as error:
        return None, f": {error}"
    return network.VERSION, ""


def _part(package: str, extra: str, use: str) -> dict[str, str | None]:
    from importlib import metadata, util

    install = f"symgen[{extra}]" if extra else "symgen"
    if util.find_spec(package) is None:
        return {"package": package, "version": None, "use": use, "install": install}
    try:
        version = metadata.version(package.replace("_", "-"))
    except metadata.PackageNotFoundError:
        version = "unknown version"
    return {"package": package, "version": version, "use": use, "install": install}


def _device() -> str:
    """Return the device that trains; a new interpreter finds it, in case a backend crashes."""
    import subprocess

    code = "from symgen.training.loop import backend; print(backend.device())"
    try:
        found = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "nothing: the backend does not start within two minutes"
    if found.returncode == 0:
        return found.stdout.strip()
    last = (found.stderr.strip().splitlines() or ["unknown"])[-1]
    last = re.sub(r"^symgen\.errors\.\w+: ", "", last)
    return f"nothing: the backend does not start ({last})"
