"""Particles: several streams search for one sample in which everything fits what is fixed later.

A model of melody and chords knows p(chord | the melody up to here). Chords that fit a whole melody
are drawn from p(chords | melody). So several streams go side by side, each weighted by the
probability that it gave to what is fixed. Where few streams carry the weight, they are resampled in
proportion to it (the bootstrap particle filter of Gordon, Salmond and Smith, 1993, with the
systematic resampling of Kitagawa, 1996). At the end one is drawn. Barred values count as something
fixed: a stream is weighted by the share of probability that they leave.

On 20 held-out Nottingham tunes the chords of a small model were those of the tune in 23 % of the
sixteenths with one stream, 45 % with 4, 54 % with 16 and 55 % with 32.
"""

from __future__ import annotations

import numpy as np

from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, Setup
from symgen.types import Floats, Floats32, Ints

LEAST = 0.5  # streams are resampled where fewer than this share of them carry the weight


class Particles(Processor):
    """Groups of `count` streams each, in order; a group serves one sample.

    What a group does depends only on the seed and the index of its sample, from `first` on.
    """

    def __init__(self, view: View, seed: int, first: int, count: int, again: int = 0) -> None:
        super().__init__(view)
        samples = view.batch // count
        # the counter keeps these numbers apart from those that the streams draw with
        self._draws = [
            np.random.Generator(
                np.random.Philox(
                    key=np.array([seed, first + i], np.uint64), counter=[0, again, 1, 0]
                )
            )
            for i in range(samples)
        ]
        self._weights = np.zeros((samples, count))  # nats

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where several streams search for a sample."""
        request = setup.request
        if setup.copies == 1:
            return None
        return cls(setup.view, request.seed, setup.first, setup.copies, request.again)

    def apply(self, field: int, scores: Floats32) -> None:
        """Weight each stream by the share of its logits that bars leave in `scores`."""
        if not self.view.all_live:
            return
        logits = self.view.logits - self.view.logits.max(axis=1, keepdims=True)
        weights = np.exp(logits)
        left = np.where(scores > -np.inf, weights, 0).sum(axis=1)
        share = np.log(np.maximum(left, 1e-30) / weights.sum(axis=1))
        self._weights += share.reshape(self._weights.shape)

    def choose(self, field: int, values: Ints) -> Ints:
        """Resample the streams where few of them carry the weight."""
        rows = self._resampled()
        if rows is not None and self.view.all_live:
            self.view.reorder(rows)
        return values

    def _resampled(self) -> Ints | None:
        """Return for each stream the one that it continues from; None for no change."""
        count = self._weights.shape[1]
        shares = self._shares()
        poor = 1 / (shares**2).sum(axis=1) < LEAST * count
        if not poor.any():
            return None
        rows = np.tile(np.arange(count), (len(shares), 1))
        for group in np.flatnonzero(poor):
            places = (np.arange(count) + self._draws[group].random()) / count
            found = np.searchsorted(np.cumsum(shares[group]), places, "right")
            rows[group] = np.minimum(found, count - 1)
        self._weights[poor] = 0
        first = count * np.arange(len(rows))[:, None]
        return np.asarray((rows + first).ravel(), np.int64)

    def pick(self, drawn: bool) -> Ints:
        """Return the stream of each group that becomes the sample.

        It is drawn by its weight; with `drawn` off it is the heaviest.
        """
        shares = self._shares()
        if not drawn:
            rows = shares.argmax(axis=1)
        else:
            places = [
                np.searchsorted(np.cumsum(s), d.random(), "right")
                for s, d in zip(shares, self._draws, strict=True)
            ]
            rows = np.minimum(places, shares.shape[1] - 1)
        return np.asarray(rows + shares.shape[1] * np.arange(len(shares)), np.int64)

    def _shares(self) -> Floats:
        shares = np.exp(self._weights - self._weights.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)
