"""The options of `symgen sample` that set targets, each a value or a change over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgen.cli.arguments import FILE
from symgen.cli.command import option

NUMBERS = (
    (
        "density",
        "Notes per second: 3, 2:8 (a glide over the piece), 2@0:8@20 (over 20 s), or 3@0,6@15 "
        "(a step).",
    ),
    ("loudness", "Mean velocity, 1 to 127: 60, or 40:90."),
    ("register", "Mean pitch; 60 is middle C."),
    ("polyphony", "Pitches that sound at once."),
)


def targets(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; the value of an option that is not set is None."""
    options = [
        option(
            "--key",
            metavar="KEY",
            help="Key: C, Am, 'F# minor', Bb, 'D dorian', or over time 'C@0,Am@20,C@40'.",
        ),
        *(option(f"--{name}", metavar="N", help=text) for name, text in NUMBERS),
        option(
            "--pitch-histogram",
            metavar="W,W,...",
            help="Twelve weights, for C to B (models trained with it only).",
        ),
        option(
            "--label",
            metavar="NAME",
            help="Composer or other label, such as Debussy (models trained with labels only).",
        ),
        option(
            "--controls",
            metavar="FILE.toml",
            type=FILE,
            help="Read targets from a file: key = 'Am', or density = [{at = 0, value = 2}, "
            "{at = 20, value = 8, glide = true}].",
        ),
    ]
    for one in reversed(options):
        command = one(command)
    return command


def requested(options: dict[str, Any]) -> dict[str, Any]:
    """Return `options` with the targets of the file that `controls` names."""
    from symgen.controls.targets import from_file

    path = options.pop("controls")
    return from_file(path, options) if path is not None else options
