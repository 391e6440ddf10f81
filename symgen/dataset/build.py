"""Conversion: the music of a corpus is encoded, split and written as a dataset folder.

The bytes depend only on the music and the options, not on the number of workers, the date or the
machine. A folder is written whole or not at all. A dataset of the same music and options is kept
as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import symgen
from symgen import limits as limiting
from symgen import scratch
from symgen.corpus import Corpus, Entry, open_all
from symgen.dataset import encode, learn, ledger, split
from symgen.dataset import workers as pool
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset, is_intact
from symgen.dataset.encode import Encoded, Progress, Refused, encode_file
from symgen.dataset.ledger import Ledger
from symgen.dataset.sound import of_sound
from symgen.dataset.store import shards
from symgen.dataset.store.manifest import (
    COMPRESSION,
    FORMAT,
    MANIFEST,
    Info,
    check_replaceable,
    has_fingerprint,
    numbered,
    write_manifest,
)
from symgen.dataset.store.shards import Row, Spool
from symgen.encodings import Codec, Encoding, encodings
from symgen.errors import BadOption, DataError, ReadError, counted
from symgen.files import make_folder, naming, next_free
from symgen.limits import Limits
from symgen.process import cores

Source = str | os.PathLike[str]
Sources = Source | Sequence[Source]
EncodingLike = str | Codec | Mapping[str, Any] | None
MAX_NAME = 60  # characters of the folder's default name
CRASHED = "the process that read it crashed; leave it out, or report it with the file"


@dataclasses.dataclass(frozen=True)
class Built:
    """A dataset, whether it is new, its warnings, and messages about it (warnings included)."""

    dataset: Dataset
    fresh: bool
    warned: tuple[str, ...]
    messages: tuple[str, ...]


def convert(
    source: Sources,
    encoding: EncodingLike = None,
    output: Source | None = None,
    *,
    workers: int | None = None,
    seed: int = 0,
    augment: Augment | None = None,
    force: bool = False,
    strict: bool = False,
    limits: Limits | None = None,
    reading: Mapping[str, Any] | None = None,
    longest: float | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Encode a folder, file, archive or named corpus (or several) and return the dataset.

    It is written to `output`, or under `data/`. `encoding` is a name, a table of name and options,
    or an Encoding; without one, that of the corpus's manifest, else `performance`. `augment` is
    recorded for the training split. `workers` processes read and encode, one for each core by
    default. With `strict` any loss raises DataError. `force` replaces another dataset at `output`.
    `limits` are those of each file. `reading` has options of readers, such as
    {"accidentals": "pitch"} for ABC.

    With an encoding of sound, such as {"name": "mu_law", "rate": 8000}, the sources are recordings,
    and one that is longer than `longest` seconds (600) is cut into tracks.

    A dataset of the same music and options is returned as it is, unless it is damaged. Warns where
    stand-in music is used, or a corpus of one piece is split by time. DataError where nothing
    could be written.
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
        limits=limits,
        reading=reading,
        longest=longest,
        progress=progress,
    )
    for line in built.warned if built.fresh else ():
        warnings.warn(line, UserWarning, stacklevel=2)
    return built.dataset


def build(
    source: Sources,
    encoding: EncodingLike = None,
    output: Source | None = None,
    *,
    workers: int | None = None,
    seed: int = 0,
    augment: Augment | None = None,
    force: bool = False,
    strict: bool = False,
    limits: Limits | None = None,
    reading: Mapping[str, Any] | None = None,
    longest: float | None = None,
    progress: Progress | None = None,
) -> Built:
    """Do the same as `convert`, and return its warnings and messages."""
    sources = [source] if isinstance(source, str | os.PathLike) else list(source)
    if (sound := of_sound(encoding, augment, reading)) is not None:
        from symgen.dataset.sound.build import build as built

        with limiting.using(limits):
            shared: dict[str, Any] = {"workers": workers, "seed": seed, "progress": progress}
            made = built(
                sources, sound, output, longest=longest, force=force, strict=strict, **shared
            )
        return Built(*made, (), ())
    if longest is not None:
        raise BadOption("longest is of recordings, and an encoding of notes was requested")
    with limiting.using(limits):
        corpora = open_all(sources, reading)
    job = Job(corpora, _encoding(encoding, corpora), augment or Augment(), seed)
    path = job.place(output, force)
    fresh = force or not (has_fingerprint(path, job.fingerprint) and is_intact(path))
    if fresh:
        job.run(path, cores() if workers is None else workers, strict, progress or _silent)
    else:
        with contextlib.suppress(OSError):
            os.utime(path / MANIFEST)  # it is the newest, because it was requested last
    dataset = Dataset.open(path)
    ledger.check_strict(dataset.info["ledger"], strict)
    warned = (*(corpus.note for corpus in job.corpora if corpus.note), *dataset.info["warnings"])
    messages = warned
    if fresh and output is None and path.name != job.name:
        other = path.with_name(job.name).as_posix()
        messages += (f"{other} holds other music or options; this one is {path.as_posix()}",)
    return Built(dataset, fresh, warned, messages)


def _encoding(encoding: EncodingLike, corpora: Sequence[Corpus]) -> Encoding:
    """Return the requested encoding; without a name, that of the manifests where they agree."""
    if isinstance(encoding, Encoding):
        return encoding
    given = {} if isinstance(encoding, Codec) else encoding or {}
    table = {"name": given} if isinstance(given, str) else dict(given)
    if "name" not in table:
        first = corpora[0].encoding
        usual = first if all(corpus.encoding == first for corpus in corpora) else {}
        table = {"name": "performance", **usual, **table}
    made: Encoding = encodings.make(table)
    return made


def _silent(done: int, total: int, what: str) -> None:
    pass


@dataclasses.dataclass(frozen=True)
class Job:
    """Everything that the bytes of a dataset depend on.

    `sums` has the SHA-256 of the files that were read, by their number.
    """

    corpora: list[Corpus]
    encoding: Encoding
    augment: Augment
    seed: int
    sums: dict[int, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """The default name of the folder: the corpora, or the first and how many more."""
        first, *more = [corpus.name for corpus in self.corpora]
        joined = "+".join([first, *more])
        if len(joined) > MAX_NAME:
            joined = first[:MAX_NAME] + (f"+{len(more)}-more" if more else "")
        return f"{joined}-{self.encoding.name}"

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield (corpus name, entry); with several corpora the ids begin with the name."""
        for corpus in self.corpora:
            prefix = f"{corpus.name}/" if len(self.corpora) > 1 else ""
            for entry in corpus.entries():
                named = dataclasses.replace(entry, id=prefix + entry.id, group=prefix + entry.group)
                yield corpus.name, named

    @functools.cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of everything that the bytes depend on.

        Reads every file that was not read yet, without parsing it. The order in an archive does
        not matter.
        """
        options = [
            FORMAT,
            split.RULE,
            encode.RULE,
            symgen.__version__,
            self.encoding.fingerprint(),
            self.augment.table(),
            self.seed,
        ]
        options += [corpus.limits.changed() for corpus in self.corpora if corpus.limits]
        facts = [options, [corpus.facts for corpus in self.corpora]]
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
        place = {corpus.name: i for i, corpus in enumerate(self.corpora)}
        rows = []
        for number, (corpus, entry) in enumerate(self.entries()):
            content = self.sums.get(number) or _content(entry)
            row = [corpus, entry.id, entry.group, entry.split, entry.label, content]
            rows.append((place[corpus], entry.id, json.dumps(row, sort_keys=True).encode()))
        for *_, line in sorted(rows):
            digest.update(line)
        return digest.hexdigest()[:16]

    def place(self, output: Source | None, force: bool) -> Path:
        """Return where to write, or where the same dataset already is."""
        scratch.clean(Path("data") if output is None else Path(output).parent, again=True)
        if output is None:
            for path in numbered(Path("data"), self.name):
                if has_fingerprint(path, self.fingerprint):
                    return path
            if not force:
                return next_free("data", self.name)
        path = Path(output or Path("data") / self.name)
        check_replaceable(path)
        if (
            (path / MANIFEST).is_file()
            and not force
            and not has_fingerprint(path, self.fingerprint)
        ):
            raise DataError(
                f"{path} is a dataset of other music or options; give another -o or --force to "
                "replace it"
            )
        return path

    def run(self, path: Path, workers: int, strict: bool, progress: Progress) -> None:
        """Write the dataset in a hidden folder, and move it to `path` when it is complete."""
        replace = path.exists()  # another process may make it meanwhile
        make_folder(path.parent)
        with naming(path), scratch.folder(path) as part:
            new = part / "new"
            new.mkdir()
            info = self._write(new, path, 1 if _is_of_script(self.encoding) else workers, progress)
            ledger.check_strict(info["ledger"], strict)
            try:
                scratch.swap(new, path, replace)
            except FileExistsError:
                if not has_fingerprint(path, self.fingerprint):
                    raise DataError(
                        f"{path}: another process has just written another dataset there; run the "
                        "command again, with another -o"
                    ) from None

    def _write(self, folder: Path, named: Path, workers: int, progress: Progress) -> Info:
        """Write the files of the dataset into `folder`; errors name `named`."""
        encoding, learned, kept = self._learned(workers, progress)
        counts, spool = Ledger(), Spool(folder, encoding, named)
        try:
            self._encode(counts, spool, workers, kept, progress)
            spool.rows.sort(key=lambda row: (row.piece.id, row.piece.sha256))
            read = list(spool.rows)
            messages = split.decide(spool, self.seed)
            if encoding.learns and learned.get("survey"):
                messages.append(
                    f"nothing was frequent enough to be learned: {learned['learned']}; "
                    "use more music, or change the cutoff"
                )
            counted_in = counts.table(read, spool.rows)
            info = self._info(encoding, counted_in, spool.rows, messages) | learned
            info["shards"] = shards.write(folder, spool, workers)
        finally:
            spool.close()
        write_manifest(folder, info)
        return info

    def _learned(self, workers: int, progress: Progress) -> tuple[Encoding, Info, learn.Kept]:
        """Return the encoding with what it learned, facts about that, and the pieces in memory."""
        if not self.encoding.learns:
            return self.encoding, {}, {}
        entries = (entry for _, entry in self.entries())
        counts, kept = learn.survey(self.encoding, entries, self._files, workers, progress)
        encoding = self.encoding.learned(counts)
        facts = {
            "survey": dict(sorted(counts.items())),
            "learned": encoding.describe_vocabulary(counts),
        }
        return encoding, facts, kept

    @property
    def _files(self) -> int:
        return sum(len(corpus) for corpus in self.corpora)

    def _encode(
        self, counts: Ledger, spool: Spool, workers: int, kept: learn.Kept, progress: Progress
    ) -> None:
        """Encode every file into `spool`, and count it."""
        total = self._files
        items = (
            (number, entry, kept.pop(number, None)) for number, entry in enumerate(self.entries())
        )
        task = functools.partial(_encode_entry, spool.encoding)
        processes = 1 if len(kept) == total else min(workers, total)
        encoded = pool.mapped(task, items, processes)
        for done, ((number, (corpus, entry), _), found) in enumerate(encoded, 1):
            for item in [Refused(entry.id, CRASHED)] if isinstance(found, pool.Died) else found:
                if isinstance(item, Refused):
                    counts.refuse(item)
                    continue
                counts.take(item)
                spool.add(item, corpus)
                self.sums[number] = item.sha256
            counts.files += 1
            progress(done, total, "encoding")
        counts.skipped = [pair for corpus in self.corpora for pair in corpus.skipped]
        if not spool.rows:
            raise DataError(
                f"nothing written: {counted(total, 'file')}, none of which could be used; "
                f"{ledger.losses(counts.table([], []))[0]}"
            )

    def _info(
        self, encoding: Encoding, counts: Info, rows: Sequence[Row], messages: list[str]
    ) -> Info:
        """Return the contents of `dataset.json`, without its shards."""
        pieces = [_described(row) for row in rows if row.split]
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
            "warnings": messages,
            "halves": ledger.split_totals(pieces),
            "ledger": counts,
            "pieces": pieces,
        }


def _described(row: Row) -> Info:
    """Return what `dataset.json` holds of a piece."""
    return {
        "id": row.piece.id,
        "half": row.split,
        "group": row.group,
        "notes": row.piece.notes,
        "seconds": round(row.piece.seconds, 3),
        "events": row.piece.steps,
    }


def _encode_entry(
    encoding: Encoding, item: tuple[int, tuple[str, Entry], learn.Pieces | None]
) -> list[Encoded | Refused]:
    _, (_, entry), pieces = item
    return encode_file(encoding, entry, pieces)


def _is_of_script(encoding: Encoding) -> bool:
    return type(encoding).__module__ == "__main__"  # another process could not import it


def _content(entry: Entry) -> str:
    try:
        return hashlib.sha256(entry.read()).hexdigest()
    except ReadError as error:
        return error.reason
