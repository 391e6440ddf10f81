from hypothesis import given
from hypothesis import strategies as st

from symgen.similarity.union_find import Union


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30))
def test_each_is_known_by_the_least_that_it_is_joined_to_by_whatever_way(pairs):
    sets = Union()
    for pair in pairs:
        sets.join(*pair)
    for start in range(21):
        reached = {start}
        for _ in pairs:
            reached |= {b for pair in pairs for a, b in (pair, pair[::-1]) if a in reached}
        assert sets.least(start) == min(reached)


def test_names_are_joined_as_numbers_are():
    sets = Union()
    sets.join("b", "c")
    sets.join("a", "c")
    assert [sets.least(name) for name in "abcd"] == ["a", "a", "a", "d"]
