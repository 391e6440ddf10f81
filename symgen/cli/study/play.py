"""`symgen play`: hear a file, or a model without an end, on the sound card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from symgen.cli.arguments import FILE, MODEL
from symgen.cli.command import command, option, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import seconds_option, whole_option
from symgen.errors import BadOption, printable

if TYPE_CHECKING:
    from symgen.rendering.base import Block
    from symgen.rendering.soundfont.live import BlockSynth

RATE = 44100
BLOCK = 11025  # frames made at once


@command(
    examples=(
        "symgen play song.mid",
        "symgen play book.abc#3",
        "symgen play --model piano",
        "symgen play --model folk --seed 7 --seconds 2:00",
    )
)
@click.argument("source", required=False, metavar="[FILE]", type=FILE)
@section(
    "Model",
    option(
        "--model",
        metavar="MODEL",
        type=MODEL,
        show_default="the newest under ./runs, or piano",
        help="Make music with this model while it plays, instead of playing a file.",
    ),
    whole_option("--seed", least=0, show_default="drawn", help="Seed of the model's music."),
    seconds_option(show_default="without an end", help="Length of the model's music."),
)
@section(
    "Sound",
    option(
        "--soundfont",
        metavar="FILE.sf2",
        type=FILE,
        show_default="the one that is installed",
        help="SoundFont 2 file to play with.",
    ),
)
@common
def play(
    out: Out,
    source: str | None,
    model: str | None,
    seed: int | None,
    seconds: float | None,
    soundfont: str | None,
) -> None:
    """Play a music file, or a model's music without an end, on the sound card.

    FILE is MIDI, ABC or any other format that symgen reads. Ctrl-C stops. This needs the extra
    play: pip install 'symgen[play]'. The volume is fixed, with a soft limit.
    """
    from symgen.rendering import playing
    from symgen.rendering.limiter import soft
    from symgen.rendering.soundfont.live import BlockSynth, Sampler

    if source is not None and (model is not None or seed is not None or seconds is not None):
        raise BadOption(f"{source} is a file; --model, --seed and --seconds are for a model")
    synth = BlockSynth(Sampler.open(soundfont or "", RATE, out.log))
    name, blocks = _file(source, synth) if source else _stream(model, seed, seconds, synth)
    card = playing.MiniaudioCard(RATE)
    out.log(f"playing {name}; Ctrl-C stops")
    heard, missed = playing.play(map(soft, blocks), RATE, card)
    if missed:
        out.log(f"{missed:.1f} s of silence: this computer made the sound too slowly")
    out.result(
        printable(f"{name}: {heard:.1f} s played"),
        {"source": source or name, "seconds": heard, "missed_seconds": missed},
    )


def _file(path: str, synth: BlockSynth) -> tuple[str, Iterator[Block]]:
    """Return the name of a piece, and its sound."""
    from symgen.rendering import playable
    from symgen.rendering.soundfont.live.score import perform
    from symgen.sampling.request.sources import tune

    return path, perform(playable(tune(path)), synth, BLOCK)


def _stream(
    model: str | None, seed: int | None, seconds: float | None, synth: BlockSynth
) -> tuple[str, Iterator[Block]]:
    """Return the name of a model with its seed, and the sound of its stream."""
    from symgen.rendering.soundfont.live.score import follow
    from symgen.sampling import load

    loaded = load(model)
    stream = loaded.stream(seconds, seed=seed, accompany=True)
    return f"{loaded.name}, seed {stream.seed}", follow(stream, synth, BLOCK)
