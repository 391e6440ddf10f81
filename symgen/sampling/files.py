"""The files of samples: their names, titles and comments, and writing them.

A model of tunes writes MIDI, with its chords played, and ABC, with its repeats. The report of a
sample is written beside it as JSON.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.errors import BadOption, DataError
from symgen.files import Exists, atomic, refuse_overwrite
from symgen.notes.sequence import NoteSequence
from symgen.sampling.sample import Sample, SampleReport

if TYPE_CHECKING:
    from symgen.notes.abc.lead_sheet import LeadSheet

FOLDER = "samples"
MIDI = (".mid", ".midi")
ABC = ".abc"
REPORT = ".json"
TRACKS = ("melody", "accompaniment")  # of a tune


def output_paths(
    output: str | None,
    model: str,
    num: int,
    suffixes: Sequence[str] = (".mid",),
    beside: Sequence[str] = (),
    force: bool = False,
) -> list[list[Path]]:
    """Return the paths of `num` samples, one path for each suffix.

    `output` is a file (several samples are numbered) or a folder; None is `samples/`. In a folder
    the files are named after `model`, with the next free numbers. BadOption where the format
    cannot be written. DataError where a file, or one with a suffix of `beside`, exists and `force`
    is off.
    """
    paths = _paths(output, model, num, suffixes)
    for files in paths:
        named = files if _is_file(output) else []
        for path in [*named, *(files[0].with_suffix(suffix) for suffix in beside)]:
            refuse_overwrite(path, force)
    return paths


def _paths(output: str | None, model: str, num: int, suffixes: Sequence[str]) -> list[list[Path]]:
    from symgen.notes import writers

    if output is None or not _is_file(output):
        folder = Path(FOLDER if output is None else output)
        first = _free_number(folder, model)
        stems = [f"{model}-{first + i}" for i in range(num)]
        return [[folder / f"{stem}{suffix}" for suffix in suffixes] for stem in stems]
    path = Path(output)
    if path.suffix.lower() not in writers:
        known = ", ".join(sorted(writers))
        raise BadOption(
            f"--output {output}: samples are written as {known}; --render adds the sound"
        )
    if num == 1:
        return [[path]]
    return [[path.with_stem(f"{path.stem}-{i + 1}")] for i in range(num)]


def _is_file(output: str | None) -> bool:
    if output is None or output.endswith(("/", "\\")):
        return False
    return bool(Path(output).suffix) and not Path(output).is_dir()


def _free_number(folder: Path, name: str) -> int:
    """Return the number after the highest one of the files called `name`-<number> in `folder`."""
    if not folder.is_dir():
        return 1
    pattern = re.compile(re.escape(name) + r"-(\d+)")
    found = [pattern.fullmatch(path.stem) for path in folder.glob("*")]
    return 1 + max((int(match[1]) for match in found if match), default=0)


def claimed(
    output: str | None, model: str, paths: Sequence[Path], write: Callable[[Path], list[str]]
) -> tuple[list[Path], list[str]]:
    """Call `write` with the first of the `paths` of a sample; return the paths, and what it does.

    In a folder another process may have taken the number of the sample; then it gets the next free
    one. The first file claims the number, because it is made only where there is none.
    """
    while True:
        try:
            return list(paths), write(paths[0])
        except Exists:
            if _is_file(output):
                raise
            stem = f"{model}-{_free_number(paths[0].parent, model)}"
            paths = [path.with_name(f"{stem}{path.suffix}") for path in paths]


def write_sample(
    sample: Sample,
    path: Path,
    *,
    model: str,
    version: str = "",
    force: bool = False,
    recipe: str | None = None,
    sheet: LeadSheet | None = None,
) -> list[str]:
    """Write a sample of `model` to `path` and return warnings.

    MIDI and ABC hold a comment with the request and the seed, MIDI the `recipe`, ABC a title and
    its repeats. With a `sheet`, the text of its melody, ABC is that text with the chords. Exists if
    there is a file and `force` is off.
    """
    from symgen.notes import write

    suffix = path.suffix.lower()
    if suffix == ABC and sheet is not None:
        return _write_sheet(sample, path, sheet, force)
    options = {"comment": comment(sample, model, version)}
    if suffix == ABC:
        return _write_abc(sample, path, {**options, "title": title(sample, model)}, force)
    if suffix not in MIDI:
        write(played(sample), path, force)
        return []
    tracks: dict[str, Any] = {"names": TRACKS} if sample.is_tune else {}
    write(played(sample), path, force, **options, recipe=recipe, **tracks)
    return []


def _write_abc(sample: Sample, path: Path, options: dict[str, Any], force: bool) -> list[str]:
    """Write the melody and chords with their repeats, or written out where that cannot be."""
    from symgen.notes import write

    if key := _key(sample):
        options = options | {"key": key}
    messages = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            write(sample.sequence, path, force, **options, form=sample.requested.get("form"))
        except DataError as error:
            if "form" not in sample.requested or (path.exists() and not force):
                raise
            messages.append(f"{path}: {error}; it is written out")
            write(sample.sequence, path, force, **options)
    return messages + [f"{path}: {warning.message}" for warning in caught]


def _write_sheet(sample: Sample, path: Path, sheet: LeadSheet, force: bool) -> list[str]:
    """Write the text of the melody with the chords of a sample."""
    from symgen.notes import meter

    chords = sample.sequence.chords
    times = meter.quarters(sample.sequence, chords["time"]).tolist()
    data, messages = sheet.with_chords(zip(times, chords["symbol"].tolist(), strict=True))
    with atomic(refuse_overwrite(path, force), replace=force) as file:
        file.write(data)
    return [f"{path}: {message}" for message in messages]


def _key(sample: Sample) -> str | None:
    """Return the requested key where ABC can write it: one key, without double accidentals."""
    key = str(sample.requested.get("key", "")).replace("harmonic ", "")
    if not key or "@" in key or "melody" in sample.requested:
        return None
    return key if len(key.split()[0]) < 3 else None


def comment(sample: Sample, model: str, version: str = "") -> str:
    """Return the line in a file that says how to make the sample again."""
    shown = {k: v for k, v in sample.requested.items() if k != "strict_key" or v}
    requested = ", ".join(f"{name} {value}" for name, value in shown.items())
    return f"symgen {version}: {model}, seed {sample.seed}, sample {sample.index}, {requested}"


def title(sample: Sample, model: str) -> str:
    """Return the title of a tune: that of the given melody, or the model and the seed."""
    if own := sample.sequence.source.title:
        return f"{own}, harmonised by symgen {model}"
    return f"symgen {model} seed {sample.seed} sample {sample.index}"


def played(sample: Sample) -> NoteSequence:
    """Return the music as it is played: a tune with an accompaniment of its chords."""
    if not sample.is_tune:
        return sample.sequence
    from symgen.notes.accompany import accompany

    return accompany(sample.sequence)


def write_report(report: SampleReport, path: Path, force: bool = False) -> None:
    """Write the report of a sample as JSON."""
    text = json.dumps(report.to_dict(), indent=2, sort_keys=True)
    with atomic(refuse_overwrite(path, force), replace=force) as file:
        file.write(f"{text}\n".encode())
