"""The verdict: the questions that an evaluation answers, and answers that do not flatter."""

import pytest

from symgen.evaluation.text import table
from symgen.evaluation.verdict import Answer, answers, likelihood, originality, statistics


def scores(gain, **more):
    """The likelihood of a network whose n-gram takes `gain` [value, low, high] more nats."""
    return {
        "network": {"nats_per_event": [2.0, 1.9, 2.1], **more},
        "ngram": {"nats_per_event": [2.0 + gain[0], 0, 0]},
        "differences": {"ngram": gain},
    }


@pytest.mark.parametrize(
    ("gain", "short", "text"),
    [
        (
            [0.3, 0.2, 0.4],
            "Yes",
            "The network beats the n-gram by 0.300 nats per event (95 %: 0.200 to 0.400): "
            "2.000 against 2.300 on held-out music. "
            "On average it makes each event 1.35 times as probable.",
        ),
        (
            [0.1, -0.1, 0.3],
            "Not clearly",
            "The network is ahead of the n-gram by 0.100 nats per event (95 %: -0.100 to 0.300): "
            "2.000 against 2.100 on held-out music. The difference may be chance.",
        ),
        (
            [-0.1, -0.2, 0.1],
            "No",
            "The network does not beat the n-gram. It is worse by 0.100 nats per event "
            "(95 %: -0.100 to 0.200): 2.000 against 1.900 on held-out music.",
        ),
    ],
)
def test_likelihood_is_compared_with_the_n_gram(gain, short, text):
    assert likelihood(scores(gain)) == Answer("Is it better than counting n-grams?", short, text)


def test_conditions_on_the_music_to_come_are_named():
    text = likelihood(scores([0.3, 0.2, 0.4], conditioned_on=["density"])).text
    assert "conditioned on density of the music to come" in text


def test_an_n_gram_is_compared_with_the_better_simple_baseline():
    nats = {"ngram": 1.4, "unigram": 4.0, "repeat": 2.1}
    part = {name: {"nats_per_event": [value] * 3} for name, value in nats.items()}
    part["differences"] = {"unigram": [2.6, 2.5, 2.7], "repeat": [0.7, 0.6, 0.8]}
    found = likelihood(part)
    assert found.question == "Is it better than simple guesses?" and found.short == "Yes"
    assert found.text.startswith("The n-gram beats repeating the last event by 0.700 nats")


def row(p, overlap, median=(1.0, 2.0)):
    a, b = ({"pieces": 20, "mean": m, "sd": 1.0, "median": m} for m in median)
    test = {"name": "Kolmogorov-Smirnov", "statistic": 0.5, "p": p, "p_holm": p}
    return {"kind": "scalar", "unit": "bits", "overlap": overlap, "test": test, "a": a, "b": b}


def sets(metrics, pieces=20):
    side = {"pieces": pieces, "seconds": 30.0, "notes": 100.0}
    return {
        "a": {"name": "samples", **side},
        "b": {"name": "held-out excerpts", **side},
        "metrics": metrics,
    }


def test_samples_are_compared_with_real_music():
    question = "Do its samples differ from real music?"
    many = {f"metric_{i}": row(0.5, 0.8) for i in range(7)}
    assert statistics(sets(many), of_model=True) == Answer(
        question, "No", "None of 7 metrics differs significantly from held-out excerpts."
    )
    few = sets({**many, "pitch_entropy": row(0.01, 0.9, (2.5, 3.0))})
    assert statistics(few, of_model=True) == Answer(
        question,
        "Slightly",
        "1 of 8 metrics differs significantly from held-out excerpts. Largest difference: pitch "
        "entropy (median 2.5 against 3, bits).",
    )
    most = statistics(sets({f"metric_{i}": row(0.01, i / 10) for i in range(5)}), of_model=True)
    assert most.short == "Yes" and "Largest differences: metric 0" in most.text
    assert "metric 2" in most.text and "metric 3" not in most.text


def test_small_sets_are_not_judged():
    found = statistics(sets({"pitch_entropy": row(0.01, 0.1)}, pieces=3), of_model=True)
    assert found.short == "Unknown" and found.text.startswith("Too few to compare: 3 samples")


def test_two_sets_without_a_model_are_named():
    assert statistics(sets({"a": row(0.5, 1.0)})).question == (
        "Do samples and held-out excerpts differ?"
    )
    assert answers({"statistics": {"a": {"name": "mine"}, "metrics": {}}}) == []


def copies(lengths, median=9.0, high=18.0):
    """Samples whose longest passages have these notes, and held-out music."""
    ranked = sorted(lengths)
    here = {"median": float(ranked[len(ranked) // 2]), "most": max(lengths)}
    return {
        "samples": [
            {"name": "one", "longest": {"notes": n, "piece": "x", "at": [0, 1]} if n else None}
            for n in lengths
        ],
        "summary": {"pieces": len(lengths), "longest": here},
        "held_out": {"longest": {"median": median, "high": high}},
    }


@pytest.mark.parametrize(
    ("lengths", "short", "end"),
    [
        ([8, 9, 10], "No", "No sample goes beyond that."),
        ([0, 9, 18], "No", "No sample goes beyond that."),
        ([8] * 9 + [30], "No", "1 of 10 samples go beyond that."),
        ([8, 9, 10, 30], "In part", "1 of 4 samples go beyond that."),
        ([8, 30, 40], "Yes", "The model has learned passages by heart."),
    ],
)
def test_copies_are_compared_with_those_of_held_out_music(lengths, short, end):
    found = originality(copies(lengths))
    assert found.question == "Does it copy its training pieces?" and found.short == short
    assert f"(median; at most {max(lengths)})" in found.text and found.text.endswith(end)


def test_the_text_of_a_document_begins_with_the_verdict():
    lines = table({"likelihood": scores([0.3, 0.2, 0.4]), "originality": copies([8, 9])})
    first, second = lines.split("\n\n")[0].split("\nDoes it copy")
    assert first.startswith("Is it better than counting n-grams? Yes. The network beats the n-gram")
    assert second.startswith(" its training pieces? No.")
