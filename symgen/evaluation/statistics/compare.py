"""Two sets of music side by side: what each metric says of them, and how far they are apart. No model is needed.

The figures of a set are over its pieces, each counting once. How alike two sets are is told by `distances` (mgeval's overlapping
area and divergence, with the second set as the reference), and whether they differ at all by `twosample`: Kolmogorov and
Smirnov's test for numbers, the energy distance for histograms and matrices, each p also corrected by Holm for the number of
metrics. Counts and entropies grow with the length of a piece: compare pieces of one length, which `seconds` makes them.
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
MOST = 1000  # pieces of a set whose distances are taken; more are drawn from
FEWEST, ENOUGH = 8, 16  # pieces of a set that can be tested at all, and that tell something
NAMED = ("samples", "held-out excerpts")  # sets whose names are what they hold
LONGER = 1.5  # times as long, from which on a reader is warned
Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class Measured:
    """A set of pieces in figures: for each metric float64 `[pieces, *shape]`, NaN where undefined; seconds and notes `[pieces]`."""

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
    """Measure pieces one by one, so that a corpus may pass through as a generator.

    With `sounding` notes last as long as the pedal holds them, which is what sampled performances are made of; without, as
    long as the key is down. `seconds` keeps that much of each piece, from its first note on. UnknownName for an unknown metric,
    BadOption where `seconds` is not above 0.
    """
    if seconds is not None and not seconds > 0:
        raise BadOption(f"seconds is {seconds:g}, and must be above 0")
    chosen = make_metrics(names)
    found, lasts, notes = [], [], []
    for whole in sequences:
        piece = _part(pedal.sustain(whole) if sounding else whole, seconds)
        found.append(measure_all(piece, chosen))
        starts, ends = piece.notes["start_time"], piece.notes["end_time"]
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
    """Return what the metrics say of `a` and, beside it, of the reference `b`, as plain JSON types.

    {"version", "a": {"name", "pieces", "seconds", "notes"}, "b": the same, "options", "warnings", "metrics": {name: {"version",
    "unit", "kind", "definition", "bins", "a": {"pieces", "mean", "sd", "median", "values"}, "b": the same, "overlap", "kl",
    "test": {"name", "statistic", "p", "p_holm"}}}}. What is undefined is None. "seconds" and "notes" of a set are medians; "bins",
    in histograms and matrices alone, stand in the place of "median" and "values". "test" is None
    where a set has under FEWEST pieces. Without `b` its parts are absent.
    DataError where a set is empty; else as `measure`.
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
        "most": MOST,
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
    """Return what one metric says of one or two sets."""
    flat = [values.reshape(len(values), -1) for values in sets]
    known = [values[~np.isnan(values).any(axis=1)] for values in flat]
    row: dict[str, Any] = {
        "version": metric.version,
        "unit": metric.unit,
        "kind": metric.kind,
        "definition": metric.definition,
    }
    row |= {"bins": list(metric.bins)} if metric.bins else {}
    row |= {
        key: _figures(metric, values, all_)
        for key, values, all_ in zip("ab", known, flat, strict=False)
    }
    return (
        row | _apart(metric, _drawn(known[0], seed), _drawn(known[1], seed), seed)
        if len(sets) == 2
        else row
    )


def _figures(metric: Metric, known: Floats, all_: Floats) -> dict[str, Any]:
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
    if len(values) <= MOST:
        return values
    return values[np.sort(np.random.default_rng(seed).choice(len(values), MOST, replace=False))]


def _apart(metric: Metric, a: Floats, b: Floats, seed: int) -> dict[str, Any]:
    """Return the overlap, the divergence and the test of two sets `[n, features]` and `[m, features]`."""
    area, divergence = distances.overlap(a, b)
    row: dict[str, Any] = {"overlap": _number(area), "kl": _number(divergence), "test": None}
    if min(len(a), len(b)) >= FEWEST:
        scalar = metric.kind == "scalar"
        statistic, p = (
            twosample.kolmogorov_smirnov(a[:, 0], b[:, 0], seed)
            if scalar
            else twosample.energy(a, b, seed)
        )
        row["test"] = {
            "name": "Kolmogorov-Smirnov" if scalar else "energy distance",
            "statistic": _number(statistic),
            "p": _number(p),
        }
    return row


def _correct(tests: list[dict[str, Any]]) -> None:
    for test, p in zip(tests, twosample.holm([t["p"] for t in tests]), strict=True):
        test["p_holm"] = _number(p)


def _warnings(sets: list[Measured], titles: tuple[str, str]) -> list[str]:
    """Return a line for each thing that makes the comparison less than it seems."""
    said = []
    for one, title in zip(sets, titles, strict=True) if len(sets) > 1 else ():
        if line := too_few(len(one), title):
            said.append(line)
        elif len(one) < ENOUGH:
            said.append(
                f"{title}: {len(one)} pieces are few for a comparison; {ENOUGH} or more tell something"
            )
    lasts = [float(np.median(one.seconds)) for one in sets]
    if len(sets) > 1 and max(lasts) > LONGER * min(lasts):
        said.append(
            f"the pieces of {titles[0]} last {lasts[0]:.0f} s (median), those of {titles[1]} {lasts[1]:.0f} s: counts, ranges "
            f"and entropies grow with length; measure equal lengths: --seconds {min(lasts):.0f}"
        )
    return said


def too_few(pieces: int, name: str) -> str:
    """Say that a set is too small for any test; nothing where it is not."""
    what = f"{pieces} {name}" if name in NAMED else f"{pieces} piece{'s' * (pieces != 1)} of {name}"
    return f"too few to compare: {what}; take {ENOUGH} or more" if pieces < FEWEST else ""


def _plain(values: Array) -> Any:
    """Return nested lists, or a number, of six digits each; None for NaN."""
    return _number(values) if values.ndim == 0 else [_plain(part) for part in values]


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(f"{float(value):.6g}")
