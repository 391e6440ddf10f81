"""Label: whose music it is, or of what kind, from the tables of the corpus.

`key` names the column of the table (composer, genre, ...). `labels` are the values that have a
column here; if none are given, those of the training music are learned. A piece with another
value, or of a corpus without such a table, has none. `key = "folder"` takes the piece's folder.
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

MOST_LABELS = 256  # that are learned: those of the most pieces


@dataclasses.dataclass(frozen=True)
class Label(Control):
    """Columns: presence, and the label (one-hot)."""

    key: str = "composer"
    labels: tuple[str, ...] = ()

    name: ClassVar[str] = "label"
    future: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.key, str) or not self.key:
            raise BadOption(
                f"controls.key = {self.key!r}: expected the column of a table, "
                'such as "composer", or "folder"'
            )
        labels = self.labels
        if (
            not isinstance(labels, list | tuple)
            or not all(isinstance(label, str) and label for label in labels)
            or len(set(labels)) < len(labels)
        ):
            raise BadOption(
                f"controls.labels = {labels!r}: expected a list of different labels, "
                "or [] to learn them"
            )
        object.__setattr__(self, "labels", tuple(labels))

    def about(self) -> str:
        """Return the key and the number of labels."""
        return (
            f"{self.key}, one of {len(self.labels)}" if self.labels else f"{self.key}, none known"
        )

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return 1 + len(self.labels)

    def of(self, context: Mapping[str, Any]) -> str:
        """Return the label of a piece, empty if it has none."""
        if self.key == "folder":
            return str(context.get("id", "")).rpartition("/")[0]
        return str(context.get(f"label/{self.key}", ""))

    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`, the same in each row."""
        return np.tile(self._columns(self.of(context)), (len(events), 1))

    def _columns(self, label: str) -> Rows:
        """Return float32 `[width]`: the columns of a label, zeros for one that is not known."""
        out = np.zeros(1 + len(self.labels), np.float32)
        if label in self.labels:
            out[0] = out[1 + self.labels.index(label)] = 1
        return out

    def encode(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[width]`: the columns of the label `value`; case does not matter."""
        for label in self.labels:
            if isinstance(value, str) and label.casefold() == value.strip().casefold():
                return self._columns(label)
        raise BadOption(unknown("label", value, self.labels))

    def read(self, value: Any) -> str:
        """Return the name of a label; whether the model knows it is checked by `encode`."""
        if not isinstance(value, str) or not value.strip():
            raise BadOption(f"label {value!r}: expected a name, such as Debussy")
        return value.strip()

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema: one of the labels."""
        return {"type": "string", "enum": list(self.labels)}

    @property
    def learns(self) -> bool:
        """Whether no labels are given."""
        return not self.labels

    def learned(self, contexts: Sequence[Mapping[str, Any]]) -> Label:
        """Return this control with the labels of these pieces, in alphabetical order."""
        if not self.learns:
            return self
        most = sorted(self._counts(contexts).items(), key=lambda item: (-item[1], item[0]))
        labels = sorted(label for label, _ in most[:MOST_LABELS])
        return dataclasses.replace(self, labels=tuple(labels))

    def _counts(self, contexts: Sequence[Mapping[str, Any]]) -> Counter[str]:
        return Counter(label for context in contexts if (label := self.of(context)))

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return `unit`, which is the key, and `counts`: how many pieces have each label."""
        counts = self._counts(contexts)
        return {"unit": self.key, "counts": {label: counts[label] for label in self.labels}}
