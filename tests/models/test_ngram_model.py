"""The n-gram as a model: grams that came once, and arrays that are read back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import BadOption
from symgen.models import Sizes, model
from symgen.models.ngram.counting import ContextStream, count
from symgen.models.ngram.kneser_ney import NGram


def music(seed, sizes, pieces=4, longest=30):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, longest, pieces)
    values = np.stack(
        [np.minimum(rng.geometric(0.45, lengths.sum()) - 1, size - 1) for size in sizes], 1
    )
    return values, lengths


def test_counts_by_hand():
    """a b a b c: of two values before, "ab" comes twice.

    Without singles its grams "aba" and "abc" are counted, but not held.
    """
    values = np.array([0, 1, 0, 1, 2])[:, None]
    single, pair, triple = count(ContextStream(values, [5], (3,), 0), 3)
    assert single.grams.tolist() == [0, 1, 2] and single.counts.tolist() == [2, 2, 1]
    assert single.distinct.tolist() == [
        2,
        1,
        1,
    ]  # a after nothing and after b, b after a, c after b
    assert pair.contexts.tolist() == [0, 1, 3] and pair.totals.tolist() == [2, 2, 1]
    assert triple.counts.tolist() == [1, 1, 1, 1, 1]
    kept = list(count(ContextStream(values, [5], (3,), 0), 3, singles=False))[-1]
    assert len(kept.contexts) == 0 == len(kept.grams)


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 5), min_size=1, max_size=2),
    st.integers(1, 6),
    st.booleans(),
)
@settings(max_examples=60)
def test_it_sums_to_one_and_is_read_as_it_was_written(seed, sizes, order, singles):
    values, lengths = music(seed, sizes)
    member, model_sizes = (
        model({"name": "ngram", "order": order, "singles": singles}),
        Sizes(tuple((f"f{k}", s) for k, s in enumerate(sizes))),
    )
    made = member.learn(values, lengths, model_sizes)
    again = member.read(member.arrays(made), model_sizes)
    other, others = music(seed + 1, sizes)
    for field, size in enumerate(sizes):
        histories = made.histories(other, others, field)
        whole = made.distributions(field, histories)
        assert (
            whole.shape == (len(other), size) and (whole > 0).all() and np.allclose(whole.sum(1), 1)
        )
        assert np.array_equal(again.distributions(field, histories), whole)
        best, given = made.first_choices(other, others, np.arange(len(other)))[field]
        assert np.array_equal(best, whole.argmax(1)) and np.array_equal(given, whole.max(1))
    assert np.array_equal(again.probabilities(other, others), made.probabilities(other, others))


def spelled(model, field):
    """What each gram keeps of its context, and how often it came, by its values."""
    out, size, tokens, paths = {}, model.sizes[field], sum(model.sizes) + 1, [()]
    for k, level in enumerate(model.fields[field]):
        if k:
            paths = [
                (*paths[context // tokens], context % tokens) for context in level.contexts.tolist()
            ]
        for gram, share, came in zip(
            level.grams.tolist(), level.shares.tolist(), level.counts.tolist(), strict=True
        ):
            out[paths[gram // size], gram % size] = share, came
    return out


@given(
    st.integers(0, 10**6), st.lists(st.integers(1, 5), min_size=1, max_size=2), st.integers(1, 6)
)
@settings(max_examples=60)
def test_what_is_held_counts_as_if_all_were_held(seed, sizes, order):
    """Leaving grams out moves what they kept to the shorter context, and nothing else."""
    values, lengths = music(seed, sizes, longest=60)
    full, thin = (
        NGram.fit(values, lengths, tuple(sizes), order, singles) for singles in (True, False)
    )
    for field in range(len(sizes)):
        whole, held = spelled(full, field), spelled(thin, field)
        assert all(held[gram] == pytest.approx(whole[gram], abs=1e-12) for gram in held)
        assert all(
            came == 1 and len(context) > 1
            for (context, value), (_, came) in whole.items()
            if (context, value) not in held
        )
        assert all(came > 1 for (context, _), (_, came) in held.items() if len(context) > 1)


@given(st.integers(0, 10**6), st.integers(1, 6), st.booleans())
@settings(max_examples=30)
def test_the_ladder_is_what_the_shorter_models_say(seed, order, singles):
    values, lengths = music(seed, (3, 2))
    made = NGram.fit(values, lengths, (3, 2), order, singles)
    other, others = music(seed + 1, (3, 2))
    for k, probabilities in enumerate(made.ladder(other, others), 1):
        assert np.allclose(probabilities, made.shorter(k).probabilities(other, others), atol=1e-15)
        assert np.allclose(
            probabilities,
            NGram.fit(values, lengths, (3, 2), k, singles).probabilities(other, others),
            atol=1e-12,
        )


def test_what_came_once_is_left_out_and_hardly_missed():
    """Of noise around a pattern a third of the numbers is held, and held-out nats do not suffer."""
    rng = np.random.default_rng(1)
    clean = np.tile([0, 1, 0, 2, 3, 1, 1, 2, 5, 6, 5, 7], 800)
    values = np.where(rng.random(len(clean)) < 0.2, rng.integers(0, 8, len(clean)), clean)[:, None]
    train, test = values[:7000], values[7000:]
    full, thin = (NGram.fit(train, [7000], (8,), 5, singles) for singles in (True, False))
    held = [sum(len(level.grams) for level in m.fields[0]) for m in (full, thin)]
    nats = [-np.log(m.probabilities(test, [len(test)])).mean() for m in (full, thin)]
    assert held[1] < held[0] / 2
    assert nats[1] < nats[0] + 0.01


def test_arrays_that_do_not_fit_are_refused():
    member, sizes = model({"name": "ngram", "order": 3}), Sizes((("event", 4),))
    arrays = member.arrays(member.learn(*music(0, (4,)), sizes))
    assert all(array.dtype.kind == "u" for array in arrays.values())
    for name, wrong in (
        ("0.1.values", arrays["0.1.values"][:-1]),
        ("0.2.children", arrays["0.2.children"][1:]),
        ("0.0.values", arrays["0.0.values"][::-1]),
    ):
        with pytest.raises(ValueError, match=name[:3]):
            member.read(arrays | {name: wrong}, sizes)
    with pytest.raises(ValueError, match=r"there is no 0\.1\.used"):
        member.read(
            {k: v for k, v in arrays.items() if k != "0.1.used"} | {"0.3.used": arrays["0.1.used"]},
            sizes,
        )


@pytest.mark.parametrize("options", [{"order": 0}, {"order": 65}, {"order": True}, {"singles": 1}])
def test_options_are_checked(options):
    with pytest.raises(BadOption, match=f"model.{next(iter(options))} ="):
        model({"name": "ngram", **options})
