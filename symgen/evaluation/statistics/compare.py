"""Compare two sets of music by musical statistics. No model is needed.

The values of a set are over its pieces; each piece counts once. `distances` measures how similar
two sets are: mgeval's overlapping area and divergence, with the second set as the reference.
`twosample` tests whether they differ at all: the Kolmogorov-Smirnov test for numbers, the energy
distance for histograms and matrices. Each p is also corrected for the number of metrics (Holm).
Counts and entropies grow with the length of a piece, so compare pieces of equal length; `seconds`
cuts them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import BadOption, DataError
from symgen.evaluation.statistics import distances, twosample
from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.registry import make_metrics, measure_all
from symgen.notes import pedal
from symgen.notes.sequence import NoteSequence
from symgen.notes.transform import crop

VERSION = 1
MAX_PIECES = 1000  # of a set whose distances are computed; from larger sets this many are drawn
FEWEST, ENOUGH = 8, 16  # pieces: the minimum for a test, and what a useful test needs
NAMED = ("samples", "held-out excerpts")  # sets whose names say what their pieces are
LONGER = 1.5  # ratio of the median lengths from which a warning is given
Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class Measured:
    """The measured values of a set of pieces.

    `values` has float64 `[pieces, *shape]` for each metric, NaN where undefined; `seconds` and
    `notes` are `[pieces]`.
    """

    values: dict[str, Floats]
    seconds: Floats
    notes: Array

    def __len__(self) -> int:
        return len(self.seconds)


def measure(
    sequences: Iterable[NoteSequence],
    names: Iterable[str] | None = None,
    *,
    sounding: bool = True,
    seconds: float | None = None,
) -> Measured:
    """Measure pieces one by one, so that `sequences` may be a generator.

    With `sounding`, notes last as long as the pedal holds them, as in sampled performances;
    without, as long as the key is down. `seconds` keeps that much of each piece, from its first
    note. UnknownName for an unknown metric, BadOption if `seconds` is not above 0.
    """
    if seconds is not None and not seconds > 0:
        raise BadOption(f"seconds is {seconds:g}; it must be above 0")
    chosen = make_metrics(names)
    found, lasts, notes = [], [], []
    for whole in sequences:
        piece = _part(pedal.sustain(whole) if sounding else whole, seconds)
        found.append(measure_all(piece, chosen))
        starts = piece.notes["start_time"]
        ends = piece.notes["end_time"]
        lasts.append(float(ends.max() - starts.min()) if len(piece) else 0.0)
        notes.append(len(piece))
    values = {
        name: np.array([row[name] for row in found], np.float64).reshape(-1, *metric.shape)
        for name, metric in chosen.items()
    }
    return Measured(values, np.array(lasts, np.float64), np.array(notes, np.int64))


def _part(piece: NoteSequence, seconds: float | None) -> NoteSequence:
    if seconds is None or not len(piece):
        return piece
    first = float(piece.notes["start_time"].min())
    return crop(piece, first, first + seconds)


def compare(
    a: Iterable[NoteSequence] | Measured,
    b: Iterable[NoteSequence] | Measured | None = None,
    names: Iterable[str] | None = None,
    *,
    titles: tuple[str, str] = ("a", "b"),
    sounding: bool = True,
    seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the metrics of `a` and of the reference `b`, and how they differ, as JSON types.

    {"version", "a": {"name", "pieces", "seconds", "notes"}, "b": as "a", "options", "warnings",
    "metrics": {name: {"version", "theme", "unit", "kind", "definition", "bins",
    "a": {"pieces", "mean", "sd", "median", "values"}, "b": as "a",
    "overlap", "kl", "test": {"name", "statistic", "p", "p_holm"}}}}.

    Undefined values are None. "seconds" and "notes" of a set are medians. Histograms and matrices
    have "bins" but no "median" and "values". "test" is None if a set has fewer than FEWEST pieces.
    Without `b` its parts are absent. DataError if a set is empty; other errors as `measure`.
    """
    chosen = make_metrics(names)
    sets = [
        one
        if isinstance(one, Measured)
        else measure(one, chosen, sounding=sounding, seconds=seconds)
        for one in (a, b)
        if one is not None
    ]
    for one, title in zip(sets, titles, strict=False):
        if not len(one):
            raise DataError(f"{title}: no piece to measure")
    rows = {}
    for done, (name, metric) in enumerate(chosen.items(), 1):
        rows[name] = _row(metric, [one.values[name] for one in sets], seed)
        if progress:
            progress(done, len(chosen), "comparing")
    _correct([row["test"] for row in rows.values() if row.get("test")])
    options = {
        "sounding": sounding,
        "seconds": seconds,
        "seed": seed,
        "relabelled": twosample.RELABELLED,
        "most": MAX_PIECES,
    }
    return {
        "version": VERSION,
        **{key: _set(one, title) for key, one, title in zip("ab", sets, titles, strict=False)},
        "options": options,
        "warnings": _warnings(sets, titles),
        "metrics": rows,
    }


def _set(one: Measured, title: str) -> dict[str, Any]:
    return {
        "name": title,
        "pieces": len(one),
        "seconds": _number(np.median(one.seconds)),
        "notes": _number(np.median(one.notes)),
    }


def _row(metric: Metric, sets: list[Floats], seed: int) -> dict[str, Any]:
    """Return the row of one metric for one or two sets."""
    flat = [values.reshape(len(values), -1) for values in sets]
    known = [values[~np.isnan(values).any(axis=1)] for values in flat]
    row: dict[str, Any] = {
        "version": metric.version,
        "theme": metric.theme,
        "unit": metric.unit,
        "kind": metric.kind,
        "definition": metric.definition,
    }
    row |= {"bins": list(metric.bins)} if metric.bins else {}
    row |= {
        key: _figures(metric, values, all_)
        for key, values, all_ in zip("ab", known, flat, strict=False)
    }
    if len(sets) < 2:
        return row
    return row | _apart(metric, _drawn(known[0], seed), _drawn(known[1], seed), seed)


def _figures(metric: Metric, known: Floats, all_: Floats) -> dict[str, Any]:
    """Return the summary of one set; `known` leaves out the pieces of `all_` without a value."""
    spread = known.std(axis=0, ddof=1) if len(known) > 1 else np.full(known.shape[1:], np.nan)
    mean = known.mean(axis=0) if len(known) else np.full(known.shape[1:], np.nan)
    out = {
        "pieces": len(known),
        "mean": _plain(mean.reshape(metric.shape)),
        "sd": _plain(spread.reshape(metric.shape)),
    }
    if metric.kind == "scalar":
        out |= {
            "median": _number(np.median(known)) if len(known) else None,
            "values": _plain(all_[:, 0]),
        }
    return out


def _drawn(values: Floats, seed: int) -> Floats:
    """Return at most MAX_PIECES rows, drawn at random."""
    if len(values) <= MAX_PIECES:
        return values
    drawn = np.random.default_rng(seed).choice(len(values), MAX_PIECES, replace=False)
    return values[np.sort(drawn)]


def _apart(metric: Metric, a: Floats, b: Floats, seed: int) -> dict[str, Any]:
    """Return the overlap, divergence and test of sets `[n, features]` and `[m, features]`."""
    area, divergence = distances.overlap(a, b)
    row: dict[str, Any] = {"overlap": _number(area), "kl": _number(divergence), "test": None}
    if min(len(a), len(b)) < FEWEST:
        return row
    if metric.kind == "scalar":
        name = "Kolmogorov-Smirnov"
        statistic, p = twosample.kolmogorov_smirnov(a[:, 0], b[:, 0], seed)
    else:
        name = "energy distance"
        statistic, p = twosample.energy(a, b, seed)
    row["test"] = {"name": name, "statistic": _number(statistic), "p": _number(p)}
    return row


def _correct(tests: list[dict[str, Any]]) -> None:
    for test, p in zip(tests, twosample.holm([t["p"] for t in tests]), strict=True):
        test["p_holm"] = _number(p)


def _warnings(sets: list[Measured], titles: tuple[str, str]) -> list[str]:
    """Return a line for each reason to distrust the comparison."""
    found = []
    for one, title in zip(sets, titles, strict=True) if len(sets) > 1 else ():
        if line := too_few(len(one), title):
            found.append(line)
        elif len(one) < ENOUGH:
            found.append(
                f"{title}: {len(one)} pieces are few for a comparison; use {ENOUGH} or more"
            )
    lasts = [float(np.median(one.seconds)) for one in sets]
    if len(sets) > 1 and max(lasts) > LONGER * min(lasts):
        found.append(
            f"pieces of {titles[0]} last {lasts[0]:.0f} s (median), pieces of {titles[1]} "
            f"{lasts[1]:.0f} s; counts, ranges and entropies grow with length, so compare equal "
            f"lengths: --seconds {min(lasts):.0f}"
        )
    return found


def too_few(pieces: int, name: str) -> str:
    """Return a line saying that a set is too small for any test; "" for a larger set."""
    if pieces >= FEWEST:
        return ""
    what = f"{pieces} {name}" if name in NAMED else f"{pieces} piece{'s' * (pieces != 1)} of {name}"
    return f"too few to compare: {what}; use {ENOUGH} or more"


def _plain(values: Array) -> Any:
    """Return a number or nested lists of numbers with six digits; None for NaN."""
    return _number(values) if values.ndim == 0 else [_plain(part) for part in values]


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(f"{float(value):.6g}")
