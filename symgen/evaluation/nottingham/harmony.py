"""Chords that models give to held-out melodies, beside the original ones: the share of steps with the same chord.

There is more than one good harmony, so this is no accuracy; it is to be read beside what is simple: the chord of the tonic
throughout, the original's last chord again, and the model's first choice step by step when it is told the original's past.
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
from symgen.evaluation.nottingham.predict import Array, Ints
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import chords, keys

Report = dict[str, Any]
Drawn = Mapping[str, Mapping[str, Events]]
"""For each way of drawing, the events `[steps, fields]` of each tune by its id."""


class Harmonised(NamedTuple):
    """What a model made of the tunes, and its chords in the vocabulary of the truth."""

    drawn: Drawn
    chord: Ints  # [chord values of the model] the value of each in the truth
    told: Array  # bool [steps] whether its first choice is right, told the original's past and the melody of the step


def pick(dataset: Dataset, count: int, seed: int) -> list[str]:
    """Return the ids of `count` held-out tunes, drawn by `seed`; the same ones from every dataset that holds out the same."""
    ids = dataset.half("eval").ids
    if not 1 <= count <= len(ids):
        raise BadOption(
            f"harmonise {count}: expected a number of held-out tunes from 1 to {len(ids)}"
        )
    return [
        ids[i]
        for i in sorted(np.random.default_rng(seed).choice(len(ids), count, replace=False).tolist())
    ]


def tune(dataset: Dataset, name: str) -> NoteSequence:
    """Return a held-out tune as music, its chords aside."""
    half = dataset.half("eval")
    i = half.ids.index(name)
    made = dataset.encoding.decode(half.events(i), half.contexts[i])
    return made.replace(chords=made.chords[:0])


def agreement(truth: Tunes, dataset: Dataset, models: Mapping[str, Harmonised]) -> Report:
    """Return the shares of steps with the original's chord, of all tunes that were harmonised, in the vocabulary of `dataset`.

    `truth` is the eval half of `dataset`. DataError where what was drawn is not as long as its tune.
    """
    names = sorted(
        {n for model in models.values() for drawn in model.drawn.values() for n in drawn}
    )
    steps = {n: _steps(truth, n) for n in names}
    chord = {n: truth.values[steps[n], 1] for n in names}
    rows = []
    for name, model in models.items():
        same = {
            way: {n: _same(model.chord[events[n][:, 1]], chord[n], n) for n in names}
            for way, events in model.drawn.items()
        }
        rows.append(
            {
                "name": name,
                "told": _share(model.told[steps[n]] for n in names),
                **{way: _share(of.values()) for way, of in same.items()},
                "each": {n: {way: _share([of[n]]) for way, of in same.items()} for n in names},
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
    """Return the chord value of the tonic's triad, in the key that the melody of a held-out tune sounds in."""
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
