"""symgen render: music files become sound, or pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out, common
from symgen.errors import BadOption, DataError, SymgenError, printable

if TYPE_CHECKING:
    from symgen.rendering import Rendered


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="File whose extension picks .wav, .flac, .ogg, .mp3 or .png (a piano roll), or a folder for many inputs. "
    "[default: beside each input, .wav]",
)
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["wav", "flac", "ogg", "mp3", "png"]),
    default=None,
    help="Format where --output names no file. [default: wav]",
)
@click.option(
    "--soundfont",
    metavar="FILE",
    help="SoundFont 2 file (.sf2) to play with. [default: the one installed]",
)
@click.option(
    "--synth",
    metavar="NAME",
    help="fluidsynth or soundfont, the built-in player. [default: fluidsynth where it is installed]",
)
@click.option("--rate", type=int, default=44100, show_default=True, help="Frames a second.")
@click.option("-f", "--force", is_flag=True, help="Replace files that exist.")
@common
def render(
    out: Out,
    inputs: tuple[Path, ...],
    output: Path | None,
    suffix: str | None,
    soundfont: str | None,
    synth: str | None,
    rate: int,
    force: bool,
) -> None:
    """Render music files (MIDI, ABC and all else that symgen reads) as sound, or as pictures; the chords of a tune are played.

    symgen render song.mid; symgen render *.mid -o sound/ --format mp3; symgen render song.mid -o song.png
    """
    from symgen.rendering import render as library
    from symgen.rendering import synthesiser

    targets = [_target(source, output, suffix, len(inputs)) for source in inputs]
    if len(set(targets)) < len(targets):
        twice = next(t for t in targets if targets.count(t) > 1)
        raise BadOption(f"two inputs would both be written to {twice}; render them one at a time")
    if any(t.suffix.lower() != ".png" for t in targets):
        synthesiser(
            synth, soundfont
        )  # what is wrong with the options is said once, before any file
    done: list[Rendered] = []
    failed: list[tuple[Path, SymgenError | OSError]] = []
    for source, target in zip(inputs, targets, strict=True):
        try:
            with out.track() as progress:
                done.append(
                    library(
                        source,
                        target,
                        soundfont=soundfont,
                        synth=synth,
                        force=force,
                        rate=rate,
                        progress=progress,
                    )
                )
        except (SymgenError, OSError) as error:
            if len(inputs) == 1 or isinstance(error, BadOption):
                raise
            failed.append((source, error))
            click.echo(f"symgen: {printable(error)}", err=True)
        else:
            _warn(out, source, done[-1])
    out.result(
        "\n".join(_line(r) for r in done),
        {
            "rendered": [_document(r) for r in done],
            "failed": [{"input": str(s), "reason": printable(e)} for s, e in failed],
        },
    )
    if failed:
        raise DataError(f"{len(failed)} of {len(inputs)} files could not be rendered")


def _target(source: Path, output: Path | None, suffix: str | None, count: int) -> Path:
    """Return where `source` goes: beside itself, into the folder that `output` is, or to `output` itself."""
    name = f"{source.stem}.{suffix or 'wav'}"
    if output is None:
        return source.with_name(name)
    if output.is_dir() or not output.suffix:
        return output / name
    if count > 1:
        raise BadOption(f"--output {output} is one file for {count} inputs; name a folder")
    if suffix and output.suffix.lower() != f".{suffix}":
        raise BadOption(f"--output {output} and --format {suffix} disagree; leave one out")
    return output


def _warn(out: Out, source: Path, rendered: Rendered) -> None:
    for line in rendered.warnings:
        out.log(printable(f"{source}: {line}"))


def _line(r: Rendered) -> str:
    if r.peak is None or r.loudness is None:
        return printable(f"{r.path}: {r.seconds:.1f} s, a picture")
    return printable(
        f"{r.path}: {r.seconds:.1f} s, peak {r.peak:.1f} dBFS, loudness {r.loudness:.1f} dBFS (RMS), "
        f"{r.synth} with {Path(r.soundfont).name}"
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
