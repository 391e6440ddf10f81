"""What every encoding is, of notes or of sound: rows of integers with fields.

Events are an int32 array `[steps, fields]`. An encoding declares its fields, an ordered list of
(name, size). That is all a model knows of music: one categorical for each field of a step. The
input value `size` of a field means "nothing before".
"""

from __future__ import annotations

import abc
import dataclasses
import hashlib
import json
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

Events = npt.NDArray[np.int32]


class Field(NamedTuple):
    """One categorical of a step: its name and the number of its values."""

    name: str
    size: int


@dataclasses.dataclass(frozen=True)
class Codec(abc.ABC):
    """Rows of integers and what they stand for. Options are the dataclass fields of the member."""

    name: ClassVar[str]
    version: ClassVar[int] = 1  # raised when the same music would give other events

    @property
    @abc.abstractmethod
    def fields(self) -> tuple[Field, ...]:
        """The categoricals of a step, in order."""

    @property
    @abc.abstractmethod
    def steps_per_second(self) -> float:
        """How many steps of time make a second; in notes those of `advance` at written tempo."""

    def accepts(self, other: Codec) -> bool:
        """Return whether what was encoded by `other` serves for this encoding.

        It does if they are the same, or if `other` is this one with its open options filled.
        """
        return self.fingerprint() == other.fingerprint()

    def start(self) -> Events:
        """Return the input row `[fields]` that means "nothing before"."""
        return np.array([f.size for f in self.fields], np.int32)

    def spec(self) -> dict[str, Any]:
        """Return the table from which the registry builds this encoding again."""
        return {"name": self.name} | {
            f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.init
        }

    def identity(self) -> dict[str, Any]:
        """Return what decides the events of music, for `fingerprint`: the options."""
        return self.spec()

    def fingerprint(self) -> str:
        """Return twelve hexadecimal digits that differ if the events of some music would."""
        text = json.dumps([self.identity(), self.version], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def inputs(codec: Codec, events: Events, start: int, stop: int) -> Events:
    """Return the model input for predicting `events[start:stop]`: the event before each.

    Only the beginning of the piece (start 0) has "nothing before".
    """
    if start > 0:
        return events[start - 1 : stop - 1]
    return np.concatenate([codec.start()[None], events[: max(stop - 1, 0)]])
