"""Warnings about a tune: one line per kind, with the number of times and the first line."""

from __future__ import annotations

from symgen.errors import printable

KINDS = 50  # of warnings at most


class Warnings:
    """Collects the warnings of one tune. `line` is the current line, or 0."""

    def __init__(self) -> None:
        self.line = 0
        self._found: dict[str, list[int]] = {}

    def __call__(self, what: str) -> None:
        """Add a warning about the current line."""
        if what in self._found:
            self._found[what][1] += 1
        elif len(self._found) < KINDS:
            self._found[what] = [self.line, 1]

    def lines(self) -> tuple[str, ...]:
        """Return one printable line for each kind of warning."""
        return tuple(
            printable(what[:200]) + _where(line, count)
            for what, (line, count) in self._found.items()
        )


def _where(line: int, count: int) -> str:
    if not line:
        return "" if count == 1 else f" ({count} times)"
    return f" (line {line})" if count == 1 else f" ({count} times, first in line {line})"
