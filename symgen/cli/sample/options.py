"""The options of `symgen sample` that ask something of the music, each a value or values over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def target_options() -> list[Callable[..., Any]]:
    """Return an option for each target of the registry, and its flag."""
    from symgen.controls import REGISTRY, TARGETS

    made = []
    for name in TARGETS:
        entry = REGISTRY[name]
        made.append(click.option(_flag(name), metavar=entry.metavar, help=entry.help))
        if entry.flag:
            made.append(click.option(_flag(entry.flag), is_flag=True, help=entry.flag_help))
    return made


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def wishes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; None, and false, where nothing is asked."""
    options = [
        *target_options(),
        click.option(
            "--controls",
            metavar="FILE",
            help="A TOML file that asks: density = [{at = 0, value = 2}, {at = 20, value = 8, "
            "glide = true}], key = 'Am'.",
        ),
        click.option(
            "--way",
            type=click.Choice(["both", "told", "steered"]),
            default="both",
            show_default=True,
            help="Tell the model, steer its scores, or do both where both can be had.",
        ),
        click.option(
            "--guidance",
            metavar="G",
            type=float,
            default=1.0,
            show_default=True,
            help="Above 1 what the model is told counts more; takes a second stream beside each.",
        ),
        click.option(
            "--attempts",
            type=int,
            default=1,
            show_default=True,
            help="Draw so many for each sample, and keep the closest.",
        ),
        click.option(
            "--ending/--no-ending",
            default=None,
            help="Thin to a held tonic chord, of models that count seconds. [default: unless there is a primer]",
        ),
        click.option(
            "--free",
            is_flag=True,
            help="Let samples leave the pitches, notes at once, lengths and rests of "
            "the training music.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def asked(options: dict[str, Any]) -> dict[str, Any]:
    """Return `options` with what the file of `controls` asks in the place of its name."""
    from symgen.controls.targets import from_file

    path = options.pop("controls")
    return from_file(path, options) if path is not None else options
