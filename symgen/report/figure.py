"""A figure: a drawing, what it shows in words, and the numbers behind it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symgen.report.plotting.axes import number
from symgen.report.plotting.drawing import Drawing


@dataclass(frozen=True)
class Table:
    """Rows under named columns; a cell is text, a number or None. Column names include units."""

    name: str  # the stem of its file
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def csv(self) -> str:
        """Return it as CSV (RFC 4180), with all digits of the numbers."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in self.rows)
        return file.getvalue()


@dataclass(frozen=True)
class Figure:
    """A drawing and the table behind it.

    `about` says in a sentence or two what it shows, also for readers who cannot see it.
    """

    drawing: Drawing
    table: Table
    about: str

    @property
    def name(self) -> str:
        """The stem of its files."""
        return self.table.name

    @property
    def title(self) -> str:
        """The title in its caption."""
        return self.table.title


def shown(cell: Any) -> str:
    """Return a cell as text for a reader."""
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return number(float(cell)) if isinstance(cell, int | float) else str(cell)


def is_number(cell: Any) -> bool:
    """Return whether a cell is aligned to the right."""
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))
