"""Scores of every step, and their summary over tunes: what a drawn step gets right, first choices, nats.

The accuracy of a step that is drawn from the model is, in expectation, the mean probability given to the truth. That of the
chord is of a step really drawn, melody first: the sum over all melodies m of p(m) p(chord | m). Nats are natural
logarithms; those of the chord are given the true melody of its step, so that melody and chord add up to the nats of the step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.evaluation.nottingham.forms import Projection, Tunes
from symgen.evaluation.nottingham.predict import Array, Chunk, Floats, Ints, Predictor

COLUMNS = ("melody", "chord", "chord_given")  # the last given the true melody of the step
RESAMPLED = 2000
Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Scores:
    """Three columns a step: probability of the truth, whether it was the first choice, nats (NaN where undefined)."""

    truth: Tunes
    sampled: Floats
    argmax: Floats
    nats: Floats

    @classmethod
    def empty(cls, truth: Tunes) -> Scores:
        """Return scores to be filled."""
        return cls(truth, *(np.full((len(truth.values), len(COLUMNS)), np.nan) for _ in range(3)))


def score(predictor: Predictor, views: Sequence[Projection]) -> list[Scores]:
    """Score a model in several views at once."""
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
    """Return weights `[RESAMPLED, tunes]`: how often each tune is drawn in each resampling, with replacement."""
    return (
        np.random.default_rng(seed)
        .multinomial(tunes, np.full(tunes, 1 / tunes), RESAMPLED)
        .astype(np.float64)
    )


@dataclasses.dataclass(frozen=True)
class Means:
    """Means over the steps of masks, of all tunes and of each resampling: `value` [columns], `drawn` [resamplings, columns]."""

    value: Floats
    drawn: Floats

    def range(self) -> Floats:
        """Return the 95 % intervals, `[2, columns]`."""
        made = np.full((2, len(self.value)), np.nan)
        known = ~np.isnan(self.value)
        made[:, known] = np.nanpercentile(self.drawn[:, known], [2.5, 97.5], axis=0)
        return made


def means(tune: Ints, values: Floats, masks: Array, weights: Floats) -> Means:
    """Return the means of `values` `[steps, columns]` where `masks`, of the same shape, are true; NaN where nothing is."""
    tunes = weights.shape[1]
    sums, counts = (
        np.stack([np.bincount(tune, column, tunes) for column in (part * 1.0).T], axis=1)
        for part in (np.where(masks, values, 0), masks)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return Means(sums.sum(0) / counts.sum(0), (weights @ sums) / (weights @ counts))


def summary(scores: Scores, melody: Mask, chord: Mask, weights: Floats) -> dict[str, Any]:
    """Return the figures of the steps in two masks: sampled and argmax for each column and over both fields, with intervals; nats.

    `melody` picks the steps in which the melody is scored, `chord` those of the chord; overall is the mean of the two
    fields, as published. `nats["step"]` adds them up, and is left out where the masks differ.
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
    """Return how much more `one` scores than `other` over all steps, tune by tune the same: sampled and argmax, with intervals."""
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
