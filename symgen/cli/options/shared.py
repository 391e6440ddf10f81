"""Options that several commands have, each with its type and its metavar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgen.cli.arguments import FILE, FOLDER, Choice, Duration, Whole
from symgen.cli.command import option

Decorator = Callable[..., Any]


def whole_option(*names: str, help: str, least: int | None = None, **settings: Any) -> Decorator:
    """Return an option that takes a whole number; a `default` is shown."""
    if "default" in settings:
        settings.setdefault("show_default", True)
    return option(*names, type=Whole(least), metavar="N", help=help, **settings)


def seconds_option(*, help: str, **settings: Any) -> Decorator:
    """Return the option --seconds, which also takes 3:00 or 90s."""
    return option("--seconds", type=Duration("seconds"), metavar="TIME", help=help, **settings)


def minutes_option(*, help: str, **settings: Any) -> Decorator:
    """Return the option --minutes, which also takes 2:30 or 90s."""
    return option("--minutes", type=Duration("minutes"), metavar="TIME", help=help, **settings)


def output_option(metavar: str, *, help: str, **settings: Any) -> Decorator:
    """Return the option -o/--output: a folder if `metavar` is FOLDER, else a file."""
    kind = FOLDER if metavar == "FOLDER" else FILE
    return option("-o", "--output", metavar=metavar, type=kind, help=help, **settings)


def accidentals_option() -> Decorator:
    """Return the option --accidentals, for music in ABC."""
    return option(
        "--accidentals",
        type=Choice(("not", "octave", "pitch")),
        show_default="octave, as in printed music; that of the ABC standard 2.1 is pitch",
        help="How far an accidental holds in ABC that does not say so: for its note only (not), or "
        "to the bar line, in its octave or at its pitch in every octave.",
    )


def reading(accidentals: str | None) -> dict[str, str]:
    """Return the options of readers that a command was given."""
    return {} if accidentals is None else {"accidentals": accidentals}


def data_option(*, help: str, show_default: str, **settings: Any) -> Decorator:
    """Return the option --data, a dataset; without it there is one that fits."""
    return option(
        "--data", metavar="FOLDER", type=FOLDER, show_default=show_default, help=help, **settings
    )
