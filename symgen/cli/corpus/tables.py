"""Columns and grouped lines, as the commands of a corpus print them."""

from __future__ import annotations

from collections.abc import Sequence

from symgen.errors import counted, printable


def columns(rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> str:
    """Return rows as aligned columns; the columns whose numbers are in `right` are flush right."""
    cells = [[printable(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = (
        "  ".join(
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def grouped(kind: str, reasons: Sequence[tuple[str, str]], most: int) -> list[str]:
    """Return a line for each (name, reason), or one for a reason with more than `most` names."""
    names: dict[str, list[str]] = {}
    for name, reason in reasons:
        names.setdefault(reason, []).append(name)
    lines = []
    for reason, found in names.items():
        if len(found) > most:
            found = [
                f"{counted(len(found), 'file')}, such as {found[0]} and {found[1]} (-v lists all)"
            ]
        lines += [printable(f"{kind}: {name}: {reason}") for name in found]
    return lines
