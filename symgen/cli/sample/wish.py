"""What the options of `symgen sample` ask for, or those of the recipe of an earlier sample."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import click
from click.core import ParameterSource

from symgen.cli.common import Out
from symgen.cli.sample.options import requested
from symgen.controls import FLAGS, TARGETS
from symgen.errors import BadOption, DataError, shorten

if TYPE_CHECKING:
    from symgen.sampling.model import PlayableModel
    from symgen.sampling.originality import Original
    from symgen.sampling.recipe import Recipe
    from symgen.sampling.request.request import Request
    from symgen.sampling.sample import Sample

SHAPE = ("bars", "meter", "tempo", "form", "melody", "chords", "cadence", "chords_on")
PLAYED = (
    "primer",
    "primer_seconds",
    "precision",
    "max_copy",
    "never_repeat",
    "data",
    "accidentals",
)
"""Options that are no part of the request itself."""

MUSIC = ("primer", "melody", "chords")
OUTPUT = ("bundle", "model", "output", "force", "render", "soundfont", "synth", "recipe")
GENERAL = ("as_json", "quiet", "verbose", "no_progress")
NOT_KEPT = ("num", "seed", "controls", *OUTPUT, *GENERAL)


@dataclasses.dataclass(frozen=True)
class Wish:
    """What is asked for: the options, the request that they make, and the recipe that they are of.

    `controls` is the file of targets; these are among the options.
    """

    options: Mapping[str, Any]
    request: Request
    controls: str | None = None
    recipe: Recipe | None = None
    rule: Original | None = None
    changed: list[bool] = dataclasses.field(default_factory=list)  # whether the bundle is another

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Return the wish of the options of a command line; BadOption if they make none."""
        from symgen.sampling.originality import copy_rule

        controls = options["controls"]
        options = requested(dict(options))
        request = _request(options)
        max_copy, data = options["max_copy"], options["data"]
        rule = copy_rule(max_copy, options["never_repeat"], request.shape.melody)
        if data and max_copy is None and options["primer"] != "eval":
            raise BadOption(
                f"--data {data} needs --max-copy or --primer eval; add one or remove it"
            )
        return cls(options, request, controls, rule=rule)

    @classmethod
    def again(cls, path: str, options: Mapping[str, Any]) -> Self:
        """Return the wish of the recipe in the file `path`.

        Of the `options` of the command line, only places of files are taken. BadOption where there
        are others, DataError where the recipe cannot be used.
        """
        from symgen.sampling.recipe import read

        recipe = read(path)
        _check_given(recipe)
        made = {**_usual(options), **_checked(recipe, path)}
        places = {n: options[n] for n in ("data", *recipe.files) if options.get(n) is not None}
        made |= {**places, "seed": recipe.seed, "num": 1}
        _check_files(recipe, made)
        request = dataclasses.replace(_request(made), first=recipe.sample)
        return cls(made, request, recipe=recipe)

    @property
    def model(self) -> str | None:
        """The model that the recipe names, if there is one."""
        return self.recipe.model if self.recipe else None

    @property
    def never_repeat(self) -> bool:
        """Whether the samples are compared with earlier ones, and remembered."""
        return self.recipe is None and bool(self.options["never_repeat"])

    def check(self, out: Out, model: PlayableModel, named: bool) -> None:
        """Say if `model` is not the one of the recipe; DataError if the user has not `named` it."""
        from symgen.files import sha256

        if self.recipe is None or (found := sha256(model.path)) == self.recipe.bundle:
            return
        differs = (
            f"{model.path} is another bundle than that of the recipe "
            f"(sha256 {found[:12]}..., there {shorten(self.recipe.bundle)[:12]}...)"
        )
        if not named:
            raise DataError(f"{differs}; name the right one, or this one, with --model")
        out.log(f"{differs}: the sample will be another too")
        self.changed.append(True)

    def recipe_of(self, sample: Sample, model: PlayableModel) -> Recipe:
        """Return the recipe of a sample: of one that is made again, that of the first time."""
        from symgen.sampling.recipe import Recipe

        if self.recipe is not None and not self.changed:
            return self.recipe
        return Recipe.of(sample, model, _kept(self.options), self.controls)


def _request(options: Mapping[str, Any]) -> Request:
    """Return the request that the options make; BadOption if they make none."""
    from symgen.sampling.request.request import SECONDS as USUAL
    from symgen.sampling.request.request import ask
    from symgen.sampling.request.structure import Structure

    seconds = options["seconds"]
    shaped = {name: options[name] for name in SHAPE}
    shape = Structure(**shaped, seconds=seconds, accidentals=options["accidentals"])
    asked = {n: v for n, v in options.items() if n not in (*SHAPE, *PLAYED, "controls")}
    return ask(**asked | {"seconds": USUAL if seconds is None else seconds}, shape=shape)


def _parameters() -> dict[str, click.Parameter]:
    """Return the options of this command that a recipe may have, by name."""
    parameters = click.get_current_context().command.params
    return {str(p.name): p for p in parameters if p.name not in NOT_KEPT}


def _kept(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a recipe keeps of the options: those that are not the default."""
    from symgen.sampling.recipe import portable

    kept = {
        name: options[name]
        for name, parameter in _parameters().items()
        if options.get(name) is not None and options[name] != _default(parameter)
    }
    return kept | ({"data": portable(kept["data"])} if "data" in kept else {})


def _usual(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of `options`."""
    parameters = _parameters()
    return {name: _default(parameters[name]) for name in options if name in parameters}


def _default(parameter: click.Parameter) -> Any:
    """Return the value of an option that is not given."""
    value = parameter.get_default(click.get_current_context())
    if value is None or isinstance(value, str | int | float):
        return value
    return False if isinstance(parameter, click.Option) and parameter.is_flag else None


def _checked(recipe: Recipe, path: str) -> dict[str, Any]:
    """Return the options of a recipe, each checked as on the command line."""
    known = _parameters()
    for name in recipe.options:
        if name not in known:
            raise DataError(
                f"{path}: its recipe has the option {shorten(name)}, which this symgen does not "
                f"know; symgen {shorten(recipe.symgen)} made it: pip install --upgrade symgen"
            )
    return {name: _value(known[name], value, path) for name, value in recipe.options.items()}


def _value(parameter: click.Parameter, value: Any, path: str) -> Any:
    if parameter.name in (*TARGETS, *FLAGS) and not isinstance(value, str):
        return value  # of a file of controls; `Targets` checks it
    flag = isinstance(parameter, click.Option) and parameter.is_flag
    if flag != isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataError(f"{path}: {parameter.name} of its recipe is {shorten(value)}")
    return value if flag else parameter.type_cast_value(click.get_current_context(), str(value))


def _check_given(recipe: Recipe) -> None:
    """Raise BadOption where an option is given that the recipe decides."""
    context = click.get_current_context()
    free = {*OUTPUT, *GENERAL, "data", *recipe.files}
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if source is ParameterSource.COMMANDLINE and parameter.name not in free:
            raise BadOption(f"--recipe decides {parameter.opts[0]}; remove one of them")


def _check_files(recipe: Recipe, options: Mapping[str, Any]) -> None:
    """Raise DataError where a file of the recipe is missing or another."""
    from symgen.files import sha256
    from symgen.sampling.request.sources import file_of

    for name in (name for name in MUSIC if name in recipe.files):
        path = file_of(str(options.get(name)))
        if not path.is_file():
            raise DataError(f"{path}: not here; say where it is with --{name} FILE")
        if sha256(path) != recipe.files[name]:
            raise DataError(
                f"{path}: not the file of the recipe, its content differs; say where that is with "
                f"--{name} FILE"
            )
