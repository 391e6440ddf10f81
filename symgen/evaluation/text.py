"""An evaluation as text of at most 120 columns, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

Facts = Mapping[str, Any]
WIDTH, NAME = 120, 24
ROWS = {"network": "network", "ngram": "n-gram", "unigram": "unigram", "repeat": "repeat last"}


def table(document: Facts) -> str:
    """Return the parts of a document that there are."""
    lines = [
        *_model(document),
        *_likelihood(document.get("likelihood") or {}),
        *_statistics(document.get("statistics")),
        *_originality(document.get("originality") or {}),
        *_samples(document.get("samples") or []),
    ]
    return "\n".join(lines).strip("\n")


def _model(document: Facts) -> Iterator[str]:
    if not (model := document.get("model")):
        return
    report, data = model["training"], document.get("data") or {}
    half = (data.get("halves") or {}).get("eval") or report.get("eval") or {}
    yield (
        f"{model['name']}: {model['model']['name']}, {model['encoding']['name']}, {report.get('parameters') or 0:,} weights; held out "
        f"{half.get('pieces') or 0:,} pieces, {half.get('events') or 0:,} events of {data.get('path', 'its dataset')}"
    )
    if gap := report.get("gap"):
        yield f"{'gap between the halves':<{NAME}}{gap['train']:.4f} nats per event in training, {gap['held_out']:.4f} held out"
    yield from (f"warning: {line}" for line in data.get("warnings", []))


def _likelihood(part: Facts) -> Iterator[str]:
    if not part:
        return
    yield ""
    yield f"{'likelihood':<{NAME}}{'nats per note (95 %)':<28}{'per second':>12}{'per event':>12}{'windows of 512 (carried)':>28}"
    for key, name in ROWS.items():
        if scored := part.get(key):
            note = _first(scored.get("nats_per_note"), "{:.4f}")
            if isinstance(scored.get("nats_per_note"), list) and len(scored["nats_per_note"]) > 2:
                note += " [{:.4f}, {:.4f}]".format(*scored["nats_per_note"][1:3])
            keys = ("nats_per_second", "nats_per_event", "windows")
            cells = [_first(scored.get(k), "{:.3f}") for k in keys]
            if scored.get(
                "windows_carried"
            ):  # the same events, which are not all: what is shorter than a window has none
                cells[2] += f" ({_first(scored['windows_carried'], '{:.3f}')})"
            yield f"  {name:<{NAME - 2}}{note:<28}{cells[0]:>12}{cells[1]:>12}{cells[2]:>28}"
    yield from _kinds(part)
    if part.get("verdict"):
        yield from textwrap.wrap(part["verdict"], WIDTH)


def _kinds(part: Facts) -> Iterator[str]:
    """Yield a line for each kind of value: its share, its nats, and how often it is foreseen."""
    models = [(key, name) for key, name in ROWS.items() if (part.get(key) or {}).get("kinds")]
    if not models:
        return
    heads = "".join(f"{name:>12}" for _, name in models)
    yield f"{'nats of one, by kind':<{NAME}}{'share':>8}{heads}{'foreseen':>12}"
    for kind, row in part[models[0][0]]["kinds"].items():
        nats = [
            _first((part[key]["kinds"].get(kind) or {}).get("nats"), "{:.3f}") for key, _ in models
        ]
        hits = "-" if row.get("accuracy") is None else f"{100 * row['accuracy']:.1f} %"
        name, share = plain(kind), f"{100 * row['share']:.1f} %"
        yield f"  {name:<{NAME - 2}}{share:>8}{''.join(f'{n:>12}' for n in nats)}{hits:>12}"


def plain(name: str) -> str:
    """Return the name of a field or kind in words: note-on, shift (seconds)."""
    for unit in ("seconds", "steps"):
        if name.endswith(f"_{unit}"):
            return f"{name.removesuffix(f'_{unit}')} ({unit})".replace("_", " ")
    return name.replace("note_on", "note-on").replace("note_off", "note-off").replace("_", " ")


def _statistics(part: Any) -> Iterator[str]:
    if part:
        from symgen.evaluation.statistics.table import text

        yield ""
        yield from text(part).split("\n")


def _originality(part: Facts) -> Iterator[str]:
    rows, held = part.get("samples") or [], (part.get("held_out") or {}).get("samples") or []
    if not rows:
        return
    yield ""
    yield f"{'originality':<{NAME}}{'longest passage (notes)':<28}{'found in training: 8 notes':>28}{'16':>10}{'32':>10}"
    for name, some in (("samples", rows), ("held out", held)):
        if some:
            longest = [(r.get("longest") or {}).get("notes") or 0 for r in some]
            said = f"median {np.median(longest):.0f}, most {max(longest)}"
            shares = [
                _mean([(r.get("shares") or {}).get(n) for r in some]) for n in ("8", "16", "32")
            ]
            yield f"  {name:<{NAME - 2}}{said:<28}{shares[0]:>28}{shares[1]:>10}{shares[2]:>10}"
    if part.get("verdict"):
        yield from textwrap.wrap(f"{part['verdict'][0].upper()}{part['verdict'][1:]}.", WIDTH)
    most = max(rows, key=lambda r: (r.get("longest") or {}).get("notes") or 0)
    if longest := most.get("longest"):
        begin, end = longest["at"]
        yield f"  {most['name']} has {longest['notes']} notes of {longest['piece']}, from {begin:.1f} to {end:.1f} s"


def _samples(rows: Sequence[Facts]) -> Iterator[str]:
    known = [row for row in rows if row.get("nats_per_event") is not None]
    if known:
        order = sorted(known, key=lambda row: row["nats_per_event"])
        picked = (("best", order[0]), ("median", order[len(order) // 2]), ("worst", order[-1]))
        yield ""
        yield "samples by nats per event under the model: " + ", ".join(
            f"{n} {r['name']} {r['nats_per_event']:.3f}" for n, r in picked
        )


def _first(value: Any, form: str) -> str:
    value = value[0] if isinstance(value, list) else value
    return "-" if value is None else form.format(value)


def _mean(values: Sequence[float | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{100 * float(np.mean(known)):.1f} %" if known else "-"
