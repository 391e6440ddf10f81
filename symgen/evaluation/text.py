"""An evaluation as text of at most 100 columns: the verdict first, then the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symgen.evaluation.statistics.table import about_sets, wrap
from symgen.evaluation.statistics.table import table as metrics_table
from symgen.evaluation.verdict import answers

Facts = Mapping[str, Any]
NAME = 22
ROWS = {"network": "network", "ngram": "n-gram", "unigram": "unigram", "repeat": "repeat last"}


def table(document: Facts) -> str:
    """Return the parts that the document has."""
    lines = [
        *_verdict(document),
        *_model(document),
        *_likelihood(document.get("likelihood") or {}),
        *_statistics(document.get("statistics")),
        *_originality(document.get("originality") or {}),
        *_samples(document.get("samples") or []),
    ]
    return "\n".join(lines).strip("\n")


def _verdict(document: Facts) -> Iterator[str]:
    for answer in answers(document):
        yield from wrap(str(answer))
    for warning in (document.get("data") or {}).get("warnings", []):
        yield from wrap(f"warning: {warning}")


def _model(document: Facts) -> Iterator[str]:
    if not (model := document.get("model")):
        return
    report = model["training"]
    data = document.get("data") or {}
    held_out = (data.get("halves") or {}).get("eval") or report.get("eval") or {}
    yield ""
    yield from wrap(
        f"{model['name']}: {model['model']['name']}, {model['encoding']['name']}, "
        f"{report.get('parameters') or 0:,} weights; held out: {held_out.get('pieces') or 0:,} "
        f"pieces, {held_out.get('events') or 0:,} events of {data.get('path', 'its dataset')}"
    )
    if gap := report.get("gap"):
        yield (
            f"nats per event: {gap['train']:.4f} on the training split, {gap['held_out']:.4f} "
            "held out"
        )


def _likelihood(part: Facts) -> Iterator[str]:
    if not part:
        return
    yield ""
    yield (
        f"{'likelihood':<{NAME}}{'nats per note (95 %)':<28}{'per second':>11}{'per event':>11}"
        f"{'windows of 512 (carried)':>26}"
    )
    for key, name in ROWS.items():
        if scored := part.get(key):
            yield _scored(name, scored)
    yield from _kinds(part)


def _scored(name: str, scored: Facts) -> str:
    note = _first(scored.get("nats_per_note"), "{:.4f}")
    interval = scored.get("nats_per_note")
    if isinstance(interval, list) and len(interval) > 2:
        note += " [{:.4f}, {:.4f}]".format(*interval[1:3])
    second, event, windows = (
        _first(scored.get(key), "{:.3f}")
        for key in ("nats_per_second", "nats_per_event", "windows")
    )
    if scored.get("windows_carried"):  # the same events, without pieces shorter than a window
        windows += f" ({_first(scored['windows_carried'], '{:.3f}')})"
    return f"  {name:<{NAME - 2}}{note:<28}{second:>11}{event:>11}{windows:>26}"


def _kinds(part: Facts) -> Iterator[str]:
    """Yield a line for each kind of event: its share, its nats, and how often it is predicted."""
    models = [(key, name) for key, name in ROWS.items() if (part.get(key) or {}).get("kinds")]
    if not models:
        return
    heads = "".join(f"{name:>12}" for _, name in models)
    yield f"{'nats per event by kind':<{NAME + 2}}{'share':>8}{heads}{'predicted':>12}"
    for kind, row in part[models[0][0]]["kinds"].items():
        tables = [part[key]["kinds"].get(kind) or {} for key, _ in models]
        nats = "".join(f"{_first(table.get('nats'), '{:.3f}'):>12}" for table in tables)
        hits = "-" if row.get("accuracy") is None else f"{100 * row['accuracy']:.1f} %"
        name = plain(kind)
        share = f"{100 * row['share']:.1f} %"
        yield f"  {name:<{NAME}}{share:>8}{nats}{hits:>12}"


def plain(name: str) -> str:
    """Return the name of a field or kind in words: note-on, shift (seconds)."""
    for unit in ("seconds", "steps"):
        if name.endswith(f"_{unit}"):
            return f"{name.removesuffix(f'_{unit}')} ({unit})".replace("_", " ")
    return name.replace("note_on", "note-on").replace("note_off", "note-off").replace("_", " ")


def _statistics(part: Any) -> Iterator[str]:
    if not part:
        return
    yield ""
    yield from about_sets(part)
    yield from metrics_table(part)


def _originality(part: Facts) -> Iterator[str]:
    rows = part.get("samples") or []
    held = (part.get("held_out") or {}).get("samples") or []
    if not rows:
        return
    yield ""
    yield (
        f"{'originality':<{NAME}}{'longest passage (notes)':<28}{'found in training: 8 notes':>28}"
        f"{'16':>9}{'32':>9}"
    )
    for name, some in (("samples", rows), ("held out", held)):
        if some:
            yield _copied(name, some)
    most = max(rows, key=lambda row: (row.get("longest") or {}).get("notes") or 0)
    if longest := most.get("longest"):
        begin, end = longest["at"]
        yield from wrap(
            f"longest: {most['name']} shares {longest['notes']} notes with {longest['piece']}, "
            f"from {begin:.1f} to {end:.1f} s"
        )


def _copied(name: str, rows: Sequence[Facts]) -> str:
    lengths = [(row.get("longest") or {}).get("notes") or 0 for row in rows]
    longest = f"median {np.median(lengths):.0f}, most {max(lengths)}"
    few, some, many = (
        _mean([(row.get("shares") or {}).get(length) for row in rows])
        for length in ("8", "16", "32")
    )
    return f"  {name:<{NAME - 2}}{longest:<28}{few:>28}{some:>9}{many:>9}"


def _samples(rows: Sequence[Facts]) -> Iterator[str]:
    known = [row for row in rows if row.get("nats_per_event") is not None]
    if not known:
        return
    order = sorted(known, key=lambda row: row["nats_per_event"])
    picked = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    shown = [f"{n} {row['name']} {row['nats_per_event']:.3f}" for n, row in picked.items()]
    named = ", ".join(shown)
    yield ""
    yield from wrap(f"samples by nats per event under the model: {named}")


def _first(value: Any, form: str) -> str:
    value = value[0] if isinstance(value, list) else value
    return "-" if value is None else form.format(value)


def _mean(values: Sequence[float | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{100 * float(np.mean(known)):.1f} %" if known else "-"
