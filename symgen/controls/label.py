"""Label: whose music it is, or of what kind, from the tables of the corpus.

`key` names the column of the table (composer, genre, ...), and `labels` the values that have a column here: those of the
music that is trained on, where none are given. A piece that has none of them is told nothing, and so is all music of a
corpus without such a table. `key = "folder"` takes the folder that the piece lies in.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from symgen.controls.base import Control, Rows
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption, unknown

MOST = 256  # labels that are learned: those of the most pieces


@dataclasses.dataclass(frozen=True)
class Label(Control):
    """Columns: presence, and the label (one-hot)."""

    key: str = "composer"
    labels: tuple[str, ...] = ()

    name: ClassVar[str] = "label"
    asked: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.key, str) or not self.key:
            raise BadOption(
                f'controls.key = {self.key!r}: expected the column of a table, such as "composer", or "folder"'
            )
        given = self.labels
        if (
            not isinstance(given, list | tuple)
            or not all(isinstance(g, str) and g for g in given)
            or len(set(given)) < len(given)
        ):
            raise BadOption(
                f"controls.labels = {given!r}: expected a list of labels, no two alike, or [] to learn them"
            )
        object.__setattr__(self, "labels", tuple(given))

    def about(self) -> str:
        """Return the key and how many labels there are."""
        return (
            f"{self.key}, one of {len(self.labels)}"
            if self.labels
            else f"{self.key}, of which none is known"
        )

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return 1 + len(self.labels)

    def of(self, context: Mapping[str, Any]) -> str:
        """Return the label of a piece, empty where it has none."""
        if self.key == "folder":
            return str(context.get("id", "")).rpartition("/")[0]
        return str(context.get(f"label/{self.key}", ""))

    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`, the same in each row."""
        label = self.of(context)
        told = (
            self._told(label)
            if label in self.labels
            else np.zeros(self.width(encoding), np.float32)
        )
        return np.tile(told, (len(events), 1))

    def row(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[width]`: what is told where the label `value` is asked; case does not count."""
        for label in self.labels:
            if isinstance(value, str) and label.casefold() == value.strip().casefold():
                return self._told(label)
        raise BadOption(unknown("label", value, self.labels))

    def _told(self, label: str) -> Rows:
        out = np.zeros(1 + len(self.labels), np.float32)
        out[0] = out[1 + self.labels.index(label)] = 1
        return out

    @property
    def learns(self) -> bool:
        """Whether no labels are given."""
        return not self.labels

    def learned(self, contexts: Sequence[Mapping[str, Any]]) -> Label:
        """Return this control with the labels of these pieces, in the order of the alphabet."""
        if not self.learns:
            return self
        most = sorted(self._counts(contexts).items(), key=lambda item: (-item[1], item[0]))[:MOST]
        return dataclasses.replace(self, labels=tuple(sorted(label for label, _ in most)))

    def _counts(self, contexts: Sequence[Mapping[str, Any]]) -> Counter[str]:
        return Counter(label for context in contexts if (label := self.of(context)))

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return `unit`, the key, and `counts`: how many of the pieces have each label."""
        counts = self._counts(contexts)
        return {"unit": self.key, "counts": {label: counts[label] for label in self.labels}}
