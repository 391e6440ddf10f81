"""Many recordings to MIDI files: which file goes where, and what is done already."""

from __future__ import annotations

import dataclasses
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from symgen.audio.listing import recordings
from symgen.audio.transcription import transcribe
from symgen.audio.transcription.base import Transcriber
from symgen.errors import BadOption, DataError, ReadError
from symgen.files import Exists
from symgen.notes import write
from symgen.types import Progress

MIDI = ".mid"


@dataclasses.dataclass(frozen=True)
class Job:
    """A recording, called `name` in messages, and the MIDI file that is made of it."""

    name: str
    source: Path
    target: Path


@dataclasses.dataclass(frozen=True)
class Done:
    """What became of a job. `notes` is None where the file was there before, or with a `reason`.

    `seconds` is the length of the music, `spent` the processor time.
    """

    job: Job
    notes: int | None = None
    seconds: float = 0.0
    spent: float = 0.0
    warnings: tuple[str, ...] = ()
    reason: str = ""


def jobs(
    sources: Sequence[str | os.PathLike[str]], folder: str | os.PathLike[str]
) -> tuple[list[Job], list[tuple[str, str]]]:
    """Return a job for each recording, and the files that are left out, with the reason.

    A folder keeps its subfolders in `folder`. The MIDI file is called as the recording; where two
    would be called the same, they keep their extensions: a.mp3.mid and a.wav.mid. DataError where a
    source is missing or holds no recording, BadOption where two sources hold files of one name.
    """
    found: list[tuple[str, Path]] = []
    skipped: list[tuple[str, str]] = []
    for source in sources:
        listed = recordings(source)
        found += listed.files
        skipped += listed.skipped
    stems = Counter(_stem(name) for name, _ in found)
    named = [name if stems[_stem(name)] > 1 else _stem(name) for name, _ in found]
    twice = next((name for name, count in Counter(named).items() if count > 1), None)
    if twice is not None:
        raise BadOption(
            f"two recordings would both be written to {twice}{MIDI}; transcribe them one by one"
        )
    places = [Path(folder, f"{name}{MIDI}") for name in named]
    return [Job(*pair, place) for pair, place in zip(found, places, strict=True)], skipped


def _stem(name: str) -> str:
    return PurePath(name).with_suffix("").as_posix()


def run(
    work: Sequence[Job],
    made: Transcriber,
    force: bool = False,
    progress: Progress | None = None,
) -> Iterator[Done]:
    """Do each job and yield what became of it; a MIDI file that is there is left as it is.

    Each file is written whole or not at all, so that after an interruption the same call goes on.
    """
    for job in work:
        if job.target.exists() and not force:
            yield Done(job)
            continue
        begin = time.process_time()
        try:
            music = transcribe(job.source, made, progress=progress)
            write(music, job.target, force=force)
        except Exists:  # another process was faster
            yield Done(job)
        except (ReadError, DataError) as error:
            reason = error.reason if isinstance(error, ReadError) else str(error)
            yield Done(job, reason=reason.removeprefix(f"{job.source}: "))
        else:
            spent = time.process_time() - begin
            yield Done(job, len(music), music.total_time, spent, music.source.warnings)
