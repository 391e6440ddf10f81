"""Likelihood: the nats (natural logarithm) of held-out music under a model and under baselines.

Every event of every piece counts, the first included, and the state is carried through whole
pieces. The nats of a step are the sum over its fields. Values with an interval are [value, low,
high]: 95 % over pieces, by the percentile bootstrap of the ratio of sums (2,000 resamplings of
whole pieces, seed 0; the same for every model, so that differences are paired). With one piece
there is no interval.

Calibration is that of a model's first choice (Guo, Pleiss, Sun and Weinberger, "On calibration of
modern neural networks", 2017). First choices are binned by their probability; each bin has the
mean probability and how often the choice was right. The expected calibration error `ece` is the
mean difference of the two, weighted by the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.encode import note_count
from symgen.dataset.of import check_encoding
from symgen.dataset.pieces import Split
from symgen.encodings import Encoding
from symgen.errors import DataError
from symgen.evaluation.nottingham.score import intervals
from symgen.evaluation.verdict import likelihood as in_words
from symgen.runtime.passages import Scores
from symgen.types import Array, Floats, Ints, Progress

VERSION = 1
BINS = 15  # of calibration
PLACES = 20  # parts that a piece is divided into
WINDOW = 512  # events
ORDER = 6  # of the n-gram that is counted for comparison
MAX_AGE = 8  # the last bin of the events since the beginning of a piece: 1, 4, 16, ...

Figures = dict[str, Any]


class Pieces:
    """The pieces of a split, to sum over and to resample."""

    def __init__(self, split: Split) -> None:
        self.split = split
        self.which = np.repeat(np.arange(len(split)), split.lengths)
        parts = [split.part(i) for i in range(len(split))]
        self.notes = np.array([note_count(split.encoding, part) for part in parts], np.float64)
        self.seconds = np.array([split.encoding.duration(part) for part in parts])
        self._weights = intervals(len(split)) if len(split) > 1 else None

    def sums(self, values: Array, rows: Array | None = None) -> Floats:
        """Return float64 `[pieces]`: the sums of `values`, one per event or per event of `rows`."""
        return np.bincount(
            self.which if rows is None else self.which[rows],
            values.astype(np.float64),
            len(self.split),
        ).astype(np.float64)

    def ratio(self, over: Floats, under: Floats) -> list[float] | None:
        """Return [value, low, high] of the sum of `over` divided by that of `under`.

        Both are `[pieces]`. None if the sum of `under` is 0.
        """
        if not under.sum():
            return None
        value = over.sum() / under.sum()
        if self._weights is None:
            return _rounded([value, value, value])
        below = self._weights @ under
        some = below > 0  # a resampling may contain nothing of a rare kind
        drawn = (self._weights @ over)[some] / below[some]
        return _rounded([value, *np.percentile(drawn, [2.5, 97.5])])


def likelihood(scored: Scores, split: Split, pieces: Pieces | None = None) -> Figures:
    """Return the values of one model on `split`; `compared` is for several models."""
    pieces = pieces or Pieces(split)
    each = scored.nats.sum(axis=1, dtype=np.float64)
    nats = pieces.sums(each)
    ones = pieces.sums(np.ones(len(each)))
    names = [f.name for f in split.encoding.fields]
    per_field = [pieces.ratio(pieces.sums(scored.nats[:, k]), ones) for k in range(len(names))]
    return {
        "nats_per_event": pieces.ratio(nats, ones),
        "nats_per_note": pieces.ratio(nats, pieces.notes),
        "nats_per_second": pieces.ratio(nats, pieces.seconds),
        "fields": dict(zip(names, per_field, strict=True)),
        "kinds": _kinds(scored, split, pieces),
        **_calibrated(scored),
        "position": _by_place(each, split),
        "from_the_beginning": _by_age(each, split),
        "events": split.total,
        "pieces": len(split),
    }


def _kinds(scored: Scores, split: Split, pieces: Pieces) -> Figures:
    """Return the share of all values, the nats and the accuracy of each kind of value."""
    out: Figures = {}
    for name, (k, kind) in kinds(split.encoding).items():
        mask = (split.encoding.table(k)["kind"] == kind)[split.values[:, k]]
        if not mask.any():
            continue
        known = mask & ~np.isnan(scored.top[:, k])
        nats = pieces.ratio(pieces.sums(np.where(mask, scored.nats[:, k], 0)), pieces.sums(mask))
        out[name] = {
            "share": _round(mask.mean() / len(split.encoding.fields)),
            "nats": nats,
            "accuracy": _round(scored.hits[known, k].mean()) if known.any() else None,
        }
    return out


def kinds(encoding: Encoding) -> dict[str, tuple[int, str]]:
    """Return the groups of values that are counted separately: the field and kind of each name.

    The name is the kind. If several fields have that kind, the name is the field, or both if the
    field has other kinds as well.
    """
    tables = [encoding.table(k)["kind"].tolist() for k in range(len(encoding.fields))]
    found = [list(dict.fromkeys(table)) for table in tables]
    out: dict[str, tuple[int, str]] = {}
    for k, (field, names) in enumerate(zip(encoding.fields, found, strict=True)):
        for kind in names:
            shared = sum(kind in others for others in found) > 1
            apart = field.name if len(names) == 1 else f"{field.name} {kind}"
            out[apart if shared else kind] = k, kind
    return out


def _calibrated(scored: Scores) -> Figures:
    known = ~np.isnan(scored.top)
    top = scored.top[known].astype(np.float64)
    hits = scored.hits[known].astype(np.float64)
    if not len(top):
        return {"accuracy": None, "calibration": [], "ece": None}
    place = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    count, given, came = (np.bincount(place, w, BINS) for w in (None, top, hits))
    rows = [
        {"p": _round(g / n), "share": _round(c / n), "count": int(n)}
        for n, g, c in zip(count, given, came, strict=True)
        if n
    ]
    return {
        "accuracy": _round(hits.mean()),
        "calibration": rows,
        "ece": _round(float(np.abs(given - came).sum()) / len(top)),
    }


def _by_place(each: Floats, split: Split) -> list[Figures]:
    """Return the nats per event in each twentieth of the pieces."""
    age = _ages(split)
    lengths = np.repeat(split.lengths, split.lengths)
    place = age * PLACES // np.maximum(lengths, 1)
    count = np.bincount(place, minlength=PLACES)
    nats = np.bincount(place, each, PLACES)
    return [
        {
            "share": [k / PLACES, (k + 1) / PLACES],
            "nats": _round(nats[k] / count[k]),
            "count": int(count[k]),
        }
        for k in range(PLACES)
        if count[k]
    ]


def _by_age(each: Floats, split: Split) -> list[Figures]:
    """Return the nats per event at event 0 of the pieces, at 1 to 3, 4 to 15, 16 to 63, ..."""
    bins = np.minimum((np.frexp(_ages(split))[1] + 1) // 2, MAX_AGE)
    count = np.bincount(bins)
    nats = np.bincount(bins, each)
    return [
        {
            "event": 4 ** (k - 1) if k else 0,
            "nats": _round(nats[k] / count[k]),
            "count": int(count[k]),
        }
        for k in range(len(count))
        if count[k]
    ]


def _ages(split: Split) -> Ints:
    """Return int64 `[events]`: the number of events of its piece before each event."""
    return np.arange(split.total) - np.repeat(split.ends - split.lengths, split.lengths)


def compared(
    bundle: Bundle, dataset: Dataset, *, threads: int = 0, progress: Progress | None = None
) -> Figures:
    """Return the part `likelihood` of an evaluation: the bundle's model and the baselines.

    The model is `network`, or `ngram` if the bundle is an n-gram. `differences` are the nats per
    event that each baseline takes more than the model, with intervals; `differences_per_note` are
    per note. `verdict` says in words whether the model is better. `threads` is the number of
    processor threads, 0 for all. A model is not conditioned on the music to come, because the
    result would not be the likelihood of the music alone; controls that it always had in training
    are the exception, and are named in `conditioned_on`.
    """
    from symgen.evaluation.likelihood.baselines import repeat, unigram

    _check(bundle, dataset)
    train = dataset.split("train")
    split = dataset.split("eval")
    pieces = Pieces(split)
    scores, out = _models(bundle, train, pieces, threads, progress)
    scores |= {"unigram": unigram(train, split), "repeat": repeat(train, split)}
    for name in ("ngram", "unigram", "repeat"):
        out[name] = likelihood(scores[name], split, pieces) | out.get(name, {})
    out |= _differences(scores, pieces, "ngram" if bundle.counted else "network")
    return out | {"verdict": verdict(out)}


def _check(bundle: Bundle, dataset: Dataset) -> None:
    check_encoding(bundle, dataset)
    if not dataset.split("eval").total:
        raise DataError(
            f"{dataset.path}: its held-out split is empty, so there is nothing to score; "
            "convert more music"
        )


def _models(
    bundle: Bundle, train: Split, pieces: Pieces, threads: int, progress: Progress | None
) -> tuple[dict[str, Scores], Figures]:
    """Return the scores of the bundle's model and of an n-gram, and figures that only they have."""
    from symgen.evaluation.likelihood.baselines import counted
    from symgen.evaluation.likelihood.network import conditioned_on, network, windows

    split = pieces.split
    out = Figures(version=VERSION)
    if bundle.counted:
        return {"ngram": network(bundle, split, threads)}, out
    own = network(bundle, split, threads, progress)
    cut = windows(bundle, split, WINDOW, threads, progress)
    out["network"] = likelihood(own, split, pieces) | _windowed(cut, own, pieces)
    out["network"]["conditioned_on"] = conditioned_on(bundle)
    if progress:
        progress(0, 1, "counting n-grams")
    ngram, orders = counted(train, split, ORDER)
    if orders:
        out["ngram"] = {"orders": {str(n): _round(nats) for n, nats in enumerate(orders, 1)}}
    return {"network": own, "ngram": ngram}, out


def _differences(scores: Mapping[str, Scores], pieces: Pieces, mine: str) -> Figures:
    """Return how many nats more each baseline takes than the model `mine`, with intervals."""
    ones = pieces.sums(np.ones(pieces.split.total))
    sums = {name: pieces.sums(s.nats.sum(axis=1, dtype=np.float64)) for name, s in scores.items()}
    more = {name: sums[name] - sums[mine] for name in scores if name != mine}
    out: Figures = {"differences": {name: pieces.ratio(nats, ones) for name, nats in more.items()}}
    if pieces.notes.sum():
        out["differences_per_note"] = {
            name: pieces.ratio(nats, pieces.notes) for name, nats in more.items()
        }
    count = len(pieces.split)
    method = f"95 % over {count} pieces: percentile bootstrap of ratios of sums, 2,000 resamplings"
    return out | {"interval": method if count > 1 else None}


def _windowed(scored: Scores, carried: Scores, pieces: Pieces) -> Figures:
    """Return the nats in windows without earlier context, and with the state carried.

    Both are of the same events.
    """
    rows = np.flatnonzero(~np.isnan(scored.nats[:, 0]))
    ones = pieces.sums(np.ones(len(rows)), rows)
    each = [
        pieces.ratio(pieces.sums(s.nats[rows].sum(axis=1), rows), ones) for s in (scored, carried)
    ]
    return {"windows": each[0], "windows_carried": each[1], "windows_events": len(rows)}


def verdict(part: Mapping[str, Any]) -> str:
    """Return in a sentence or two how the model compares with the baselines."""
    return in_words(part).text


def score(bundle: Bundle, parts: Sequence[Array]) -> list[float | None]:
    """Return the mean nats per event of each of `parts`, `[steps, fields]`, under the model.

    The state is empty at the beginning of each part.
    """
    from symgen.evaluation.likelihood.network import network

    split = Split.of(bundle.encoding, {str(i): part for i, part in enumerate(parts)})
    scored = network(bundle, split)
    sums = np.bincount(
        np.repeat(np.arange(len(split)), split.lengths),
        scored.nats.sum(axis=1, dtype=np.float64),
        len(split),
    )
    return [
        _round(n / steps) if steps else None for n, steps in zip(sums, split.lengths, strict=True)
    ]


def _round(value: Any) -> float:
    return float(f"{float(value):.6g}")


def _rounded(values: Sequence[Any]) -> list[float]:
    return [_round(v) for v in values]
