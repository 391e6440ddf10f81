"""`symgen evaluate` for models of raw audio: bits a sample beside counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.cli.common import Out
from symgen.cli.evaluate.model import refuse
from symgen.errors import BadOption, counted

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle


def evaluate_sound(
    out: Out,
    bundle: Bundle,
    data: Sequence[str],
    output: str | None,
    force: bool,
    unused: Mapping[str, Any],
) -> None:
    """Evaluate `bundle` on held-out sound, print its bits, and write a page or the document."""
    from symgen.bundle.card import source_line
    from symgen.evaluation.sound import evaluate, text

    refuse(unused, "a model of raw audio")
    if len(data) > 1:
        raise BadOption(f"--data: {counted(len(data), 'dataset')} for one model; name one")
    out.log(source_line(bundle))
    with out.track() as progress:
        document = evaluate(bundle, data[0] if data else None, progress)
    if output is not None:
        from symgen.report import write_survey

        for line in write_survey(document, Path(output), force):
            out.log(line)
        out.log(f"report {output}")
    out.result(text(document), document)
