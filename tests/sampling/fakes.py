"""Players whose right answer can be read, an encoding of two fields, and a random bundle."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

from symgen.encodings import encoding
from symgen.encodings.base import VALUE, Encoding, Field, Grammar
from symgen.encodings.decoders import VoiceDecoder
from symgen.encodings.spans import voice
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.runtime.base import Player
from symgen.sampling.request.request import ask, primed
from symgen.sampling.stream import Stream

PERFORMANCE = encoding("performance")
ON, OFF, SHIFT, VELOCITY = 0, 128, 256, 356


def stream(model, primer=None, seconds=None, **options):
    """Return a stream of a model, without an end unless `seconds` is given."""
    request = primed(ask(seconds=seconds, **options), model.encoding, primer)
    return Stream(model.encoding, model.play(), request)


def rows(notes):
    """Return (pitch, velocity, start, end) of each note, sorted."""
    return sorted((n["pitch"], n["velocity"], n["start_time"], n["end_time"]) for n in notes)


class Bigram(Player):
    """Logits that depend only on the last event: row `last` of a `[size + 1, size]` table."""

    def __init__(self, tables):
        self.tables = tables

    def start(self, batch):
        self.last = np.full((batch, len(self.tables)), -1)

    def step(self, events, controls=None):
        assert controls is None
        assert events.shape == self.last.shape
        self.last = np.array(events)

    def logits(self, field, chosen, rows=None):
        last = self.last if rows is None else self.last[rows]
        assert len(chosen) == len(last)
        return self.tables[field][last[:, field]]

    def select(self, rows):
        self.last = self.last[rows]

    def fresh(self):
        return type(self)(self.tables)


class Speller(Player):
    """Spells `text` (event ids) again and again: only its next id is likely."""

    def __init__(self, text, size=388):
        self.text, self.size = list(text), size

    def start(self, batch):
        self.at = np.full(batch, -1)

    def step(self, events, controls=None):
        self.at = self.at + 1

    def logits(self, field, chosen, rows=None):
        out = np.full((len(self.at), self.size), -30, np.float32)
        out[np.arange(len(out)), np.array(self.text)[self.at % len(self.text)]] = 0
        return out if rows is None else out[rows]

    def select(self, rows):
        self.at = self.at[rows]

    def fresh(self):
        return type(self)(self.text, self.size)


@dataclasses.dataclass
class Toy:
    """What `draw` needs: an encoding and a player."""

    player: Player
    encoding: Encoding = PERFORMANCE

    def play(self):
        return self.player.fresh()


def noise(seed=0, spread=2.0):
    """A model of `performance` that knows nothing: random logits after each event."""
    rng = np.random.default_rng(seed)
    return Bigram([rng.normal(0, spread, (389, 388)).astype(np.float32)])


def pianist(rate=6.0, out_of_key=5 / 12):
    """A plausible model of `performance`: `rate` notes per second, chromatic, with chords."""
    after = np.full((389, 388), -12.0)
    strike = np.full(128, -12.0)
    strike[48:84] = 0
    strike -= np.log(np.exp(strike).sum())
    shifts = np.arange(1, 101)
    longer = -shifts * rate / 60 - np.log(np.exp(-shifts * rate / 60).sum())
    after[:, ON:128] = strike + np.log(0.25)
    after[:, OFF:256] = np.log(0.30 / 4)
    after[:, SHIFT:VELOCITY] = longer + np.log(0.35)
    after[:, VELOCITY:] = np.log(0.10 / 32)
    return Bigram([after.astype(np.float32)])


@dataclasses.dataclass(frozen=True)
class Tune(Encoding):
    """A melody on a grid of eighths of a second, and a chord of three in field 1.

    Field 0 is a note-on, a rest or a hold.
    """

    name: ClassVar[str] = "tune"
    fields: ClassVar = (Field("melody", 130), Field("chord", 3))
    steps_per_second: ClassVar[float] = 8.0
    REST: ClassVar[int] = 128
    HOLD: ClassVar[int] = 129

    def table(self, field=0):
        if field == 1:
            return table(VALUE, kind="chord", pitch=np.full(3, -1), advance=0)
        kinds = ["note_on"] * 128 + ["note_off", "hold"]
        return table(VALUE, kind=kinds, pitch=[*range(128), -1, -1], advance=1)

    def encode(self, sequence, drops=None):
        raise NotImplementedError

    def decode(self, events, context=None):
        rows, sounding = [], None
        for step, value in enumerate([*events[:, 0].tolist(), self.REST]):
            if value != self.HOLD and sounding:
                rows.append((sounding[0], 80, sounding[1] / 8, step / 8))
                sounding = None
            if value < 128:
                sounding = (value, step)
        columns = list(zip(*rows, strict=True)) or [[], [], [], []]
        notes = table(
            NOTE, pitch=columns[0], velocity=columns[1], start_time=columns[2], end_time=columns[3]
        )
        return NoteSequence(notes, total_time=len(events) / 8)

    def transpose(self, events, semitones):
        raise NotImplementedError

    def stretch(self, events, factor):
        raise NotImplementedError

    def step_times(self, events):
        return np.arange(len(events)) / 8

    def spans(self, events):
        return voice(self.table(0), events[:, 0])

    def decoder(self):
        return VoiceDecoder(self.table(0), 80)

    def grammar(self, batch):
        return TuneGrammar(batch)


class TuneGrammar(Grammar):
    """A hold needs a note to hold; the chord is 0 exactly while no note is struck."""

    def __init__(self, batch):
        self.sounding = np.zeros(batch, bool)
        self.struck = np.zeros(batch, bool)

    def legal(self, field=0):
        if field == 0:
            mask = np.ones((len(self.sounding), 130), bool)
            mask[~self.sounding, Tune.HOLD] = False
            return mask
        return np.stack([~self.struck, self.struck, self.struck], 1)

    def choose(self, field, values, rows=None):
        rows = np.arange(len(self.sounding)) if rows is None else rows
        if field == 0:
            self.struck[rows] = values < 128
            self.sounding[rows] = (values < 128) | (self.sounding[rows] & (values == Tune.HOLD))

    def closing(self, row):
        return np.zeros((0, 2), np.int32)

    def open_pitches(self):
        raise NotImplementedError


def tune_noise(seed=0):
    rng = np.random.default_rng(seed)
    return Bigram(
        [
            rng.normal(0, 1, (131, 130)).astype(np.float32),
            rng.normal(0, 1, (4, 3)).astype(np.float32),
        ]
    )


def run_steps(session, inputs, units):
    """Yield the outputs by name of each step of a graph, its states carried on from zeros."""
    names = [output.name for output in session.get_outputs()]
    states = [i.name for i in session.get_inputs() if i.name.startswith("state.")]
    feed = {name: np.zeros((1, units), np.float32) for name in states}
    for step in range(len(inputs["event"])):
        here = {name: values[step : step + 1] for name, values in inputs.items()}
        out = dict(zip(names, session.run(None, feed | here), strict=True))
        yield out
        feed = {name: out[f"next.{name.removeprefix('state.')}"] for name in states}


def bundle(path, units=24, seed=0, name="fake", info=None):
    """Write a bundle of a network with random weights."""
    import onnxruntime

    pytest.importorskip("onnx", reason="the extra `train` is not installed")
    from symgen.bundle import write as bundles
    from symgen.models import Sizes, model

    rng = np.random.default_rng(seed)
    member = model(
        {
            "name": "lstm",
            "layers": [{"cell": "lstm", "units": units}, {"cell": "gru", "units": units}],
        }
    )
    shapes = {
        "layer.0.kernel": (389, 4 * units),
        "layer.0.recurrent_kernel": (units, 4 * units),
        "layer.0.bias": (4 * units,),
        "layer.1.kernel": (units, 3 * units),
        "layer.1.recurrent_kernel": (units, 3 * units),
        "layer.1.bias": (2, 3 * units),
        "head.event.kernel": (units, 388),
        "head.event.bias": (388,),
    }
    weights = {k: rng.normal(0, 0.7, shape).astype(np.float32) for k, shape in shapes.items()}
    session = onnxruntime.InferenceSession(member.step_graph(Sizes((("event", 388),)), weights))
    events = rng.integers(0, 388, (8, 1)).astype(np.int32)
    logits = [out["logits.event"][0] for out in run_steps(session, {"event": events}, units)]
    test = {
        "event": events,
        "controls": np.zeros((8, 0), np.float32),
        "logits.event": np.stack(logits),
    }
    return bundles.write(
        path,
        name=name,
        encoding=PERFORMANCE,
        model=member,
        weights=weights,
        test=test,
        corpora=[{"name": "noise", "licence": "CC0", "synthetic": True}],
        training=info or {},
    )
