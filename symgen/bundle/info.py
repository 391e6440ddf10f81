"""What a bundle records about itself: bundle.json as typed records.

Every record reads what it knows and keeps the rest in `other`, so that a bundle of another tool or
a newer version loses nothing when it is written again. A value of the wrong type is kept there too
and counts as not recorded. `from_dict` reads a table of JSON, `to_dict` returns it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from symgen.bundle import schema
from symgen.bundle.schema import Table

REQUIRED = (
    "format",
    "name",
    "encoding",
    "encoding_fingerprint",
    "fields",
    "controls",
    "width",
    "model",
    "player",
    "checksums",
)


EARLIER = {"said": "message"}  # keys of bundles that earlier versions wrote


class _NotRecorded(dict[str, Any]):
    """The empty table that stands for a field that is missing."""


NOT_RECORDED: Table = _NotRecorded()


def _missing() -> Any:
    return dataclasses.field(default_factory=lambda: NOT_RECORDED)


@dataclasses.dataclass(frozen=True)
class Record:
    """A record that is read from, and written as, a table of JSON."""

    other: Table = dataclasses.field(default_factory=lambda: NOT_RECORDED, kw_only=True)

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return for each field what reads its value, and raises TypeError or ValueError."""
        raise NotImplementedError

    @classmethod
    def from_dict(cls, table: Any) -> Self:
        """Return the record of a table; TypeError or ValueError where it is none."""
        readers = cls.readers()
        values = dict[str, Any]()
        other = dict[str, Any]()
        for key, value in schema.table(table).items():
            if value is None:
                continue
            name = EARLIER.get(key, key)
            try:
                values[name] = readers[name](value)
            except (KeyError, TypeError, ValueError):
                other[key] = value
        return cls(**values, other=other)

    def to_dict(self) -> dict[str, Any]:
        """Return the table; what is not recorded is left out."""
        out = dict(self.other)
        for key in self.readers():
            value = getattr(self, key)
            recorded = value is not None and value is not NOT_RECORDED
            if isinstance(value, Record):
                value = value.to_dict()
                recorded = bool(value)
            if recorded:
                out[key] = value
        return out


@dataclasses.dataclass(frozen=True)
class SplitSize(Record):
    """The size of a split of a dataset."""

    pieces: int | None = None
    events: int | None = None

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        return {"pieces": schema.count, "events": schema.count}


@dataclasses.dataclass(frozen=True)
class Score(Record):
    """Nats of `events` held-out events: per event, note and second; `fields` has those of each."""

    nats_per_event: float | None = None
    nats_per_note: float | None = None
    nats_per_second: float | None = None
    perplexity: float | None = None
    accuracy: float | None = None
    events: int | None = None
    fields: Table = _missing()

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        nats = ("nats_per_event", "nats_per_note", "nats_per_second")
        numbers = dict.fromkeys((*nats, "perplexity", "accuracy"), schema.number)
        return {**numbers, "events": schema.count, "fields": schema.table}


@dataclasses.dataclass(frozen=True)
class Evaluated(Record):
    """Figures of `symgen evaluate`: [value, low, high] in nats, and the notes that samples copy.

    `copies` has the `median` and the `most` notes of the longest copies of samples, and
    `held_out` the same of held-out music.
    """

    nats_per_event: Sequence[float] | None = None
    nats_per_note: Sequence[float] | None = None
    nats_per_second: Sequence[float] | None = None
    copies: Table | None = None

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        nats = ("nats_per_event", "nats_per_note", "nats_per_second")
        return {**dict.fromkeys(nats, schema.interval), "copies": schema.copies}


@dataclasses.dataclass(frozen=True)
class Gap(Record):
    """Nats per event on equal shares of the two splits, and a sentence about the difference."""

    train: float
    held_out: float
    message: str = ""

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        return {"train": schema.number, "held_out": schema.number, "message": schema.text}


@dataclasses.dataclass(frozen=True)
class Baselines(Record):
    """Nats per event of a unigram and of an n-gram of `order`, counted on the training split.

    `seconds` and `events` say how long counting took and of what. `message` is empty where the
    model is better.
    """

    unigram: float
    ngram: float | None = None
    order: int | None = None
    events: int | None = None
    seconds: float | None = None
    message: str | None = None

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        numbers = {"unigram": schema.number, "ngram": schema.number, "seconds": schema.number}
        return {**numbers, "order": schema.count, "events": schema.count, "message": schema.text}


@dataclasses.dataclass(frozen=True)
class TrainingReport(Record):
    """What a bundle records of its training. Every field may be missing.

    `config` is the config as resolved, `dataset` the folder. `score` is that of `scored` events of
    the eval split, `unigram` the nats per event of choosing by frequency. `keys` and `meters` count
    the pieces of each, `controls` and `music` describe the training music. `curve` has a row
    (step, train, held-out) of nats per event for each evaluation.
    """

    config: Table = _missing()
    dataset: str | None = None
    dataset_fingerprint: str | None = None
    train: SplitSize = dataclasses.field(default_factory=SplitSize)
    eval: SplitSize = dataclasses.field(default_factory=SplitSize)
    step: int | None = None
    seconds: float | None = None
    parameters: int | None = None
    score: Score = dataclasses.field(default_factory=Score)
    scored: int | None = None
    unigram: float | None = None
    keys: Table = _missing()
    meters: Table = _missing()
    controls: Table = _missing()
    music: Table = _missing()
    gap: Gap | None = None
    baselines: Baselines | None = None
    curve: Sequence[Any] | None = None
    evaluated: Evaluated = dataclasses.field(default_factory=Evaluated)
    machine: str | None = None
    backend: str | None = None
    symgen: str | None = None

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        texts = ("dataset", "dataset_fingerprint", "machine", "backend", "symgen")
        tables = ("config", "controls", "music")
        numbers = ("seconds", "unigram")
        counts = ("step", "parameters", "scored")
        return {
            **dict.fromkeys(texts, schema.text),
            **dict.fromkeys(tables, schema.table),
            **dict.fromkeys(numbers, schema.number),
            **dict.fromkeys(counts, schema.count),
            **dict.fromkeys(("keys", "meters"), schema.counts),
            "train": SplitSize.from_dict,
            "eval": SplitSize.from_dict,
            "score": Score.from_dict,
            "evaluated": Evaluated.from_dict,
            "gap": Gap.from_dict,
            "baselines": Baselines.from_dict,
            "curve": schema.curve,
        }

    def with_facts(self, more: Table) -> TrainingReport:
        """Return the report with the facts of the table `more` besides."""
        return TrainingReport.from_dict(self.to_dict() | dict(more))


@dataclasses.dataclass(frozen=True)
class PlayerInfo(Record):
    """What plays a bundle. `int8` holds the cost of int8, `test` the precision of the test."""

    name: str
    chained: bool = False
    precision: str | None = None
    int8: Table = _missing()
    test: Table = _missing()

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        texts = {"name": schema.text, "precision": schema.text}
        return {**texts, "chained": schema.flag, "int8": schema.table, "test": schema.table}

    @property
    def counted(self) -> bool:
        """Whether it plays the counts of an n-gram, and not graphs."""
        return self.name == "table"

    @property
    def has_graphs(self) -> bool:
        """Whether it plays graphs."""
        return self.name == "onnx"


@dataclasses.dataclass(frozen=True)
class BundleInfo(Record):
    """bundle.json: everything about a bundle but the arrays and graphs.

    `encoding`, `model` and `controls` are tables of their registries, `fields` the fields of a
    step, `width` the columns of the controls. `corpora` describes the training music, `checksums`
    the other members. `sampling` holds the chosen temperature and top-p. `symgen` is the version
    that wrote it.
    """

    format: int
    name: str
    encoding: Table
    encoding_fingerprint: str
    fields: Sequence[Table]
    controls: Sequence[Table]
    width: int
    model: Table
    player: PlayerInfo
    checksums: Table
    corpora: Sequence[Table] = ()
    training: TrainingReport = dataclasses.field(default_factory=TrainingReport)
    sampling: Table = _missing()
    symgen: str | None = None

    @classmethod
    def readers(cls) -> Mapping[str, Callable[[Any], Any]]:
        """Return what reads each field."""
        return {
            "format": schema.version,
            "name": schema.run_name,
            "symgen": schema.text,
            "encoding": schema.named,
            "encoding_fingerprint": schema.word,
            "fields": schema.fields,
            "controls": schema.controls,
            "width": schema.width,
            "model": schema.model,
            "checksums": schema.checksums,
            "corpora": schema.corpora,
            "sampling": schema.table,
            "player": PlayerInfo.from_dict,
            "training": TrainingReport.from_dict,
        }

    @classmethod
    def from_dict(cls, table: Any) -> Self:
        """Return the record; ValueError says which field is missing or cannot be used."""
        found = schema.table(table)
        readers = cls.readers()
        recorded = [key for key in ("training", "sampling") if found.get(key) is not None]
        for key in (*REQUIRED, *recorded):
            try:
                readers[key](found[key])
            except (KeyError, TypeError):
                raise ValueError(f"bundle.json has no {key} that can be used") from None
            except ValueError as error:
                raise ValueError(f"bundle.json has no {key} that can be used: {error}") from None
        return super().from_dict(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the table; what is not recorded is left out, except an empty training report."""
        return {"training": {}} | super().to_dict()

    @property
    def made_by(self) -> str:
        """The version of symgen that wrote it, or that it is unknown."""
        return f"symgen {self.symgen or '(unknown version)'}"
