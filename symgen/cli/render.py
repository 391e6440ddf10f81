"""`symgen render`: turn music files into sound or pictures."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import FILE, SYNTH, Choice, Duration, Number
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.messages import plain
from symgen.cli.options.shared import accidentals_option, output_option, reading, whole_option
from symgen.cli.options.targets import targets
from symgen.errors import BadOption, DataError, SymgenError, counted, printable

if TYPE_CHECKING:
    from symgen.rendering import Rendered


@command(
    examples=(
        "symgen render song.mid",
        "symgen render song.mid -o song.png",
        "symgen render *.mid -o sound/ --format mp3",
        "symgen render book.abc#3 -o tune.wav",
        "symgen render samples/ recordings/*.mp3 --playlist -o evening --format mp3",
    )
)
@click.argument("inputs", nargs=-1, required=True, type=FILE)
@section(
    "Sound",
    option(
        "--synth",
        metavar="NAME",
        type=SYNTH,
        show_default="fluidsynth if it is installed",
        help="Synthesiser: fluidsynth, or soundfont, which is built in.",
    ),
    option(
        "--soundfont",
        metavar="FILE.sf2",
        type=FILE,
        show_default="the one that is installed",
        help="SoundFont 2 file to play with.",
    ),
    whole_option("--rate", default=44100, help="Frames per second."),
)
@section("Reading", accidentals_option())
@section(
    "Playlist",
    option(
        "--playlist",
        is_flag=True,
        help="Make one playlist of notes, recordings and folders of them: equally loud tracks, one "
        "long file with cross-fades, and an M3U list, in the folder --output.",
    ),
    option(
        "--loudness",
        type=Number(),
        metavar="LUFS",
        show_default="-16",
        help="Loudness of each track (ITU-R BS.1770); true peaks stay below -1 dBTP.",
    ),
    option(
        "--crossfade",
        type=Duration("seconds"),
        metavar="TIME",
        show_default="3 seconds",
        help="Time in which each track of the long file fades into the next.",
    ),
)
@section(
    "Output",
    output_option(
        "PATH",
        show_default="beside each input, as .wav",
        help="A file whose extension picks the format: .wav, .flac, .ogg, .mp3 or .png (a piano "
        "roll). For many inputs and for a playlist, a folder.",
    ),
    option(
        "--format",
        "suffix",
        type=Choice(("wav", "flac", "ogg", "mp3", "png")),
        show_default="wav",
        help="Format, if --output does not name a file.",
    ),
    overwrite(),
)
@common
def render(
    out: Out,
    inputs: tuple[str, ...],
    output: str | None,
    suffix: str | None,
    soundfont: str | None,
    synth: str | None,
    rate: int,
    accidentals: str | None,
    playlist: bool,
    loudness: float | None,
    crossfade: float | None,
    force: bool,
) -> None:
    """Turn music files into sound or piano-roll pictures, or into a playlist.

    INPUTS are MIDI, ABC or any other format that symgen reads. The chords of a tune are played. For
    a book of tunes, name one of them: book.abc#3. With --playlist, they are also recordings (WAV,
    FLAC, OGG, Opus, MP3, AIFF, ...) and folders.
    """
    if playlist:
        from symgen.cli.sound.playlist import write as write_playlist

        sound: dict[str, Any] = {
            "rate": rate,
            "synth": synth,
            "soundfont": soundfont,
            "force": force,
        }
        given = {"loudness": loudness, "crossfade": crossfade}
        sound |= {name: value for name, value in given.items() if value is not None}
        write_playlist(out, inputs, output, suffix, accidentals, sound)
        return
    if loudness is not None or crossfade is not None:
        raise BadOption("--loudness and --crossfade belong to --playlist; add it")
    from symgen.rendering import render as library
    from symgen.rendering import synthesiser
    from symgen.sampling.request.sources import tune

    places = targets(inputs, output, suffix, "wav")
    if any(place.suffix.lower() != ".png" for place in places):
        synthesiser(synth, soundfont)  # a bad option is reported once, before the first file
    write = functools.partial(library, soundfont=soundfont, synth=synth, force=force, rate=rate)
    done: list[Rendered] = []
    failed: list[dict[str, str]] = []
    for source, target in zip(inputs, places, strict=True):
        try:
            with out.track() as progress:
                piece = tune(source, **reading(accidentals))
                done.append(write(piece, target, progress=progress))
        except (SymgenError, OSError) as error:
            if len(inputs) == 1 or isinstance(error, BadOption):
                raise
            failed.append({"input": source, "reason": plain(error)})
            click.echo(f"symgen: {printable(plain(error))}", err=True)
        else:
            remarks = piece.source.remarks if out.verbose else ()
            for line in (*done[-1].warnings, *remarks):
                out.log(f"{source}: {line}")
    document = {"rendered": [_document(r) for r in done], "failed": failed}
    out.result("\n".join(_line(r) for r in done), document)
    if failed:
        raise DataError(f"{len(failed):,} of {counted(len(inputs), 'file')} could not be rendered")


def _line(r: Rendered) -> str:
    if r.peak is None or r.loudness is None:
        return printable(f"{r.path}: {r.seconds:.1f} s, a picture")
    return printable(
        f"{r.path}: {r.seconds:.1f} s, peak {r.peak:.1f} dBFS, "
        f"loudness {r.loudness:.1f} dBFS (RMS), {r.synth} with {Path(r.soundfont).name}"
    )


def _document(r: Rendered) -> dict[str, Any]:
    return {
        "path": str(r.path),
        "seconds": r.seconds,
        "peak_dbfs": r.peak,
        "loudness_dbfs": r.loudness,
        "synth": r.synth or None,
        "soundfont": r.soundfont or None,
        "warnings": list(r.warnings),
    }
