"""Is it worth hearing? Samples of a model beside excerpts of real music that it has not seen.

python benchmarks/models/worth_hearing.py MODEL DATA [--num 64] [--seconds 30] [--seed 0]
    [--json FILE]
python benchmarks/models/worth_hearing.py MODEL --jigs 20

The first form prints which metrics tell the two sets apart (Holm's p below 0.05), notes at once,
pitches outside the training split's range, silence at the beginning, and the longest copied
passages of both. The second is for a model of tunes: it samples jigs and prints how many of their
notes lie outside 55 to 90, leap beyond an octave, or begin off the sixteenths.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

import symgen
from symgen.dataset import Dataset
from symgen.evaluation.excerpts import excerpts
from symgen.evaluation.originality import originality
from symgen.evaluation.statistics.compare import compare
from symgen.evaluation.statistics.table import RISK
from symgen.notes.sequence import NoteSequence

LATE = 0.5  # seconds of silence before the first note
LOWEST, HIGHEST, OCTAVE = 55, 90, 12


def at_once(music: list[NoteSequence]) -> list[float]:
    """Return the mean number of notes that sound at once, for each piece."""
    return [
        float((m.notes["end_time"] - m.notes["start_time"]).sum() / m.total_time) for m in music
    ]


def beside_real(model: Any, data: Dataset, num: int, seconds: float, seed: int) -> dict[str, Any]:
    """Return the figures of samples beside those of held-out excerpts."""
    made = model.sample(num, seconds, seed=seed)
    real = excerpts(data.half("eval"), num, seconds, seed)
    statistics = compare(made, [piece for _, piece in real], titles=("samples", "excerpts"))
    tests = {name: row["test"] for name, row in statistics["metrics"].items() if row["test"]}
    pitch = np.concatenate(
        [
            data.encoding.spans(data.half("train").events(i)).pitch
            for i in range(len(data.half("train")))
        ]
    )
    played = np.concatenate([m.notes["pitch"] for m in made])
    begins = [float(m.notes["start_time"].min()) if len(m) else seconds for m in made]
    copies = originality([(str(i), m) for i, m in enumerate(made)], data, real)
    return {
        "pairs": [len(made), len(real)],
        "told apart by": sorted(name for name, test in tests.items() if test["p_holm"] < RISK),
        "metrics": len(tests),
        "notes at once": {
            "samples": np.mean(at_once(made)),
            "excerpts": np.mean(at_once([p for _, p in real])),
        },
        "pitches outside the training range": int(
            ((played < pitch.min()) | (played > pitch.max())).sum()
        ),
        "late beginnings": sum(begin > LATE for begin in begins),
        "longest copies": {
            "samples": copies["summary"]["longest"],
            "excerpts": copies["held_out"]["longest"],
        },
    }


def jigs(model: Any, num: int, seed: int) -> dict[str, Any]:
    """Sample jigs and count the notes that no jig has."""
    made = model.sample(num, form="AABB", meter="6/8", tempo=110, seed=seed)
    outside = leaps = off = notes = intervals = 0
    for tune in made:
        pitch, start = tune.notes["pitch"].astype(int), tune.notes["start_time"]
        sixteenth = 60 / 110 / 6  # a dotted quarter has six
        places = start / sixteenth
        outside += int(((pitch < LOWEST) | (pitch > HIGHEST)).sum())
        leaps += int((np.abs(np.diff(pitch)) > OCTAVE).sum())
        off += int((np.abs(places - places.round()) > 0.01).sum())
        notes, intervals = notes + len(pitch), intervals + len(pitch) - 1
    return {
        "jigs": len(made),
        "notes": notes,
        "outside": outside,
        "leaps": leaps / intervals,
        "off the grid": off / notes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("data", nargs="?")
    parser.add_argument("--num", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jigs", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    model = symgen.load(given.model)
    found = (
        jigs(model, given.jigs, given.seed)
        if given.jigs
        else beside_real(model, Dataset.open(given.data), given.num, given.seconds, given.seed)
    )
    text = json.dumps(found, indent=1, default=float)
    print(text)
    if given.json:
        given.json.write_text(text)


if __name__ == "__main__":
    main()
