"""A fiddler, a player of melody_chords whose right answer can be read, and a random bundle."""

from __future__ import annotations

import copy
import dataclasses
import inspect

import numpy as np
import pytest

from symgen.controls import make_all, total_width
from symgen.encodings import encoding
from symgen.runtime.base import Player
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask, primed
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.plan import planned
from tests.sampling.fakes import Toy, run_steps

CHORDS = tuple(
    f"{root}{kind}"
    for kind in ("", "m", "7")
    for root in ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
)


class Fiddler(Player):
    """A plausible model of `melody_chords` that knows only its last event.

    It holds, rests a little, and moves by small steps. Chords mostly go on, and are likely where
    they have the note of their step (`chained`). `conditions` are the conditions that it took.
    """

    def __init__(self, encoding, chained=True, seed=0):
        self.encoding, self.chained = encoding, chained
        melody, chord = encoding.table(0), encoding.table(1)
        rng = np.random.default_rng(seed)
        pitch = np.arange(128)
        self.melody = np.full((len(melody) + 1, len(melody)), -9.0, np.float32)
        strikes = np.flatnonzero(melody["pitch"] >= 0)
        near = -abs(pitch[None] - np.clip(pitch, 60, 80)[:, None]) / 3 + rng.normal(
            0, 0.5, (128, 128)
        )
        self.melody[np.ix_(strikes, strikes)] = near - 1
        self.melody[:, strikes] = np.maximum(self.melody[:, strikes], -abs(pitch - 70) / 4 - 3)
        self.melody[:, melody["kind"] == "hold"] = 1.0
        self.melody[:, 0] = -2.5
        same = np.eye(len(chord) + 1, len(chord), dtype=np.float32)
        self.chord = 4 * same + rng.normal(0, 0.5, same.shape).astype(np.float32)
        self.fits = (chord["classes"][None].astype(int) & melody["classes"][:, None] > 0).astype(
            np.float32
        ) * 2

    def start(self, batch):
        self.last = np.tile(self.encoding.start(), (batch, 1))
        self.conditions = []

    def step(self, events, controls=None):
        assert events.shape == self.last.shape
        self.last = np.array(events)
        if controls is not None:
            assert len(controls) == len(events)
            self.conditions.append(np.array(controls))

    def logits(self, field, chosen, rows=None):
        last = self.last if rows is None else self.last[rows]
        assert len(chosen) == len(last)
        if field == 0:
            return self.melody[last[:, 0]]
        return self.chord[last[:, 1]] + (self.fits[chosen[:, 0]] if self.chained else 0)

    def select(self, rows):
        self.last = self.last[rows]

    def fresh(self):
        return copy.copy(self)


@dataclasses.dataclass
class Tunes(Toy):
    """A Toy with controls."""

    controls: tuple = ()


def tunes(controls=(), chained=True, seed=0, **options):
    """A Tunes of `melody_chords`."""
    made = encoding("melody_chords", chords=CHORDS, **options)
    return Tunes(Fiddler(made, chained, seed), made, controls)


def planned_draw(model, primer=None, **options):
    """The samples of `model`; options of the shape and of the request alike."""
    shape = {
        k: options.pop(k) for k in list(options) if k in inspect.signature(Structure).parameters
    }
    request = primed(ask(shape=Structure(**shape), **options), model.encoding, primer)
    return draw(model, planned(request, model.encoding))


def tune_bundle(path, name="tunes", seed=0, units=16, training=None):
    """Write a bundle of a chained random network of melody_chords, conditioned on the meter."""
    import onnxruntime

    pytest.importorskip("onnx", reason="the extra `train` is not installed")
    from symgen.bundle import write as bundles
    from symgen.models import Sizes, model

    made, controls, rng = (
        encoding("melody_chords", chords=CHORDS),
        make_all([{"name": "meter"}]),
        np.random.default_rng(seed),
    )
    sizes = Sizes(tuple((f.name, f.size) for f in made.fields), total_width(controls, made))
    member = model(
        {"name": "lstm", "layers": [{"cell": "lstm", "units": units}], "head": "chained"}
    )
    shapes = {
        "layer.0.kernel": (sum(f.size + 1 for f in made.fields) + sizes.width, 4 * units),
        "layer.0.recurrent_kernel": (units, 4 * units),
        "layer.0.bias": (4 * units,),
        "chain.kernel": (units, units),
        "chain.bias": (units,),
    }
    for field in made.fields:
        shapes |= {
            f"chain.{field.name}.embedding": (field.size, units),
            f"head.{field.name}.kernel": (units, field.size),
            f"head.{field.name}.bias": (field.size,),
        }
    weights = {k: rng.normal(0, 0.5, shape).astype(np.float32) for k, shape in shapes.items()}
    step, head = (
        onnxruntime.InferenceSession(g)
        for g in (member.step_graph(sizes, weights), member.head_graph(sizes, weights))
    )
    test = {
        "event": np.stack([rng.integers(0, f.size, 8) for f in made.fields], 1).astype(np.int32),
        "chosen": np.stack([rng.integers(0, f.size, 8) for f in made.fields], 1).astype(np.int32),
        "controls": rng.random((8, sizes.width)).astype(np.float32),
    }
    names, logits = [f"logits.{f.name}" for f in made.fields], []
    inputs = {name: test[name] for name in ("event", "controls")}
    for t, out in enumerate(run_steps(step, inputs, units)):
        feed = {"hidden": out["hidden"], "chosen": test["chosen"][t : t + 1]}
        logits.append([rows[0] for rows in head.run(names, feed)])
    test |= {name: np.stack([row[k] for row in logits]) for k, name in enumerate(names)}
    return bundles.write(
        path,
        name=name,
        encoding=made,
        model=member,
        weights=weights,
        test=test,
        controls=controls,
        corpora=[{"name": "noise", "licence": "CC0"}],
        training=training or {},
    )
