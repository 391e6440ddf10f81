"""Notes to sound, and to a picture. `render` does both; `synths` is the registry of what can play."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from symgen import files
from symgen.errors import BadOption, DataError
from symgen.notes.sequence import NoteSequence
from symgen.registry import Registry
from symgen.rendering.base import Progress, Synth

synths = Registry(
    "synth",
    {
        "fluidsynth": "symgen.rendering.fluidsynth:Fluidsynth",
        "soundfont": "symgen.rendering.soundfont.synth:Soundfont",
    },
)

PICTURE = ".png"
SOUNDS = (".wav", ".flac", ".ogg", ".mp3")

__all__ = ["Progress", "Rendered", "Synth", "render", "synthesiser", "synths"]


@dataclass(frozen=True)
class Rendered:
    """What was written. `peak` and `loudness` (RMS) are in decibels under full scale; None and "" where it is a picture."""

    path: Path
    seconds: float
    peak: float | None = None
    loudness: float | None = None
    synth: str = ""
    soundfont: str = ""
    warnings: tuple[
        str, ...
    ] = ()  # one line for each thing mended in reading, or not played as asked


def synthesiser(
    synth: str | None = None, soundfont: str | os.PathLike[str] | None = None
) -> tuple[str, Synth]:
    """Return a synth and its name: the one asked for, else fluidsynth where it is installed, else the built-in player.

    The soundfont is checked here: ReadError where it is missing or is none. UnknownName where there is no such synth.
    """
    name = synth or ("fluidsynth" if shutil.which("fluidsynth") else "soundfont")
    made: Synth = synths.make({"name": name, "soundfont": os.fspath(soundfont or "")})
    made.font  # noqa: B018 - raises
    return name, made


def render(
    source: NoteSequence | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    soundfont: str | os.PathLike[str] | None = None,
    synth: str | None = None,
    force: bool = False,
    rate: int = 44100,
    progress: Progress | None = None,
) -> Rendered:
    """Render a piece, or the file of one, as the extension of `output` says: WAV, FLAC, OGG, MP3, or PNG for a picture.

    A tune of one instrument with chord symbols is heard with its chords played (`symgen.notes.accompany`).

    `rate` is in frames a second. The same notes give the same bytes. BadOption for an extension, a rate or a synth that
    cannot be used; ReadError for a source or a soundfont that cannot be read; DataError where there are no notes, or
    where `output` exists and `force` is off.
    """
    path = Path(output)
    suffix = path.suffix.lower()
    if suffix not in (*SOUNDS, PICTURE):
        raise BadOption(
            f"{path}: no sound or picture ends in {suffix or 'nothing'!r}; known: {', '.join((*SOUNDS, PICTURE))}"
        )
    files.refuse_overwrite(path, force)
    if suffix == PICTURE:
        return _picture(_sequence(source), path)
    return _sound(source, path, rate, *synthesiser(synth, soundfont), progress)


def _sound(
    source: NoteSequence | str | os.PathLike[str],
    path: Path,
    rate: int,
    name: str,
    synth: Synth,
    progress: Progress | None,
) -> Rendered:
    from symgen.rendering import audio

    audio.check(path.suffix.lower(), rate)
    sequence = _played(_sequence(source))
    if sequence.total_time > audio.LONGEST * 3600:
        raise DataError(
            f"{sequence.source.path or 'the piece'}: {sequence.total_time / 3600:.1f} hours long, over the "
            f"{audio.LONGEST:.0f} that are rendered; cut it first"
        )
    said = dict.fromkeys(sequence.source.warnings)
    blocks = synth.play(sequence, rate, lambda line: said.setdefault(line), progress)
    seconds, peak, loudness = audio.save(blocks, path, rate)
    return Rendered(path, seconds, peak, loudness, name, str(synth.font), tuple(said))


def _played(sequence: NoteSequence) -> NoteSequence:
    """Return the piece as it is heard: of one instrument and chord symbols, with the chords played."""
    notes = sequence.notes
    if (
        not len(sequence.chords)
        or notes["is_drum"].any()
        or (notes["instrument"] != notes["instrument"][0]).any()
    ):
        return sequence
    from symgen.notes.accompany import accompany

    return accompany(sequence)


def _picture(sequence: NoteSequence, path: Path) -> Rendered:
    from symgen.rendering import pianoroll

    pianoroll.save(sequence, path)
    return Rendered(path, sequence.total_time)


def _sequence(source: NoteSequence | str | os.PathLike[str]) -> NoteSequence:
    from symgen import notes

    sequence = source if isinstance(source, NoteSequence) else notes.read(Path(source))
    if not len(sequence):
        raise DataError(f"{sequence.source.path or 'the piece'}: no notes, nothing to render")
    return sequence
