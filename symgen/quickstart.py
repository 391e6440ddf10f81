"""From a folder of music to similar music in under a minute.

A model that ships with symgen is fine-tuned on the folder for some seconds. Without Keras, or
without the model, an n-gram model is counted instead. Then it is sampled.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from symgen.bundle.bundle import Bundle
from symgen.bundle.card import source_line
from symgen.corpus import Corpus, Entry, Piece, load, open_corpus
from symgen.dataset.build import build
from symgen.dataset.ledger import by_reason
from symgen.encodings import Encoding, encodings
from symgen.errors import BadOption, DataError, ReadError, counted
from symgen.files import Exists
from symgen.notes import write
from symgen.pretrained import FOLK, PIANO
from symgen.rendering import render
from symgen.sampling import load as opened
from symgen.sampling.files import ABC, REPORT, played, write_report
from symgen.sampling.recipe import Recipe
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.sample import Sample, SampleReport
from symgen.sampling.watchers.base import draw
from symgen.training import Run, Status, train

SECONDS, BARS = 30.0, 16  # of each piece
MINUTES = 25 / 60  # of fine-tuning
FIRST_FILES = 20  # decide whether a folder is of tunes
NEEDED = ("keras", "onnx")
MAX_NAMED = 10  # files left out that are named
MIDI, SOUND = ".mid", ".wav"
SUFFIXES = (MIDI, ABC, SOUND, REPORT)

Log = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Quick:
    """The result: the run, how it was made (`fine-tuned` or `counted`) and why, and the files.

    `left_out` has a line for each file that could not be used, and for each kind of other loss.
    """

    run: Run
    how: str
    why: str
    files: tuple[Path, ...]
    sounds: tuple[Path, ...]
    left_out: tuple[str, ...] = ()


def quick(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str] = "samples",
    *,
    num: int = 2,
    seconds: float | None = None,
    minutes: float = MINUTES,
    model: str | None = None,
    seed: int | None = None,
    reading: Mapping[str, Any] | None = None,
    log: Log = lambda _: None,
    watch: Callable[[Status], None] = lambda _: None,
) -> Quick:
    """Write `num` pieces like the music in `folder` to `output`: MIDI, WAV, and ABC of tunes.

    Each has its recipe beside it, from which `symgen sample --recipe` makes it again.

    `model` is fine-tuned: a bundle, "piano" or "folk" (chosen from the music by default). Training
    takes `minutes`, each piece lasts `seconds`. `reading` are options of readers, such as
    {"accidentals": "pitch"}. DataError where there is nothing to learn from.
    """
    _check(num, minutes)
    corpus = open_corpus(folder, reading)
    name = model or (FOLK if of_tunes(corpus) else PIANO)
    start, why = beginning(name, required=model is not None)
    encoding = start.encoding if start else usual(name)
    built = build(os.fspath(folder), encoding, reading=reading)
    for line in built.messages:
        log(line)
    dataset = built.dataset
    pieces = counted(len(dataset.info["pieces"]), "piece")
    number = counted(len(corpus), "file")
    log(f"{folder}: {pieces} of {number}, encoding {dataset.encoding.name}")
    log(why)
    if start:
        log(source_line(start))
        run = train(
            "fine_tune",
            dataset,
            start=name,
            minutes=minutes,
            name="quick",
            log=log,
            watch=watch,
        )
    else:
        run = train("ngram", dataset, name="quick", log=log)
    files, sounds = _play(run, Path(output), num, seconds, seed, log)
    return Quick(
        run,
        "fine-tuned" if start else "counted",
        why,
        tuple(files),
        tuple(sounds),
        tuple(left_out(dataset.info["ledger"])),
    )


def left_out(ledger: Mapping[str, Any]) -> list[str]:
    """Return a line for each file that could not be used, then for each other loss."""
    refused = ledger["refused"]
    lines = [f"{item['name']}: {item['reason']}" for item in refused[:MAX_NAMED]]
    lines += [
        f"of more files: {line}" for line in by_reason(i["reason"] for i in refused[MAX_NAMED:])
    ]
    lost = {**ledger["drops"], **ledger.get("left_out", {})}
    return lines + [f"{count:,} x {what}" for what, count in lost.items()]


def _check(num: int, minutes: float) -> None:
    if not 1 <= num <= 1000:
        raise BadOption(f"num {num}: expected 1 to 1000")
    if not 0 < minutes <= 1e5:
        raise BadOption(f"minutes {minutes:g}: expected a number above 0, such as 0.5")


def of_tunes(corpus: Corpus) -> bool:
    """Return whether most of the first files of a corpus are ABC, or have chord symbols.

    Files that cannot be read do not count.
    """
    looked = [_is_tune(entry) for entry in itertools.islice(corpus.entries(), FIRST_FILES)]
    known = [tune for tune in looked if tune is not None]
    return 2 * sum(known) > len(known)


def _is_tune(entry: Entry) -> bool | None:
    if entry.id.lower().endswith(".abc"):
        return True
    try:
        found = load(entry)
    except ReadError:
        return None
    return any(isinstance(piece, Piece) and len(piece.sequence.chords) for piece in found)


def beginning(name: str, required: bool = False) -> tuple[Bundle | None, str]:
    """Return the bundle to fine-tune, or None where an n-gram is counted, and the reason.

    DataError where `required` and the bundle cannot be used.
    """
    if missing := [package for package in NEEDED if find_spec(package) is None]:
        named = " and ".join(missing)
        return None, (
            f"{named} not installed, so an n-gram is counted, which learns less about music; "
            f"to fine-tune {name}: pip install 'symgen[train]'"
        )
    try:
        start: Bundle = Bundle.open(name)
    except DataError as error:
        if required:
            raise
        return None, f"{error}; an n-gram is counted instead"
    return start, f"fine-tuning {name}, which knows more music than the folder holds"


def usual(name: str) -> Encoding:
    """Return the encoding of a model; one that ships need not be installed."""
    table = {PIANO: "notes", FOLK: "melody_chords"}
    if name not in table:
        start: Bundle = Bundle.open(name)
        return start.encoding
    made: Encoding = encodings.make({"name": table[name]})
    return made


def _play(
    run: Run, folder: Path, num: int, seconds: float | None, seed: int | None, log: Log
) -> tuple[list[Path], list[Path]]:
    """Sample, write and render; return the files of notes and those of sound."""
    model = opened(run.best)
    bars = BARS if model.encoding.tune and seconds is None else None
    length = SECONDS if bars is None and seconds is None else seconds
    shape = Structure(bars=bars, seconds=length)
    asked = ask(num=num, seconds=length or SECONDS, seed=seed, shape=shape)
    options = {"bars": bars} if bars else {"seconds": length}
    files, sounds = list[Path](), list[Path]()
    for sample in draw(model, model.plan(asked))[0]:
        written = _written(sample, Recipe.of(sample, model, options), folder)
        files += written
        try:
            sound = written[0].with_suffix(SOUND)
            sounds.append(render(written[0], sound, force=True).path)
        except DataError as error:  # such as a piece without a note
            log(f"not rendered: {error}")
    return files, sounds


def _written(sample: Sample, recipe: Recipe, folder: Path) -> list[Path]:
    """Write the notes of a sample, with its recipe beside them; return the files of notes.

    They have the first number that no earlier file has. A tune has its chords played, and is
    written as ABC too.
    """
    for number in itertools.count(1):
        path = folder / f"quick{'' if number == 1 else f'-{number}'}{MIDI}"
        if any(path.with_suffix(suffix).exists() for suffix in SUFFIXES):
            continue
        with contextlib.suppress(Exists):  # another process was faster
            write(played(sample), path, recipe=recipe.text())
            break
    paths = [path]
    if sample.is_tune:
        paths.append(path.with_suffix(ABC))
        write(sample.sequence, paths[1], title=f"quick {number}")
    report = SampleReport.of(sample, paths, [])
    write_report(dataclasses.replace(report, recipe=recipe.to_dict()), path.with_suffix(REPORT))
    return paths
