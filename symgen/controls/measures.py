"""What music came to beside what was asked of it: as a whole, over time, and how far the one lies from the other.

The measures are counted on notes, whatever encoding they came from: density in strikes a second, loudness as the mean
velocity, register as the mean pitch, polyphony as the notes that sound at once, the key as the share of sounding time
inside its scale (both sixths and sevenths in minor), the pitch histogram as shares of the sounding time.

Distance: for each wish the difference between asked and reached of the whole, and the mean of those of its thirds, both in
units of what is close enough (NEAR; of density and polyphony a share of what is asked), added and halved; then the mean
over the wishes. So 1 is as far as each wish may be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.notes.theory.scales import scale

Notes = npt.NDArray[Any]

WINDOWS = 10  # tenths of the music, of a second at least
NEAR = {
    "density": 0.25,
    "polyphony": 0.25,
    "key": 0.05,
    "loudness": 8.0,
    "register": 3.0,
    "pitch_histogram": 0.2,
}
RELATIVE = ("density", "polyphony")


def _struck(notes: Notes, begin: float, end: float) -> Notes:
    return notes[(notes["start_time"] >= begin - 1e-9) & (notes["start_time"] < end - 1e-9)]


def _sounding(notes: Notes, begin: float, end: float) -> npt.NDArray[np.float64]:
    """Return `[notes]`: the seconds that each sounds between `begin` and `end`."""
    return np.asarray(
        np.clip(
            np.minimum(notes["end_time"], end) - np.maximum(notes["start_time"], begin), 0, None
        ),
        np.float64,
    )


def density(notes: Notes, begin: float, end: float, wish: Schedule | None) -> float | None:
    """Return strikes a second."""
    return len(_struck(notes, begin, end)) / (end - begin) if end > begin else None


def loudness(notes: Notes, begin: float, end: float, wish: Schedule | None) -> float | None:
    """Return the mean velocity of the strikes."""
    struck = _struck(notes, begin, end)
    return float(struck["velocity"].mean()) if len(struck) else None


def register(notes: Notes, begin: float, end: float, wish: Schedule | None) -> float | None:
    """Return the mean pitch of the strikes."""
    struck = _struck(notes, begin, end)
    return float(struck["pitch"].mean()) if len(struck) else None


def polyphony(notes: Notes, begin: float, end: float, wish: Schedule | None) -> float | None:
    """Return how many notes sound at once, on the mean."""
    return float(_sounding(notes, begin, end).sum() / (end - begin)) if end > begin else None


def pitch_histogram(
    notes: Notes, begin: float, end: float, wish: Schedule | None
) -> list[float] | None:
    """Return the shares of C to B in the sounding time."""
    weights = np.bincount(notes["pitch"] % 12, _sounding(notes, begin, end), 12)
    return [round(float(w), 4) for w in weights / weights.sum()] if weights.sum() > 0 else None


def key(notes: Notes, begin: float, end: float, wish: Schedule | None) -> float | None:
    """Return the share of the sounding time inside the scale that is asked at the time; 1 where nothing sounds."""
    if wish is None:
        return None
    outside = whole = 0.0
    edges = [*wish.times, np.inf]
    for since, until, name in zip(edges, edges[1:], wish.values, strict=False):
        time = _sounding(notes, max(begin, since), min(end, until))
        outside, whole = (
            outside + float(time[~scale(name).mask[notes["pitch"] % 12]].sum()),
            whole + float(time.sum()),
        )
    return 1 - outside / whole if whole else 1.0


Measure = Callable[[Notes, float, float, Schedule | None], Any]
MEASURES: dict[str, Measure] = {
    "key": key,
    "density": density,
    "pitch_histogram": pitch_histogram,
    "loudness": loudness,
    "register": register,
    "polyphony": polyphony,
}


def asked_at(wish: Schedule, begin: float, end: float) -> Any:
    """Return what is asked between two times: the mean of a number, else the value that holds in the middle."""
    if any(wish.glides):
        return round(float(wish.at(np.linspace(begin, end, 51)).mean()), 4)
    if not wish.constant and isinstance(wish.values[0], float):
        return round(float(wish.at(np.linspace(begin, end, 51)[:-1]).mean()), 4)
    return wish.values[int(wish.index((begin + end) / 2))]


def over_time(
    wishes: Mapping[str, Schedule], notes: Notes, begin: float, end: float, parts: int | None = None
) -> dict[str, Any]:
    """Return `at`, the times where each part of the music begins, and by wish what was `asked` and `reached` in each."""
    count = parts or int(np.clip(end - begin, 1, WINDOWS))
    edges = np.linspace(begin, max(end, begin), count + 1)
    spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    out: dict[str, Any] = {"at": [round(a, 3) for a, _ in spans]}
    for name, wish in wishes.items():
        measure = MEASURES.get(name)
        out[name] = {
            "asked": [asked_at(wish, a, b) for a, b in spans],
            "reached": [
                _rounded(measure(notes, a, b, wish)) if measure else None for a, b in spans
            ],
        }
    return out


def distance(wishes: Mapping[str, Schedule], notes: Notes, begin: float, end: float) -> float:
    """Return how far the music is from what was asked, 0 for all that is measured; see above."""
    if end <= begin:
        return 0.0
    off = []
    for name, wish in wishes.items():
        if name in MEASURES:
            parts = [
                _off(name, wish, notes, a, b)
                for a, b in [
                    (begin, end),
                    *(
                        (begin + (end - begin) * i / 3, begin + (end - begin) * (i + 1) / 3)
                        for i in range(3)
                    ),
                ]
            ]
            off.append((parts[0] + sum(parts[1:]) / 3) / 2)
    return sum(off) / len(off) if off else 0.0


def _off(name: str, wish: Schedule, notes: Notes, begin: float, end: float) -> float:
    asked, reached = asked_at(wish, begin, end), MEASURES[name](notes, begin, end, wish)
    if name == "key":
        return float(1 - reached) / NEAR[name]
    if reached is None:
        return 1 / NEAR[name]
    if name == "pitch_histogram":
        shares = np.asarray(asked) / sum(asked)
        return float(abs(shares - reached).sum()) / 2 / NEAR[name]
    return float(abs(reached - asked)) / (NEAR[name] * (asked if name in RELATIVE else 1))


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
