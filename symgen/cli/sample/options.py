"""The options of `symgen sample` that set targets: one for each target of `symgen.controls`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgen.cli.arguments import FILE
from symgen.cli.command import option
from symgen.controls import REGISTRY, TARGETS


def targets(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; the value of an option that is not set is None."""
    options = [one for name in TARGETS for one in target_options(name)]
    options.append(
        option(
            "--controls",
            metavar="FILE.toml",
            type=FILE,
            help="Read targets from a file: key = 'Am', or density = [{at = 0, value = 2}, "
            "{at = 20, value = 8, glide = true}].",
        )
    )
    for one in reversed(options):
        command = one(command)
    return command


def target_options(name: str) -> list[Callable[..., Any]]:
    """Return the option of the target `name`, and its flag if it has one."""
    entry = REGISTRY[name]
    made = [option(_flag(name), metavar=entry.metavar, help=entry.help)]
    if entry.flag:
        made.append(option(_flag(entry.flag), is_flag=True, help=entry.flag_help))
    return made


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def requested(options: dict[str, Any]) -> dict[str, Any]:
    """Return `options` with the targets of the file that `controls` names."""
    from symgen.controls.targets import from_file

    path = options.pop("controls")
    return from_file(path, options) if path is not None else options
