"""Never the same passage twice: what is one, and what happens where one comes again."""

import pytest

from symgen.sampling.engine.event_decoder import StreamEvent
from symgen.serve.live import session as sessions
from symgen.serve.live.music import Row
from symgen.serve.live.passages import NOTES, Played
from symgen.serve.live.session import TRIES, Session
from symgen.serve.live.wish import Wish
from symgen.similarity.known import Known
from symgen.similarity.passages import Index
from tests.serve.conftest import Clock, Heard

TUNE = (60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 69, 67, 66, 64, 62)


def rows(pitches, begin=0.0, pace=0.25):
    return [
        Row(begin + i * pace, begin + (i + 1) * pace, pitch, 80) for i, pitch in enumerate(pitches)
    ]


def played(notes, part=None):
    """The passages of these rows, as what was played."""
    made = Played()
    made.add(made.found(notes, 0), 1000, part)
    return made


def again(known, notes, since=0.0, part=None):
    """Whether these rows repeat something from `since` on."""
    return known.repeated(known.found(notes, since), part)


def test_a_passage_is_sixteen_notes_in_any_key_and_at_any_speed():
    known = played(rows(TUNE))
    assert len(known) == len(TUNE) - NOTES + 1
    other = rows([pitch + 5 for pitch in TUNE], 200, 0.4)
    assert again(known, other[:NOTES], other[NOTES - 1].start)
    assert not again(known, other[: NOTES - 1])
    changed = [*TUNE[:8], 59, *TUNE[9:]]
    assert not again(known, rows(changed, 200))


def test_only_passages_that_end_now_count():
    known = played(rows(TUNE))
    notes = [*rows(TUNE, 200), *rows((50, 41, 55), 210)]
    assert again(known, notes, 200)
    assert not again(known, notes, 210)


def test_only_what_is_heard_in_this_block_is_remembered():
    known = Played()
    found = known.found(rows(TUNE), 0)
    assert len(known.add(found, rows(TUNE)[-1].start)) == len(found) - 1


def test_a_tune_may_repeat_its_own_strains_and_not_those_of_another():
    known = played(rows(TUNE), part=1)
    assert not again(known, rows(TUNE, 200), part=1)
    assert again(known, rows(TUNE, 200), part=2)


def test_what_is_taken_back_was_not_played():
    known = Played()
    known.forget(known.add(known.found(rows(TUNE), 0), 1000))
    assert len(known) == 0 and not again(known, rows(TUNE, 200))


def test_a_passage_of_the_training_music_counts():
    from symgen.serve.live.passages import _sequence

    piece = _sequence(rows(TUNE))
    for index in (Index.build([("a piece", piece)]), Known.build([piece])):
        assert Played(index).copied(rows([p + 2 for p in TUNE], 50), 50)
        assert not Played(index).copied(rows(TUNE[:10], 50), 50)
        assert not Played(index).copied([*rows(TUNE, 50), *rows((50, 41, 55), 60)], 60)
    assert not Played().copied(rows(TUNE, 50), 50)


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
    assert len(one.session.passages) > 200
    found = {}
    for first in range(0, len(one.notes) - 40, 10):
        window = one.notes[first : first + 40]
        for passage in Played().found(window, window[25].start):
            assert found.setdefault(passage.number, passage.time) == passage.time
    assert len(found) > 150


@pytest.mark.slow
def test_a_quarter_of_an_hour_of_the_piano_is_all_new(listener):
    one = listener(9)
    one.listen(4 * 900)
    assert one.session.replayed == 0
    assert len(one.session.passages) > 3_750


def test_what_was_heard_long_ago_counts_and_takes_little_memory():
    from symgen.serve.live.passages import LATEST, Passage

    known = Played()
    for n in range(3 * LATEST):
        known.add([Passage(n * 7 + 1, float(n))], n + 1.0, part=n // 100)
    assert len(known) == 3 * LATEST
    assert len(known._latest) <= 2 * LATEST
    assert known.repeated([Passage(1, 1e6)], part=9999) and known.repeated([Passage(1, 1e6)])
    assert not known.repeated([Passage(2, 1e6)])
    assert known.add([Passage(1, 1e6)], 2e6) == []
