"""Tunes in memory, models with known answers, and a bundle of a small random network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.evaluation.nottingham.forms import Projection, Tunes
from symgen.evaluation.nottingham.predict import Chunk, Predictor

CHORDS = ("C", "F", "G", "Am")
ONSETS = encoding("melody_chords", chords=CHORDS)
SOUNDING = encoding("melody_chords", chords=CHORDS, melody="sounding")


def plain(tunes):
    """Return tunes as they are, in the form in which they are scored."""
    return Projection(tunes, np.arange(tunes.sizes[0]), np.arange(tunes.sizes[1]))


def dataset(enc, train, held_out, path="data/made", fingerprint="made", contexts=None):
    """A dataset in memory, from lists of (melody, chord) rows by id."""
    rows, halves = [], {}
    for name, tunes in (("train", train), ("eval", held_out)):
        split = Split.of(enc, {i: np.array(t, np.int32).reshape(-1, 2) for i, t in tunes.items()})
        split.contexts = [(contexts or {}).get(i, {"id": i}) for i in tunes]
        halves[name] = split
        rows += [{"id": i, "half": name, "group": i, "events": len(t)} for i, t in tunes.items()]
    sizes = {
        name: {"pieces": len(h), "events": h.total, "share": 0.5} for name, h in halves.items()
    }
    ledger = {
        "files": 1,
        "pieces_read": len(rows),
        "pieces_written": len(rows),
        "duplicates": 0,
        "near_duplicates": 2,
        "refused": [{"name": "a#1", "reason": "no chords"}, {"name": "a#2", "reason": "no chords"}],
        "skipped": [],
        "drops": {},
    }
    info = {
        "fingerprint": fingerprint,
        "pieces": rows,
        "corpora": [{"name": "nottingham", "title": "Made up", "licence": "CC0"}],
        "halves": sizes,
        "seed": 0,
        "ledger": ledger,
    }
    made = Dataset(Path(path), info, enc, Augment())
    made._halves = halves
    return made


def tunes_of(enc, *tunes):
    """The truth in the form of `enc`, from lists of (melody, chord) rows."""
    from symgen.evaluation.nottingham import forms

    return forms.tunes(dataset(enc, {}, {f"tune{i}": t for i, t in enumerate(tunes)}), "eval")


def random_tunes(enc, count, length, seed=0, pitches=(60, 62, 64, 67)):
    """Plausible tunes: notes of a few steps among `pitches`, chords of one beat."""
    rng, first = np.random.default_rng(seed), enc.first_pitch
    made = {}
    for i in range(count):
        melody, chord = [], []
        while len(melody) < length:
            pitch, steps = rng.choice(pitches), int(rng.integers(1, 4))
            rest = rng.random() < 0.1
            melody += (
                [0] * steps
                if rest
                else [first + pitch]
                + [1 if enc.melody == "onsets" else first + pitch] * (steps - 1)
            )
        while len(chord) < length:
            chord += [int(rng.integers(0, len(enc.chords) + 1))] * 4
        made[f"tune{i:03d}"] = list(zip(melody[:length], chord[:length], strict=True))
    return made


class Uniform(Predictor):
    """A model that knows nothing."""

    def __init__(self, tunes: Tunes):
        self.tunes = tunes

    def chunks(self):
        rows = np.arange(len(self.tunes.values))
        first, second = (np.full((len(rows), size), 1 / size) for size in self.tunes.sizes)
        for part in np.array_split(rows, 3):
            yield Chunk(
                part,
                first[part],
                lambda weights, part=part: np.repeat(
                    second[part][:, None], weights.shape[1], axis=1
                ),
            )


class Tabled(Predictor):
    """A model given by tables: `[steps, melody]` and `[steps, melody, chord]`."""

    def __init__(self, first, second):
        self.first, self.second = first, second

    def chunks(self):
        for part in reversed(np.array_split(np.arange(len(self.first)), 2)):
            yield Chunk(
                part,
                self.first[part],
                lambda weights, part=part: np.einsum("njm,nmc->njc", weights, self.second[part]),
            )


def oracle(tunes: Tunes):
    """A model that knows the truth."""
    first, second = (np.eye(size)[tunes.values[:, k]] for k, size in enumerate(tunes.sizes))
    return Tabled(first, np.repeat(second[:, None], tunes.sizes[0], axis=1))


def random_tables(sizes, steps, seed=0):
    """A model of random distributions; that of the chord depends on the melody."""
    rng = np.random.default_rng(seed)
    return Tabled(
        rng.dirichlet(np.full(sizes[0], 0.3), steps),
        rng.dirichlet(np.full(sizes[1], 0.5), (steps, sizes[0])),
    )


def bundle(path, enc=ONSETS, chained=True, controls=(), units=12, seed=0, training=None):
    """Write a bundle of a random network, as training would, and open it."""
    from symgen.bundle import write as bundles
    from symgen.controls import make_all, total_width
    from symgen.models import Sizes, model
    from symgen.models.state import zeros

    member = model(
        {
            "name": "lstm",
            "layers": [{"units": units}],
            "head": "chained" if chained else "independent",
        }
    )
    controls = make_all(controls)
    sizes = Sizes(tuple((f.name, f.size) for f in enc.fields), total_width(controls, enc))
    network, rng = member.network(sizes), np.random.default_rng(seed)
    network.import_weights(
        {k: rng.normal(0, 0.5, v.shape).astype(np.float32) for k, v in network.named().items()}
    )
    events = np.stack([rng.integers(0, f.size + 1, 8) for f in enc.fields], 1).astype(np.int32)
    chosen = np.stack([rng.integers(0, f.size, 8) for f in enc.fields], 1).astype(np.int32)
    conditions = rng.normal(size=(8, sizes.width)).astype(np.float32)
    logits, _ = network(
        events[None],
        conditions[None] if sizes.width else None,
        zeros(member.state_specs(), 1),
        chosen=chosen[None],
    )
    test = {
        "event": events,
        "chosen": chosen,
        "controls": conditions,
        **{
            f"logits.{f.name}": np.asarray(z, np.float32)[0]
            for f, z in zip(enc.fields, logits, strict=True)
        },
    }
    bundles.write(
        path,
        name=Path(path).stem,
        encoding=enc,
        model=member,
        controls=controls,
        weights=network.export_weights(),
        test=test,
        corpora=[],
        training={
            "dataset": "data/made",
            "dataset_fingerprint": "made",
            "config": {},
            **(training or {}),
        },
    )
    return bundles.Bundle.open(path)
