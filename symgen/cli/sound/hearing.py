"""Recordings among the sources of a command that takes notes: they are transcribed first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from symgen.cli.common import Out
from symgen.errors import DataError, counted, printable
from symgen.limits import Limits, using

FOLDER = "transcribed"


def as_notes(
    out: Out, sources: Sequence[str], encoding: Mapping[str, Any], limits: Limits | None
) -> list[str]:
    """Return `sources` with a folder of MIDI files for each that holds recordings and no notes.

    That is for an `encoding` of notes; one of sound takes recordings as they are. The MIDI files
    are in `transcribed/`, and what is there already is not transcribed again.
    """
    from symgen.encodings import encodings

    if encoding.get("name") not in encodings:
        return list(sources)
    from symgen.audio.listing import holds_audio

    return [_heard(out, each, limits) if holds_audio(each) else each for each in sources]


def _heard(out: Out, source: str, limits: Limits | None) -> str:
    """Transcribe the recordings of one source, and say so; return the folder."""
    from symgen.audio.listing import recordings
    from symgen.audio.transcription import batch, transcriber

    made, folder = transcriber(), Path(FOLDER, recordings(source).name)
    done = list[batch.Done]()
    with using(limits), out.track() as progress:
        work, _ = batch.jobs([source], folder)
        for each in batch.run(work, made, progress=progress):
            done.append(each)
            if each.reason:
                line = printable(f"{each.job.source}: {each.reason}")
                click.echo(f"symgen: {line}", err=True)
    before = sum(each.notes is None and not each.reason for each in done)
    fresh = sum(each.notes is not None for each in done)
    if not before + fresh:
        raise DataError(f"{source}: none of {counted(len(done), 'recording')} gave notes")
    again = f", {before:,} were before" if before else ""
    out.log(
        f"{source} holds recordings: {counted(fresh, 'recording')} transcribed{again}, in {folder}"
    )
    return folder.as_posix()
