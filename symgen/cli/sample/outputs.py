"""The files of the samples: their names, and their writing. A model of tunes writes MIDI, with its chords played, and ABC."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.cli.common import Out
from symgen.errors import BadOption, DataError

if TYPE_CHECKING:
    from symgen.notes.sequence import NoteSequence
    from symgen.sampling.generate import Sample

FOLDER = "samples"
MIDI = (".mid", ".midi")
TRACKS = ("melody", "accompaniment")  # of a tune


def targets(
    output: str | None, name: str, num: int, force: bool, render: bool, suffixes: tuple[str, ...]
) -> list[list[Path]]:
    """Return the paths of each sample, one a suffix; DataError where one, or the sound beside it, exists and `force` is off."""
    from symgen.files import refuse_overwrite
    from symgen.notes import writers

    path = Path(output) if output is not None else Path(FOLDER)
    if output is None or output.endswith(("/", "\\")) or path.is_dir() or not path.suffix:
        first = _free_number(path, name)
        return [[path / f"{name}-{first + i}{suffix}" for suffix in suffixes] for i in range(num)]
    if path.suffix.lower() not in writers:
        raise BadOption(
            f"--output {output}: samples are written as {', '.join(sorted(writers))}; --render adds the sound"
        )
    paths = [path] if num == 1 else [path.with_stem(f"{path.stem}-{i + 1}") for i in range(num)]
    for each in paths:
        refuse_overwrite(each, force)
        if render:
            refuse_overwrite(each.with_suffix(".wav"), force)
    return [[each] for each in paths]


def _free_number(folder: Path, name: str) -> int:
    """Return the number after the highest that a file called `name`-<number> in `folder` has."""
    found = (
        [re.fullmatch(re.escape(name) + r"-(\d+)", p.stem) for p in folder.glob("*")]
        if folder.is_dir()
        else []
    )
    return 1 + max((int(m[1]) for m in found if m), default=0)


def write_sample(out: Out, made: Sample, name: str, version: str, path: Path, force: bool) -> None:
    """Write one sample; MIDI and ABC tell in a line of text how to make it again, and ABC has a title and its repeats."""
    from symgen.notes import write

    suffix = path.suffix.lower()
    asked = ", ".join(f"{k} {v}" for k, v in made.asked.items() if k != "strict_key" or v)
    comment = {
        "comment": f"symgen {version}: {name}, seed {made.seed}, sample {made.index}, {asked}"
    }
    if suffix != ".abc":
        names: dict[str, Any] = {"names": TRACKS} if "bars" in made.reached else {}
        write(played(made), path, force, **(comment | names if suffix in MIDI else {}))
        return
    own = made.sequence.source.title
    options = comment | {
        "title": f"{own}, harmonised by symgen {name}"
        if own
        else f"symgen {name} seed {made.seed} sample {made.index}"
    }
    asked_key = made.asked.get("key", "").replace("harmonic ", "")
    # ABC has no double signs in a key, and one key alone at the beginning
    if (
        asked_key
        and "@" not in asked_key
        and "melody" not in made.asked
        and len(asked_key.split()[0]) < 3
    ):
        options["key"] = asked_key
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            write(made.sequence, path, force, **options, form=made.asked.get("form"))
        except DataError as error:
            if "form" not in made.asked or (path.exists() and not force):
                raise
            out.log(f"symgen: {path}: {error}; it is written out")
            write(made.sequence, path, force, **options)
    for line in said:
        out.log(f"symgen: {path}: {line.message}")


def played(made: Sample) -> NoteSequence:
    """Return the music of a sample as it is heard: of a tune, with its chords played."""
    if "bars" not in made.reached:
        return made.sequence
    from symgen.notes.accompany import accompany

    return accompany(made.sequence)


def render_sample(
    out: Out, made: Sample, path: Path, soundfont: str | None, synth: str | None, force: bool
) -> str | None:
    """Write the sound of a sample as `path`; a sample without a note has none."""
    from symgen.rendering import render

    try:
        with out.track() as progress:
            return render(
                played(made), path, soundfont=soundfont, synth=synth, force=force, progress=progress
            ).path.as_posix()
    except DataError as error:
        out.log(f"symgen: not rendered: {error}")
        return None
