"""Scores of every step, and their summary over tunes: drawn steps, first choices, nats.

The expected accuracy of a step drawn from the model is the mean probability of the truth. For the
chord, the melody is drawn first: it is the sum over all melodies m of p(m) p(chord | m). Nats are
natural logarithms. Those of the chord are given the true melody of its step, so that melody and
chord add up to the nats of the step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from symgen.evaluation.nottingham.forms import Projection, Tunes
from symgen.evaluation.nottingham.predict import Chunk, Predictor
from symgen.types import Array, Bools, Floats, Ints

COLUMNS = ("melody", "chord", "chord_given")  # the last is given the true melody of the step
RESAMPLED = 2000


@dataclasses.dataclass(frozen=True)
class Scores:
    """Scores `[steps, columns]`: probability of the truth, first choice or not, nats; or NaN."""

    truth: Tunes
    sampled: Floats
    argmax: Floats
    nats: Floats

    @classmethod
    def empty(cls, truth: Tunes) -> Scores:
        """Return scores to be filled in."""
        return cls(truth, *(np.full((len(truth.values), len(COLUMNS)), np.nan) for _ in range(3)))


def score(predictor: Predictor, views: Sequence[Projection]) -> list[Scores]:
    """Score a model in several projections at once."""
    out = [Scores.empty(view.truth) for view in views]
    for chunk in predictor.chunks():
        weights = np.stack(
            [chunk.first, *(view.agreeing(chunk.first, chunk.rows) for view in views)], axis=1
        )
        later = chunk.later(weights)
        for k, (view, scores) in enumerate(zip(views, out, strict=True), 1):
            _fill(scores, view, chunk, later[:, [0, k]])
    return out


def _fill(scores: Scores, view: Projection, chunk: Chunk, later: Floats) -> None:
    melody, chord = view.truth.values[chunk.rows].T
    second = view.second(later)
    for column, (distribution, true) in enumerate(
        [
            (view.first(chunk.first, chunk.rows), melody),
            (second[:, 0], chord),
            (second[:, 1], chord),
        ]
    ):
        given = distribution[np.arange(len(true)), true]
        scores.sampled[chunk.rows, column] = given
        scores.argmax[chunk.rows, column] = distribution.argmax(axis=1) == true
        scores.nats[chunk.rows, column] = -np.log(np.maximum(given, np.finfo(float).tiny))


def intervals(tunes: int, seed: int = 0) -> Floats:
    """Return `[RESAMPLED, tunes]`: how often each tune occurs in each bootstrap resampling."""
    return (
        np.random.default_rng(seed)
        .multinomial(tunes, np.full(tunes, 1 / tunes), RESAMPLED)
        .astype(np.float64)
    )


@dataclasses.dataclass(frozen=True)
class Means:
    """Means over masked steps: `value` [columns] of all tunes, `drawn` [resamplings, columns]."""

    value: Floats
    drawn: Floats

    def range(self) -> Floats:
        """Return the 95 % intervals, `[2, columns]`."""
        made = np.full((2, len(self.value)), np.nan)
        known = ~np.isnan(self.value)
        made[:, known] = np.nanpercentile(self.drawn[:, known], [2.5, 97.5], axis=0)
        return made


def means(tune: Ints, values: Floats, masks: Array, weights: Floats) -> Means:
    """Return the means of `values` `[steps, columns]` where `masks` is true, or NaN."""
    tunes = weights.shape[1]
    sums, counts = (
        np.stack([np.bincount(tune, column, tunes) for column in (part * 1.0).T], axis=1)
        for part in (np.where(masks, values, 0), masks)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return Means(sums.sum(0) / counts.sum(0), (weights @ sums) / (weights @ counts))


def summary(scores: Scores, melody: Bools, chord: Bools, weights: Floats) -> dict[str, Any]:
    """Return accuracies (sampled, argmax) and nats of the steps in two masks, with intervals.

    `melody` and `chord` are the steps in which each field is scored; "overall" is the mean of both
    fields, as published. `nats["step"]` is their sum, and missing if the masks differ.
    """
    masks = np.stack([melody, chord, chord], axis=1)
    tune = scores.truth.tune
    out: dict[str, Any] = {"steps": {"melody": int(melody.sum()), "chord": int(chord.sum())}}
    for measure in ("sampled", "argmax"):
        made = means(tune, getattr(scores, measure), masks, weights)
        overall = Means(
            made.value[:2].mean(keepdims=True), made.drawn[:, :2].mean(axis=1, keepdims=True)
        )
        out[measure] = _named(("overall", *COLUMNS), [overall, made])
    nats = means(tune, scores.nats, masks, weights)
    out["nats"] = _named(COLUMNS, [nats])
    if np.array_equal(melody, chord):
        step = Means(
            nats.value[[0, 2]].sum(keepdims=True), nats.drawn[:, [0, 2]].sum(axis=1, keepdims=True)
        )
        out["nats"] |= _named(("step",), [step])
    return out


def difference(one: Scores, other: Scores, weights: Floats) -> dict[str, Any]:
    """Return the gain of `one` over `other` in accuracy over all steps, with intervals.

    The differences are paired: both are of the same tunes.
    """
    everything = np.ones((len(one.truth.values), 2), bool)
    out = {}
    for measure in ("sampled", "argmax"):
        made = [
            means(s.truth.tune, getattr(s, measure)[:, :2], everything, weights)
            for s in (one, other)
        ]
        gain = Means(made[0].value - made[1].value, made[0].drawn - made[1].drawn)
        overall = Means(gain.value.mean(keepdims=True), gain.drawn.mean(axis=1, keepdims=True))
        out[measure] = _named(("overall", "melody", "chord"), [overall, gain])
    return out


def _named(names: Sequence[str], parts: Sequence[Means]) -> dict[str, Any]:
    values = np.concatenate([p.value for p in parts])
    low, high = np.concatenate([p.range() for p in parts], axis=1)
    return {
        name: None if np.isnan(v) else {"value": _round(v), "low": _round(a), "high": _round(b)}
        for name, v, a, b in zip(names, values, low, high, strict=True)
    }


def _round(value: float) -> float:
    return float(f"{value:.6g}")
