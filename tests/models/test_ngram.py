"""The n-gram against a slow, readable one after Chen and Goodman (1999)."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.models.ngram.counting import places
from symgen.models.ngram.kneser_ney import USUAL, NGram, discounts

NOTHING = "nothing"


class Slow:
    """Interpolated modified Kneser-Ney for one field, with dictionaries.

    A context is a tuple, the nearest value last.
    """

    def __init__(self, pairs, size, order):
        self.size, self.order = size, order
        full = Counter((context, value) for context, value in pairs)
        self.counts = {}
        for n in range(order, 0, -1):
            if n == order:
                self.counts[n] = full
                continue
            kinds, raw = defaultdict(set), Counter()
            for (context, value), count in full.items():
                short = context[len(context) - (n - 1) :]
                kinds[short, value].add(context[-n])
                raw[short, value] += count
            self.counts[n] = {
                g: raw[g] if g[0] and g[0][0] == NOTHING else len(k) for g, k in kinds.items()
            }
        self.discounts = {
            n: self.discount(Counter(counts.values())) for n, counts in self.counts.items()
        }

    @staticmethod
    def discount(n):
        if n[1] and n[2] and n[3] and n[4]:
            y = n[1] / (n[1] + 2 * n[2])
            made = (1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3])
            if 0 < made[0] <= 1 and 0 < made[1] <= 2 and 0 < made[2] <= 3:
                return made
        return (0.5, 1.0, 1.5)

    def probability(self, context, value):
        if len(context) == self.order:
            raise ValueError
        n = len(context) + 1
        shorter = self.probability(context[1:], value) if context else 1 / self.size
        follow = {v: c for (before, v), c in self.counts[n].items() if before == context}
        if not follow:
            return shorter
        d = self.discounts[n]
        total = sum(follow.values())
        kept = (
            max(follow[value] - d[min(follow[value], 3) - 1], 0) / total if value in follow else 0
        )
        gamma = sum(d[min(count, 3) - 1] for count in follow.values()) / total
        return kept + gamma * shorter


def slow_pairs(values, lengths, field, order):
    """What comes before each value: tuples of (field, value).

    One or two fields are one interleaved stream.
    """
    start = 0
    for length in lengths:
        stream = [(f, int(v)) for row in values[start : start + length] for f, v in enumerate(row)]
        for place, (f, v) in enumerate(stream):
            if f == field and values.shape[1] <= 2:
                padded = [NOTHING] * order + stream[:place]
                yield tuple(padded[len(padded) - (order - 1) :]), v
            elif f == field:
                own = [pair for pair in stream[:place] if pair[0] == f]
                nearest = [*own[-1:], *reversed(stream[place - f : place]), *reversed(own[:-1])]
                if not own:
                    nearest = [NOTHING, *nearest]
                yield tuple(reversed([*nearest, *[NOTHING] * order][: order - 1])), v
        start += length


@st.composite
def music(draw):
    sizes = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    lengths = np.array(draw(st.lists(st.integers(0, 25), min_size=1, max_size=4)))
    seed = draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    values = np.stack(
        [np.minimum(rng.geometric(0.5, lengths.sum()) - 1, size - 1) for size in sizes], 1
    )
    return values, lengths, sizes


@given(music(), st.integers(1, 5))
@settings(max_examples=60)
def test_it_is_what_the_paper_says(data, order):
    values, lengths, sizes = data
    made = NGram.fit(values, lengths, sizes, order).probabilities(values, lengths)
    for field, size in enumerate(sizes):
        pairs = list(slow_pairs(values, lengths, field, order))
        slow = Slow(pairs, size, order)
        assert np.allclose(made[:, field], [slow.probability(c, v) for c, v in pairs], atol=1e-12)


@given(music(), music(), st.integers(1, 7))
@settings(max_examples=60)
def test_probabilities_sum_to_one_after_anything(learned, other_pieces, order):
    """The distributions agree with the single probabilities, after known music and new."""
    values, lengths, sizes = learned
    model = NGram.fit(values, lengths, sizes, order)
    other = np.minimum(
        np.resize(other_pieces[0], (other_pieces[1].sum(), len(sizes))), np.array(sizes) - 1
    )
    for events, pieces in ((values, lengths), (other, other_pieces[1])):
        each = model.probabilities(events, pieces)
        for field in range(len(sizes)):
            whole = model.distributions(field, model.histories(events, pieces, field))
            assert np.allclose(whole.sum(1), 1)
            assert (whole > 0).all()
            assert np.allclose(whole[np.arange(len(events)), events[:, field]], each[:, field])


@given(music(), st.integers(1, 5), st.integers(0, 4))
@settings(max_examples=30)
def test_a_lower_order_needs_no_second_count(data, order, more):
    values, lengths, sizes = data
    made = NGram.fit(values, lengths, sizes, order + more).shorter(order)
    again = NGram.fit(values, lengths, sizes, order)
    assert made.order == order
    for levels, others in zip(made.fields, again.fields, strict=True):
        assert all(
            np.array_equal(a, b)
            for one, other in zip(levels, others, strict=True)
            for a, b in zip(one, other, strict=True)
        )
    with pytest.raises(ValueError, match=f"order {order + 1}"):
        made.shorter(order + 1)


def test_a_history_of_tokens_can_be_made_by_hand():
    """Tokens count through the fields; another nearest value changes the distribution."""
    values = np.array([[0, 0], [1, 2], [0, 0], [1, 2], [2, 1]])
    model = NGram.fit(values, [5], (3, 3), 3)
    history = model.histories(values, [5], 1)
    assert model.token(1) == 3
    assert history.tolist() == [[0, 6], [1, 3], [0, 5], [1, 3], [2, 5]]
    history[4, 0] = 1
    assert model.distributions(1, history[4:]).argmax() == 2


def test_the_context_of_a_field_among_many_is_that_field_and_its_own_step():
    assert places(1, 0, 3) == [(1, 0), (2, 0), (3, 0)]
    assert places(2, 0, 4) == [(1, 1), (1, 0), (2, 1), (2, 0)]
    assert places(2, 1, 4) == [(0, 0), (1, 1), (1, 0), (2, 1)]
    assert places(6, 0, 3) == [(1, 0), (2, 0), (3, 0)]
    assert places(6, 2, 5) == [(1, 2), (0, 1), (0, 0), (2, 2), (3, 2)]
    assert places(6, 5, 2) == [(1, 5), (0, 4)]


def test_discounts_by_hand():
    """n1..n4 = 4, 2, 1, 1: Y = 1/2, D1 = 1 - 2/4, D2 = 2 - 3/4, D3 = 3 - 4/2."""
    assert np.allclose(discounts(np.array([1, 1, 1, 1, 2, 2, 3, 4])), [0, 0.5, 1.25, 1.0])
    assert discounts(np.array([1, 1, 5])).tolist() == [0, *USUAL]


def test_a_name_that_follows_one_word_alone_is_unlikely_elsewhere():
    """The textbook example: 3 is frequent but only comes after 2; 4 is rarer, after all."""
    text = np.array([2, 3] * 20 + [0, 4, 1, 4, 2, 4, 3, 4] * 2)[:, None]
    model = NGram.fit(text, [len(text)], (6,), 2)
    never = model.distributions(0, np.array([[5]]))[0]
    assert (text == 3).sum() > (text == 4).sum()
    assert never[4] > never[3]


def test_longer_contexts_help_where_there_is_something_to_know():
    """A hidden pattern with noise: the nats fall to near those of the noise."""
    rng = np.random.default_rng(1)
    clean = np.tile([0, 1, 0, 2, 3, 1, 1, 2], 800)
    values = np.where(rng.random(len(clean)) < 0.1, rng.integers(0, 4, len(clean)), clean)[:, None]
    train, test = values[:5600], values[5600:]
    nats = [
        -np.log(NGram.fit(train, [5600], (4,), n).probabilities(test, [len(test)])).mean()
        for n in range(1, 8)
    ]
    noise = -(0.925 * math.log(0.925) + 3 * 0.025 * math.log(0.025))
    assert nats[0] > nats[1] > nats[2] > nats[3]
    assert noise < nats[4] < nats[0] - 0.4
    assert nats[6] < nats[4] + 0.1


def test_it_is_exact_where_packed_keys_would_overflow():
    """Twelve values of 16 bits exceed 64 bits; contexts must not be confused."""
    rng = np.random.default_rng(2)
    values = rng.integers(0, 60000, 3000)[:, None]
    model = NGram.fit(values, [3000], (60000,), 13)
    assert (model.probabilities(values, [3000]) > 0.2).mean() > 0.99
    assert (model.probabilities(rng.permutation(values), [3000]) < 1e-3).mean() > 0.99


def test_nothing_learned_is_uniform():
    model = NGram.fit(np.zeros((0, 2), int), [], (4, 5), 3)
    assert np.allclose(model.probabilities(np.array([[1, 2]]), [1]), [[1 / 4, 1 / 5]])
    with pytest.raises(ValueError, match="order 0"):
        NGram.fit(np.zeros((0, 2), int), [], (4, 5), 0)
