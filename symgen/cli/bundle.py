"""`symgen bundle`: inspect a trained model, speed it up, or make its file smaller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from symgen.cli.arguments import FILE, FOLDER, MODEL
from symgen.cli.command import Group, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.tune import tune
from symgen.errors import counted


@click.group(cls=Group)
def bundle() -> None:
    """Inspect a trained model, quantise it to int8, tune its sampling, or make it smaller."""


bundle.add_command(tune)


@bundle.command(examples=("symgen bundle info piano", "symgen bundle info runs/mine/best.symgen"))
@click.argument("path", metavar="MODEL", type=MODEL)
@common
def info(out: Out, path: str) -> None:
    """Show what a model is: its card, encoding, network, scores, controls and versions."""
    from symgen.bundle import card as cards
    from symgen.bundle.bundle import Bundle

    opened = Bundle.open(path)
    known = {control.name: control.about() for control in opened.controls}
    made = cards.card(opened)
    more = describe(opened.info) + _controls(opened.info, known)
    out.result(f"{cards.text(made)}\n\n{more}", {**opened.info, "about": known, "card": made})


@bundle.command()
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Output",
    option(
        "-o",
        "--output",
        metavar="FILE",
        type=FILE,
        show_default="beside it, as NAME-slim.symgen",
        help="Bundle to write.",
    ),
    overwrite(),
)
@common
def slim(out: Out, path: str, output: str | None, force: bool) -> None:
    """Remove the weights that only further training needs; the model plays as before."""
    from symgen.bundle.bundle import slim as write_slim

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
    option(
        "-o",
        "--output",
        metavar="FILE",
        type=FILE,
        show_default="beside it, as NAME-ship.symgen",
        help="Bundle to write.",
    ),
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
    option(
        "-o",
        "--output",
        metavar="FILE.md",
        type=FILE,
        show_default="print it",
        help="Write the card as Markdown.",
    ),
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
    option(
        "--data",
        metavar="FOLDER",
        type=FOLDER,
        show_default="the one that the model was trained on",
        help="Dataset whose held-out pieces measure the loss in accuracy.",
    ),
)
@section(
    "Output",
    option(
        "-o",
        "--output",
        metavar="FILE",
        type=FILE,
        show_default="the bundle itself",
        help="Bundle to write.",
    ),
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
    from symgen.dataset import Dataset
    from symgen.errors import DataError
    from symgen.files import refuse_overwrite
    from symgen.training.quantize import quantise as add
    from symgen.training.quantize import said

    source = Bundle.open(path)
    target = refuse_overwrite(output, force) if output else source.path
    folder = data or source.info["training"].get("dataset")
    if not folder:
        raise DataError(
            f"{source.path} does not say which dataset it was trained on; name one with --data FOLDER"
        )
    dataset = Dataset.open(folder)
    if dataset.encoding.fingerprint() != source.info["encoding_fingerprint"]:
        raise DataError(
            f"{folder}: its encoding is not that of {source.path}; name another with --data FOLDER"
        )
    facts = add(source, dataset.half("eval"), target)
    out.result(f"{target}: {said(facts)}", {"path": str(target), **facts})


def describe(info: dict[str, Any] | Any) -> str:
    """Return the facts of bundle.json that a person asks for."""
    training, score = info["training"], info["training"].get("score", {})
    corpora = "; ".join(
        f"{c.get('title') or c.get('name')} ({c.get('licence') or 'licence unknown'})"
        + (", synthetic" if c.get("synthetic") else "")
        for c in info["corpora"]
    )
    encoding = ", ".join(f"{k} {_short(v)}" for k, v in info["encoding"].items())
    lines = {
        "name": info["name"],
        "encoding": encoding,
        "model": _model(info["model"]),
        "grams"
        if info.get("player", {}).get("name") == "table"
        else "weights": f"{training['parameters']:,}",
        "corpora": corpora or "unknown",
        "trained on": f"{counted(training['train']['pieces'], 'piece')}, {training['train']['events']:,} events",
        "held out": f"{counted(training['eval']['pieces'], 'piece')}, {training['eval']['events']:,} events"
        + _part(training),
        "score": ", ".join(
            f"{k.replace('_', ' ')} {v:.4g}"
            for k, v in score.items()
            if k not in ("events", "fields")
        ),
        **{
            name: f"nats {field['nats']:.4g}, accuracy {field['accuracy']:.4g}"
            for name, field in score.get("fields", {}).items()
        },
        **({"gap": _gap(training["gap"])} if training.get("gap") else {}),
        **(
            {"music": _music(training["music"])}
            if (training.get("music") or {}).get("pitch")
            else {}
        ),
        **({"baselines": _baselines(training["baselines"])} if training.get("baselines") else {}),
        **({"sampling": _sampling(info["sampling"])} if info.get("sampling") else {}),
        "controls": _steered(info),
        "plays in": _precision(info.get("player", {})),
        "step": f"{training['step']} after {training['seconds'] / 60:.1f} minutes",
        "made by": f"symgen {info['symgen']}",
    }
    return "\n".join(f"{k:>10}  {v}" for k, v in lines.items())


def _music(found: Mapping[str, Any]) -> str:
    """Say what the training music is like."""
    pitch, density = found["pitch"], found["density"]["pieces"]
    return (
        f"pitches {pitch['0']:g} to {pitch['100']:g}, rarely more than {found['at_once']['99']:g} notes at once, "
        f"{density['0']:.2g} to {density['100']:.2g} notes per second"
    )


def _baselines(found: Mapping[str, Any]) -> str:
    """Say what counting comes to beside the model."""
    counted = (
        f", an n-gram of order {found['order']} {found['ngram']:.4g}" if "ngram" in found else ""
    )
    said = f"; {found['said']}" if found.get("said") else ""
    return f"choosing by frequency alone {found['unigram']:.4g} nats per event{counted}{said}"


def _sampling(chosen: Mapping[str, Any]) -> str:
    """Say which temperature and top-p are taken where none are given."""
    return f"temperature {chosen['temperature']:g}, top-p {chosen['top_p']:g}, chosen by symgen bundle tune"


def _part(training: Mapping[str, Any]) -> str:
    """Say of how much of the held-out half the score is, where that is a part: of a run that has not ended."""
    scored = training.get("scored", training["eval"]["events"])
    return f"; the score is of {scored:,} of them" if scored < training["eval"]["events"] else ""


def _precision(player: Mapping[str, Any]) -> str:
    """Say what it is played in, and what int8 costs where that was measured."""
    if player.get("name") == "table":
        return "counts"
    if "int8" not in player:
        return "float32"
    alone = " alone, weights float16" if "test" in player else ""
    cost, events = player["int8"]["cost"], player["int8"]["events"]
    return f"{player['precision']}{alone}; int8 costs {cost:+.5f} nats per event on {events:,} held out"


def _gap(gap: Mapping[str, Any]) -> str:
    """Say how far the halves lie apart."""
    return f"{gap['train']:.4f} nats per event on a like share of the training half, {gap['held_out']:.4f} held out: {gap['said']}"


def _steered(info: Mapping[str, Any]) -> str:
    """Say which controls are learned, and which can be steered all the same."""
    from symgen.sampling import steers

    names = [c["name"] for c in info["controls"]]
    if steered := [name for name in sorted(steers) if name not in names]:
        return f"{', '.join(names) or 'none learned'}; steered: {', '.join(steered)}"
    return ", ".join(names)


def _controls(info: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return a line for each control: what it tells, what it may be asked, and what of it the training saw."""
    seen, lines = info["training"].get("controls", {}), ""
    for name, about in known.items():
        found = seen.get(name, {})
        said = ""
        if found.get("seen"):
            low, middle, high = found["seen"]
            said = f"; seen in training: {low:g} to {high:g} (5 to 95 %), {middle:g} in the middle"
        elif found.get("counts"):
            said = "; pieces in training: " + ", ".join(
                f"{label} {count}" for label, count in found["counts"].items()
            )
        lines += f"\n{name:>16}  {about}{said}"
    return lines


def _short(value: Any) -> Any:
    return f"of {len(value)}" if isinstance(value, list) and len(value) > 4 else value


def _model(table: dict[str, Any]) -> str:
    layers = ", ".join(f"{layer['cell']} {layer['units']}" for layer in table.get("layers", []))
    chained = ", chained head" if table.get("head") == "chained" else ""
    options = layers + chained or ", ".join(f"{k} {v}" for k, v in table.items() if k != "name")
    return f"{table['name']}: {options}" if options else str(table["name"])
