"""`symgen transcribe`: recordings to MIDI files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import FILE, Number, Text
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.options.limits import limit_option, limits_of
from symgen.cli.options.shared import output_option
from symgen.errors import DataError, counted, printable

if TYPE_CHECKING:
    from symgen.audio.transcription.batch import Done

FOLDER = "transcribed"


def _transcribers() -> list[str]:
    from symgen.audio.transcription import transcribers

    return sorted(transcribers)


@command(
    examples=(
        "symgen transcribe song.mp3",
        "symgen transcribe recordings/ -o midi/",
        "symgen transcribe live.flac --threshold 0.7 --min-length 0.1",
    )
)
@click.argument("inputs", nargs=-1, required=True, type=FILE, metavar="IN...")
@section(
    "Transcription",
    option(
        "--threshold",
        type=Number(),
        metavar="X",
        show_default="0.55",
        help="Probability from which an onset counts. Less finds more notes, and more wrong ones.",
    ),
    option(
        "--min-length",
        type=Number(),
        metavar="SECONDS",
        show_default="0.03",
        help="Leave out notes that are shorter.",
    ),
    option(
        "--transcriber",
        metavar="NAME",
        type=Text(_transcribers),
        default="basic_pitch",
        show_default=True,
        help="What hears the notes.",
    ),
)
@section("Reading", limit_option())
@section(
    "Output",
    output_option(
        "FOLDER", default=FOLDER, show_default=True, help="Folder that the MIDI files go to."
    ),
    overwrite("Transcribe again what has been transcribed."),
)
@common
def transcribe(
    out: Out,
    inputs: tuple[str, ...],
    output: str,
    transcriber: str,
    limits: tuple[str, ...],
    force: bool,
    **options: float | None,
) -> None:
    """Turn recordings into MIDI files: what a piano plays in them.

    IN are files or folders: WAV, FLAC, OGG, Opus, MP3 and AIFF, and with the extra video also M4A
    and videos. A recording is read in blocks, however long it is. What has been transcribed
    before is left as it is, so an interrupted command goes on where it was. Notes last as long as
    they are heard, with the pedal; velocities say how loud they are beside each other.
    """
    from symgen.process import one_thread

    one_thread()
    from symgen.audio import transcription
    from symgen.audio.transcription import batch
    from symgen.limits import using

    chosen = {name: value for name, value in options.items() if value is not None}
    made = transcription.transcriber(transcriber, **chosen)
    done = list[Any]()
    with using(limits_of(limits)):
        work, skipped = batch.jobs(inputs, output)
        for name, reason in skipped if out.verbose else ():
            out.log(f"skipped {name}: {reason}")
        with out.track() as progress:
            for each in batch.run(work, made, force, progress):
                done.append(each)
                if len(work) > 1 or not each.reason:  # the only one is the error itself
                    _tell(out, each)
    before = sum(each.notes is None and not each.reason for each in done)
    failed = [each for each in done if each.reason]
    fresh = len(done) - before - len(failed)
    text = f"{output}: {counted(fresh, 'recording')} transcribed"
    if before:
        text += f", {before:,} transcribed before (--force does it again)"
    out.result(
        text,
        {
            "folder": output,
            "transcriber": transcriber,
            "recordings": [_document(each) for each in done],
            "skipped": [{"name": name, "reason": reason} for name, reason in skipped],
        },
    )
    if failed:
        only = f"{failed[0].job.source}: {failed[0].reason}"
        many = f"{len(failed):,} of {counted(len(done), 'recording')} could not be transcribed"
        raise DataError(only if len(done) == 1 else many)


def _tell(out: Out, done: Done) -> None:
    """Print a line on a recording that was transcribed, or could not be."""
    if done.reason:
        click.echo(printable(f"refused: {done.job.source}: {done.reason}"), err=True)
    elif done.notes is not None:
        for line in done.warnings:
            out.log(f"{done.job.source}: {line}")
        out.log(
            f"{done.job.target}: {counted(done.notes, 'note')} in {done.seconds:.1f} s of music, "
            f"{done.seconds / max(done.spent, 1e-3):.0f} x real time"
        )


def _document(done: Done) -> dict[str, Any]:
    return {
        "input": str(done.job.source),
        "path": None if done.reason else str(done.job.target),
        "transcribed": done.notes is not None,
        "notes": done.notes,
        "seconds": done.seconds if done.notes is not None else None,
        "processor_seconds": done.spent if done.notes is not None else None,
        "warnings": list(done.warnings),
        "reason": done.reason or None,
    }
