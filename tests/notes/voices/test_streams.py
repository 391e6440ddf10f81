"""The search for the cheapest split of notes in two streams."""

from symgen.notes.voices.streams import WIDTH, split

LAST = 2 * WIDTH


def cost(now, low, lower, high, upper):
    """A note is cheap in either stream; the last one needs a low note before it, which costs."""
    if now == LAST:
        return 0.0 if low.pitch == 40 else 5.0
    return sum(0.5 if pitch == 40 else 0.001 for _, _, pitch in lower)


def test_paths_that_differ_in_their_past_alone_do_not_crowd_out_others():
    notes = [(k, k + 1, 40 if k == LAST - 1 else 60) for k in range(LAST + 1)]
    upper = split(notes, cost, 50.0, 70.0)
    assert upper[:-2] == [True] * (LAST - 1), "the cheaper way of each"
    assert upper[LAST - 1] is False, "dear, and cheaper in the end"


def test_chords_are_cut_by_pitch():
    notes = [(0, 4, 72), (0, 4, 48), (0, 4, 60)]
    found = split(notes, lambda now, low, a, high, b: abs(len(a) - 2), 50.0, 70.0)
    assert found == [True, False, False]
    assert split([], cost, 50.0, 70.0) == []
