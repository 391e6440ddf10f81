"""The verdict of an evaluation: its questions answered in plain words.

Is the model better than counting n-grams? Do its samples differ from real music? Does it copy its
training pieces? The terminal and the page both begin with these answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from symgen.evaluation.statistics.table import differing, phrase, testable

Facts = Mapping[str, Any]

BASELINES = {"ngram": "the n-gram", "unigram": "the unigram", "repeat": "repeating the last event"}
SLIGHTLY = 0.25  # share of the metrics up to which samples differ "slightly"
ORDINARY = 0.1  # share of held-out pieces whose copies go beyond the 90th percentile, by definition
NAMED = 3  # differences that are named


class Answer(NamedTuple):
    """A question, its answer in a word or two ("" if unknown), and the reasons."""

    question: str
    short: str
    text: str

    def __str__(self) -> str:
        """Return all three on one line."""
        short = f"{self.short}." if self.short else ""
        return " ".join(part for part in (self.question, short, self.text) if part)


def answers(document: Facts) -> list[Answer]:
    """Return the answers for the parts that `document` has."""
    found = []
    if part := document.get("likelihood"):
        found.append(likelihood(part))
    if part := document.get("statistics"):
        found.append(statistics(part, of_model=bool(document.get("model"))))
    if part := document.get("originality"):
        found.append(originality(part))
    return [answer for answer in found if answer.text]


def likelihood(part: Facts) -> Answer:
    """Say whether a network beats the n-gram, or an n-gram the better of the simple baselines."""
    counted = "network" not in part
    question = f"Is it better than {'simple guesses' if counted else 'counting n-grams'}?"
    unit = "note" if "differences_per_note" in part else "event"
    gains = part.get("differences_per_note" if unit == "note" else "differences")
    if not gains:
        return Answer(question, "", part.get("verdict") or "")
    mine, name = ("ngram", "The n-gram") if counted else ("network", "The network")
    other = min(gains, key=lambda one: gains[one][0]) if counted else "ngram"
    own, theirs = (part[who][f"nats_per_{unit}"][0] for who in (mine, other))
    scores = f"{own:.3f} against {theirs:.3f} on held-out music"
    gain, low, _ = gains[other]
    rival = BASELINES[other]
    by = _by(gains[other], unit)
    if low > 0:
        short = "Yes"
        text = f"{name} beats {rival} by {by}: {scores}."
        text += f" On average it makes each {unit} {_times(gain)} times as probable."
    elif gain > 0:
        short = "Not clearly"
        text = f"{name} is ahead of {rival} by {by}: {scores}."
        text += " The difference may be chance."
    else:
        short = "No"
        text = f"{name} does not beat {rival}. It is worse by {by}: {scores}."
    if controls := part[mine].get("conditioned_on"):
        text += (
            f" It was conditioned on {', '.join(controls)} of the music to come, as it must be, so"
            " its nats are not those of the music alone."
        )
    return Answer(question, short, text)


def _by(gain: Sequence[float], unit: str) -> str:
    """Return the size of a difference, with its interval."""
    value, low, high = gain
    if value <= 0:
        value, low, high = -value, -high, -low
    interval = f" (95 %: {low:.3f} to {high:.3f})" if low != high else ""
    return f"{value:.3f} nats per {unit}{interval}"


def _times(nats: float) -> str:
    """Return how many times as probable something is that takes `nats` fewer."""
    if nats > math.log(1e6):
        return "over a million"
    times = math.exp(nats)
    return f"{times:.2f}" if times < 10 else f"{times:,.0f}"


def statistics(part: Facts, of_model: bool = False) -> Answer:
    """Say whether two sets differ, and in what; nothing about a single set."""
    if "b" not in part:
        return Answer("", "", "")
    a = part["a"]["name"]
    b = part["b"]["name"]
    question = "Do its samples differ from real music?" if of_model else f"Do {a} and {b} differ?"
    if few := testable(part):
        return Answer(question, "Unknown", f"{few[0][0].upper()}{few[0][1:]}.")
    tested, found = differing(part)
    if not tested:
        return Answer(question, "Unknown", "No metric is defined for enough pieces of both sets.")
    if not found:
        return Answer(question, "No", f"None of {tested} metrics differs significantly from {b}.")
    short = "Slightly" if len(found) <= SLIGHTLY * tested else "Yes"
    named = "; ".join(phrase(name, part["metrics"][name]) for name in found[:NAMED])
    most = "Largest difference" if len(found) == 1 else "Largest differences"
    verb = "differs" if len(found) == 1 else "differ"
    return Answer(
        question,
        short,
        f"{len(found)} of {tested} metrics {verb} significantly from {b}. {most}: {named}.",
    )


def originality(part: Facts) -> Answer:
    """Say whether samples share longer passages with the training pieces than real music does."""
    question = "Does it copy its training pieces?"
    made = part.get("summary")
    real = part.get("held_out")
    if not made:
        return Answer(question, "", part.get("verdict") or "")
    if not made["pieces"]:
        return Answer(question, "Unknown", "There are no samples.")
    here = made["longest"]
    text = (
        "The longest passage that a sample shares with a training piece has "
        f"{here['median']:.0f} notes (median; at most {here['most']})."
    )
    if not real:
        return Answer(question, "", text)
    there = real["longest"]
    text += (
        f" In held-out music it has {there['median']:.0f}, and in nine of ten pieces at most "
        f"{there['high']:.0f}."
    )
    lengths = [row["longest"]["notes"] for row in part["samples"] if row["longest"]]
    beyond = sum(notes > there["high"] for notes in lengths)
    if here["median"] > there["high"]:
        return Answer(question, "Yes", f"{text} The model has learned passages by heart.")
    if not beyond:
        return Answer(question, "No", f"{text} No sample goes beyond that.")
    short = "No" if beyond <= ORDINARY * made["pieces"] else "In part"
    return Answer(question, short, f"{text} {beyond} of {made['pieces']} samples go beyond that.")
