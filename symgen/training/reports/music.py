"""Statistics of the training music: pitches, notes at once, lengths, rests, densities.

A bundle stores them as `music` in its training report, so that samples can stay within them (see
`symgen.sampling.processors.training_range`). They are computed on the notes that the encoding
gives (`Encoding.spans`), before any augmentation. Times are in seconds; on a grid of beats they are
those at 120 quarter notes per minute, whatever the tempo of the piece. A piece lasts from its first
onset to the end of its last note.

    pitch       quantiles by notes
    at_once     notes that sound together: quantiles of the time in which any sounds
    length      of notes, quantiles
    rest        lengths of the stretches in which nothing sounds, quantiles
    silence     the share of the time in which nothing sounds
    register    mean pitch of a piece, quantiles
    density     notes per second: quantiles over pieces, and over excerpts of 10 and 30 seconds
    polyphony   mean number of notes at once, silence included: the same
    leap        for tunes: semitones between successive notes, quantiles
    octave      for tunes: the share of leaps beyond an octave

Quantiles are tables from a percentage (as text, "0" to "100") to the value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.types import Array, Floats, Ints

VERSION = 1
QUANTILES = (0, 0.1, 1, 5, 50, 95, 99, 99.9, 100)
EXCERPTS = (10, 30)  # seconds
MIN_REST = 1e-6  # seconds; a shorter silence comes from rounding


class Notes(NamedTuple):
    """N notes of P pieces, which follow one another on one time line, in seconds."""

    piece: Ints  # [N]
    start: Floats  # [N]
    end: Floats  # [N]
    pitch: Ints  # [N]
    edges: Floats  # [P + 1], where each piece begins; the last is the end of all


class Sounding(NamedTuple):
    """Stretches between changes of what sounds: when each begins, its length, its notes."""

    time: Floats
    lasts: Floats
    notes: Ints

    def passed(self, at: Floats) -> Floats:
        """Return the sum of the times that all notes have sounded for, up to the times `at`."""
        total = np.concatenate([np.zeros(1), np.cumsum(self.lasts * self.notes)])
        end = self.time[-1:] + self.lasts[-1:]
        return np.asarray(np.interp(at, np.append(self.time, end), total), np.float64)


def survey(data: Dataset | Split) -> dict[str, Any]:
    """Return the statistics of the training split of a dataset, or of any split.

    Without notes they are only `version` and `notes`.
    """
    split = data.split("train") if isinstance(data, Dataset) else data
    notes = _notes(split)
    out: dict[str, Any] = {"version": VERSION, "notes": len(notes.pitch)}
    if not len(notes.pitch):
        return out
    sounding = _sounding(notes)
    pieces = len(notes.edges) - 1
    rests = sounding.lasts[sounding.notes == 0]
    at_once = np.bincount(sounding.notes, sounding.lasts)[1:].astype(np.float64)
    total = float(notes.edges[-1])
    register = np.bincount(notes.piece, notes.pitch, pieces) / np.bincount(notes.piece)
    out |= {
        "pieces": pieces,
        "seconds": _short(total),
        "pitch": quantiles(notes.pitch.astype(np.uint8)),
        "at_once": quantiles(np.arange(1, len(at_once) + 1), at_once),
        "length": quantiles(notes.end - notes.start),
        "rest": quantiles(rests[rests > MIN_REST]),
        "silence": _short(rests.sum() / total),
        "register": quantiles(register),
        **_rates(notes, sounding),
    }
    return out | (_leaps(notes) if split.encoding.tune else {})


def quantiles(
    values: Array, weights: Floats | None = None, of: Sequence[float] = QUANTILES
) -> dict[str, float]:
    """Return by percentage the quantile of `values`, weighted by `weights` where given."""
    if not len(values):
        return {}
    shares = np.array(of) / 100 * (1 - 1e-12)
    if weights is None:
        ranks = np.ceil(shares * len(values)).astype(np.int64) - 1
        found = np.sort(values)[np.maximum(ranks, 0)]
    else:
        order = np.argsort(values, kind="stable")
        upto = np.cumsum(weights[order])
        places = np.searchsorted(upto, shares * upto[-1])
        found = values[order[np.minimum(places, len(values) - 1)]]
    return {f"{share:g}": _short(value) for share, value in zip(of, found.tolist(), strict=True)}


def _notes(split: Split) -> Notes:
    """Return the notes of `split` on one time line, without pieces that have no note."""
    rate = split.encoding.steps_per_second
    found = [split.encoding.spans(split.events(i)) for i in range(len(split))]
    spans = [span for span in found if len(span.row)]
    empty: Ints = np.zeros(0, np.int64)
    first = np.array([span.start.min() for span in spans], np.int64)
    last = [max(int(span.end.max()), int(span.start.max()) + 1) for span in spans]
    lasts = np.array(last, np.int64) - first
    edges = np.concatenate([[0], np.cumsum(lasts)]).astype(np.float64) / rate
    piece = np.repeat(np.arange(len(spans)), [len(span.row) for span in spans])
    start = np.concatenate([empty, *(span.start for span in spans)])
    end = np.concatenate([empty, *(span.end for span in spans)])
    pitch = np.concatenate([empty, *(span.pitch for span in spans)]).astype(np.int64)
    begin = np.concatenate([empty, first])[piece] if len(piece) else empty
    offset = edges[piece] if len(piece) else np.zeros(0)
    start = offset + (start - begin) / rate
    end = offset + (end - begin) / rate
    return Notes(piece, start, end, pitch, edges)


def _sounding(notes: Notes) -> Sounding:
    """Return what sounds over the whole time line."""
    time = np.concatenate([notes.end, notes.start])
    order = np.argsort(time, kind="stable")
    change = np.where(order < len(notes.end), -1, 1)
    time = time[order]
    return Sounding(time, np.diff(time, append=notes.edges[-1]), np.maximum(np.cumsum(change), 0))


def _rates(notes: Notes, sounding: Sounding) -> dict[str, Any]:
    """Return `density` and `polyphony` of whole pieces and of excerpts."""
    starts = np.sort(notes.start)
    out: dict[str, Any] = {"density": {}, "polyphony": {}}
    for seconds in (None, *EXCERPTS):
        begin, end = _cut(notes.edges, seconds)
        if not len(begin):
            continue
        name = "pieces" if seconds is None else f"{seconds}"
        count = np.diff(np.searchsorted(starts, np.stack([begin, end]) - MIN_REST), axis=0)[0]
        out["density"][name] = quantiles(count / (end - begin))
        passed = sounding.passed(end) - sounding.passed(begin)
        out["polyphony"][name] = quantiles(passed / (end - begin))
    return out


def _cut(edges: Floats, seconds: float | None) -> tuple[Floats, Floats]:
    """Return where successive excerpts of `seconds` begin and end; None takes whole pieces.

    The rest at the end of a piece counts if it is over half of an excerpt.
    """
    if seconds is None:
        return edges[:-1], edges[1:]
    lasts = np.diff(edges)
    counts = np.maximum((lasts / seconds + 0.5).astype(np.int64), 0)
    piece = np.repeat(np.arange(len(lasts)), counts)
    place = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = edges[:-1][piece] + place * seconds
    return begin, np.minimum(begin + seconds, edges[1:][piece])


def _leaps(notes: Notes) -> dict[str, Any]:
    """Return the leaps of melodies."""
    same = np.diff(notes.piece) == 0
    leaps = np.abs(np.diff(notes.pitch))[same]
    return {"leap": quantiles(leaps), "octave": _short((leaps > 12).mean())} if len(leaps) else {}


def _short(value: Any) -> float:
    return float(f"{float(value):.5g}")
