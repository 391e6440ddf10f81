"""The share of steps in which a model gives a held-out melody the chord of the original.

There is more than one good harmony, so this is not an accuracy. Compare it with simple baselines:
the tonic throughout, the original's last chord repeated, and the model's first choice at each step
given the original's past.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from symgen.dataset.dataset import Dataset
from symgen.encodings import Events
from symgen.encodings.melody_chords.encoding import MelodyChords
from symgen.errors import BadOption, DataError
from symgen.evaluation.nottingham.forms import Tunes
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import chords, keys
from symgen.types import Array, Ints

Report = dict[str, Any]
Drawn = Mapping[str, Mapping[str, Events]]
"""For each method of drawing, the events `[steps, fields]` of each tune by its id."""


class Harmonised(NamedTuple):
    """The harmonies of a model, and its chords in the vocabulary of the truth."""

    drawn: Drawn
    chord: Ints  # [chord values of the model] the value of each in the truth
    given_past: Array  # bool [steps]: is its first choice right, given the past and the melody?


def pick(dataset: Dataset, count: int, seed: int) -> list[str]:
    """Return the ids of `count` held-out tunes, chosen by `seed`.

    Datasets that hold out the same tunes give the same ids.
    """
    ids = dataset.split("eval").ids
    if not 1 <= count <= len(ids):
        raise BadOption(
            f"harmonise {count}: expected a number of held-out tunes from 1 to {len(ids)}"
        )
    chosen = np.random.default_rng(seed).choice(len(ids), count, replace=False)
    return [ids[i] for i in sorted(chosen.tolist())]


def tune(dataset: Dataset, name: str) -> NoteSequence:
    """Return a held-out tune as music, without its chords."""
    split = dataset.split("eval")
    i = split.ids.index(name)
    made = dataset.encoding.decode(split.events(i), split.contexts[i])
    return made.replace(chords=made.chords[:0])


def agreement(truth: Tunes, dataset: Dataset, models: Mapping[str, Harmonised]) -> Report:
    """Return the shares of steps with the original's chord, in the vocabulary of `dataset`.

    All harmonised tunes count. `truth` is the held-out split of `dataset`. DataError if a harmony
    is not as long as its tune.
    """
    names = sorted(
        {n for model in models.values() for drawn in model.drawn.values() for n in drawn}
    )
    steps = {n: _steps(truth, n) for n in names}
    chord = {n: truth.values[steps[n], 1] for n in names}
    rows = []
    for name, model in models.items():
        same = {
            method: {n: _same(model.chord[events[n][:, 1]], chord[n], n) for n in names}
            for method, events in model.drawn.items()
        }
        rows.append(
            {
                "name": name,
                "given_past": _share(model.given_past[steps[n]] for n in names),
                **{method: _share(of.values()) for method, of in same.items()},
                "each": {
                    n: {method: _share([of[n]]) for method, of in same.items()} for n in names
                },
            }
        )
    tonic = (chord[n] == tonic_value(dataset, n) for n in names)
    again = (chord[n] == np.concatenate([[0], chord[n][:-1]]) for n in names)
    return {
        "tunes": names,
        "steps": sum(map(len, chord.values())),
        "chord_values": truth.sizes[1],
        "rows": rows,
        "tonic": _share(tonic),
        "repeat": _share(again),
    }


def tonic_value(dataset: Dataset, name: str) -> int:
    """Return the chord value of the tonic triad, in the estimated key of a held-out melody."""
    key = keys.key_of(tune(dataset, name))
    symbol = chords.symbol(chords.Chord(key.tonic, "m" if key.mode else "", key.tonic))
    found: int = (
        dataset.encoding.vocabulary.find(symbol).value
        if isinstance(dataset.encoding, MelodyChords)
        else 0
    )
    return found


def _steps(truth: Tunes, name: str) -> slice:
    i = truth.ids.index(name)
    start = int(truth.starts[i])
    return slice(start, start + int(truth.lengths[i]))


def _same(found: Ints, chord: Ints, name: str) -> Array:
    if len(found) != len(chord):
        raise DataError(f"{name} has {len(chord)} steps and its harmony {len(found)}")
    return np.asarray(found == chord)


def _share(parts: Iterable[Array]) -> float:
    return round(float(np.concatenate(list(parts)).mean()), 5)
