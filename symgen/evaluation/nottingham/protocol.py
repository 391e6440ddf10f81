"""The protocol "nottingham": models of melody and chords on held-out tunes.

They are compared with published figures and three baselines. The figures published for the model
that this one descends from (2 x 200 units, Nottingham, sixteenths) are accuracies of a step drawn
from the model on held-out tunes; the overall accuracy is the mean of melody and harmony. Their
melody says only what sounds: the form "sounding". Models of the form "onsets" are scored exactly in
both forms (see `forms`).

Chords can be compared only within one vocabulary. If the datasets have several, the probability of
a chord is added to its equivalent in a smaller vocabulary, and each vocabulary has a section.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.ledger import by_reason
from symgen.dataset.store.manifest import SPLITS
from symgen.encodings import Encoding
from symgen.encodings.melody_chords.encoding import MelodyChords
from symgen.evaluation import leakage
from symgen.evaluation.nottingham import baselines, forms, harmony, repeats
from symgen.evaluation.nottingham.forms import Projection, Tunes
from symgen.evaluation.nottingham.harmony import Drawn, Harmonised
from symgen.evaluation.nottingham.network import GraphPredictor
from symgen.evaluation.nottingham.score import Scores, difference, intervals, score, summary
from symgen.notes.theory.chords import REDUCTIONS
from symgen.types import Floats, Ints, Progress

PUBLISHED = {"overall": 0.7784, "melody": 0.6415, "chord": 0.9157}
CORPUS = "nottingham"
REPEAT = "repeat last step"
Report = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Target:
    """The truth of a section: a dataset, and its tunes in one form."""

    dataset: Dataset
    train: Tunes
    truth: Tunes


def nottingham(
    models: Sequence[tuple[Bundle, Dataset]],
    *,
    seed: int = 0,
    threads: int = 1,
    harmonised: Sequence[Drawn] = (),
    progress: Progress | None = None,
) -> Report:
    """Score each of `models` on its own dataset; return shares and nats as plain numbers.

    All datasets must hold out the same tunes. `seed` decides the resampled tunes of the intervals,
    and those for the choice of the n-gram's order. `harmonised` are the chords that each model drew
    for some melodies (see `harmony`). DataError if a model was trained on its held-out tunes, or if
    the datasets hold out different tunes. What cannot be checked is in `warnings`.
    """
    report: Progress = progress or (lambda done, total, what: None)
    datasets = list({_key(d): d for _, d in models}.values())
    warnings = [line for bundle, dataset in models for line in leakage.check(bundle, dataset)]
    warnings += [line for dataset in datasets if (line := _other_corpus(dataset))]
    own = {_key(d): forms.tunes(d, "eval") for d in datasets}
    for dataset in datasets[1:]:
        forms.check_same(own[_key(datasets[0])], own[_key(dataset)], dataset.path)
    targets = _targets(datasets)
    weights = intervals(len(own[_key(datasets[0])].ids), seed)
    total = len(models) + len(targets)
    scored: list[list[Scores | None]] = []
    for done, (bundle, dataset) in enumerate(models):
        report(done, total, f"scoring {bundle.name}")
        views = [_view(dataset, own[_key(dataset)], target) for target in targets]
        known = [view for view in views if view]
        differ = (_disagreement(view, own[_key(dataset)], dataset) for view in known)
        warnings += [line for line in differ if line]
        found = iter(score(GraphPredictor(bundle, dataset.split("eval"), threads), known))
        scored.append([next(found) if view else None for view in views])
    names = _names([bundle for bundle, _ in models])
    sections = []
    for k, target in enumerate(targets):
        report(len(models) + k, total, f"counting n-grams, form {target.truth.form}")
        here = {name: scores for name, row in zip(names, scored, strict=True) if (scores := row[k])}
        sections.append(_section(target, here, weights, seed))
    first = [row[0] for row in scored]
    return {
        "protocol": "nottingham",
        "published": PUBLISHED,
        "seed": seed,
        "warnings": warnings,
        "datasets": [_described(d) for d in datasets],
        "models": [_model(n, b, d) for n, (b, d) in zip(names, models, strict=True)],
        "sections": sections,
        "harmonised": _harmonies(names, [d for _, d in models], first, targets[0], harmonised),
    }


def _other_corpus(dataset: Dataset) -> str:
    """Return a warning if a dataset is not only of the published corpus; "" otherwise."""
    names = [corpus["name"] for corpus in dataset.info["corpora"]]
    if names == [CORPUS]:
        return ""
    return f"{dataset.path} holds {', '.join(names)}; the published figures are for {CORPUS}"


def _harmonies(
    names: Sequence[str],
    datasets: Sequence[Dataset],
    scored: Sequence[Scores | None],
    target: Target,
    harmonised: Sequence[Drawn],
) -> Report | None:
    """Return how the harmonies of the models agree with the originals; None without any."""
    models = {}
    for name, dataset, scores, drawn in zip(names, datasets, scored, harmonised, strict=False):
        chord = _classes(dataset, target)
        if scores and chord is not None:
            models[name] = Harmonised(drawn, chord, scores.argmax[:, 2] > 0)
    return harmony.agreement(target.truth, target.dataset, models) if models else None


def _key(dataset: Dataset) -> str:
    return str(dataset.info["fingerprint"])


def _targets(datasets: Sequence[Dataset]) -> list[Target]:
    """Return the truths: the published form in each chord vocabulary, then the form "onsets".

    The smallest vocabulary comes first.
    """
    own = [Target(d, forms.tunes(d, "train"), forms.tunes(d, "eval")) for d in datasets]
    sounding: dict[Any, Target] = {}
    onsets: dict[Any, Target] = {}
    for target in sorted(own, key=lambda t: (t.truth.form == forms.ONSETS, t.truth.sizes[1])):
        encoding = target.dataset.encoding
        chords = getattr(encoding, "chords", None)
        if target.truth.form == forms.ONSETS:
            onsets.setdefault(chords, target)
        sounding.setdefault(
            chords,
            dataclasses.replace(
                target,
                train=forms.as_sounding(encoding, target.train),
                truth=forms.as_sounding(encoding, target.truth),
            ),
        )
    return sorted(sounding.values(), key=lambda t: t.truth.sizes[1]) + list(onsets.values())


def _view(dataset: Dataset, own: Tunes, target: Target) -> Projection | None:
    """Return how a model of `dataset` is scored on a target; None if it says too little."""
    chord = _classes(dataset, target)
    if chord is None or (own.form == forms.SOUNDING and target.truth.form == forms.ONSETS):
        return None
    return forms.view(dataset.encoding, own, target.truth, chord)


def _classes(dataset: Dataset, target: Target) -> Ints | None:
    return chord_classes(dataset.encoding, target.dataset.encoding)


def _disagreement(view: Projection, own: Tunes, dataset: Dataset) -> str:
    """Return a warning if a dataset, projected to the values of another, differs from it."""
    rows = np.arange(len(own.values))
    melody = view.classes(rows)[rows, own.values[:, 0]] == view.truth.values[:, 0]
    chord = view.chord[own.values[:, 1]] == view.truth.values[:, 1]
    if melody.all() and chord.all():
        return ""
    return (
        f"{dataset.path} agrees with the dataset of {view.truth.sizes[1]} chord values in "
        f"{melody.mean():.2%} of the melody steps and {chord.mean():.2%} of the chord steps; its "
        "models are scored on the other dataset"
    )


def chord_classes(source: Encoding, target: Encoding) -> Ints | None:
    """Return the value in `target` of each chord value of `source`; None if `target` is finer."""
    if (
        not isinstance(source, MelodyChords)
        or not isinstance(target, MelodyChords)
        or source.chords == target.chords
    ):
        same = source.fields[1].size == target.fields[1].size
        return np.arange(source.fields[1].size) if same else None
    if REDUCTIONS.index(target.reduce) > REDUCTIONS.index(source.reduce) or set(
        target.chords
    ) > set(source.chords):
        return None
    return np.array([0, *(target.vocabulary.find(symbol).value for symbol in source.chords)])


def _section(target: Target, models: dict[str, Scores], weights: Floats, seed: int) -> Report:
    train, truth, encoding = target.train, target.truth, target.dataset.encoding
    order, tried = baselines.choose_order(train, seed)
    plain = Projection(truth, np.arange(truth.sizes[0]), np.arange(truth.sizes[1]))
    rows = {**models, REPEAT: baselines.repeat(train, truth)}
    for name, n in (("unigram", 1), (f"{order}-gram", order)):
        [rows[name]] = score(baselines.counted(train, truth, n), [plain])
    every = np.ones(len(truth.values), bool)
    before = repeats.repeated(truth, forms.whole(encoding, target.dataset.split("eval")))
    kinds = {
        "all": (every, every),
        "changes": repeats.changes(truth),
        "seen_before": (before, before),
        "first_time": (~before, ~before),
    }
    names = list(models)
    return {
        "form": truth.form,
        "melody_values": truth.sizes[0],
        "chord_values": truth.sizes[1],
        "reduce": getattr(encoding, "reduce", None),
        "dataset": target.dataset.path.as_posix(),
        "tunes": len(truth.ids),
        "steps": len(truth.values),
        "order": order,
        "order_nats": {str(n): round(v, 5) for n, v in tried.items()},
        "shares": {
            kind: {"melody": round(float(m.mean()), 4), "chord": round(float(c.mean()), 4)}
            for kind, (m, c) in kinds.items()
        },
        "rows": [
            {
                "name": name,
                "kind": "model" if name in models else "baseline",
                "nats_smoothed": name == REPEAT,
                **{kind: summary(scores, *masks, weights) for kind, masks in kinds.items()},
            }
            for name, scores in rows.items()
        ],
        "differences": [
            {"of": one, "over": other, **difference(rows[one], rows[other], weights)}
            for i, one in enumerate(names)
            for other in [*names[i + 1 :], REPEAT]
        ],
    }


def _names(bundles: Sequence[Bundle]) -> list[str]:
    """Return a name for each bundle, with a number if two have the same."""
    names = [bundle.name for bundle in bundles]
    return [name if names.count(name) == 1 else f"{name} ({i + 1})" for i, name in enumerate(names)]


def _model(name: str, bundle: Bundle, dataset: Dataset) -> Report:
    report = bundle.training
    return {
        "name": name,
        "path": bundle.path.as_posix(),
        "dataset": dataset.path.as_posix(),
        "form": forms.form_of(bundle.encoding),
        "chained": bundle.chained,
        "parameters": report.parameters,
        "seconds": report.seconds,
        "step": report.step,
        "trained_on_this": report.dataset_fingerprint == dataset.info["fingerprint"],
    }


def _described(dataset: Dataset) -> Report:
    """Return the facts of a dataset: corpora, splits, and what was left out and why."""
    info, encoding = dataset.info, dataset.encoding
    ledger = info["ledger"]
    return {
        "path": dataset.path.as_posix(),
        "fingerprint": info["fingerprint"],
        "seed": info["seed"],
        "encoding": {k: list(v) if isinstance(v, tuple) else v for k, v in encoding.spec().items()},
        "corpora": [{k: c.get(k) for k in ("name", "title", "licence")} for c in info["corpora"]],
        "halves": {
            split: {k: info["halves"][split][k] for k in ("pieces", "events", "share")}
            for split in SPLITS
        },
        "groups": len({row["group"] for row in info["pieces"]}),
        **{
            key: ledger.get(key)
            for key in ("files", "pieces_read", "pieces_written", "duplicates", "near_duplicates")
        },
        "refused": by_reason([item["reason"] for item in ledger["refused"]]),
        "skipped": by_reason([item["reason"] for item in ledger["skipped"]]),
        "drops": ledger["drops"],
    }
