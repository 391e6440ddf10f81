"""Conversion of recordings: read in blocks, encoded as bytes, split, and written as a dataset.

What is encoded lies in a hidden folder beside the dataset until all is there, `.NAME.unfinished`. A
conversion that was interrupted goes on with what that folder holds of the same files and options.
The dataset itself is there whole or not at all, and its bytes depend only on the sound and options.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import symgen
from symgen import checks, files, scratch
from symgen.dataset import ledger
from symgen.dataset import workers as pool
from symgen.dataset.encode import Refused
from symgen.dataset.sound import NOTHING, cuts, listing
from symgen.dataset.sound.cuts import Piece
from symgen.dataset.sound.dataset import SoundDataset
from symgen.dataset.sound.encode import Encoded, Task
from symgen.dataset.sound.listing import Found
from symgen.dataset.store.manifest import (
    FORMAT,
    MANIFEST,
    SPLITS,
    Info,
    check_replaceable,
    numbered,
    write_manifest,
)
from symgen.encodings.sound import Sound
from symgen.errors import DataError, counted
from symgen.files import CHUNK, make_folder, naming, next_free
from symgen.process import cores

LONGEST = 600.0  # seconds of a track
SHORTEST = 10.0  # of `longest`
RULE = 1  # raised when the same sound would give other bytes
UNFINISHED = ".unfinished"
CRASHED = "the process that read it crashed; leave it out, or report it with the file"
Source = str | os.PathLike[str]
Progress = Callable[[int, int, str], None]


def build(
    sources: Sequence[Source],
    codec: Sound,
    output: Source | None,
    *,
    workers: int | None = None,
    seed: int = 0,
    longest: float | None = None,
    force: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> tuple[SoundDataset, bool]:
    """Encode recordings as a dataset; return it, and whether it is new.

    It is written to `output`, or under `data/`. A recording longer than `longest` seconds is cut
    into tracks where it is quiet. A dataset of the same sound and options is kept as it is.
    """
    longest = checks.number("longest", longest or LONGEST, SHORTEST, unit="seconds")
    job = Job(listing.recordings(sources), codec, longest, seed)
    path = job.place(output, force)
    fresh = force or not job.is_at(path)
    if fresh:
        job.run(path, cores() if workers is None else workers, strict, progress or _silent)
    else:
        with contextlib.suppress(OSError):
            os.utime(path / MANIFEST)  # it is the newest, because it was requested last
    dataset = SoundDataset.open(path)
    assert isinstance(dataset, SoundDataset)
    return dataset, fresh


def _silent(done: int, total: int, what: str) -> None:
    pass


@dataclasses.dataclass(frozen=True)
class Job:
    """Everything that the bytes of a dataset depend on."""

    found: Found
    codec: Sound
    longest: float
    seed: int

    @property
    def name(self) -> str:
        """The default name of the folder."""
        first, *others = self.found.names
        more = f"+{len(others)}-more" if others else ""
        return f"{first[:60]}{more}-{self.codec.name}"

    @property
    def options(self) -> list[object]:
        """What a dataset depends on besides the recordings."""
        return [RULE, symgen.__version__, self.codec.fingerprint(), self.longest]

    def fingerprint(self, sums: Sequence[tuple[str, str]]) -> str:
        """Return sixteen digits of the options, and of the ids and SHA-256 of the recordings."""
        facts = json.dumps([self.options, self.seed, sorted(sums)])
        return hashlib.sha256(facts.encode()).hexdigest()[:16]

    def is_at(self, path: Path) -> bool:
        """Return whether the dataset of this job is at `path`, undamaged."""
        if not (path / MANIFEST).is_file():
            return False
        sums = [(each.id, files.sha256(each.path)) for each in self.found.recordings]
        with contextlib.suppress(DataError):
            dataset = SoundDataset.open(path)
            dataset.check()
            return bool(dataset.info["fingerprint"] == self.fingerprint(sums))
        return False

    def place(self, output: Source | None, force: bool) -> Path:
        """Return where to write, or where the same dataset already is."""
        scratch.clean(Path("data") if output is None else Path(output).parent, again=True)
        if output is None:
            for path in numbered(Path("data"), self.name):
                if self.is_at(path):
                    return path
            return Path("data") / self.name if force else next_free("data", self.name)
        path = Path(output)
        check_replaceable(path)
        if (path / MANIFEST).is_file() and not force and not self.is_at(path):
            raise DataError(
                f"{path} is a dataset of other sound or options; give another -o or --force to "
                "replace it"
            )
        return path

    def run(self, path: Path, workers: int, strict: bool, progress: Progress) -> None:
        """Encode what is not encoded yet, and move the dataset to `path` when it is complete."""
        replace = path.exists()
        make_folder(path.parent)
        with naming(path), self._working(path) as folder:
            encoded, refused = self._encode(folder, workers, progress)
            info = self._info(encoded, refused)
            ledger.check_strict(info["ledger"], strict)
            with scratch.folder(path) as part:
                new = part / "new"
                new.mkdir()
                info["shards"] = _shards(folder, new, encoded, info["pieces"], self.codec)
                write_manifest(new, info)
                scratch.swap(new, path, replace)
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _working(self, path: Path) -> Iterator[Path]:
        """Yield the folder of what is encoded so far, which no other process may use meanwhile."""
        folder = path.with_name(f".{path.name}{UNFINISHED}")
        folder.mkdir(exist_ok=True)
        with scratch.claimed(path.with_name(f".{path.name}.lock")) as held:
            if not held:
                raise DataError(f"{path}: another process is converting to it; wait, or give -o")
            options = json.dumps(self.options)
            known = folder / "options.json"
            if not known.is_file() or known.read_text(encoding="utf-8") != options:
                shutil.rmtree(folder)
                folder.mkdir()
                known.write_text(options, encoding="utf-8")
            scratch.clean(folder, again=True)
            yield folder

    def _encode(
        self, folder: Path, workers: int, progress: Progress
    ) -> tuple[list[Encoded], list[Refused]]:
        """Return the recordings that lie encoded in `folder`, sorted by id, and those refused."""
        encoded, refused = list[Encoded](), list[Refused]()
        task = Task(folder, self.codec, self.longest)
        total = len(self.found.recordings)
        found = pool.mapped(task, self.found.recordings, min(workers, total))
        for done, (recording, item) in enumerate(found, 1):
            if isinstance(item, Encoded):
                encoded.append(item)
            else:
                died = isinstance(item, pool.Died)
                refused.append(Refused(recording.id, CRASHED) if died else item)  # type: ignore[arg-type]
            progress(done, total, "encoding")
        if not encoded:
            first = min(refused, key=lambda each: each.name)
            raise DataError(
                f"nothing written: {counted(total, 'recording')}, none of which could be used; "
                f"the first is {first.name}: {first.reason}"
            )
        return sorted(encoded, key=lambda each: each.id), refused

    def _info(self, encoded: Sequence[Encoded], refused: Sequence[Refused]) -> Info:
        """Return the contents of `dataset.json`, without its shards."""
        first = {each.bytes_sha256: number for number, each in reversed([*enumerate(encoded)])}
        kept = [n for n, each in enumerate(encoded) if first[each.bytes_sha256] == n]
        tracks = [piece for n in kept for piece in _tracks(n, encoded[n])]
        pieces = cuts.split(tracks, self.codec.rate, self.seed)
        gap = sum(track.length for track in tracks) - sum(piece.length for piece in pieces)
        rows = [self._row(piece) for piece in sorted(pieces)]
        return {
            "format": FORMAT,
            "symgen": symgen.__version__,
            "fingerprint": self.fingerprint([(each.id, each.sha256) for each in encoded]),
            "seed": self.seed,
            "longest": self.longest,
            "encoding": self.codec.spec(),
            "encoding_fingerprint": self.codec.fingerprint(),
            "fields": [{"name": field.name, "size": field.size} for field in self.codec.fields],
            "augment": NOTHING.table(),
            "corpora": [_corpus(name) for name in self.found.names],
            "warnings": [],
            "halves": ledger.split_totals(rows),
            "ledger": {
                "files": len(self.found.recordings),
                "pieces_read": len(tracks),
                "pieces_written": len(pieces),
                "duplicates": len(encoded) - len(kept),
                "drops": {"sample between the two parts of a track": gap} if gap else {},
                "left_out": {},
                "refused": _named([(each.name, each.reason) for each in refused]),
                "skipped": _named(self.found.skipped),
                "mended": _named([(e.id, line) for e in encoded for line in e.warnings]),
            },
            "pieces": rows,
        }

    def _row(self, piece: Piece) -> Info:
        return {
            "id": piece.id,
            "half": piece.half,
            "recording": piece.recording,
            "start": piece.start,
            "notes": 0,
            "events": piece.length,
            "seconds": round(piece.length / self.codec.rate, 3),
        }


def _named(pairs: Iterable[tuple[str, str]]) -> list[Info]:
    return [{"name": name, "reason": reason} for name, reason in sorted(pairs)]


def _corpus(name: str) -> Info:
    return {"name": name, "title": name, "licence": "", "citation": "", "address": ""}


def _tracks(number: int, recording: Encoded) -> Iterator[Piece]:
    """Yield the tracks that a recording is cut into, not yet in a split."""
    ends = [*recording.cuts, recording.samples]
    for k, (start, stop) in enumerate(zip([0, *ends], ends, strict=False), 1):
        name = f"{recording.id}#{k}" if len(ends) > 1 else recording.id
        yield Piece(name, number, start, stop, "")


def _shards(
    folder: Path, new: Path, encoded: Sequence[Encoded], rows: Sequence[Info], codec: Sound
) -> list[Info]:
    """Write a shard for each recording in each split; `rows` learn where their samples lie."""
    out = list[Info]()
    for half in SPLITS:
        used = sorted({row["recording"] for row in rows if row["half"] == half})
        for number, recording in enumerate(used):
            name = f"{half}-{number:05d}-of-{len(used):05d}.bytes"
            inside = [r for r in rows if r["half"] == half and r["recording"] == recording]
            with (
                open(folder / encoded[recording].name, "rb") as source,
                open(new / name, "wb") as target,
            ):
                at = 0
                for row in sorted(inside, key=lambda r: r["start"]):
                    _copy(source, target, row["start"], row["events"], len(codec.fields))
                    row |= {"shard": name, "at": at}
                    at += row["events"]
            out.append(
                {
                    "name": name,
                    "half": half,
                    "records": len(inside),
                    "events": at,
                    "bytes": (new / name).stat().st_size,
                    "sha256": files.sha256(new / name),
                }
            )
    for row in rows:
        del row["recording"], row["start"]
    return out


def _copy(source: IO[bytes], target: IO[bytes], start: int, samples: int, width: int) -> None:
    source.seek(start * width)
    left = samples * width
    while left:
        data = source.read(min(CHUNK, left))
        if not data:
            raise DataError("a recording that was encoded is not whole; convert again")
        target.write(data)
        left -= len(data)
