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

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.encode import struck
from symgen.dataset.pieces import Split
from symgen.encodings import Encoding
from symgen.errors import DataError
from symgen.evaluation.nottingham.score import intervals
from symgen.evaluation.verdict import likelihood as in_words

VERSION = 1
BINS = 15  # of calibration
PLACES = 20  # parts that a piece is divided into
WINDOW = 512  # events
ORDER = 6  # of the n-gram that is counted for comparison
MAX_AGE = 8  # the last bin of the events since the beginning of a piece: 1, 4, 16, ...

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Figures = dict[str, Any]
Progress = Callable[[int, int, str], None]


class Scored(NamedTuple):
    """What a model gave to each value of a half; NaN in `nats` where an event was not scored, in `top` where only that is not known."""

    nats: npt.NDArray[np.float32]  # [events, fields]
    top: npt.NDArray[np.float32]  # [events, fields] the probability of its first choice
    hits: npt.NDArray[np.bool_]  # [events, fields] whether that came

    @classmethod
    def empty(cls, half: Split) -> Scored:
        """Return scores to be filled in."""
        shape = half.values.shape
        return cls(
            np.full(shape, np.nan, np.float32),
            np.full(shape, np.nan, np.float32),
            np.zeros(shape, bool),
        )


class Pieces:
    """The pieces of a split, to sum over and to resample."""

    def __init__(self, half: Split) -> None:
        self.half = half
        self.which = np.repeat(np.arange(len(half)), half.lengths)
        parts = [half.part(i) for i in range(len(half))]
        self.notes = np.array([struck(half.encoding, part) for part in parts], np.float64)
        self.seconds = np.array([half.encoding.duration(part) for part in parts])
        self._weights = intervals(len(half)) if len(half) > 1 else None

    def sums(self, values: Array, rows: Array | None = None) -> Floats:
        """Return float64 `[pieces]`: the sums of `values`, one per event or per event of `rows`."""
        return np.bincount(
            self.which if rows is None else self.which[rows],
            values.astype(np.float64),
            len(self.half),
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


def likelihood(scored: Scored, half: Split, pieces: Pieces | None = None) -> Figures:
    """Return the values of one model on `half`; `compared` is for several models."""
    pieces = pieces or Pieces(half)
    each = scored.nats.sum(axis=1, dtype=np.float64)
    nats, ones = pieces.sums(each), pieces.sums(np.ones(len(each)))
    names = [f.name for f in half.encoding.fields]
    per_field = [pieces.ratio(pieces.sums(scored.nats[:, k]), ones) for k in range(len(names))]
    return {
        "nats_per_event": pieces.ratio(nats, ones),
        "nats_per_note": pieces.ratio(nats, pieces.notes),
        "nats_per_second": pieces.ratio(nats, pieces.seconds),
        "fields": dict(zip(names, per_field, strict=True)),
        "kinds": _kinds(scored, half, pieces),
        **_calibrated(scored),
        "position": _by_place(each, half),
        "from_the_beginning": _by_age(each, half),
        "events": half.total,
        "pieces": len(half),
    }


def _kinds(scored: Scored, half: Split, pieces: Pieces) -> Figures:
    """Return the share of all values, the nats and the accuracy of each kind of value."""
    out: Figures = {}
    for name, (k, kind) in kinds(half.encoding).items():
        mask = (half.encoding.table(k)["kind"] == kind)[half.values[:, k]]
        if not mask.any():
            continue
        known = mask & ~np.isnan(scored.top[:, k])
        nats = pieces.ratio(pieces.sums(np.where(mask, scored.nats[:, k], 0)), pieces.sums(mask))
        out[name] = {
            "share": _round(mask.mean() / len(half.encoding.fields)),
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


def _calibrated(scored: Scored) -> Figures:
    known = ~np.isnan(scored.top)
    top, hits = scored.top[known].astype(np.float64), scored.hits[known].astype(np.float64)
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


def _by_place(each: Floats, half: Split) -> list[Figures]:
    """Return the nats per event in each twentieth of the pieces."""
    age, lengths = _ages(half), np.repeat(half.lengths, half.lengths)
    place = age * PLACES // np.maximum(lengths, 1)
    count, nats = np.bincount(place, minlength=PLACES), np.bincount(place, each, PLACES)
    return [
        {
            "share": [k / PLACES, (k + 1) / PLACES],
            "nats": _round(nats[k] / count[k]),
            "count": int(count[k]),
        }
        for k in range(PLACES)
        if count[k]
    ]


def _by_age(each: Floats, half: Split) -> list[Figures]:
    """Return the nats per event at event 0 of the pieces, at 1 to 3, 4 to 15, 16 to 63, ..."""
    bins = np.minimum((np.frexp(_ages(half))[1] + 1) // 2, MAX_AGE)
    count, nats = np.bincount(bins), np.bincount(bins, each)
    return [
        {
            "event": 4 ** (k - 1) if k else 0,
            "nats": _round(nats[k] / count[k]),
            "count": int(count[k]),
        }
        for k in range(len(count))
        if count[k]
    ]


def _ages(half: Split) -> npt.NDArray[np.int64]:
    """Return int64 `[events]`: the number of events of its piece before each event."""
    return np.arange(half.total) - np.repeat(half.ends - half.lengths, half.lengths)


def compared(
    bundle: Bundle, dataset: Dataset, *, threads: int = 0, progress: Progress | None = None
) -> Figures:
    """Return the part `likelihood` of an evaluation: the bundle's model and the baselines.

    The model is `network`, or `ngram` if the bundle is an n-gram. `differences` are the nats per
    event that each baseline takes more than the model, with intervals; `differences_per_note` are
    per note. `verdict` says in words whether the model is better. `threads` is the number of
    processor threads, 0 for all. A model is not conditioned on the music to come, because the
    result would not be the likelihood of the music alone; controls that it always had in training
    are the exception, and are named in `told`.
    """
    from symgen.evaluation.likelihood.baselines import counted, ngram, repeat, unigram
    from symgen.evaluation.likelihood.network import network, told, windows

    said = progress or (lambda done, total, what: None)
    train, half = dataset.half("train"), dataset.half("eval")
    if bundle.encoding.fingerprint() != dataset.encoding.fingerprint():
        raise DataError(
            f"{bundle.path}: its encoding is not that of {dataset.path}; "
            "name the dataset it was trained on with --data"
        )
    if not half.total:
        raise DataError(
            f"{dataset.path}: its held-out split is empty, so there is nothing to score; "
            "convert more music"
        )
    pieces, scores, out = Pieces(half), dict[str, Scored](), Figures(version=VERSION)
    mine = "ngram" if bundle.player == "table" else "network"
    if mine == "network":
        scores["network"] = network(bundle, half, threads, said)
        out["network"] = likelihood(scores["network"], half, pieces) | _windowed(
            windows(bundle, half, WINDOW, threads, said), scores["network"], pieces
        )
        out["network"]["told"] = told(bundle)
        said(0, 1, "counting n-grams")
        scores["ngram"], orders = counted(train, half, ORDER)
    else:
        scores["ngram"], orders = ngram(bundle, half), []
    scores["unigram"], scores["repeat"] = unigram(train, half), repeat(train, half)
    for name in ("ngram", "unigram", "repeat"):
        out[name] = likelihood(scores[name], half, pieces)
    if orders:
        out["ngram"]["orders"] = {str(k): _round(nats) for k, nats in enumerate(orders, 1)}
    ones = pieces.sums(np.ones(half.total))
    sums = {name: pieces.sums(s.nats.sum(axis=1, dtype=np.float64)) for name, s in scores.items()}
    more = {name: sums[name] - sums[mine] for name in scores if name != mine}
    out["differences"] = {name: pieces.ratio(each, ones) for name, each in more.items()}
    if pieces.notes.sum():
        out["differences_per_note"] = {
            name: pieces.ratio(each, pieces.notes) for name, each in more.items()
        }
    out["interval"] = (
        f"95 % over {len(half)} pieces: percentile bootstrap of ratios of sums, 2,000 resamplings"
        if len(half) > 1
        else None
    )
    return out | {"verdict": verdict(out)}


def _windowed(scored: Scored, carried: Scored, pieces: Pieces) -> Figures:
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
    """Return the mean nats of the events `[steps, fields]` of each of `parts` under the model, which hears each from its beginning."""
    from symgen.evaluation.likelihood.baselines import ngram
    from symgen.evaluation.likelihood.network import network

    half = Split.of(bundle.encoding, {str(i): part for i, part in enumerate(parts)})
    scored = ngram(bundle, half) if bundle.player == "table" else network(bundle, half)
    sums = np.bincount(
        np.repeat(np.arange(len(half)), half.lengths),
        scored.nats.sum(axis=1, dtype=np.float64),
        len(half),
    )
    return [
        _round(n / steps) if steps else None for n, steps in zip(sums, half.lengths, strict=True)
    ]


def _round(value: Any) -> float:
    return float(f"{float(value):.6g}")


def _rounded(values: Sequence[Any]) -> list[float]:
    return [_round(v) for v in values]
