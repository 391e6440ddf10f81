"""`symgen bundle`: look into a trained model, make it play faster, or make it smaller for shipping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from symgen.cli.common import Out, common
from symgen.cli.tune import tune


@click.group()
def bundle() -> None:
    """Look into a bundle, let it play in whole numbers, tune its sampling, or make it smaller."""


bundle.add_command(tune)


@bundle.command()
@click.argument("path", metavar="FILE.symgen|NAME")
@common
def info(out: Out, path: str) -> None:
    """Tell what a bundle is and holds: its card, encoding, model, score, controls, versions."""
    from symgen.bundle import card as cards
    from symgen.bundle.bundle import Bundle
    from symgen.bundle.describe import describe, describe_controls
    from symgen.sampling import steers

    opened = Bundle.open(path)
    known = {control.name: control.about() for control in opened.controls}
    made, info = cards.card(opened), opened.record
    facts = f"{describe(info, steers)}\n{describe_controls(info, known)}".rstrip()
    document = {**info.to_dict(), "about": known, "card": made}
    out.result(f"{cards.text(made)}\n\n{facts}", document)


@bundle.command()
@click.argument("path", metavar="FILE.symgen")
@click.option("-o", "--output", metavar="FILE", help="[default: beside it, as NAME-slim.symgen]")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@common
def slim(out: Out, path: str, output: str | None, force: bool) -> None:
    """Drop the weights that only further training needs; it plays as before."""
    from symgen.bundle.write import slim as write_slim

    _rewrite(out, path, output, force, "slim", write_slim)


@bundle.command()
@click.argument("path", metavar="FILE.symgen")
@click.option("-o", "--output", metavar="FILE", help="[default: beside it, as NAME-ship.symgen]")
@click.option("--name", metavar="NAME", help="What it is called. [default: as before]")
@click.option(
    "--evaluation",
    metavar="FILE.json",
    help="Put its figures on the card: what symgen evaluate -o FILE.json wrote.",
)
@click.option("--machine", metavar="TEXT", help="What it was trained on, for the card.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@common
def ship(
    out: Out,
    path: str,
    output: str | None,
    name: str | None,
    evaluation: str | None,
    machine: str | None,
    force: bool,
) -> None:
    """Make a third of it to hand round: it plays int8, is evaluated, and can be trained further."""
    import functools

    from symgen.bundle.shipping import evaluated
    from symgen.bundle.shipping import ship as write_shipped
    from symgen.files import read_json

    report = evaluated(read_json(evaluation)) if evaluation else {}
    report |= {"machine": machine} if machine else {}
    _rewrite(
        out, path, output, force, "ship", functools.partial(write_shipped, name=name, report=report)
    )


@bundle.command()
@click.argument("path", metavar="FILE.symgen|NAME")
@click.option("-o", "--output", metavar="FILE.md", help="Write it as a page of Markdown.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@common
def card(out: Out, path: str, output: str | None, force: bool) -> None:
    """Print the card of a model: its music and licences, what it is worth, how to go on with it."""
    from symgen.bundle import card as cards
    from symgen.bundle.bundle import Bundle
    from symgen.files import atomic, refuse_overwrite

    made = cards.card(Bundle.open(path))
    if output is None:
        out.result(cards.text(made), made)
        return
    with atomic(refuse_overwrite(output, force)) as file:
        file.write(cards.markdown(made).encode())
    out.result(output, {"path": output})


def _rewrite(
    out: Out,
    path: str,
    output: str | None,
    force: bool,
    kind: str,
    make: Callable[[Any, Path], Path],
) -> None:
    """Write what `make` makes of a bundle, and say how large both are."""
    from symgen.bundle.bundle import Bundle
    from symgen.files import refuse_overwrite

    source = Bundle.open(path)
    usual = source.path.with_name(f"{source.path.stem}-{kind}.symgen")
    target = refuse_overwrite(output or usual, force)
    before = source.path.stat().st_size
    make(source, target)
    after = target.stat().st_size
    out.result(
        f"{target}: {after / 1e6:.1f} MB, of {before / 1e6:.1f} MB",
        {"path": str(target), "bytes": after},
    )


@bundle.command()
@click.argument("path", metavar="FILE.symgen")
@click.option(
    "--data",
    metavar="FOLDER",
    help="Dataset to measure the cost on. [default: the one that it was trained on]",
)
@click.option("-o", "--output", metavar="FILE", help="[default: the bundle itself]")
@click.option("--force", is_flag=True, help="Replace another file that exists.")
@common
def quantise(out: Out, path: str, data: str | None, output: str | None, force: bool) -> None:
    """Add graphs of whole numbers (int8), which play several times as fast, and measure what they cost in nats per event.

    They are what is played from then on where they cost less than 0.005 a field; `symgen sample --precision` takes the others.
    """
    from symgen.bundle.bundle import Bundle
    from symgen.dataset.of import check_encoding, dataset_of
    from symgen.files import refuse_overwrite
    from symgen.training.quantize import quantise as add
    from symgen.training.quantize import said

    source = Bundle.open(path)
    target = refuse_overwrite(output, force) if output else source.path
    dataset = dataset_of(source, data)
    check_encoding(source, dataset)
    facts = add(source, dataset.half("eval"), target)
    out.result(f"{target}: {said(facts)}", {"path": str(target), **facts})
