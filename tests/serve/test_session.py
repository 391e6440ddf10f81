"""One listener's music: it goes on, goes back, comes again, and ends."""

import math

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.serve.live import heard as memory
from symgen.serve.live import session as sessions
from symgen.serve.live.music import LONG, RATE
from symgen.serve.live.session import COPIED, LEAD, MARGIN, TRIES
from symgen.serve.live.theme import theme_from
from symgen.serve.live.wish import Change, Wish, changes_of

THEME = theme_from({"notes": [[0, 0.5, 60, 80], [0.5, 1, 64, 80], [1, 1.5, 67, 80]]})


def test_every_note_is_told_before_its_sound(listener):
    session = listener().session
    told = {}
    for _ in range(20):
        block = session.make()
        for row in block.rows:
            told.setdefault((row.start, row.pitch), block.frame / RATE)
    assert told.keys() == {(row.start, row.pitch) for row in session.heard}
    assert all(time <= start for (start, _), time in told.items())


def test_ends_that_are_known_later_replace_those_that_were_told(listener):
    one = listener()
    one.listen(40)
    rows = [row for row in one.notes if row.start < 5]
    assert len({(row.start, row.pitch) for row in rows}) == len(rows) > 20
    assert {round(row.end % LONG, 3) for row in rows} != {0.05}  # not all where a block ended
    assert all(row.end > row.start for row in rows)


def test_a_slider_is_heard_within_a_second_of_what_is_played(listener):
    for seed in range(20):
        one = listener(seed)
        one.listen(30)
        before, played = one.notes, one.session.now
        at = one.session.set({"density": 12 if seed % 2 else 2})
        assert played + MARGIN <= at <= played + MARGIN + LONG
        one.listen(int(LEAD / LONG))
        changed = set(one.notes) ^ {row for row in before if row.start < one.session.music.time}
        first = min(row.start for row in changed if row.start >= at)
        assert first - played < 1.0
        earlier = [row for row in before if row.start < at and row.end < at]
        assert [row for row in one.notes if row.start < at and row.end < at] == earlier


def test_a_refused_target_takes_nothing_back(listener):
    one, other = listener(), listener()
    for each in (one, other):
        each.listen(20)
    for values in ({"density": -3}, {"densty": 3}, {"articulation": 1}, {"theme": {}}):
        with pytest.raises(BadOption):
            one.session.set(values)
    for each in (one, other):
        each.listen(10)
    assert one.notes == other.notes and not one.session.changes


@pytest.mark.parametrize("name", ["piano", "folk"])
def test_the_same_wish_plays_the_same_again_to_the_sample(name, listener, sampler, request):
    model = request.getfixturevalue(name)
    one = listener(5, sampler, model, density="4")
    one.listen(17)
    one.session.set({"density": 2})
    one.listen(9)
    one.session.answer(THEME)
    one.listen(14)
    one.session.set({"calm": 0.8, "key": "Am"})
    one.session.set({"density": None})
    one.listen(10)
    one.session.finish(9)
    while not one.session.over:
        one.listen(1)
    query = one.session.link(math.inf).query()
    wish = Wish(name, int(query["seed"]), {"density": "4"}, None, changes_of(query["changes"]))
    again = listener(5, sampler, model, wish=wish)
    while not again.session.over:
        again.listen(1)
    assert again.sound == one.sound
    assert again.notes == one.notes
    assert again.session.link(math.inf).query() == query


def test_a_link_holds_the_changes_up_to_its_time(listener):
    one = listener(3, density="5")
    one.listen(20)
    first = one.session.set({"density": 2})
    one.listen(20)
    one.session.set({"density": 9})
    link = one.session.link(first + 1)
    assert link.changes == (Change(first, {"density": 2}),)
    assert link.query() == {
        "model": "piano",
        "seed": "3",
        "density": "5",
        "changes": f'[[{first},{{"density":2}}]]',
    }


def test_going_back_over_blocks_without_a_copy_changes_nothing(listener):
    plain = listener(5)
    plain.listen(40)
    for blocks in range(25, 25 + COPIED):
        one = listener(5)
        one.listen(blocks)
        at = one.session.set({"loudness": 60})
        one.listen(4)
        before = [row for row in one.notes if row.start < at and row.end < at]
        assert before == [row for row in plain.notes if row.start < at and row.end < at]
        assert len(before) > 5


def test_a_theme_is_answered_and_not_played(listener):
    one = listener(4)
    one.listen(20)
    at = one.session.answer(THEME)
    one.listen(16)
    after = [row for row in one.notes if row.start >= at]
    assert len(after) > 3
    assert after[0].start < at + 2
    assert not any(row.start < at < row.end - 1e-9 for row in one.notes)  # what sounded is let go


def test_music_ends_of_its_own_on_time(listener, sampler):
    one = listener(1, sampler, minutes=0.25)
    while not one.session.over:
        one.listen(1)
        assert one.session.music.time < 30
    assert 14 < max(row.end for row in one.notes) < 20
    last = np.frombuffer(one.sound[max(one.sound)], "<i2")
    assert np.abs(last.astype(int)).max() < 400
    assert one.session.room == math.inf


def test_a_session_can_be_brought_to_an_end(listener):
    one = listener(1)
    one.listen(40)
    at = one.session.finish(10)
    while not one.session.over:
        one.listen(1)
    assert at + 5 < max(row.end for row in one.notes) < at + 16
    with pytest.raises(BadOption, match="finish"):
        one.session.finish(1)


def test_no_more_than_the_lead_is_made_beyond_what_is_played(listener):
    session = listener().session
    made = 0
    while session.room == 0:
        session.make()
        made += 1
        assert made < 100
    assert LEAD <= made * LONG <= LEAD + LONG
    session.tell(1.0)
    assert session.room == 0


def test_a_pause_makes_nothing_until_it_is_over(listener):
    one = listener()
    one.listen(10)
    one.session.paused = True
    one.clock.time += 1000
    assert one.session.room == math.inf and one.session.now == one.session.played
    one.session.paused = False
    one.session.tell()
    assert one.session.room < math.inf


def test_a_listener_who_says_nothing_counts_as_paused(listener):
    one = listener()
    one.listen(10)
    one.clock.time += 9
    assert one.session.room < math.inf
    one.clock.time += 2
    assert one.session.room == math.inf


def test_only_the_latest_notes_and_a_few_copies_are_kept(listener, monkeypatch):
    monkeypatch.setattr(sessions, "KEPT", 10.0)
    monkeypatch.setattr(memory, "OVER", 1.0)
    monkeypatch.setattr(memory, "MANY", 4)
    one = listener()
    one.listen(120)
    played = one.session.played
    assert played - 13 <= one.notes[0].start < played - 8
    copies = [past for past in one.session._past if past.music is not None]
    assert len(copies) <= (LEAD / LONG) / COPIED + 2
    assert one.session._past[0].music is not None and one.session._past[0].time <= played


def test_what_a_listener_says_it_played_cannot_be_more_than_was_made(listener):
    one = listener()
    one.listen(4)
    one.session.tell(1e9)
    assert one.session.played == one.session.music.time
    one.session.tell(math.nan)
    assert one.session.played == one.session.music.time


def test_tries_are_bounded():
    assert 1 < TRIES < 20
