"""`symgen sample`: make music with a trained model."""

from __future__ import annotations

import dataclasses
import functools
import shlex
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import MODEL
from symgen.cli.command import command
from symgen.cli.common import Out, common, warn
from symgen.cli.options.shared import reading
from symgen.cli.sample import sound
from symgen.cli.sample.sections import (
    EVAL_SECONDS,
    RENAMED,
    form_options,
    length_options,
    model_options,
    originality_options,
    output_options,
    primer_options,
    randomness_options,
    reading_options,
    recipe_options,
    target_options,
)
from symgen.cli.sample.wish import SHAPE, Wish
from symgen.errors import BadOption, DataError, counted
from symgen.pretrained import MUSIC
from symgen.scratch import together

if TYPE_CHECKING:
    from symgen.notes.abc.lead_sheet import LeadSheet
    from symgen.notes.sequence import NoteSequence
    from symgen.sampling.model import PlayableModel
    from symgen.sampling.originality import Original
    from symgen.sampling.request.request import Request
    from symgen.sampling.sample import Sample, SampleReport

AFTERWARDS = 1.0  # seconds of a recording after those of the primer, so that its end is heard right
SECONDS = ("ending", "loudness")  # options of models whose music is in seconds


@command(
    examples=(
        "symgen sample --key C --density 3",
        "symgen sample --model piano --num 4 --seconds 1:00 --render",
        "symgen sample --seconds 1:00 -o song.mp3",
        "symgen sample --primer mine.mid --primer-seconds 10 --seconds 3:00",
        "symgen sample --primer clip.mp3 --seconds 3:00 --render",
        'symgen sample --density 2:8 --key "C@0,Am@20" --loudness 40:90',
        "symgen sample --bars 32 --meter 6/8 --tempo 110 --form AABB",
        "symgen sample --melody tune.abc -o harmonised.abc",
        "symgen sample runs/mine --max-copy 16 --json",
        "symgen sample --recipe samples/piano-1.mid",
        "symgen sample --model runs/audio_lstm --seconds 30 --primer clip.wav --primer-seconds 5",
    ),
    renamed=RENAMED,
)
@click.argument("bundle", required=False, metavar="[MODEL]", type=MODEL)
@model_options
@length_options
@form_options
@primer_options
@reading_options
@target_options
@randomness_options
@originality_options
@recipe_options
@output_options
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
    recipe: str | None,
    **options: Any,
) -> None:
    """Make music with a trained model.

    Targets, such as --key and --density, are values or change over time. A model that was trained
    with a control is conditioned on it; any other model is steered. The output says what was
    requested and what was measured in each sample. Each MIDI file, and the report beside it, holds
    the recipe that makes the sample again.

    A model of raw audio writes WAV. It takes --seconds, --num, --primer (a recording, with which
    the sample begins), --primer-seconds, --temperature and --seed, and no targets.
    """
    from symgen.sampling.sample import drawn_targets

    # errors in the options come before anything is loaded
    if bundle and model and PurePath(bundle).suffix.lower() in MUSIC:
        raise BadOption(
            f"{bundle} is music, not a model; to continue it: "
            f"symgen sample --model {model} --primer {shlex.quote(bundle)}"
        )
    if bundle and model and bundle != model:
        raise BadOption(f"{bundle} and --model {model} both name the model; remove one")
    if recipe is None and (found := sound.model_of_sound(bundle or model)):
        sound.sample(out, found, output, force, options)
        return
    wish = Wish.of(options) if recipe is None else Wish.again(recipe, options)
    files = _files(output, force, render, soundfont, synth)
    loaded = _load(out, bundle or model or wish.model, wish)
    wish.check(out, loaded, named=bool(bundle or model))
    planned, facts = _planned(out, loaded, wish)
    paths = files.paths(loaded, planned)
    likelihood = out.json or bool(wish.request.controls.schedules)
    samples, failures = _draw(out, loaded, planned, wish, likelihood)
    samples = [sample.with_request(**facts) for sample in samples]
    drawn = drawn_targets(wish.request, planned)
    sheet = planned.plan.sheet if planned.plan else None
    with together():
        reports = [
            files.write(
                out, sample, loaded, paths[sample.index - planned.first], drawn, wish, sheet
            )
            for sample in samples
        ]
    if wish.never_repeat:
        from symgen.sampling.history import remember

        out.log(f"the samples are remembered in {remember(loaded.path, samples)}")
    _result(out, loaded, planned.seed, reports)
    if failures:
        raise DataError("; ".join(failures))


def _result(out: Out, model: PlayableModel, seed: int, reports: list[SampleReport]) -> None:
    """Print a line for each sample, or the JSON document of all."""
    from symgen.sampling.sample_text import line

    if not reports and not out.json:
        return
    documents = [report.to_dict() for report in reports]
    out.result(
        "\n".join(map(line, reports)),
        {"model": model.path.as_posix(), "seed": seed, "samples": documents},
    )


def _files(
    output: str | None, force: bool, render: bool | None, soundfont: str | None, synth: str | None
) -> _Files:
    """Return what the options say about the files; of song.mp3 the MIDI beside it is song.mid."""
    from symgen.rendering import SOUNDS

    path = Path(output or "")
    suffix = path.suffix.lower()
    if suffix not in SOUNDS or path.is_dir():
        rendered = bool(soundfont or synth) if render is None else render
        return _Files(output, force, rendered, soundfont, synth)
    if render is False:
        raise BadOption(f"--output {output} is sound; remove --no-render, or write a .mid file")
    return _Files(str(path.with_suffix(".mid")), force, True, soundfont, synth, suffix)


@dataclasses.dataclass(frozen=True)
class _Files:
    """What the options say about the files: where they go, and whether they are rendered."""

    output: str | None
    force: bool
    render: bool
    soundfont: str | None
    synth: str | None
    sound: str = ".wav"

    def paths(self, model: PlayableModel, planned: Request) -> list[list[Path]]:
        """Return the paths of each sample; DataError if one exists, or if no synth can be used."""
        from symgen.sampling.files import REPORT, output_paths

        beside = [self.sound] * self.render + [REPORT]
        suffixes = [".mid"] if planned.plan is None else [".mid", ".abc"]
        paths = output_paths(self.output, model.name, planned.num, suffixes, beside, self.force)
        if self.render:
            from symgen.rendering import synthesiser

            synthesiser(self.synth, self.soundfont)
        return paths

    def write(
        self,
        out: Out,
        sample: Sample,
        model: PlayableModel,
        paths: list[Path],
        drawn: list[str],
        wish: Wish,
        sheet: LeadSheet | None,
    ) -> SampleReport:
        """Write a sample, its sound where requested, and its report."""
        from symgen.sampling.files import REPORT, claimed, write_report, write_sample
        from symgen.sampling.sample import SampleReport

        recipe = wish.recipe_of(sample, model)
        write = functools.partial(
            write_sample,
            sample,
            model=model.name,
            version=model.record.symgen or "",
            force=self.force,
            recipe=recipe.text(),
            sheet=sheet,
        )
        paths, messages = claimed(self.output, model.name, paths, write)
        for path in paths[1:]:
            messages += write(path)
        for message in messages:
            out.log(f"symgen: {message}")
        report = SampleReport.of(sample, paths, drawn)
        if self.render:
            audio = self._sound(out, sample, paths[0].with_suffix(self.sound))
            report = dataclasses.replace(report, audio=audio, rendered=True)
        report = dataclasses.replace(report, recipe=recipe.to_dict())
        write_report(report, paths[0].with_suffix(REPORT), self.force)
        return report

    def _sound(self, out: Out, sample: Sample, path: Path) -> str | None:
        """Write the sound of a sample; None for a sample without a note."""
        from symgen.rendering import render
        from symgen.sampling.files import played

        try:
            with out.track() as progress:
                return render(
                    played(sample),
                    path,
                    soundfont=self.soundfont,
                    synth=self.synth,
                    force=self.force,
                    progress=progress,
                ).path.as_posix()
        except DataError as error:
            out.log(f"symgen: not rendered: {error}")
            return None


def _against(out: Out, rule: Original, model: PlayableModel, wish: Wish) -> Original:
    """Return `rule` with the music it compares with: the training split, the samples so far."""
    if wish.options["max_copy"] is not None:
        from symgen.dataset.of import training_index

        with out.track() as progress:
            index, messages = training_index(model, wish.options["data"], progress, rule.most + 1)
        for message in messages:
            out.log(message)
        rule = dataclasses.replace(rule, index=index)
    if wish.never_repeat:
        from symgen.sampling.history import recalled

        rule = dataclasses.replace(rule, played=recalled(model.path))
    return rule


def _load(out: Out, path: str | None, wish: Wish) -> PlayableModel:
    """Open the bundle, or choose one that has the options that are set; print which it is."""
    from symgen.bundle.card import source_line
    from symgen.sampling import load
    from symgen.sampling.which import which

    found: str | Path | None = path
    if path is None:
        options = wish.options
        tunes = next((name for name in SHAPE if options.get(name) is not None), None)
        seconds = next((name for name in SECONDS if options.get(name) not in (None, False)), None)
        option = f"--{(tunes or seconds or '').replace('_', '-')}"
        chosen = which(option, bool(tunes) if tunes or seconds else None)
        found = chosen.path
        if chosen.message:
            out.log(chosen.message)
    model = load(found, precision=wish.options["precision"])
    out.log(source_line(model))
    warn(out, model)
    return model


def _planned(out: Out, model: PlayableModel, wish: Wish) -> tuple[Request, dict[str, Any]]:
    """Return the request with its primer and plan, and its facts for the reports."""
    primer, seconds = wish.options["primer"], wish.options["primer_seconds"]
    name, source = primer, None
    if primer == "eval":
        source = _held_out(out, model, wish.request.seed, wish.options["data"])
        name = source.source.path
        seconds = EVAL_SECONDS if seconds is None else seconds
    elif primer is not None:
        source = _read_primer(out, primer, seconds, reading(wish.options["accidentals"]))
    planned = model.plan(wish.request, source, seconds)
    if planned.tuned and model.tuned_params is not None:
        params = planned.params
        out.log(
            f"temperature {params.temperature:g}, top-p {params.top_p:g}, as chosen for this model"
        )
    if planned.followed:
        from symgen.sampling.request.continuation import message

        out.log(message(planned.followed))
    for line in planned.plan.messages if planned.plan else ():
        out.log(line)
    return planned, {
        "primer": Path(name).name if name is not None else None,
        "primer_seconds": seconds if name is not None else None,
        "precision": model.precision if model.precision != "float32" else None,
    }


def _draw(
    out: Out, model: PlayableModel, planned: Request, wish: Wish, likelihood: bool
) -> tuple[list[Sample], list[str]]:
    """Return the samples, and a line for each one that failed."""
    from symgen.sampling.generate import draw as drawn_once
    from symgen.sampling.watchers.base import draw

    rule = _against(out, wish.rule, model, wish) if wish.rule else None
    failures = list[str]()
    with out.track() as progress:
        if wish.recipe:
            planned = dataclasses.replace(planned, again=wish.recipe.draw)
            samples = drawn_once(model, planned, progress, likelihood)
        else:
            samples, failures = draw(model, planned, rule, progress, likelihood)
    for sample in samples:
        for line in sample.messages:
            out.log(line)
    return samples, failures


def _read_primer(out: Out, path: str, seconds: float | None, how: dict[str, str]) -> NoteSequence:
    """Read a primer, and print what was repaired; a recording is transcribed, and that is said."""
    from symgen.audio.reading import is_audio
    from symgen.sampling.request.sources import tune

    sequence = _heard(out, path, seconds) if is_audio(path) else tune(path, **how)
    for line in (*sequence.source.warnings, *(sequence.source.remarks if out.verbose else ())):
        out.log(f"{path}: {line}")
    return sequence


def _heard(out: Out, path: str, seconds: float | None) -> NoteSequence:
    """Transcribe the first `seconds` of a recording, and a little more, or all of it."""
    from symgen.audio.transcription import transcribe

    with out.track() as progress:
        heard = transcribe(path, progress=progress, seconds=seconds and seconds + AFTERWARDS)
    found = counted(len(heard), "note")
    out.log(f"{path}: a recording, transcribed: {found} in {heard.total_time:.1f} s")
    return heard


def _held_out(out: Out, model: PlayableModel, seed: int, data: str | None) -> NoteSequence:
    """Return a held-out piece of the training dataset, and print which it is."""
    from symgen.dataset.of import dataset_path, held_out_piece

    piece = held_out_piece(model, seed, data)
    out.log(f"primer {piece.source.path}, held out by {dataset_path(model, data)}")
    return piece
