"""What was heard is kept for the last minutes, and takes little memory."""

from symgen.serve.live.heard import KEPT, MANY, Heard
from symgen.serve.live.music import Row


def test_a_later_row_of_a_note_replaces_it():
    heard = Heard()
    heard.keep([Row(1.0, 1.5, 60, 80), Row(1.0, 1.5, 60, 50, 1)], 0.0)
    heard.keep([Row(1.0, 4.0, 60, 80)], 0.0)
    assert sorted(heard) == [Row(1.0, 4.0, 60, 80), Row(1.0, 1.5, 60, 50, 1)][::-1]


def test_what_is_taken_back_is_not_heard():
    heard = Heard()
    heard.keep([Row(float(n), n + 0.5, 60, 80) for n in range(10)], 0.0)
    heard.cut(7.0)
    assert [row.start for row in heard] == [0, 1, 2, 3, 4, 5, 6]


def test_the_last_minutes_are_kept_and_most_of_them_are_packed():
    heard = Heard()
    rows = [Row(n / 4, n / 4 + 0.2, 40 + n % 40, 1 + n % 127, n % 2) for n in range(4 * 3000)]
    for k in range(0, len(rows), 4):
        heard.keep(rows[k : k + 4], rows[k].start - KEPT)
    found = sorted(heard)
    kept = [row for row in rows if row.start >= rows[-1].start - KEPT]
    assert found[-len(kept) :] == kept
    assert len(found) < len(kept) + 3 * MANY
    assert len(heard._latest) <= 2 * MANY
