"""Music played by a person who does not exist: written notes at a wandering tempo, with jitter."""

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import meter


def performance(written, seed, jitter=0.015):
    """Return `written` as played, and the times of its beats in seconds.

    The tempo wanders by some 10 %; `jitter` is the standard deviation of the onsets in seconds.
    """
    rng = np.random.default_rng(seed)
    begins = meter.quarters(written, written.notes["start_time"])
    ends = meter.quarters(written, written.notes["end_time"])
    numerator, denominator = written.time_signatures[["numerator", "denominator"]][0].tolist()
    beat = 4 * float(meter.beat(numerator, denominator))
    count = int(ends.max() / beat) + 3
    phrases = 0.06 * np.sin(2 * np.pi * np.arange(count) / 16 + rng.uniform(0, 6))
    lengths = 60 / rng.uniform(85, 125) * np.exp(phrases + np.cumsum(rng.normal(0, 0.01, count)))
    times = 0.5 + np.append(0.0, np.cumsum(lengths))

    def at(quarters):
        return np.interp(quarters / beat, np.arange(count + 1), times)

    notes = written.notes.copy()
    notes["start_time"] = np.maximum(at(begins) + rng.normal(0, jitter, len(notes)), 0)
    notes["end_time"] = np.maximum(at(ends) - 0.02, notes["start_time"] + 0.03)
    first = float(meter.quarters(written, [written.first_bar_time])[0])
    beats = at(np.arange(first % beat, begins.max() + 1e-6, beat))
    return NoteSequence(notes[np.argsort(notes["start_time"])]), beats


def f_measure(reference, estimate, window=0.07):
    """Return the F-measure of beats within `window` seconds, each matched once."""
    hits, at = 0, 0
    for one in reference.tolist():
        while at < len(estimate) and estimate[at] < one - window:
            at += 1
        if at < len(estimate) and estimate[at] <= one + window:
            hits, at = hits + 1, at + 1
    return 2 * hits / (len(reference) + len(estimate))
