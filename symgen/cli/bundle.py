"""`symgen bundle`: inspect a trained model, speed it up, make it smaller, list its passages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from symgen.cli.arguments import FILE, MODEL
from symgen.cli.command import Group, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import data_option, output_option
from symgen.cli.tune import tune


@click.group(cls=Group)
def bundle() -> None:
    """Inspect a trained model, quantise it to int8, tune its sampling, or make it smaller."""


bundle.add_command(tune)


@bundle.command(
    examples=("symgen bundle info piano", "symgen bundle info runs/mine/best.symgen --check")
)
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Output",
    option("--schema", is_flag=True, help="Print a JSON schema of its targets, to draw a form."),
    option("--check", is_flag=True, help="Check all of it instead, and replay its test vectors."),
)
@common
def info(out: Out, path: str, schema: bool, check: bool) -> None:
    """Show what a model is: its card, encoding, network, scores, controls and versions."""
    from symgen.bundle import card as cards
    from symgen.bundle.bundle import Bundle
    from symgen.bundle.describe import describe, describe_controls
    from symgen.encodings import Encoding
    from symgen.sampling import steers

    opened = Bundle.open(path)
    if check:
        lines = opened.check()
        out.result("\n".join(lines), {"path": str(opened.path), "checked": lines})
        return
    if schema:
        from symgen.sampling.request.form import form

        fields = form(opened)
        out.result(json.dumps(fields, indent=2), fields)
        return
    known = {control.name: control.about() for control in opened.controls}
    made = cards.card(opened)
    info = opened.record
    steered = steers if isinstance(opened.codec, Encoding) else ()
    facts = f"{describe(info, steered)}\n{describe_controls(info, known)}".rstrip()
    document = {**info.to_dict(), "about": known, "card": made}
    out.result(f"{cards.text(made)}\n\n{facts}", document)


@bundle.command()
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Output",
    output_option("FILE", show_default="beside it, as NAME-slim.symgen", help="Bundle to write."),
    overwrite(),
)
@common
def slim(out: Out, path: str, output: str | None, force: bool) -> None:
    """Remove the weights that only further training needs; the model plays as before."""
    from symgen.bundle.write import slim as write_slim

    _rewrite(out, path, output, force, "slim", write_slim)


@bundle.command(
    examples=(
        "symgen bundle ship runs/mine/best.symgen -o mine.symgen",
        "symgen bundle ship runs/mine/best.symgen --name mine --evaluation report.json",
    )
)
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Card",
    option("--name", metavar="NAME", show_default="unchanged", help="Name of the model."),
    option(
        "--evaluation",
        metavar="FILE.json",
        type=FILE,
        help="Put these figures on the card; `symgen evaluate -o FILE.json` writes them.",
    ),
    option("--machine", metavar="TEXT", help="The machine it was trained on, for the card."),
)
@section(
    "Output",
    output_option("FILE", show_default="beside it, as NAME-ship.symgen", help="Bundle to write."),
    overwrite(),
)
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
    """Write a copy to share, a third of the size.

    It plays in int8, can be evaluated, and can be trained further.
    """
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
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Output",
    output_option("FILE.md", show_default="print it", help="Write the card as Markdown."),
    overwrite(),
)
@common
def card(out: Out, path: str, output: str | None, force: bool) -> None:
    """Print the card of a model: its music, licences, scores, and how to use it further."""
    from symgen.bundle import card as cards
    from symgen.bundle.bundle import Bundle
    from symgen.files import atomic, refuse_overwrite

    made = cards.card(Bundle.open(path))
    if output is None:
        out.result(cards.text(made), made)
        return
    with atomic(refuse_overwrite(output, force), replace=force) as file:
        file.write(cards.markdown(made).encode())
    out.result(output, {"path": output})


@bundle.command(examples=("symgen bundle passages runs/mine/best.symgen",))
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Data",
    data_option(
        show_default="the one that the model was trained on",
        help="Dataset whose pieces are the training music.",
    ),
    option("--held-out", is_flag=True, help="Count held-out pieces as training music too."),
)
@section(
    "Output",
    output_option("FILE", show_default="beside the model", help="File to write."),
    overwrite(),
)
@common
def passages(
    out: Out, path: str, data: str | None, held_out: bool, output: str | None, force: bool
) -> None:
    """Write the passages of the training music into a small file beside the model.

    With it, `symgen sample --max-copy 16` and `symgen serve` know copies where the training music
    is not at hand. The file holds hashes; no music can be read from it.
    """
    from symgen.bundle.bundle import Bundle
    from symgen.dataset.of import dataset_of
    from symgen.dataset.passages import known
    from symgen.dataset.store.manifest import SplitName
    from symgen.files import refuse_overwrite
    from symgen.similarity.known import beside

    model = Bundle.open(path)
    target = refuse_overwrite(output or beside(model.path), force)
    with out.track() as progress:
        halves: tuple[SplitName, ...] = ("train", "eval") if held_out else ("train",)
        made = known(dataset_of(model, data), progress, halves)
    made.save(target, force=force)
    size = target.stat().st_size
    out.result(
        f"{target}: {len(made):,} passages, {size / 1e6:.1f} MB",
        {"path": str(target), "passages": len(made), "bytes": size},
    )


def _rewrite(
    out: Out,
    path: str,
    output: str | None,
    force: bool,
    kind: str,
    make: Callable[[Any, Path], Path],
) -> None:
    """Write the bundle that `make` makes of the one at `path`, and print both sizes."""
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


@bundle.command(examples=("symgen bundle quantise runs/mine/best.symgen",))
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Measurement",
    data_option(
        show_default="the one that the model was trained on",
        help="Dataset whose held-out pieces measure the loss in accuracy.",
    ),
)
@section(
    "Output",
    output_option("FILE", show_default="the bundle itself", help="Bundle to write."),
    overwrite("Replace another file that exists."),
)
@common
def quantise(out: Out, path: str, data: str | None, output: str | None, force: bool) -> None:
    """Add int8-quantised graphs, which play several times as fast, and measure their cost.

    The cost is in nats per event on held-out pieces. The int8 graphs become the default if it is
    under 0.005 nats for each field of an event; `symgen sample --precision float32` uses the
    others.
    """
    from symgen.bundle.bundle import Bundle
    from symgen.dataset.of import check_encoding, dataset_of
    from symgen.files import refuse_overwrite
    from symgen.training.quantize import cost_text
    from symgen.training.quantize import quantise as add

    source = Bundle.open(path)
    target = refuse_overwrite(output, force) if output else source.path
    dataset = dataset_of(source, data)
    check_encoding(source, dataset)
    facts = add(source, dataset.rows("eval"), target)
    out.result(f"{target}: {cost_text(facts)}", {"path": str(target), **facts})
