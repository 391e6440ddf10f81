"""symgen sample: a trained model makes music."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out, common, warn
from symgen.cli.sample.copies import looked_up, original, rule
from symgen.cli.sample.options import asked as wishes_of
from symgen.cli.sample.options import wishes
from symgen.cli.sample.outputs import FOLDER, render_sample, targets, write_sample
from symgen.cli.sample.text import SUFFIX, document, told, write_sidecar
from symgen.errors import BadOption, DataError

if TYPE_CHECKING:
    from symgen.notes.sequence import NoteSequence
    from symgen.sampling.generate import Sample
    from symgen.sampling.model import PlayableModel
    from symgen.sampling.originality import Original
    from symgen.sampling.request.request import Request

EVAL_SECONDS = 10.0
SECONDS = ("ending", "loudness")  # asked of models that count seconds
SHAPE = ("bars", "meter", "tempo", "form", "melody", "chords", "cadence", "chords_on")


@click.command()
@click.argument("bundle", required=False, metavar="[MODEL]")
@click.option(
    "--model",
    metavar="PATH|NAME",
    help="Bundle, a run's folder, or a model that ships with symgen: piano, folk. "
    "[default: the newest run under runs/, else piano, or folk for tunes]",
)
@click.option("-n", "--num", type=int, default=1, show_default=True, help="Samples to make.")
@click.option(
    "--seconds",
    type=float,
    help="Length of each, primer included. [default: 30; of a model of tunes, 32 bars]",
)
@click.option(
    "--bars",
    type=int,
    help="Length in bars, of a model of tunes, as all options to --chords-on are. "
    "[default: 32, or 8 for each letter of --form, or as many as --chords has between |]",
)
@click.option("--meter", metavar="N/M", help="Such as 4/4, 3/4 or 6/8. [default: 4/4]")
@click.option(
    "--tempo",
    metavar="N",
    help="Beats of the meter a minute (dotted quarters in 6/8), or 3/8=110. [default: 120]",
)
@click.option(
    "--form",
    metavar="LETTERS",
    help="Strains, such as AABB: those of one letter are the same, and repeats in ABC.",
)
@click.option(
    "--melody",
    metavar="FILE",
    help="Give chords to this tune (book.abc#3 is one of a book); its notes stay as they are.",
)
@click.option(
    "--chords",
    metavar="SYMBOLS|FILE",
    help="Write a melody over these: 'G C D7 G', one a bar, or 'G | C D7', or a tune's.",
)
@click.option(
    "--cadence/--no-cadence",
    default=None,
    help="Close on the tonic in the last bar. [default: unless there is a primer]",
)
@click.option(
    "--chords-on",
    type=click.Choice(["beat", "any"]),
    help="Where chords may change. [default: beat]",
)
@click.option(
    "--temperature",
    type=float,
    help="Below 1 is safer, above 1 bolder; 0 takes the likeliest. "
    "[default: 1, or what `symgen bundle tune` chose; with --melody 0.7]",
)
@click.option(
    "--top-k",
    type=int,
    default=0,
    show_default=True,
    help="Choose among the K likeliest events; 0 for all.",
)
@click.option(
    "--top-p",
    type=float,
    help="Choose among the likeliest events that hold this share. "
    "[default: 1, or what `symgen bundle tune` chose]",
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "int8"]),
    help="Play in this; int8 is several times as fast. [default: what the bundle says, which is int8 where that costs little]",
)
@click.option(
    "--seed",
    type=int,
    help="The same seed gives the same bytes. [default: a random one, which is printed]",
)
@click.option(
    "--primer",
    metavar="FILE|eval",
    help="Music to begin with (or book.abc#3); eval draws it from a held-out piece.",
)
@click.option(
    "--primer-seconds",
    type=float,
    help=f"Take this much of the primer's beginning. [default: all; {EVAL_SECONDS:g} of eval]",
)
@click.option(
    "--follow/--no-follow",
    default=True,
    help="Take density, polyphony, register and key from the "
    "primer where they are not asked for. [default: follow]",
)
@wishes
@original
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help=f"File (several samples are numbered) or folder. [default: {FOLDER}/<model>-<next free number>.mid, "
    "and .abc beside it of a model of tunes]",
)
@click.option("--render/--no-render", default=None, help="Write a WAV beside each file.")
@click.option(
    "--soundfont", metavar="FILE", help="SoundFont 2 file to render with; implies --render."
)
@click.option("--synth", metavar="NAME", help="Synthesiser to render with; implies --render.")
@click.option("-f", "--force", is_flag=True, help="Replace files that exist.")
@common
def sample(
    out: Out,
    bundle: str | None,
    model: str | None,
    output: str | None,
    render: bool | None,
    soundfont: str | None,
    synth: str | None,
    force: bool,
    primer: str | None,
    primer_seconds: float | None,
    precision: str | None,
    max_copy: int | None,
    never_repeat: bool,
    data: str | None,
    **options: Any,
) -> None:
    """Make music with a trained model, and say what was asked of each sample and what it reached.

    symgen sample --key C --density 3; symgen sample --primer mine.mid --primer-seconds 10 --seconds 180 --render

    symgen sample --density 2:8 --key "C@0,Am@20" --loudness 40:90 --attempts 4 --json

    symgen sample --bars 32 --meter 6/8 --tempo 110 --form AABB; symgen sample --melody tune.abc

    symgen sample --model piano
    """
    from symgen.files import refuse_overwrite
    from symgen.sampling.request.request import SECONDS as USUAL
    from symgen.sampling.request.request import ask
    from symgen.sampling.request.structure import Structure

    if bundle and model and bundle != model:
        raise BadOption(f"two models are named, {bundle} and --model {model}; leave one out")
    # what is wrong with the options is said before anything is loaded
    shape = Structure(**{name: options.pop(name) for name in SHAPE}, seconds=options["seconds"])
    options["seconds"] = USUAL if options["seconds"] is None else options["seconds"]
    asked = ask(**wishes_of(options), shape=shape)
    limit = rule(max_copy, never_repeat, shape.melody)
    if data and max_copy is None and primer != "eval":
        raise BadOption(f"--data {data} is where --max-copy and --primer eval look; leave it out")
    render = bool(soundfont or synth) if render is None else render
    tunes = next((name for name in SHAPE if getattr(shape, name) is not None), None)
    loaded = _load(out, bundle or model, precision, tunes, options)
    planned = _planned(out, loaded, asked, primer, primer_seconds, data)
    paths = targets(
        output,
        loaded.name,
        asked.num,
        force,
        render,
        (".mid",) if planned[0].plan is None else (".mid", ".abc"),
    )
    if render:
        from symgen.rendering import synthesiser

        synthesiser(synth, soundfont)
    if out.json:
        for files in paths:
            refuse_overwrite(files[0].with_suffix(SUFFIX), force)
    limit = limit and looked_up(out, limit, loaded, max_copy, never_repeat, data)
    samples, given_up = _draw(
        out, loaded, *planned, likelihood=out.json or bool(asked.controls.wishes), limit=limit
    )
    documents, drawn = (
        [],
        [
            name
            for name in planned[0].controls.wishes
            if name not in asked.controls.wishes and name not in planned[0].followed
        ],
    )
    for made in samples:
        files = paths[made.index - asked.first]
        for path in files:
            write_sample(out, made, loaded.name, loaded.info.get("symgen", ""), path, force)
        documents.append(document(made, files, drawn))
        if render:
            documents[-1]["audio"] = render_sample(
                out, made, files[0].with_suffix(".wav"), soundfont, synth, force
            )
        if out.json:
            write_sidecar(documents[-1], files[0].with_suffix(SUFFIX), force)
    if never_repeat:
        from symgen.sampling.history import remember

        out.log(f"what was played is remembered in {remember(loaded.path, samples)}")
    if samples or out.json:
        out.result(
            "\n".join(map(told, documents)),
            {"model": loaded.path.as_posix(), "seed": asked.seed, "samples": documents},
        )
    if given_up:
        raise DataError("; ".join(given_up))


def _load(
    out: Out, path: str | None, precision: str | None, tunes: str | None, options: Mapping[str, Any]
) -> PlayableModel:
    """Open the bundle, or choose one that can do what is asked; say which it is."""
    from symgen.bundle.card import source_line
    from symgen.sampling import load
    from symgen.sampling.which import which

    taken: str | Path | None = path
    if path is None:
        seconds = next((name for name in SECONDS if options.get(name) not in (None, False)), None)
        option = f"--{(tunes or seconds or '').replace('_', '-')}"
        chosen = which(option, bool(tunes) if tunes or seconds else None)
        taken = chosen.path
        if chosen.said:
            out.log(chosen.said)
    model = load(taken, precision=precision)
    out.log(source_line(model))
    warn(out, model.info)
    return model


def _planned(
    out: Out,
    model: PlayableModel,
    asked: Request,
    primer: str | None,
    seconds: float | None,
    data: str | None,
) -> tuple[Request, dict[str, Any]]:
    """Return the request with its primer and its plan, and what is to be said of the primer."""
    source = (
        None
        if primer is None
        else _held_out(out, model, asked.seed, data)
        if primer == "eval"
        else _heard(out, primer)
    )
    if primer == "eval" and seconds is None:
        seconds = EVAL_SECONDS
    planned = model.plan(asked, source, seconds)
    if planned.tuned and model.taste is not None:
        out.log(
            f"temperature {planned.taste.temperature:g}, top-p {planned.taste.top_p:g}, as chosen for this model"
        )
    if planned.followed:
        from symgen.sampling.request.continuation import said

        out.log(said(planned.followed))
    for line in planned.plan.said if planned.plan else ():
        out.log(line)
    name = source.source.path if source is not None and primer == "eval" else primer
    given: dict[str, Any] = (
        {"primer": Path(name).name, "primer_seconds": seconds} if name is not None else {}
    )
    given["precision"] = model.precision if model.precision != "float32" else None
    return planned, {k: v for k, v in given.items() if v is not None}


def _draw(
    out: Out,
    model: PlayableModel,
    planned: Request,
    given: dict[str, Any],
    likelihood: bool,
    limit: Original | None,
) -> tuple[list[Sample], list[str]]:
    """Return the samples, and a line for each that is given up."""
    from symgen.sampling.originality import draw as draw_original
    from symgen.sampling.typical import draw

    with out.track() as progress:
        samples, given_up = (
            draw_original(model, planned, limit, progress, likelihood)
            if limit
            else (draw(model, planned, progress, likelihood), [])
        )
    for made in samples:
        made.asked.update(given)
        for line in made.said:
            out.log(line)
    return samples, given_up


def _heard(out: Out, path: str) -> NoteSequence:
    """Read a primer, and say what had to be mended."""
    from symgen.sampling.request.sources import tune

    sequence = tune(path)
    for line in sequence.source.warnings:
        out.log(f"{path}: {line}")
    return sequence


def _held_out(out: Out, model: PlayableModel, seed: int, data: str | None) -> NoteSequence:
    """Return a piece of the held-out half of the dataset that the model was trained on, picked by the seed."""
    from symgen.dataset import Dataset
    from symgen.notes.sequence import Source

    path = data or model.info.get("training", {}).get("dataset")
    try:
        if not path:
            raise DataError(f"{model.path} does not say which dataset it was trained on")
        dataset = Dataset.open(path)
        if model.info["training"].get("dataset_fingerprint") not in (
            None,
            dataset.info["fingerprint"],
        ):
            raise DataError(
                f"{path} was made anew since {model.name} was trained: what it holds out may have been learned"
            )
        half = dataset.half("eval")
    except DataError as error:
        raise DataError(f"no held-out piece: {error}; or name a file with --primer FILE") from None
    which = seed % len(half)
    out.log(f"primer {half.ids[which]}, of the held-out half of {path}")
    return dataset.encoding.decode(half.events(which), half.contexts[which]).replace(
        source=Source(half.ids[which])
    )
