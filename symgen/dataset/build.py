"""Converting: the music of a corpus, encoded, split and written as a dataset folder.

The bytes depend on the music and the options alone, not on the number of workers, the day or the machine. A folder
appears whole or not at all, and one that was made of the same is left as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import json
import os
import secrets
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import symgen
from symgen.corpus import Corpus, Entry, open_corpus
from symgen.dataset import encode, ledger, shards
from symgen.dataset import learn as survey
from symgen.dataset import split as halves
from symgen.dataset import workers as pool
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.encode import Encoded, Progress, Refused, encode_file
from symgen.dataset.ledger import Ledger
from symgen.dataset.manifest import (
    COMPRESSION,
    FORMAT,
    MANIFEST,
    Info,
    read_manifest,
    write_manifest,
)
from symgen.dataset.shards import Row, Spool
from symgen.encodings import Encoding, encodings
from symgen.errors import DataError, ReadError
from symgen.files import make_folder, naming, next_free
from symgen.process import cores

Source = str | os.PathLike[str]
LONGEST_NAME = 60  # characters of a dataset's own name
CRASHED = "the process that read it crashed; leave it out, or report it with the file"


@dataclasses.dataclass(frozen=True)
class Built:
    """The dataset, whether it was written now or found up to date, and what to warn of and to say about it."""

    dataset: Dataset
    fresh: bool
    warned: tuple[str, ...]
    said: tuple[str, ...]


def convert(
    source: Source | Sequence[Source],
    encoding: str | Encoding | Mapping[str, Any] | None = None,
    output: Source | None = None,
    *,
    workers: int | None = None,
    seed: int = 0,
    augment: Augment | None = None,
    force: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Encode a folder, file, archive or corpus name (or several) and return the dataset, under `data/` unless told where.

    `encoding` is a name, a table of name and options, or an Encoding; without one, what the corpus's manifest asks for, else
    `performance`. `augment` is declared for the training half.
    `workers` processes read and encode (as many as there are cores). `strict` raises DataError on any loss, `force`
    replaces another dataset at `output`. A dataset made of the same music and options is returned as it is, unless it is damaged.
    Warns where a stand-in is used, or a corpus of one piece is split by time. DataError, too, where nothing could be written.
    """
    built = build(
        source,
        encoding,
        output,
        workers=workers,
        seed=seed,
        augment=augment,
        force=force,
        strict=strict,
        progress=progress,
    )
    for line in built.warned if built.fresh else ():
        warnings.warn(line, UserWarning, stacklevel=2)
    return built.dataset


def build(
    source: Source | Sequence[Source],
    encoding: str | Encoding | Mapping[str, Any] | None = None,
    output: Source | None = None,
    *,
    workers: int | None = None,
    seed: int = 0,
    augment: Augment | None = None,
    force: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Do what `convert` does, and tell what it has to say instead of warning."""
    sources = [source] if isinstance(source, str | os.PathLike) else list(source)
    corpora = open_all(sources)
    job = Job(corpora, _encoding(encoding, corpora), augment or Augment(), seed)
    path = job.place(output, force)
    fresh = force or not (
        (path / MANIFEST).is_file() and _same(path, job.fingerprint) and _whole(path)
    )
    if fresh:
        job.run(path, cores() if workers is None else workers, strict, progress or _silent)
    else:
        _touch(path / MANIFEST)
    dataset = Dataset.open(path)
    check_strict(dataset.info["ledger"], strict)
    warned = (*(corpus.note for corpus in job.corpora if corpus.note), *dataset.info["warnings"])
    said = warned
    if fresh and output is None and path.name != job.name:
        said += (
            f"{path.with_name(job.name).as_posix()} is of other music or options: this one is {path.as_posix()}",
        )
    return Built(dataset, fresh, warned, said)


def _encoding(
    encoding: str | Encoding | Mapping[str, Any] | None, corpora: Sequence[Corpus]
) -> Encoding:
    """Return the encoding that is asked for; where no name is, that of the corpora's manifests if they agree on one."""
    if isinstance(encoding, Encoding):
        return encoding
    table = {"name": encoding} if isinstance(encoding, str) else dict(encoding or {})
    if "name" not in table:
        usual = (
            corpora[0].encoding
            if all(corpus.encoding == corpora[0].encoding for corpus in corpora)
            else {}
        )
        table = {"name": "performance", **usual, **table}
    made: Encoding = encodings.make(table)
    return made


def _silent(done: int, total: int, what: str) -> None:
    pass


def open_all(sources: Sequence[Source]) -> list[Corpus]:
    """Open every source; DataError where two have one name, for their pieces could not be told apart."""
    corpora = [open_corpus(source) for source in sources]
    names = [corpus.name for corpus in corpora]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"two of the sources are called {name!r}; rename a folder or convert them apart"
            )
    return corpora


@dataclasses.dataclass(frozen=True)
class Job:
    """What a dataset is made of; nothing else has a say in its bytes."""

    corpora: list[Corpus]
    encoding: Encoding
    augment: Augment
    seed: int
    sums: dict[int, str] = dataclasses.field(
        default_factory=dict
    )  # SHA-256 of the files that were read, by their number

    @property
    def name(self) -> str:
        """The name of the folder where none is asked for; of many corpora it tells the first and how many more."""
        first, *more = [corpus.name for corpus in self.corpora]
        joined = "+".join([first, *more])
        if len(joined) > LONGEST_NAME:
            joined = first[:LONGEST_NAME] + (f"+{len(more)}-more" if more else "")
        return f"{joined}-{self.encoding.name}"

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield (corpus name, entry); of several corpora the names are put before the ids."""
        for corpus in self.corpora:
            for entry in corpus.entries():
                if len(self.corpora) > 1:
                    entry = dataclasses.replace(
                        entry, id=f"{corpus.name}/{entry.id}", group=f"{corpus.name}/{entry.group}"
                    )
                yield corpus.name, entry

    @functools.cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of everything that the bytes depend on. Reads every file that was not read, parses none."""
        options = [
            FORMAT,
            halves.RULE,
            encode.RULE,
            symgen.__version__,
            self.encoding.fingerprint(),
            self.augment.table(),
            self.seed,
        ]
        digest = hashlib.sha256(
            json.dumps(
                [options, [corpus.facts for corpus in self.corpora]], sort_keys=True
            ).encode()
        )
        for number, (corpus, entry) in enumerate(self.entries()):
            row = [
                corpus,
                entry.id,
                entry.group,
                entry.split,
                entry.label,
                self.sums.get(number) or _content(entry),
            ]
            digest.update(json.dumps(row, sort_keys=True).encode())
        return digest.hexdigest()[:16]

    def place(self, output: Source | None, force: bool) -> Path:
        """Return where to write, or where the same was written already."""
        if output is None:
            same = (
                path for path in _numbered(Path("data"), self.name) if _same(path, self.fingerprint)
            )
            return next(same, Path("data") / self.name if force else next_free("data", self.name))
        path = Path(output)
        if path.exists() and not (
            path.is_dir() and (not any(path.iterdir()) or (path / MANIFEST).is_file())
        ):
            raise DataError(f"{path} exists and is not a dataset; give another -o")
        if (path / MANIFEST).is_file() and not force and not _same(path, self.fingerprint):
            raise DataError(
                f"{path} is a dataset of other music or options; give another -o or --force to replace it"
            )
        return path

    def run(self, path: Path, workers: int, strict: bool, progress: Progress) -> None:
        """Write the dataset beside `path` and move it there when it is whole."""
        part = make_folder(path.parent) / f".{path.name[:32]}.{secrets.token_hex(4)}.part"
        with naming(path):
            part.mkdir()
        try:
            info = self._write(part, 1 if _is_of_script(self.encoding) else workers, progress)
            check_strict(info["ledger"], strict)
            _move(part, path)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _write(self, folder: Path, workers: int, progress: Progress) -> Info:
        encoding, learned, kept = self._learned(workers, progress)
        counts, spool = Ledger(), Spool(folder, encoding)
        try:
            self._encode(counts, spool, workers, kept, progress)
            spool.rows.sort(key=lambda row: (row.piece.id, row.piece.sha256))
            read = list(spool.rows)
            said = halves.decide(spool, self.seed)
            if encoding.learns and learned.get("survey"):
                said.append(
                    f"nothing was frequent enough to be learned: {learned['learned']}; use more music, or change the cutoff"
                )
            info = self._info(encoding, counts.table(read, spool.rows), spool.rows, said) | learned
            info["shards"] = shards.write(folder, spool, workers)
        finally:
            spool.close()
        write_manifest(folder, info)
        return info

    def _learned(self, workers: int, progress: Progress) -> tuple[Encoding, Info, survey.Kept]:
        """Return the encoding with what it learns of all pieces, what `dataset.json` says of that, and the pieces of a small corpus."""
        if not self.encoding.learns:
            return self.encoding, {}, {}
        counts, kept = survey.survey(
            self.encoding, (entry for _, entry in self.entries()), self._files, workers, progress
        )
        encoding = self.encoding.learned(counts)
        return (
            encoding,
            {"survey": dict(sorted(counts.items())), "learned": encoding.account(counts)},
            kept,
        )

    @property
    def _files(self) -> int:
        return sum(len(corpus) for corpus in self.corpora)

    def _encode(
        self, counts: Ledger, spool: Spool, workers: int, kept: survey.Kept, progress: Progress
    ) -> None:
        total = self._files
        items = (
            (number, entry, kept.pop(number, None)) for number, entry in enumerate(self.entries())
        )
        task = functools.partial(_encode_entry, spool.encoding)
        encoded = pool.mapped(task, items, 1 if len(kept) == total else min(workers, total))
        for done, ((number, (corpus, entry), _), found) in enumerate(encoded, 1):
            for item in [Refused(entry.id, CRASHED)] if isinstance(found, pool.Died) else found:
                if isinstance(item, Refused):
                    counts.refuse(item)
                else:
                    counts.take(item)
                    spool.add(item, corpus)
                    self.sums[number] = item.sha256
            counts.files += 1
            progress(done, total, "encoding")
        counts.skipped = [pair for corpus in self.corpora for pair in corpus.skipped]
        if not spool.rows:
            raise DataError(
                f"nothing written: none of {total} files could be used; {ledger.losses(counts.table([], []))[0]}"
            )

    def _info(self, encoding: Encoding, counts: Info, rows: Sequence[Row], said: list[str]) -> Info:
        """Return what `dataset.json` holds, its shards aside."""
        pieces = [
            {
                "id": row.piece.id,
                "half": row.half,
                "group": row.group,
                "notes": row.piece.notes,
                "seconds": round(row.piece.seconds, 3),
                "events": row.piece.steps,
            }
            for row in rows
            if row.half
        ]
        return {
            "format": FORMAT,
            "compression": COMPRESSION,
            "symgen": symgen.__version__,
            "fingerprint": self.fingerprint,
            "seed": self.seed,
            "encoding": encoding.spec(),
            "encoding_fingerprint": encoding.fingerprint(),
            "fields": [{"name": field.name, "size": field.size} for field in encoding.fields],
            "augment": self.augment.table(),
            "corpora": [corpus.facts for corpus in self.corpora],
            "warnings": said,
            "halves": ledger.halves_of(pieces),
            "ledger": counts,
            "pieces": pieces,
        }


def _encode_entry(
    encoding: Encoding, item: tuple[int, tuple[str, Entry], survey.Pieces | None]
) -> list[Encoded | Refused]:
    _, (_, entry), pieces = item
    return encode_file(encoding, entry, pieces)


def _is_of_script(encoding: Encoding) -> bool:
    return type(encoding).__module__ == "__main__"  # another process could not find it


def _content(entry: Entry) -> str:
    try:
        return hashlib.sha256(entry.read()).hexdigest()
    except ReadError as error:
        return error.reason


def _numbered(folder: Path, name: str) -> Iterator[Path]:
    """Yield name, name-2, name-3, ... in `folder` as long as they exist."""
    for i in itertools.count(1):
        path = folder / (name if i == 1 else f"{name}-{i}")
        if not path.exists():
            return
        yield path


def _same(path: Path, fingerprint: str) -> bool:
    try:
        return bool(read_manifest(path).get("fingerprint") == fingerprint)
    except DataError:
        return False


def _whole(path: Path) -> bool:
    try:
        Dataset.open(path).check()
    except DataError:
        return False
    return True


def _touch(path: Path) -> None:
    """Make a dataset the newest, for it was asked for last; its bytes stay as they are."""
    with contextlib.suppress(OSError):
        os.utime(path)


def check_strict(counts: Mapping[str, Any], strict: bool) -> None:
    """Raise DataError where something was lost and `strict` forbids it."""
    if strict and (lost := ledger.losses(counts)):
        raise DataError(f"--strict: nothing written, for there were losses: {'; '.join(lost)}")


def _move(part: Path, path: Path) -> None:
    """Put the folder `part` at `path`; what was there goes only once it is there."""
    old = part.with_suffix(".old")
    if path.exists():
        path.rename(old)
    part.rename(path)
    shutil.rmtree(old, ignore_errors=True)
