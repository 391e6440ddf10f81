"""Never the same passage twice: what is one, and what happens where one comes again."""

import pytest

from symgen.sampling.engine.event_decoder import StreamEvent
from symgen.serve.live import session as sessions
from symgen.serve.live.music import Row
from symgen.serve.live.passages import NOTES, Played
from symgen.serve.live.session import TRIES, Session
from symgen.serve.live.wish import Wish
from symgen.similarity.passages import Index
from tests.serve.conftest import Clock, Heard

TUNE = (60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 69, 67, 66, 64, 62)


def rows(pitches, begin=0.0, pace=0.25):
    return [
        Row(begin + i * pace, begin + (i + 1) * pace, pitch, 80) for i, pitch in enumerate(pitches)
    ]


def test_a_passage_is_sixteen_notes_in_any_key_and_at_any_speed():
    played = Played()
    played.add(rows(TUNE), 0, 100)
    assert len(played) == len(TUNE) - NOTES + 1
    other = rows([pitch + 5 for pitch in TUNE], 200, 0.4)
    assert played.repeated(other[:NOTES], other[NOTES - 1].start)
    assert not played.repeated(other[: NOTES - 1], 0)
    changed = [*TUNE[:8], 59, *TUNE[9:]]
    assert not played.repeated(rows(changed, 200), 0)


def test_only_passages_that_end_now_count():
    played = Played()
    played.add(rows(TUNE), 0, 100)
    again = [*rows(TUNE, 200), *rows((50, 41, 55), 210)]
    assert played.repeated(again, 200)
    assert not played.repeated(again, 210)


def test_a_tune_may_repeat_its_own_strains_and_not_those_of_another():
    played = Played()
    played.add(rows(TUNE), 0, 100, part=1)
    assert not played.repeated(rows(TUNE, 200), 0, part=1)
    assert played.repeated(rows(TUNE, 200), 0, part=2)


def test_what_is_taken_back_was_not_played():
    played = Played()
    added = played.add(rows(TUNE), 0, 100)
    played.forget(added)
    assert len(played) == 0 and not played.repeated(rows(TUNE, 200), 0)


def test_a_passage_of_the_training_music_counts(listener):
    from symgen.serve.live.passages import _sequence

    index = Index.build([("a piece", _sequence(rows(TUNE)))])
    assert Played(index).repeated(rows([p + 2 for p in TUNE], 50), 50)
    assert not Played(index).repeated(rows(TUNE[:10], 50), 50)
    assert not Played(index).repeated([*rows(TUNE, 50), *rows((50, 41, 55), 60)], 60)


class Repeating:
    """A source that plays TUNE again and again, half a second a note; with a number drawn, `other`
    pitches are played instead for as long as `lasts` draws."""

    part = 0

    def __init__(self, stubborn=False):
        self.at, self.number, self.stubborn = 0, 0, stubborn

    def __next__(self):
        place, kind = divmod(self.at, 2)
        self.at += 1
        pitch = TUNE[place % len(TUNE)]
        if self.number and not self.stubborn:
            pitch = 40 + (self.number * 7 + place * 5) % 50
        return StreamEvent("off" if kind else "on", place / 2 + kind * 0.4, pitch, 80)

    def copy(self):
        other = Repeating(self.stubborn)
        other.at, other.number = self.at, self.number
        return other

    def set(self, values):
        pass

    def draw_again(self, number):
        self.number = number

    def skip_primer(self):
        return 0.0


@pytest.fixture
def repeating(piano, monkeypatch):
    """Make a listener of a source that repeats itself."""

    def make(stubborn=False):
        monkeypatch.setattr(sessions, "begin", lambda *rest: Repeating(stubborn))
        clock = Clock()
        return Heard(Session("a name", piano, Wish("piano", 1), None, clock=clock), clock)

    return make


def test_a_passage_that_comes_again_is_drawn_again_before_it_is_heard(repeating):
    one = repeating()
    one.listen(4 * (len(TUNE) + NOTES) // 2 + 8)
    heard = [row.pitch for row in one.notes]
    assert heard[: len(TUNE)] == list(TUNE)
    again = heard[len(TUNE) : len(TUNE) + NOTES]
    assert again[: NOTES - 1] == list(TUNE[: NOTES - 1])
    assert again[NOTES - 1] != TUNE[NOTES - 1]
    assert one.session.refused >= 1 and one.session.replayed == 0


def test_music_that_cannot_be_other_goes_on_and_says_so(repeating):
    one = repeating(stubborn=True)
    one.listen(4 * (len(TUNE) + NOTES) // 2 + 4)
    assert one.session.replayed >= 1
    assert one.session.refused == one.session.replayed * (TRIES - 1)
    assert one.session.state()["replayed"] == one.session.replayed


def test_a_minute_of_the_piano_is_all_new(listener):
    one = listener(8)
    one.listen(240)
    found = Played()
    assert not found.repeated(one.notes, 0)
    assert len(one.session.passages) > 200


@pytest.mark.slow
def test_an_hour_of_the_piano_is_all_new(listener):
    one = listener(9)
    one.listen(4 * 3600)
    assert one.session.replayed == 0
    assert len(one.session.passages) > 15_000
