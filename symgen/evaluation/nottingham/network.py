"""A trained bundle as a Predictor: played through whole tunes, many side by side."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.controls import compute_all
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.evaluation.nottingham.predict import Chunk, Later, Predictor, blend, softmax
from symgen.runtime.passages import Passage
from symgen.runtime.score import play
from symgen.types import Array, Floats, Floats32, Ints

ABREAST = 256  # tunes played side by side
PAIRS = 8192  # rows of the head computed at once


class GraphPredictor(Predictor):
    """The model of `bundle`, given the tunes of `split` and their controls."""

    def __init__(self, bundle: Bundle, split: Split, threads: int = 1) -> None:
        if len(bundle.sizes.fields) != 2:
            raise DataError(
                f"{bundle.path}: its {bundle.encoding.name} encoding has no melody and chord, "
                "which this protocol scores"
            )
        self.split, self.bundle = split, bundle
        self._player = bundle.most_exact().open_player(threads)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the distributions of each step of the tunes that are being played.

        The state is carried through a tune. A chunk answers until the next one is taken.
        """
        start = self.bundle.encoding.start()
        conditioned = self.bundle.width > 0
        tunes = []
        for i in range(len(self.split)):
            controls = functools.partial(self._controls, i) if conditioned else None
            tunes.append(Passage(start, self.split.part(i), controls))
        for places, events in play(self._player, tunes, ABREAST):
            first = softmax(self._player.logits(0, events))
            yield Chunk(places, first, self._later())

    def _controls(self, tune: int) -> Floats32:
        encoding = self.bundle.encoding
        events = self.split.events(tune)
        return compute_all(self.bundle.controls, encoding, events, self.split.contexts[tune])

    def _later(self) -> Later:
        """Return what gives the second field of the step under weights over the first."""

        def answer(rows: Ints, values: Ints) -> Floats:
            chosen = np.stack([values, np.zeros_like(values)], axis=1).astype(np.int32)
            parts = [slice(at, at + PAIRS) for at in range(0, len(rows), PAIRS)]
            return np.concatenate([self._second(rows[part], chosen[part]) for part in parts])

        return lambda weights: blend(weights, answer)

    def _second(self, rows: Ints, chosen: Array) -> Floats:
        return softmax(self._player.logits(1, chosen, rows))
