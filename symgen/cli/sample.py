"""symgen sample: a trained model makes music."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out, common
from symgen.errors import BadOption, DataError

if TYPE_CHECKING:
    from symgen.notes.sequence import NoteSequence
    from symgen.sampling.generate import Sample
    from symgen.sampling.model import Model
    from symgen.sampling.request import Request

FOLDER = "samples"
EVAL_SECONDS = 10.0


@click.command()
@click.argument("bundle", required=False, metavar="[MODEL]")
@click.option("--model", metavar="PATH", help="Bundle, or a run's folder. [default: the newest best.symgen under runs/]")
@click.option("-n", "--num", type=int, default=1, show_default=True, help="Samples to make.")
@click.option("--seconds", type=float, default=30.0, show_default=True, help="Length of each, primer included.")
@click.option("--temperature", type=float, default=1.0, show_default=True, help="Below 1 is safer, above 1 bolder; 0 takes the likeliest.")
@click.option("--top-k", type=int, default=0, show_default=True, help="Choose among the K likeliest events; 0 for all.")
@click.option("--top-p", type=float, default=1.0, show_default=True, help="Choose among the likeliest events that hold this share.")
@click.option("--seed", type=int, help="The same seed gives the same bytes. [default: a random one, which is printed]")
@click.option("--primer", metavar="FILE|eval", help="Music to begin with and go on from; eval draws it from a held-out piece.")
@click.option("--primer-seconds", type=float, help=f"Take this much of the primer's beginning. [default: all; {EVAL_SECONDS:g} of eval]")
@click.option("--key", metavar="KEY", help="Steer to a key, such as C, Am, 'F# minor', Bb, 'D dorian'.")
@click.option("--density", type=float, metavar="N", help="Steer to N notes a second.")
@click.option("--strict-key", is_flag=True, help="Bar every strike outside the key.")
@click.option("-o", "--output", metavar="PATH",
              help=f"File (several samples are numbered) or folder. [default: {FOLDER}/<model>-<next free number>.mid]")
@click.option("--render/--no-render", default=None, help="Write a WAV beside each MIDI file.")
@click.option("--soundfont", metavar="FILE", help="SoundFont 2 file to render with; implies --render.")
@click.option("--synth", metavar="NAME", help="Synthesiser to render with; implies --render.")
@click.option("-f", "--force", is_flag=True, help="Replace files that exist.")
@common
def sample(out: Out, bundle: str | None, model: str | None, output: str | None, render: bool | None, soundfont: str | None,
           synth: str | None, force: bool, primer: str | None, primer_seconds: float | None, **options: Any) -> None:
    """Make music with a trained model, and say what was asked of each sample and what it reached.

    symgen sample --key C --density 3; symgen sample --primer mine.mid --primer-seconds 10 --seconds 180 --render
    """
    from symgen.sampling.request import ask
    if bundle and model and bundle != model:
        raise BadOption(f"two models are named, {bundle} and --model {model}; leave one out")
    asked = ask(**options)  # what is wrong with the options is said before anything is loaded
    render = bool(soundfont or synth) if render is None else render
    loaded = _load(out, bundle or model)
    targets = _targets(output, loaded.name, asked.num, force, render)
    if render:
        from symgen.render import synthesiser
        synthesiser(synth, soundfont)
    documents = []
    for made, path in zip(_draw(out, loaded, asked, primer, primer_seconds), targets, strict=True):
        _write(made, loaded, path, force)
        documents.append(_document(made, path))
        if render:
            documents[-1]["audio"] = _render(out, path, soundfont, synth, force)
    out.result("\n".join(map(_line, documents)), {"model": loaded.path.as_posix(), "seed": asked.seed, "samples": documents})


def _load(out: Out, path: str | None) -> Model:
    """Open the bundle, and say which it is and what it was trained on."""
    from symgen.sampling import load
    model = load(path)
    corpora = [f"{c['name']}{' (synthetic)' if c.get('synthetic') else ''}" for c in model.info.get("corpora", []) if "name" in c]
    out.log(f"model {model.path}{': trained on ' + ', '.join(corpora) if corpora else ''}")
    return model


def _draw(out: Out, model: Model, asked: Request, primer: str | None, primer_seconds: float | None) -> list[Sample]:
    from symgen.sampling.generate import draw
    from symgen.sampling.request import primed
    source = None if primer is None else _held_out(out, model, asked.seed) if primer == "eval" else _heard(out, primer)
    if primer == "eval" and primer_seconds is None:
        primer_seconds = EVAL_SECONDS
    asked = primed(asked, model.encoding, source, primer_seconds)
    with out.track() as progress:
        samples = draw(model, asked, progress)
    if source is not None:
        given = {"primer": Path(source.source.path).name, "primer_seconds": primer_seconds}
        for made in samples:
            made.asked.update({k: v for k, v in given.items() if v is not None})
    return samples


def _heard(out: Out, path: str) -> NoteSequence:
    """Read a primer, and say what had to be mended."""
    from symgen.notes import read
    sequence = read(path)
    for line in sequence.source.warnings:
        out.log(f"{path}: {line}")
    return sequence


def _held_out(out: Out, model: Model, seed: int) -> NoteSequence:
    """Return a piece of the held-out half of the dataset that the model was trained on, picked by the seed."""
    from symgen.dataset import Dataset
    from symgen.notes.sequence import Source
    path = model.info.get("training", {}).get("dataset")
    try:
        if not path:
            raise DataError(f"{model.path} does not say which dataset it was trained on")
        dataset = Dataset.open(path)
        if model.info["training"].get("dataset_fingerprint") not in (None, dataset.info["fingerprint"]):
            raise DataError(f"{path} was made anew since {model.name} was trained: what it holds out may have been learned")
        half = dataset.half("eval")
    except DataError as error:
        raise DataError(f"no held-out piece: {error}; or name a file with --primer FILE") from None
    which = seed % len(half)
    out.log(f"primer {half.ids[which]}, of the held-out half of {path}")
    return dataset.encoding.decode(half.events(which)).replace(source=Source(half.ids[which]))


def _targets(output: str | None, name: str, num: int, force: bool, render: bool) -> list[Path]:
    """Return a path for each sample; DataError where one, or the sound that goes beside it, exists and `force` is off."""
    from symgen.files import refuse_overwrite
    from symgen.notes import writers
    path = Path(output) if output is not None else Path(FOLDER)
    if output is None or output.endswith(("/", "\\")) or path.is_dir() or not path.suffix:
        first = _free_number(path, name)
        return [path / f"{name}-{first + i}.mid" for i in range(num)]
    if path.suffix.lower() not in writers:
        raise BadOption(f"--output {output}: samples are written as {', '.join(sorted(writers))}; --render adds the sound")
    paths = [path] if num == 1 else [path.with_stem(f"{path.stem}-{i + 1}") for i in range(num)]
    for each in paths:
        refuse_overwrite(each, force)
        if render:
            refuse_overwrite(each.with_suffix(".wav"), force)
    return paths


def _free_number(folder: Path, name: str) -> int:
    """Return the number after the highest that a file called `name`-<number> in `folder` has."""
    found = [re.fullmatch(re.escape(name) + r"-(\d+)", p.stem) for p in folder.glob("*")] if folder.is_dir() else []
    return 1 + max((int(m[1]) for m in found if m), default=0)


def _write(made: Sample, model: Model, path: Path, force: bool) -> None:
    """Write one sample; a MIDI file tells in a line of text how to make it again."""
    from symgen.notes import write
    asked = ", ".join(f"{k} {v}" for k, v in made.asked.items())
    comment = f"symgen {model.info.get('symgen', '')}: {model.name}, seed {made.seed}, sample {made.index}, {asked}"
    write(made.sequence, path, force, **({"comment": comment} if path.suffix.lower() in (".mid", ".midi") else {}))


def _render(out: Out, path: Path, soundfont: str | None, synth: str | None, force: bool) -> str | None:
    """Write the sound of a sample beside it; a sample without a note has none."""
    from symgen.render import render
    try:
        with out.track() as progress:
            return render(path, path.with_suffix(".wav"), soundfont=soundfont, synth=synth, force=force, progress=progress).path.as_posix()
    except DataError as error:
        out.log(f"symgen: not rendered: {error}")
        return None


def _document(made: Sample, path: Path) -> dict[str, Any]:
    return {"file": path.as_posix(), "seed": made.seed, "index": made.index, "asked": made.asked, "reached": made.reached}


def _line(document: dict[str, Any]) -> str:
    """Say in one line what was asked and what was reached."""
    asked, reached = document["asked"], document["reached"]
    after = f" after {reached['primer_seconds']:.2f} s of {asked['primer']}" if "primer" in asked else ""
    parts = [f"{reached['seconds']:.2f} s (asked {asked['seconds']:g}), {reached['notes']} notes{after}"]
    rate = f"{reached.get('density', 0):.2f} notes a second"
    parts.append(f"density asked {asked['density']:g}, reached {rate}" if "density" in asked else rate)
    if "key" in asked:
        parts.append(f"key asked {asked['key']}, reached {100 * reached['key']:.1f} % of sounding time in it")
    text = f"{document['file']}: {'; '.join(parts)}; seed {document['seed']}, sample {document['index']}"
    return text + (f"; sound {document['audio']}" if document.get("audio") else "")
