"""Render notes as sound or as a picture. `synths` is the registry of synthesisers."""

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
SILENT = ("texts", "lyrics", "markers", "cue points")
SOUNDS = (".wav", ".flac", ".ogg", ".mp3")

__all__ = ["Progress", "Rendered", "Synth", "playable", "render", "synthesiser", "synths"]


@dataclass(frozen=True)
class Rendered:
    """What `render` wrote. `peak` and `loudness` (RMS) are in dBFS; a picture has none."""

    path: Path
    seconds: float
    peak: float | None = None
    loudness: float | None = None
    synth: str = ""
    soundfont: str = ""
    warnings: tuple[str, ...] = ()  # repairs made in reading, and what could not be played


def synthesiser(
    synth: str | None = None, soundfont: str | os.PathLike[str] | None = None
) -> tuple[str, Synth]:
    """Return the name of a synthesiser and the synthesiser.

    Without `synth` it is fluidsynth if that is installed, else the built-in one. Raises ReadError
    if the soundfont is missing or not a soundfont, and UnknownName if there is no such synthesiser.
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
    """Render a piece or a file as WAV, FLAC, OGG, MP3 or PNG, by the extension of `output`.

    If a tune of one instrument has chord symbols, its chords are played too
    (`symgen.notes.accompany`). `rate` is in frames per second. The same notes give the same bytes.

    Raises BadOption for an unusable extension, rate or synthesiser, ReadError if the source or the
    soundfont cannot be read, and DataError if there are no notes, or if `output` exists and `force`
    is off.
    """
    path = Path(output)
    suffix = path.suffix.lower()
    if suffix not in (*SOUNDS, PICTURE):
        raise BadOption(
            f"{path}: no sound or picture ends in {suffix or 'nothing'!r}; "
            f"known: {', '.join((*SOUNDS, PICTURE))}"
        )
    files.refuse_overwrite(path, force)
    if suffix == PICTURE:
        return _picture(_sequence(source), path, force)
    return _sound(source, path, rate, *synthesiser(synth, soundfont), progress, force)


def _sound(
    source: NoteSequence | str | os.PathLike[str],
    path: Path,
    rate: int,
    name: str,
    synth: Synth,
    progress: Progress | None,
    force: bool,
) -> Rendered:
    from symgen.rendering import audio

    audio.check(path.suffix.lower(), rate)
    sequence = playable(source)
    if sequence.total_time > audio.LONGEST * 3600:
        raise DataError(
            f"{sequence.source.path or 'the piece'}: {sequence.total_time / 3600:.1f} hours long, "
            f"but at most {audio.LONGEST:.0f} hours are rendered; cut it first"
        )
    warnings = dict.fromkeys([*sequence.source.warnings, *_unplayed(sequence)])
    blocks = synth.play(sequence, rate, lambda line: warnings.setdefault(line), progress)
    seconds, peak, loudness = audio.save(blocks, path, rate, force)
    return Rendered(path, seconds, peak, loudness, name, str(synth.font), tuple(warnings))


def playable(source: NoteSequence | str | os.PathLike[str]) -> NoteSequence:
    """Return the notes to play, those of chord symbols too where a tune has them.

    Raises ReadError if the source cannot be read, and DataError if it has no notes.
    """
    return _played(_sequence(source))


def _unplayed(sequence: NoteSequence) -> list[str]:
    """Return lines on what the file has that would sound and is left out."""
    counts = sequence.source.left_out
    return [f"{n:,} x {what} left out" for what, n in counts.items() if what not in SILENT]


def _played(sequence: NoteSequence) -> NoteSequence:
    """Return the piece with its chord symbols played, if it has one instrument and no drums."""
    notes = sequence.notes
    if (
        not len(sequence.chords)
        or notes["is_drum"].any()
        or (notes["instrument"] != notes["instrument"][0]).any()
    ):
        return sequence
    from symgen.notes.accompany import accompany

    return accompany(sequence)


def _picture(sequence: NoteSequence, path: Path, force: bool) -> Rendered:
    from symgen.rendering import pianoroll

    pianoroll.save(sequence, path, force)
    return Rendered(path, sequence.total_time)


def _sequence(source: NoteSequence | str | os.PathLike[str]) -> NoteSequence:
    from symgen import notes

    sequence = source if isinstance(source, NoteSequence) else notes.read(Path(source))
    if not len(sequence):
        raise DataError(f"{sequence.source.path or 'the piece'}: no notes, nothing to render")
    return sequence
