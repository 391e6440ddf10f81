"""A figure: a drawing, what it says in words, and the numbers behind it."""

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
    """Rows under named columns; a cell is text, a number or None. Units stand in the names of the columns."""

    name: str  # of its files
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    folded: bool = False  # shown when it is asked for

    def csv(self) -> str:
        """Return it as CSV (RFC 4180), numbers in full."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in self.rows)
        return file.getvalue()


@dataclass(frozen=True)
class Figure:
    """A drawing and the table behind it. `about` says in a sentence or two what one sees, for those who cannot."""

    drawing: Drawing
    table: Table
    about: str
    wide: bool = False  # wider than a phone: it scrolls sideways there

    @property
    def name(self) -> str:
        """The stem of its files."""
        return self.table.name

    @property
    def title(self) -> str:
        """What stands under it."""
        return self.table.title


def shown(cell: Any) -> str:
    """Return a cell as a reader wants it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return (
        number(float(cell)) if isinstance(cell, int | float) else "–" if cell is None else str(cell)
    )


def is_number(cell: Any) -> bool:
    """Say whether a cell is set flush right."""
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))
