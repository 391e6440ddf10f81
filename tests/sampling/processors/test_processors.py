"""The registry of processors: its order, and what it takes to add one."""

import inspect

import numpy as np
import pytest

from symgen.sampling.engine.loop import Engine
from symgen.sampling.engine.view import View
from symgen.sampling.generate import draw, engine
from symgen.sampling.processors import processors, steers
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.plan import planned
from tests.sampling.fakes import PERFORMANCE, Toy, pianist
from tests.sampling.fiddler import tunes
from tests.sampling.whole_notes import NOTES

ORDER = [
    "conditions",
    "together",  # scores are only divided by the temperature so far
    "note_times",  # limits a value before the grammar takes it
    "grammar",
    "time_limits",
    "note_length",
    "key",
    "density",
    "polyphony",
    "register",
    "plan",
    "rules",  # rules, repeats and cadence ask the plan
    "repeats",
    "cadence",
    "training_range",
    "ending",  # after all targets: the chord overrules them
    "particles",  # weighs what all others leave
    "truncation",  # top-k and top-p never cut off a target
]


def test_processors_work_in_this_order():
    assert list(processors) == ORDER
    running = engine(PERFORMANCE, pianist(), ask(seconds=5, seed=1, top_k=5), 1, 0)
    names = list(running.processors)
    assert names == [name for name in ORDER if name in names]
    assert {"grammar", "time_limits", "note_length", "ending", "truncation", *steers} == set(names)


@pytest.mark.parametrize("name", ORDER)
def test_every_processor_follows_the_contract(name):
    member = processors.load(name)
    assert issubclass(member, Processor)
    for encoding in (PERFORMANCE, NOTES):
        request = ask(seconds=5, seed=1)
        made = member.make(Setup(View(encoding, 3, total=500), request))
        assert made is None or isinstance(made, Processor)
        if made is not None:
            made.select(np.array([2, 0, 0]))
            for field, (_, size) in enumerate(encoding.fields):
                scores = np.full((3, size), -np.inf, np.float32)
                made.apply(field, scores)
                assert np.isneginf(scores).all()  # what is barred stays barred


class RepetitionPenalty(Processor):
    """Makes every pitch less likely that was struck lately: a constraint that symgen lacks."""

    NATS = 20.0

    def __init__(self, view):
        super().__init__(view)
        self._pitch = view.encoding.table(0)["pitch"]
        self._on = np.append(view.encoding.table(0)["kind"] == "note_on", False)
        self._last = np.full((view.batch, 12), -1)

    def apply(self, field, scores):
        for k, last in enumerate(self._last):
            again = self._on[:-1] & np.isin(self._pitch, last[last >= 0])
            scores[k, again] -= self.NATS

    def update(self, events):
        for row in np.flatnonzero(self._on[events[:, 0]]):
            self._last[row] = [self._pitch[events[row, 0]], *self._last[row, :-1]]


def lately(sample):
    """Return the share of note-ons whose pitch is that of one of the 12 before."""
    pitches = [value for value in sample.events[:, 0].tolist() if value < 128]
    return np.mean([pitch in pitches[max(k - 12, 0) : k] for k, pitch in enumerate(pitches)])


def test_another_constraint_is_one_class_and_one_line(monkeypatch):
    request = ask(num=2, seconds=10, seed=1, ending=False)
    model = Toy(pianist())
    plain = draw(model, request)
    monkeypatch.setitem(processors, "repetition", f"{__name__}:RepetitionPenalty")
    varied = draw(model, request)
    assert min(map(lately, plain)) > 0.1
    assert max(map(lately, varied)) == 0
    assert min(len(sample.sequence.notes) for sample in varied) > 10


def test_the_engine_takes_six_things_at_most():
    assert len(inspect.signature(Engine).parameters) <= 6


def test_a_plan_brings_its_processors():
    model = tunes()
    request = planned(ask(seed=1, shape=Structure(bars=2)), model.encoding)
    names = set(engine(model.encoding, model.play(), request, 1, 0).processors)
    assert {"plan", "repeats", "cadence"} <= names
    assert not {"ending", "together", "note_times", "truncation", "conditions"} & names
