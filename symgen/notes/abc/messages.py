"""What was odd about a tune: one warning for each kind of thing, with how often and where it was first seen."""

from __future__ import annotations

from symgen.errors import printable

KINDS = 50  # so many are told; a tune that is worse is no tune


class Said:
    """Collects the warnings of one tune. `line` is the line being read, 0 where none is."""

    def __init__(self) -> None:
        self.line = 0
        self._found: dict[str, list[int]] = {}

    def __call__(self, what: str) -> None:
        """Note that `what` was seen in the present line."""
        if what in self._found:
            self._found[what][1] += 1
        elif len(self._found) < KINDS:
            self._found[what] = [self.line, 1]

    def lines(self) -> tuple[str, ...]:
        """Return one printable line for each kind."""
        return tuple(
            printable(what[:200]) + _where(line, count)
            for what, (line, count) in self._found.items()
        )


def _where(line: int, count: int) -> str:
    if not line:
        return "" if count == 1 else f" ({count} times)"
    return f" (line {line})" if count == 1 else f" ({count} times, first in line {line})"
