"""Play through the fluidsynth program, if it is installed.

It reads a temporary MIDI file and writes a 16-bit WAV file. Its exit code does not report a missing
soundfont, so the font is checked first. It clips, so a sound that reaches full scale is rendered
again with less gain.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symgen.errors import DataError, printable
from symgen.notes.sequence import NoteSequence
from symgen.process import run_guarded
from symgen.rendering.base import Block, Progress, Synth, Warn
from symgen.rendering.soundfont import fonts, sf2

GAINS = (0.6, 0.1, 0.02)
CLIPPED = 32_000  # of 32767
CHUNK = 1 << 16
PATIENCE = 60.0  # seconds to wait, plus the length of the piece
OUTPUT = 160  # last characters of its output that go into an error


@dataclass(frozen=True)
class Fluidsynth(Synth):
    """Plays with the given soundfont, else the system's, else the one that pretty_midi ships."""

    @property
    def font(self) -> Path:
        """The soundfont that is used; ReadError if it is missing or not a soundfont."""
        path = Path(self.soundfont) if self.soundfont else fonts.system() or fonts.shipped()
        sf2.check_header(path)
        return path

    def play(
        self, sequence: NoteSequence, rate: int, warn: Warn, progress: Progress | None = None
    ) -> Iterator[Block]:
        """Yield the sound of `sequence`; DataError if fluidsynth fails or takes too long."""
        from symgen import notes

        program = shutil.which("fluidsynth")
        if program is None:
            raise DataError("fluidsynth is not installed; install it, or use --synth soundfont")
        with tempfile.TemporaryDirectory() as folder:
            midi, wave = Path(folder, "piece.mid"), Path(folder, "piece.wav")
            notes.write(sequence, midi)
            for gain in GAINS:
                run(
                    [
                        program,
                        "-n",
                        "-i",
                        "-g",
                        str(gain),
                        "-r",
                        str(rate),
                        "-F",
                        str(wave),
                        str(self.font.resolve()),
                        str(midi),
                    ],
                    wave,
                    PATIENCE + sequence.total_time,
                )
                if loudest(wave) < CLIPPED:
                    break
            if progress is not None:
                progress(1, 1, "rendering")
            yield from blocks(wave)


def run(command: list[str], wave: Path, patience: float) -> None:
    """Run fluidsynth; DataError with one line unless it writes `wave`.

    It ends with this process, even if that is killed, and so does the folder of `wave`.
    """
    try:
        code, printed = run_guarded(command, wave.parent, patience)
    except subprocess.TimeoutExpired:
        raise DataError(
            f"fluidsynth did not finish in {patience:.0f} s; use --synth soundfont"
        ) from None
    except OSError as error:
        raise DataError(
            f"fluidsynth could not be started: {error.strerror or error}; use --synth soundfont"
        ) from None
    output = " ".join(printed.split())
    if code or not wave.is_file() or wave.stat().st_size <= 44:
        raise DataError(
            f"fluidsynth failed (exit {code}): "
            f"{printable(output)[-OUTPUT:] or 'it wrote no sound'}; use --synth soundfont"
        )


def loudest(wave: Path) -> int:
    """Return the greatest absolute sample of a 16-bit file."""
    import soundfile

    with soundfile.SoundFile(wave) as sound:
        return max(
            (int(np.abs(b.astype(np.int32)).max()) for b in sound.blocks(CHUNK, dtype="int16")),
            default=0,
        )


def blocks(wave: Path) -> Iterator[Block]:
    """Yield the frames of a WAV file as float32 [frames, 2]."""
    import soundfile

    with soundfile.SoundFile(wave) as sound:
        yield from (np.array(b) for b in sound.blocks(CHUNK, dtype="float32", always_2d=True))
