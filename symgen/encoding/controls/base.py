"""What a control is: numbers that tell a model, before each event, what the events before it do not.

A control is computed on a whole piece, augmented as it is, and cropped with the events; it is never stored. The first
column is its presence bit. Where the context lacks what a control needs, all its columns are zero.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.encoding.base import Encoding, Events

Rows = npt.NDArray[np.float32]


class Follower(abc.ABC):
    """A control of `batch` streams while they are made, from the events that each has come to."""

    @abc.abstractmethod
    def rows(self) -> Rows:
        """Return float32 `[batch, width]`: what is known before the next event of each stream."""

    @abc.abstractmethod
    def take(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` that were chosen."""

    def forget(self) -> None:  # noqa: B027 - few followers have a past to compare with
        """Begin something new: nothing that has been is like the present."""

    @abc.abstractmethod
    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows` alone, in that order; a stream named twice becomes two."""


@dataclasses.dataclass(frozen=True)
class Control(abc.ABC):
    """One control. Options are the dataclass fields of the member."""

    name: ClassVar[str]

    @abc.abstractmethod
    def width(self, encoding: Encoding) -> int:
        """Return the number of columns, the presence bit included."""

    @abc.abstractmethod
    def compute(self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None) -> Rows:
        """Return float32 `[steps, width]`: row t holds what is known when event t is to be chosen.

        `context` is what `encoding.context` told of the piece, or what a sample is asked to be. `outline` is what the
        method of that name gave for the piece in any key; it only saves time.
        """

    def outline(self, encoding: Encoding, events: Events, context: Mapping[str, Any]) -> Any:  # noqa: B027 - few controls have one
        """Return what costs time and is the same in every key; None for nothing."""

    def follow(self, encoding: Encoding, batch: int, context: Mapping[str, Any]) -> Follower | None:
        """Return what tells the columns of `batch` streams while they are made, where they depend on the events before."""
        return None

    def spec(self) -> dict[str, Any]:
        """Return the table from which the registry builds this control again."""
        return {"name": self.name} | {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.init}


def total_width(controls: Sequence[Control], encoding: Encoding) -> int:
    """Return how many columns `controls` have together."""
    return sum(control.width(encoding) for control in controls)


def compute_all(controls: Sequence[Control], encoding: Encoding, events: Events, context: Mapping[str, Any],
                outlines: Sequence[Any] | None = None) -> Rows:
    """Return float32 `[steps, total width]`: the columns of `controls`, side by side in their order."""
    return np.concatenate([np.zeros((len(events), 0), np.float32),
                           *(control.compute(encoding, events, context, outline)
                             for control, outline in zip(controls, outlines or [None] * len(controls), strict=True))],
                          axis=1, dtype=np.float32)


def steps_before(encoding: Encoding, events: Events) -> npt.NDArray[np.int64]:
    """Return int64 `[steps]`: how far time has advanced, in steps of the encoding, when each event is to be chosen."""
    taken = np.zeros(len(events), np.int64)
    for field in range(len(encoding.fields)):
        taken += encoding.table(field)["advance"][events[:, field]]
    return np.cumsum(taken) - taken
