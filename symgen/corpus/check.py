"""The contents of a corpus: a line per piece (`check`), figures (`stats`), the known corpora."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from symgen.corpus import manifest as manifests
from symgen.corpus.corpus import Corpus, Entry, open_corpus
from symgen.corpus.piece import Piece, load
from symgen.errors import DataError, ReadError, SymgenError, counted
from symgen.notes.pedal import rows_by
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory.chords import parse
from symgen.notes.theory.keys import signed
from symgen.types import Array, Progress

FEW_VELOCITIES = 8  # with fewer distinct ones, a file is probably exported from a score
WRITTEN = ("abc", "musicxml")  # formats of notation, with titles and chord symbols
SUSTAIN, DOWN = 64, 64  # controller; value from which the pedal is down


@dataclasses.dataclass(frozen=True)
class Checked:
    """One piece, or one refused file (`refused` says why, and the counts are 0)."""

    id: str
    notes: int = 0
    seconds: float = 0.0
    velocities: int = 0  # distinct
    pedals: int = 0  # sustain pedal events
    tempos: int = 0  # tempo events
    warnings: tuple[str, ...] = ()
    refused: str = ""
    title: str = ""  # this and the following fields only for ABC and MusicXML
    key: str = ""
    meter: str = ""
    chords: int | None = None


def check(corpus: Corpus, progress: Progress | None = None) -> Iterator[Checked]:
    """Read every file and report its contents and oddities."""
    for entry in _counted(corpus, progress, "checking"):
        try:
            found = load(entry)
            yield from (
                _checked(one) if isinstance(one, Piece) else _refused(entry, one) for one in found
            )
        except ReadError as error:
            yield Checked(entry.id, refused=error.reason)


def _counted(corpus: Corpus, progress: Progress | None, what: str) -> Iterator[Entry]:
    for i, entry in enumerate(corpus.entries()):
        yield entry
        if progress:
            progress(i + 1, len(corpus), what)


def _refused(entry: Entry, error: ReadError) -> Checked:
    return Checked(entry.id + error.name.removeprefix(entry.name), refused=error.reason)


def _checked(piece: Piece) -> Checked:
    sequence = piece.sequence
    velocities = len(np.unique(sequence.notes["velocity"]))
    warnings = list(sequence.source.warnings)
    if not len(sequence):
        return Checked(piece.id, warnings=tuple(warnings), refused="holds no notes")
    if velocities < FEW_VELOCITIES and sequence.source.format != "abc":
        warnings.append(
            f"{velocities} distinct velocit{'y' if velocities == 1 else 'ies'}: "
            "little or no dynamics to learn"
        )
    if sequence.notes["is_drum"].all():
        warnings.append("drums only: no pitched note")
    made = Checked(
        piece.id,
        len(sequence),
        sequence.total_time,
        velocities,
        int((sequence.control_changes["control_number"] == SUSTAIN).sum()),
        len(sequence.tempos),
        tuple(warnings),
    )
    return _as_tune(made, sequence) if sequence.source.format in WRITTEN else made


def _as_tune(made: Checked, sequence: NoteSequence) -> Checked:
    """Add the title, the first key, the first meter and the chords of a tune or a score."""
    key = [signed(int(row["key"]), int(row["mode"])).name for row in sequence.key_signatures[:1]]
    meter = [f"{row['numerator']}/{row['denominator']}" for row in sequence.time_signatures[:1]]
    return dataclasses.replace(
        made,
        title=sequence.source.title,
        key="".join(key),
        meter="".join(meter),
        chords=sum(parse(text) is not None for text in sequence.chords["symbol"].tolist()),
    )


@dataclasses.dataclass(frozen=True)
class Stats:
    """A corpus in figures; `pedal_share` is the fraction of time with a sustain pedal down."""

    pieces: int
    files: int
    refused: int
    groups: int
    minutes: float
    notes: int
    notes_per_second: float
    velocity_mean: float
    velocity_sd: float
    pitch_lowest: int
    pitch_highest: int
    pedal_share: float


def stats(
    corpus: Corpus, progress: Progress | None = None, each: Callable[[Piece], None] = lambda _: None
) -> Stats:
    """Read the whole corpus and count; `each` is called with every piece.

    Raises DataError if no file can be read.
    """
    count = refused = 0
    seconds = pedalled = 0.0
    velocities = np.zeros(128, np.int64)
    pitches = np.zeros(128, np.int64)
    groups = set[str]()
    for entry in _counted(corpus, progress, "counting"):
        try:
            found = [p for p in load(entry) if isinstance(p, Piece) and len(p.sequence)]
        except ReadError:
            refused += 1
            continue
        for piece in found:
            count += 1
            groups.add(piece.group)
            seconds += piece.sequence.total_time
            pedalled += pedal_seconds(piece.sequence)
            velocities += np.bincount(piece.sequence.notes["velocity"], minlength=128)
            pitches += np.bincount(piece.sequence.notes["pitch"], minlength=128)
            each(piece)
    if not count:
        raise DataError(
            f"{corpus.name}: {counted(len(corpus), 'file')}, none of which can be read; "
            "see: symgen corpus check"
        )
    values = np.arange(128)
    total = int(velocities.sum())
    mean = float((velocities * values).sum() / total)
    sd = float(np.sqrt((velocities * (values - mean) ** 2).sum() / total))
    used = np.flatnonzero(pitches)
    return Stats(
        count,
        len(corpus),
        refused,
        len(groups),
        seconds / 60,
        total,
        total / max(seconds, 1e-9),
        mean,
        sd,
        int(used[0]),
        int(used[-1]),
        pedalled / max(seconds, 1e-9),
    )


def pedal_seconds(sequence: NoteSequence) -> float:
    """Return the seconds during which the sustain pedal of any instrument is down."""
    changes = sequence.control_changes[sequence.control_changes["control_number"] == SUSTAIN]
    if not len(changes):
        return 0.0
    steps = [_steps(changes[rows]) for rows in rows_by(changes["instrument"]).values()]
    times, step = (np.concatenate(part) for part in zip(*steps, strict=True))
    order = np.argsort(times, kind="stable")
    down = np.cumsum(step[order]) > 0
    edges = np.minimum(np.append(times[order], sequence.total_time), sequence.total_time)
    return float(np.diff(edges)[down].sum())


def _steps(changes: Array) -> tuple[Array, Array]:
    """Return the times at which the pedal of one instrument goes down (+1) and up (-1)."""
    down = (changes["control_value"] >= DOWN).astype(np.int64)
    return changes["time"], np.diff(down, prepend=0)


@dataclasses.dataclass(frozen=True)
class Known:
    """A corpus that ships with symgen or is in ./corpora; `files` is 0 if it is not fetched yet."""

    name: str
    title: str
    licence: str
    files: int
    state: str


def known() -> list[Known]:
    """Return the shipped corpora and those in `corpora/` of the working directory, sorted."""
    here = Path("corpora")
    names = set(manifests.shipped_names())
    if here.is_dir():
        names |= {p.name for p in here.iterdir() if p.is_dir() and not p.name.startswith(".")}
    return [_known(name) for name in sorted(names)]


def _known(name: str) -> Known:
    try:
        corpus = open_corpus(Path("corpora") / name)
    except SymgenError as error:
        shipped = name in manifests.shipped_names()
        manifest = manifests.of_shipped(name) if shipped else manifests.Manifest(name)
        can_fetch = any(archive.address for archive in manifest.archives)
        state = f"not here; run: symgen corpus fetch {name}" if can_fetch else str(error)
        return Known(name, manifest.title, manifest.licence, 0, state)
    state = counted(len(corpus), "file")
    if corpus.synthetic:
        state += ", the stand-in: put your own music there"
    return Known(name, corpus.title, corpus.licence, len(corpus), state)
