"""`symgen sample` for models of raw audio: sound in WAV files."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from symgen.cli.common import Out
from symgen.errors import BadOption, SymgenError
from symgen.scratch import together

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle

TAKEN = ("bundle", "model", "output", "force", "num", "seconds", "primer", "primer_seconds")
RANDOM = ("seed", "temperature")
GENERAL = ("as_json", "quiet", "verbose", "no_progress")
ALLOWED = {*TAKEN, *RANDOM, *GENERAL}


def model_of_sound(named: str | None) -> Bundle | None:
    """Return the bundle `named` if it is one of raw audio; without a name, that of the newest run.

    None for one of notes, or one that cannot be opened: what opens it next says why.
    """
    from symgen.bundle.bundle import Bundle
    from symgen.encodings.sound import Sound
    from symgen.sampling.which import newest_first

    try:
        path = named or next(iter(newest_first()), None)
        found: Bundle | None = Bundle.open(path) if path else None
        return found if found and isinstance(found.codec, Sound) else None
    except (SymgenError, OSError):
        return None


def sample(
    out: Out, bundle: Bundle, output: str | None, force: bool, options: Mapping[str, Any]
) -> None:
    """Draw samples from a model of raw audio, write them, and print a line for each."""
    from symgen.bundle.card import source_line
    from symgen.sampling.sound import files
    from symgen.sampling.sound.draw import draw

    _refuse_others(bundle)
    out.log(source_line(bundle))
    request = _request(options)
    paths = files.paths(output, bundle.name, request.num, force)
    begin = time.monotonic()
    with out.track() as progress:
        made = draw(bundle, request, progress)
    took = time.monotonic() - begin
    reports = [_report(bundle, request, one, path) for one, path in zip(made, paths, strict=True)]
    with together():
        for one, path, report in zip(made, paths, reports, strict=True):
            files.write(one, path, force)
            path.with_suffix(files.REPORT).write_text(json.dumps(report, indent=1) + "\n")
    drawn = sum(len(one.samples) - one.primed for one in made)
    out.log(f"{drawn:,} samples drawn in {took:.1f} s, {drawn / max(took, 1e-9):,.0f} a second")
    out.result(
        "\n".join(map(_line, reports)),
        {"model": bundle.path.as_posix(), "seed": request.seed, "samples": reports},
    )


def _request(options: Mapping[str, Any]) -> Any:
    from symgen.sampling.sound.draw import Request

    if options["primer"] == "eval":
        raise BadOption("--primer eval is of models of notes; name a recording")
    given = {
        key: options[key]
        for key in ("seconds", "num", "seed", "temperature", "primer", "primer_seconds")
        if options.get(key) is not None
    }
    return Request(**{"seed": secrets.randbelow(1 << 31)} | given)


def _refuse_others(bundle: Bundle) -> None:
    """Raise BadOption for an option on the command line that is of models of notes."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in ALLOWED:
            raise BadOption(
                f"{parameter.opts[0]} is of models of notes, and {bundle.path} is one of raw audio "
                f"({bundle.codec.name}); remove it"
            )


def _report(bundle: Bundle, request: Any, sample: Any, path: Path) -> dict[str, Any]:
    primer = None if request.primer is None else Path(request.primer).name
    return {
        "file": path.as_posix(),
        "model": bundle.path.as_posix(),
        "encoding": dict(bundle.record.encoding),
        "seed": request.seed,
        "index": sample.index,
        "temperature": request.temperature,
        "seconds": round(len(sample.samples) / sample.rate, 3),
        "rate": sample.rate,
        "primer": primer,
        "primer_seconds": round(sample.primed / sample.rate, 3),
    }


def _line(report: Mapping[str, Any]) -> str:
    primer = f", the first {report['primer_seconds']:g} s of {report['primer']}"
    return (
        f"{report['file']}: {report['seconds']:g} s at {report['rate']} Hz"
        f"{primer if report['primer'] else ''}, temperature {report['temperature']:g}, "
        f"seed {report['seed']}"
    )
