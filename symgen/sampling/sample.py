"""A sample, and the report of it: what was requested and what was measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from symgen.encodings import Events
from symgen.notes.sequence import NoteSequence

if TYPE_CHECKING:
    from symgen.sampling.request.request import Request

# keys of earlier versions
RENAMED = {
    "asked": "requested",
    "reached": "measured",
    "ways": "methods",
    "said": "messages",
    "told": "messages",
    "way": "method",
    "attempts": "best_of",
}


@dataclasses.dataclass(frozen=True)
class Sample:
    """Sample `index` of `seed`: its music, and its events `[steps, fields]`.

    `requested` and `measured` hold values by name. `methods` says for
    each target whether the model was conditioned, steered or both. `over_time` holds the targets
    and the measured values of parts of the music, `distance` how far they differ (see
    `controls.compare`). `nats` is the mean per event under the model without its targets,
    `originality` what the sample shares with other music (see `sampling.originality`), `messages`
    are lines on how it was drawn. The first `before` notes are those of the primer. `again` is the
    number of draws before this one.
    """

    sequence: NoteSequence
    events: Events
    seed: int
    index: int
    requested: dict[str, Any]
    measured: dict[str, Any]
    methods: dict[str, str] = dataclasses.field(default_factory=dict)
    over_time: dict[str, Any] = dataclasses.field(default_factory=dict)
    distance: float = 0.0
    nats: float | None = None
    originality: dict[str, Any] | None = None
    before: int = 0
    messages: tuple[str, ...] = ()
    again: int = 0

    @property
    def is_tune(self) -> bool:
        """Whether it is a melody with chord symbols, measured in bars."""
        return "bars" in self.measured

    @property
    def continuation(self) -> NoteSequence:
        """The music without the notes of the primer."""
        return self.sequence.replace(notes=self.sequence.notes[self.before :])

    def with_request(self, **facts: Any) -> Sample:
        """Return the sample with more facts of its request; a fact that is None is left out."""
        known = {name: value for name, value in facts.items() if value is not None}
        return dataclasses.replace(self, requested=self.requested | known)


@dataclasses.dataclass(frozen=True)
class SampleReport:
    """What is known of a sample that was written to `files`: the JSON document beside it.

    The fields are those of `Sample`. `drawn` names the targets that the model chose for itself.
    `audio` is the file of its sound; `rendered` says that one was requested, so that a sample
    without a note has `audio` null. `recipe` makes the sample again (see `sampling.recipe`).
    """

    files: tuple[str, ...]
    seed: int
    index: int
    requested: Mapping[str, Any]
    measured: Mapping[str, Any]
    methods: Mapping[str, str] = dataclasses.field(default_factory=dict)
    over_time: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    distance: float = 0.0
    drawn: tuple[str, ...] = ()
    nats_per_event: float | None = None
    originality: Mapping[str, Any] | None = None
    messages: tuple[str, ...] = ()
    audio: str | None = None
    rendered: bool = False
    recipe: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, sample: Sample, files: Sequence[Path], drawn: Sequence[str] = ()) -> Self:
        """Return the report of `sample`, written to `files`."""
        return cls(
            files=tuple(path.as_posix() for path in files),
            seed=sample.seed,
            index=sample.index,
            requested=sample.requested,
            measured=sample.measured,
            methods=sample.methods,
            over_time=sample.over_time,
            distance=round(sample.distance, 4),
            drawn=tuple(drawn),
            nats_per_event=None if sample.nats is None else round(sample.nats, 4),
            originality=sample.originality,
            messages=sample.messages,
        )

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        """Return the report that `to_dict` wrote, also with the keys of earlier versions."""
        table = _with_present_names(table)
        lists = {name: tuple(table.get(name, ())) for name in ("files", "drawn", "messages")}
        known = {f.name for f in dataclasses.fields(cls)} & set(table)
        values = {name: table[name] for name in known} | lists
        return cls(**values | {"rendered": "audio" in table})

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; what does not apply to this sample is left out."""
        out: dict[str, Any] = {
            "file": self.files[0],
            "files": list(self.files),
            "seed": self.seed,
            "index": self.index,
            "requested": dict(self.requested),
            "measured": dict(self.measured),
        }
        if self.methods:
            out["methods"] = dict(self.methods)
            out["over_time"] = dict(self.over_time)
            out["distance"] = self.distance
        if self.drawn:
            out["drawn"] = list(self.drawn)
        if self.nats_per_event is not None:
            out["nats_per_event"] = self.nats_per_event
        if self.originality is not None:
            out["originality"] = dict(self.originality)
        if self.messages:
            out["messages"] = list(self.messages)
        if self.rendered:
            out["audio"] = self.audio
        if self.recipe is not None:
            out["recipe"] = dict(self.recipe)
        return out


def _with_present_names(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with its present keys, and those of a request for it."""
    out = _renamed(table)
    out["requested"] = _renamed(out["requested"])
    out["measured"] = _renamed(out["measured"])
    if "over_time" in out:
        parts = out["over_time"].items()
        out["over_time"] = {k: _renamed(v) if isinstance(v, Mapping) else v for k, v in parts}
    if "methods" in out:
        out["methods"] = {k: v.replace("told", "conditioned") for k, v in out["methods"].items()}
    return out


def _renamed(table: Mapping[str, Any]) -> dict[str, Any]:
    return {RENAMED.get(key, key): value for key, value in table.items()}


def drawn_targets(request: Request, planned: Request) -> list[str]:
    """Return the names of the targets that were set neither by the user nor by the primer."""
    known = {*request.controls.schedules, *planned.followed}
    return [name for name in planned.controls.schedules if name not in known]
