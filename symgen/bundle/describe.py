"""The facts of a bundle as lines of text: what `symgen bundle info` prints below the card.

What the card says is not said again: the nats per note and per second, and the time of training.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from symgen.bundle.info import (
    Baselines,
    BundleInfo,
    Gap,
    PlayerInfo,
    Score,
    SplitSize,
    TrainingReport,
)
from symgen.errors import counted, printable

UNKNOWN = "not recorded"


def describe(info: BundleInfo, steers: Iterable[str] = ()) -> str:
    """Return a line for each fact; what a bundle does not record is left out, or named as unknown.

    `steers` are the names of the controls that can be steered in any model.
    """
    training, player = info.training, info.player
    encoding = ", ".join(f"{k} {_short(v)}" for k, v in info.encoding.items())
    numbers = "grams" if player.counted else "weights"
    lines = {
        "name": info.name,
        "encoding": encoding,
        "model": _model(info.model),
        numbers: UNKNOWN if training.parameters is None else f"{training.parameters:,}",
        "corpora": "; ".join(map(_corpus, info.corpora)) or "unknown",
        "trained on": _size(training.train),
        "held out": _held_out(training),
        "score": _score(training),
        **_fields(training.score),
        "gap": _gap(training.gap),
        "music": _if_ours(_music, training.music),
        "baselines": _baselines(training.baselines),
        "sampling": _if_ours(_sampling, info.sampling),
        "controls": _controls(info, steers),
        "plays in": _precision(player),
        "step": UNKNOWN if training.step is None else str(training.step),
        "made by": info.made_by,
    }
    return "\n".join(printable(f"{k:>10}  {v}") for k, v in lines.items() if v)


def describe_controls(info: BundleInfo, about: Mapping[str, str]) -> str:
    """Return a line for each control of `about`: what it is, and its values in training."""
    seen = info.training.controls
    lines = [
        printable(f"{name:>16}  {text}{_if_ours(_seen, seen.get(name, {}))}")
        for name, text in about.items()
    ]
    return "\n".join(lines)


def _if_ours(make: Callable[[Any], str], found: Any) -> str:
    """Return the text that `make` makes of a table; nothing where the table is of another tool."""
    try:
        return make(found)
    except (AttributeError, KeyError, TypeError, ValueError):
        return ""


def _seen(found: Mapping[str, Any]) -> str:
    """Return the range of a control in training, or the pieces of each of its labels."""
    if found.get("seen"):
        low, middle, high = found["seen"]
        return f"; seen in training: {low:g} to {high:g} (5 to 95 %), median {middle:g}"
    if found.get("counts"):
        counts = ", ".join(f"{label} {count}" for label, count in found["counts"].items())
        return f"; pieces in training: {counts}"
    return ""


def _corpus(corpus: Mapping[str, Any]) -> str:
    name = corpus.get("title") or corpus.get("name")
    synthetic = ", synthetic" if corpus.get("synthetic") else ""
    return f"{name} ({corpus.get('licence') or 'licence unknown'}){synthetic}"


def _size(split: SplitSize) -> str:
    if split.pieces is None or split.events is None:
        return UNKNOWN
    return f"{counted(split.pieces, 'piece')}, {split.events:,} events"


def _held_out(training: TrainingReport) -> str:
    """Return the size of the eval split, and how much of it the score is of if not all."""
    size = _size(training.eval)
    events = training.eval.events
    if events is None or training.scored is None or training.scored >= events:
        return size
    return f"{size}; the score is of {training.scored:,} of them"


def _score(training: TrainingReport) -> str:
    """Return the nats per event of the evaluation, or of the training run without one."""
    score = training.score
    nats, perplexity = score.nats_per_event, score.perplexity
    if training.evaluated.nats_per_event is not None:
        nats = training.evaluated.nats_per_event[0]
        perplexity = math.exp(nats)
    named = {"nats per event": nats, "perplexity": perplexity, "accuracy": score.accuracy}
    others = {k.replace("_", " "): v for k, v in score.other.items() if isinstance(v, int | float)}
    known = {name: value for name, value in (named | others).items() if value is not None}
    return ", ".join(f"{name} {value:.4g}" for name, value in known.items())


def _fields(score: Score) -> dict[str, str]:
    """Return the score of each field of a step."""
    return {name: _if_ours(_field, field) for name, field in score.fields.items()}


def _field(score: Mapping[str, Any]) -> str:
    return f"nats {score['nats']:.4g}, accuracy {score['accuracy']:.4g}"


def _music(found: Mapping[str, Any]) -> str:
    """Return the ranges of the training music."""
    pitch = found["pitch"]
    density = found["density"]["pieces"]
    return (
        f"pitches {pitch['0']:g} to {pitch['100']:g}, "
        f"rarely more than {found['at_once']['99']:g} notes at once, "
        f"{density['0']:.2g} to {density['100']:.2g} notes per second"
    )


def _baselines(found: Baselines | None) -> str:
    """Return the nats of the models that only count."""
    if found is None:
        return ""
    text = f"unigram {found.unigram:.4g} nats per event"
    if found.ngram is not None:
        text += f", n-gram of order {found.order} {found.ngram:.4g}"
    return f"{text}; {found.message}" if found.message else text


def _sampling(chosen: Mapping[str, Any]) -> str:
    """Return the temperature and top-p that are used where none are given."""
    return (
        f"temperature {chosen['temperature']:g}, top-p {chosen['top_p']:g}, "
        "chosen by symgen bundle tune"
    )


def _precision(player: PlayerInfo) -> str:
    """Return the precision it is played in, and what int8 costs where that was measured."""
    if player.counted:
        return "counts"
    text = player.precision or "float32"
    if player.test:
        text = f"only {text}, weights float16"
    return text + _if_ours(_cost, player.int8)


def _cost(int8: Mapping[str, Any]) -> str:
    return f"; int8 costs {int8['cost']:+.5f} nats per event on {int8['events']:,} held-out events"


def _gap(gap: Gap | None) -> str:
    """Return the nats per event on both splits, and what their difference means."""
    if gap is None:
        return ""
    return (
        f"{gap.train:.4f} nats per event on an equal share of the training split, "
        f"{gap.held_out:.4f} on the held-out split: {gap.message}"
    )


def _controls(info: BundleInfo, steers: Iterable[str]) -> str:
    """Return the controls that were learned, and the others that can be steered."""
    names = [str(c.get("name")) for c in info.controls]
    steered = [name for name in sorted(steers) if name not in names]
    learned = ", ".join(names) or "none learned"
    return f"{learned}; steered: {', '.join(steered)}" if steered else learned


def _model(table: Mapping[str, Any]) -> str:
    named = table.get("layers", [])
    layers = ", ".join(f"{layer.get('cell', 'lstm')} {layer['units']}" for layer in named)
    chained = ", chained head" if table.get("head") == "chained" else ""
    others = ", ".join(f"{k} {v}" for k, v in table.items() if k != "name")
    options = layers + chained or others
    return f"{table['name']}: {options}" if options else str(table["name"])


def _short(value: Any) -> Any:
    return f"of {len(value)}" if isinstance(value, list) and len(value) > 4 else value
