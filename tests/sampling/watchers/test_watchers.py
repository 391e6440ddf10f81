"""The registry of watchers: its order, and what it takes to add one."""

import dataclasses

import pytest

from symgen.sampling import generate
from symgen.sampling.originality import Original
from symgen.sampling.request.request import ask
from symgen.sampling.watchers import watchers
from symgen.sampling.watchers.base import Setup, Watcher, draw
from symgen.similarity.passages import Index
from tests.sampling.fakes import PERFORMANCE, Toy, pianist

REQUEST = ask(num=4, seconds=4.0, seed=1, ending=False)


def test_watchers_judge_in_this_order():
    assert list(watchers) == ["typical", "copies"]


@pytest.mark.parametrize("name", watchers)
def test_every_watcher_follows_the_contract(name):
    [sample] = generate.draw(Toy(pianist()), dataclasses.replace(REQUEST, num=1))
    setup = Setup(PERFORMANCE, REQUEST, Original(1000, Index.build([])))
    made = watchers.load(name).make(setup)
    assert isinstance(made, Watcher) and made.draws == made.tries > 1
    greedy = dataclasses.replace(setup, request=ask(temperature=0, seed=1))
    assert watchers.load(name).make(greedy).draws == 1
    judged = made.judge(sample, 0)
    assert judged.events is sample.events and judged.index == sample.index


def test_the_numbers_of_draws_do_not_meet():
    members = [watchers.load(name) for name in watchers]
    for member in members:
        others = [other for other in members if other.stride < member.stride]
        assert all(other.stride * (other.tries - 1) < member.stride for other in others)


class FewNotes(Watcher):
    """Rejects samples with more than `most` notes: a rule that symgen lacks."""

    tries, stride, most = 3, 100_000, 0

    @classmethod
    def make(cls, setup):
        return cls(setup)

    def judge(self, sample, draw):
        sample = dataclasses.replace(sample, messages=(f"draw {draw}",))
        return sample if len(sample.sequence) <= self.most else None

    def give_up(self, index):
        return f"sample {index} has too many notes"


def test_a_new_watcher_is_a_class_and_a_line(monkeypatch):
    plain = generate.draw(Toy(pianist()), REQUEST)
    sizes = [len(sample.sequence) for sample in plain]
    monkeypatch.setitem(watchers, "few_notes", f"{__name__}:FewNotes")
    monkeypatch.setattr(watchers, "load", loaded(watchers.load))
    monkeypatch.setattr(FewNotes, "most", max(sizes) - 1)
    samples, messages = draw(Toy(pianist()), REQUEST)
    assert messages == [] and [sample.index for sample in samples] == [0, 1, 2, 3]
    again = [sample.index for sample in samples if sample.messages != ("draw 0",)]
    assert again == [i for i, size in enumerate(sizes) if size == max(sizes)]
    monkeypatch.setattr(FewNotes, "most", 0)
    samples, messages = draw(Toy(pianist()), REQUEST)
    assert samples == [] and messages == [f"sample {i} has too many notes" for i in range(4)]


def loaded(load):
    """Return `load` that also knows the class of this file."""
    return lambda name: FewNotes if name == "few_notes" else load(name)
