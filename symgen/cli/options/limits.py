"""The option --limit: what one file may hold, and what reading it may cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from symgen.cli.command import option
from symgen.cli.options.shared import Decorator
from symgen.limits import Limits, parse


def limit_option() -> Decorator:
    """Return the option --limit, which may be repeated."""
    names = ", ".join(field.name for field in dataclasses.fields(Limits))
    return option(
        "--limit",
        "limits",
        multiple=True,
        metavar="NAME=NUMBER",
        help=f"Change a limit of each file, such as notes=2000000 or seconds=120 ({names}).",
    )


def limits_of(texts: Sequence[str]) -> Limits | None:
    """Return the limits that the option gives, or None."""
    return parse(list(texts)) if texts else None
