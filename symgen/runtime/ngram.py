"""The player `table`: n-grams, played from the arrays of their bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.models.ngram.kneser_ney import NGram
from symgen.models.state import StateSpec
from symgen.runtime.base import Floats, Ints, ParallelPlayer, Playable, Player
from symgen.runtime.passages import Passage, Scores

MOST_TOPS = 300_000  # events whose first choice is looked up, spread evenly over all


class NgramPlayer(ParallelPlayer):
    """Plays an n-gram. Its state is the last steps of each stream, as tokens of the n-gram.

    A row has the same bits whatever the other rows hold. An n-gram has no controls.
    """

    resettable = True

    def __init__(self, model: NGram) -> None:
        fields = len(model.sizes)
        self._model = model
        self._sizes = np.array(model.sizes)
        self._tokens = np.array([model.token(field) for field in range(fields)])
        self._nothing = int(self._sizes.sum())  # the token for "nothing before"
        self._places = [model.places(field) for field in range(fields)]
        self._depth = max([1, *(back for each in self._places for back, _ in each)])
        self.states = (StateSpec("past", (self._depth, fields), "int64"),)

    @classmethod
    def open(cls, bundle: Playable, threads: int | None = None) -> Player:
        """Return a player of the tables of `bundle`; it always runs on one thread."""
        return cls(bundle.tables())

    def fresh(self) -> Player:
        """Return another player of the same tables."""
        other = object.__new__(NgramPlayer)
        other.__dict__.update(self.__dict__)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> NgramPlayer:
        """Return a player of the same tables whose streams are where those of this one are."""
        other = object.__new__(NgramPlayer)
        other.__dict__.update(self.__dict__)
        if hasattr(self, "_past"):
            other._past = self._past.copy()
        return other

    def start(self, batch: int) -> None:
        """Begin with nothing before. The nearest step comes first."""
        self._past: Ints = np.full((batch, self._depth, len(self._sizes)), self._nothing, np.int64)

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Add an event to the past of each stream."""
        step = self._as_tokens(np.asarray(events, np.int64))[:, None]
        self._past = np.concatenate([step, self._past[:, :-1]], axis=1)

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats:
        """Return the logarithms of the probabilities of `field`."""
        past = self._past if rows is None else self._past[rows]
        probabilities = self._model.distributions(field, self._histories(field, chosen, past))
        return np.asarray(np.log(probabilities), np.float32)

    def select(self, rows: Ints) -> None:
        """Pick rows of the past."""
        self._past = self._past[rows]

    def reset(self, rows: Ints) -> None:
        """Forget the past of `rows`."""
        self._past[rows] = self._nothing

    def score(self, passages: Sequence[Passage]) -> Scores:
        """Score every event of `passages`; of many, only some first choices are looked up."""
        led = [bool((each.before < self._sizes).all()) for each in passages]
        values = [
            np.concatenate([each.before[None], each.events]) if lead else each.events
            for each, lead in zip(passages, led, strict=True)
        ]
        lengths = np.array([len(each) for each in values], np.int64)
        made = scores(self._model, np.concatenate(values), lengths)
        if not any(led):
            return made
        scored = np.ones(int(lengths.sum()), bool)
        scored[(np.cumsum(lengths) - lengths)[led]] = False  # the event before the passage
        return Scores(made.nats[scored], made.top[scored], made.hits[scored])

    def _histories(self, field: int, chosen: Events, past: Ints) -> Ints:
        """Return the context of `field`, `[rows, order - 1]`."""
        now = self._as_tokens(np.asarray(chosen[:, :field], np.int64))
        tokens = [past[:, back - 1, k] if back else now[:, k] for back, k in self._places[field]]
        return np.stack(tokens, axis=1) if tokens else np.zeros((len(past), 0), np.int64)

    def _as_tokens(self, values: Ints) -> Ints:
        """Return the tokens of `values` `[rows, fields]`. All fields share one for "nothing"."""
        fields = values.shape[1]
        known = values < self._sizes[:fields]
        tokens: Ints = np.where(known, values + self._tokens[:fields], self._nothing)
        return tokens


def scores(model: NGram, values: Events, lengths: npt.NDArray[np.int64]) -> Scores:
    """Score `values`, int `[events of all pieces, fields]`; `lengths[i]` are those of piece i."""
    out = Scores.empty(*values.shape)
    out.nats[:] = -np.log(model.probabilities(values, lengths))
    count = min(len(values), MOST_TOPS)
    rows = np.unique(np.linspace(0, len(values) - 1, count).astype(np.int64))
    for field, (best, share) in enumerate(model.first_choices(values, lengths, rows)):
        out.top[rows, field], out.hits[rows, field] = share, best == values[rows, field]
    return out
