"""Checks of values that a user gives: number, whole, text, one_of and flag.

Each check takes a name and a value, and returns the value with its plain type. It raises BadOption
with one line that holds the name, the value and the limits. Use them in `__post_init__` of a
dataclass of options:

    def __post_init__(self) -> None:
        whole("model.units =", self.units, 1, 4096)
        number("model.dropout =", self.dropout, 0, 1, below=True)
        one_of("model.head =", self.head, HEADS)
        flag("model.direct =", self.direct)

The name is shown as it is given: write "units" for `units 0: expected ...`, and "model.units =" for
`model.units = 0: expected ...`. A NumPy scalar counts as a number; True and False do not. To keep
the plain type in a frozen dataclass, use `object.__setattr__(self, "dropout", number(...))`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

import numpy as np

from symgen.errors import BadOption, shorten


def number(
    name: str,
    value: object,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str = "",
    above: bool = False,
    below: bool = False,
) -> float:
    """Return `value` as a float if it is a finite number from `low` to `high`.

    With `above` the number must be greater than `low`, with `below` less than `high`. `unit` is a
    plural noun for the message, such as "seconds".
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise _bad(name, value, _numbers("a number", unit, low, high, above, below))
    inside = (low is None or low < value or (low == value and not above)) and (
        high is None or value < high or (high == value and not below)
    )
    if not inside or not _finite(value):
        raise _bad(name, value, _numbers("a number", unit, low, high, above, below))
    return float(value)


def whole(
    name: str,
    value: object,
    low: int | None = None,
    high: int | None = None,
    *,
    unit: str = "",
) -> int:
    """Return `value` as an int if it is a whole number from `low` to `high`; 2.0 is refused."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        found = int(value)
        if (low is None or low <= found) and (high is None or found <= high):
            return found
    raise _bad(name, value, _numbers("a whole number", unit, low, high))


def text(name: str, value: object, most: int | None = None, *, empty: bool = False) -> str:
    """Return `value` if it is text of at most `most` characters; the empty text needs `empty`."""
    if isinstance(value, str) and (value or empty) and (most is None or len(value) <= most):
        return value
    limit = "" if most is None else f" of at most {most} characters"
    raise _bad(name, value, f"text{limit}" if empty else f"text{limit}, not empty")


def one_of(name: str, value: object, choices: Iterable[str]) -> str:
    """Return `value` if it is one of `choices`; the message lists all and the nearest one."""
    known = list(choices)
    if isinstance(value, str) and value in known:
        return value
    near = difflib.get_close_matches(str(value), known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise _bad(name, value, f"one of {', '.join(known)}{hint}")


def flag(name: str, value: object) -> bool:
    """Return `value` if it is True or False; 0 and 1 are not."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise _bad(name, value, "true or false")


def names_a_file(text: object, most: int = 200) -> bool:
    """Return whether `text` can name a file or folder: printable, without separators, not long."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= most
        and text.isprintable()
        and text.strip(". ") != ""
        and not set(text) & set("/\\")
    )


def _bad(name: str, value: object, expected: str) -> BadOption:
    return BadOption(f"{name} {shorten(repr(value))}: expected {expected}")


def _finite(value: float | np.number) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond the floats
        return False


def _numbers(
    kind: str,
    unit: str,
    low: float | None,
    high: float | None,
    above: bool = False,
    below: bool = False,
) -> str:
    """Return the words for a range: a number of seconds from 0 to 10."""
    kind = f"{kind} of {unit}" if unit else kind
    if low is None and high is None:
        return kind
    top = "" if high is None else f"{'less than ' if below else ''}{_shown(high)}"
    if low is None:
        return f"{kind} less than {_shown(high)}" if below else f"{kind} of at most {top}"
    if high is None:
        return (
            f"{kind} greater than {_shown(low)}" if above else f"{kind} of at least {_shown(low)}"
        )
    return f"{kind} from {'above ' if above else ''}{_shown(low)} to {top}"


def _shown(limit: float | None) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"
