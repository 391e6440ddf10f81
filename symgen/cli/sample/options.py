"""The options of `symgen sample` that ask something of the music, each a value or values over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

NUMBERS = (
    (
        "density",
        "Notes a second: 3, 2:8 (a glide over the piece), 2@0:8@20 (over 20 s), '3@0,6@15' (a step).",
    ),
    ("loudness", "Mean velocity, 1 to 127, such as 60 or 40:90."),
    ("register", "Mean pitch, 60 being middle C."),
    ("polyphony", "Pitches that sound at once."),
)


def wishes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; None, and false, where nothing is asked."""
    options = [
        click.option(
            "--key",
            metavar="KEY",
            help="Such as C, Am, 'F# minor', Bb, 'D dorian', or over time 'C@0,Am@20,C@40'.",
        ),
        *(click.option(f"--{name}", metavar="N", help=text) for name, text in NUMBERS),
        click.option(
            "--pitch-histogram",
            metavar="W,W,...",
            help="Twelve weights of C to B, for a model that knows them.",
        ),
        click.option(
            "--label",
            metavar="NAME",
            help="Such as Debussy, for a model that knows whose music it heard.",
        ),
        click.option(
            "--controls",
            metavar="FILE",
            help="A TOML file that asks: density = [{at = 0, value = 2}, {at = 20, value = 8, "
            "glide = true}], key = 'Am'.",
        ),
        click.option("--strict-key", is_flag=True, help="Let no note outside the key sound."),
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


def original(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in (
        click.option(
            "--data",
            metavar="FOLDER",
            help="Dataset that the model was trained on. [default: where it was then]",
        ),
        click.option(
            "--never-repeat",
            is_flag=True,
            help="Refuse 16 notes in a row (or --max-copy) of what was played with this option too, which is kept beside the "
            "bundle, in best.played.npz of best.symgen; of a model that ships, in your data folder.",
        ),
        click.option(
            "--max-copy",
            type=int,
            metavar="N",
            help="Draw a sample again that has more than N notes in a row, in any key and at any speed, of a piece that the model "
            "was trained on; 16 is ordinary.",
        ),
    ):
        command = option(command)
    return command


def asked(options: dict[str, Any]) -> dict[str, Any]:
    """Return `options` with what the file of `controls` asks in the place of its name."""
    from symgen.controls.targets import from_file

    path = options.pop("controls")
    return from_file(path, options) if path is not None else options
