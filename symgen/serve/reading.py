"""Reads a theme that a listener uploads, in a process of its own with caps on time and memory.

It reads the bytes of a file from standard input and prints the theme as JSON, or {"error": ...}.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import symgen
from symgen.errors import DataError, ReadError, SymgenError, printable
from symgen.limits import Limits, using
from symgen.notes.sequence import NoteSequence
from symgen.serve.live.theme import LONGEST, Theme, theme_from, theme_of

LIMITS = Limits(
    bytes=4 << 20, text=200_000, notes=50_000, events=400_000, tracks=200, pieces=100, seconds=5.0
)
MEMORY = 1 << 30  # bytes
SECONDS = 10  # of processor time
PATIENCE = 20.0  # seconds


def read_theme(data: bytes, name: str) -> Theme:
    """Return the theme in the bytes of a file called `name`. ReadError, or DataError."""
    from symgen.audio.reading.soundfiles import SUFFIXES as RECORDINGS
    from symgen.notes import SUFFIXES

    suffix = Path(name).suffix.lower()
    if suffix not in (*SUFFIXES, *RECORDINGS):
        known = " ".join((*SUFFIXES, *RECORDINGS))
        raise ReadError(name[-60:], f"no music that symgen reads; known: {known}")
    command = [sys.executable, "-P", "-m", "symgen.serve.reading", suffix]
    kept = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "LANG") if key in os.environ}
    places = [str(Path(symgen.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    environment = {**kept, **threads, "PYTHONPATH": os.pathsep.join(filter(None, places))}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=PATIENCE, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise ReadError(
            name[-60:], f"not read within {PATIENCE:g} s; use a shorter theme"
        ) from None
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise ReadError(name[-60:], "takes too much to read; use a shorter theme") from None
    if "error" in found:
        raise DataError(printable(found["error"]).removeprefix(f"theme{suffix}: "))
    return theme_from(found)


def main() -> None:
    """Read, and print what was found."""
    _cap()
    name = f"theme{sys.argv[1]}"
    try:
        print(json.dumps(_theme(sys.stdin.buffer.read(), name).document()))
    except (SymgenError, MemoryError, RecursionError) as error:
        print(json.dumps({"error": str(error) or "takes too much memory; use a shorter theme"}))


def _theme(data: bytes, name: str) -> Theme:
    from symgen.audio.reading import is_audio
    from symgen.notes import read_bytes
    from symgen.watch import TooSlow, within

    with using(LIMITS):
        try:
            with within(LIMITS.seconds):
                found = [("", _heard(data, name))] if is_audio(name) else read_bytes(data, name)
        except TooSlow:
            raise LIMITS.refuse(name, "seconds") from None
    piece = found[0][1] if found else ReadError(name, "holds no music")
    if isinstance(piece, ReadError):
        raise piece
    return theme_of(piece)


def _heard(data: bytes, name: str) -> NoteSequence:
    """Return the notes of the beginning of a recording."""
    from symgen.audio.transcription import transcribe

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        try:
            return transcribe(path, seconds=LONGEST)
        except (ReadError, DataError) as error:  # without the name of the folder
            raise DataError(str(error).replace(str(path), name)) from None


def _cap() -> None:
    """Cap memory and time, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


if __name__ == "__main__":
    main()
