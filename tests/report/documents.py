"""Invented evaluations and music, from which the right page can be read off."""

from __future__ import annotations

import numpy as np

from symgen.notes.sequence import CONTROL_CHANGE, NoteSequence, notes_of, table

NASTY = 'a "piece" <b>&amp;\x07 of 𝄞 & $x$'


def music(seconds=6.0, velocity=80, pedal=True):
    """A scale that rises by a tone every half second."""
    times = np.arange(0, seconds, 0.5)
    rows = [(60 + 2 * (i % 6), velocity, t, t + 0.4) for i, t in enumerate(times.tolist())]
    changes = (
        table(CONTROL_CHANGE, time=[1.0, 2.5], control_number=64, control_value=[127, 0])
        if pedal
        else table(CONTROL_CHANGE, time=[])
    )
    return NoteSequence(notes=notes_of(rows), control_changes=changes)


def scored(nats):
    """The likelihood of one model."""
    kinds = {
        "note_on": {"share": 0.4, "nats": [nats + 1, nats, nats + 2]},
        "time_shift": {"share": 0.6, "nats": [nats - 1, None, None]},
    }
    return {
        "nats_per_event": [nats, nats - 0.1, nats + 0.1],
        "nats_per_note": [4 * nats, 3, 5],
        "nats_per_second": [9 * nats, 8, 10],
        "windows": [nats + 0.02, nats - 0.1, nats + 0.1],
        "fields": {"event": [nats, nats, nats]},
        "kinds": kinds,
        "ece": 0.014,
        "calibration": [
            {"p": 0.1, "share": 0.12, "count": 10},
            {"p": 0.9, "share": 0.8, "count": 5},
        ],
        "events": 100,
        "pieces": 3,
        "position": [
            {"share": [0.0, 0.5], "nats": nats, "count": 50},
            {"share": [0.5, 1.0], "nats": nats - 0.2, "count": 50},
        ],
        "from_the_beginning": [
            {"event": 0, "nats": 5.0, "count": 3},
            {"event": 1, "nats": 3.0, "count": 9},
            {"event": 4, "nats": 2.0, "count": 88},
        ],
    }


BINS = ["C", "D", "E"]


def scalar(theme, unit, overlap, p=None, a=(1.0, 2.0, 3.0, None), b=(3.0, 5.0)):
    """One number per piece in two sets; None is a piece without a value."""
    test = {"name": "Kolmogorov-Smirnov", "statistic": 0.5, "p": p, "p_holm": p}
    return {
        "version": 1,
        "theme": theme,
        "unit": unit,
        "kind": "scalar",
        "definition": "Notes over seconds.",
        "overlap": overlap,
        "kl": None if overlap is None else 0.2,
        "test": None if p is None else test,
        "a": values(a),
        "b": values(b),
    }


def values(given):
    """The summary of one number in a set of pieces."""
    known = [value for value in given if value is not None]
    return {
        "pieces": len(known),
        "mean": float(np.mean(known)) if known else None,
        "sd": float(np.std(known)) if known else None,
        "median": float(np.median(known)) if known else None,
        "values": list(given),
    }


def shares(kind, a, b):
    """A histogram or matrix in two sets."""
    a, b = np.array(a), np.array(b)
    return {
        "version": 2,
        "theme": "pitch",
        "unit": "share of the notes",
        "kind": kind,
        "definition": "Shares.",
        "bins": BINS,
        "overlap": None,
        "kl": None,
        "test": None,
        "a": {"pieces": 3, "mean": a.tolist(), "sd": np.ones_like(a).tolist()},
        "b": {"pieces": 2, "mean": b.tolist(), "sd": np.ones_like(b).tolist()},
    }


def statistics():
    """The comparison of two sets: metrics of each kind, and what has nothing to show."""
    return {
        "version": 1,
        "a": {"name": "samples", "pieces": 3, "seconds": 6.0, "notes": 12.0},
        "b": {"name": "held-out excerpts", "pieces": 2, "seconds": 6.0, "notes": 24.0},
        "warnings": ["samples: 3 pieces are few"],
        "metrics": {
            "note_length": scalar("rhythm", "seconds", 0.9, 1.0),
            "note_density": scalar("rhythm", "notes per second", 0.5, 0.02),
            "pitch_class_histogram": shares("histogram", [0.2, 0.3, 0.5], [0.6, 0.3, 0.1]),
            "pitch_class_transitions": shares("matrix", np.eye(3), np.ones((3, 3))),
            "groove": scalar("rhythm", "share", None, a=(None,), b=(None,)),
            "velocity_mean": scalar("velocity", "MIDI", 1.0, a=(80.0,) * 3, b=(80.0,) * 2),
        },
    }


def originality():
    """One sample with a copy and one without, beside a held-out piece."""
    copy = {
        "notes": 14,
        "chords": 9,
        "unbroken": 14,
        "piece": NASTY,
        "at": [1.0, 3.5],
        "in_piece": [20.0, 23.0],
        "transposed": 2,
    }
    rows = [
        {
            "name": "sample-01",
            "notes": 12,
            "longest": copy,
            "shares": {"8": 0.25, "16": 0.0, "32": None},
        },
        {
            "name": "sample-02",
            "notes": 12,
            "longest": None,
            "shares": {"8": 0.0, "16": 0.0, "32": None},
        },
    ]
    real = [
        {
            "name": "real",
            "notes": 24,
            "longest": {**copy, "notes": 9, "piece": "other"},
            "shares": {"8": 0.1, "16": 0.0, "32": 0.0},
        }
    ]
    return {
        "version": 1,
        "samples": rows,
        "summary": {"pieces": 2, "longest": {"median": 7.0, "high": 14.0, "most": 14}},
        "held_out": {"samples": real, "longest": {"median": 9.0, "high": 15.0, "most": 9}},
        "verdict": "made up",
        "training": {"pieces": 5, "notes": 500},
    }


def model():
    """The facts of a trained network."""
    training = {
        "parameters": 1234,
        "step": 40,
        "seconds": 90.0,
        "unigram": 4.8,
        "train": {"pieces": 5, "events": 900},
        "eval": {"pieces": 3, "events": 100},
        "gap": {"train": 1.9, "held_out": 2.1, "message": "some overfitting"},
    }
    return {
        "name": "perf",
        "bundle": "runs/perf/best.symgen",
        "model": {"name": "lstm", "layers": [{"cell": "lstm", "units": 24}]},
        "encoding": {"name": "performance"},
        "controls": [],
        "corpora": [{"title": NASTY, "licence": "CC0-1.0"}],
        "training": training,
        "curve": [
            {"step": 20, "train": 4.0, "held_out": 3.0},
            {"step": 40, "train": 2.5, "held_out": 2.1},
        ],
    }


def likelihood():
    """The likelihood of the network and the baselines."""
    return {
        "network": scored(2.1),
        "ngram": scored(2.4),
        "unigram": scored(4.8),
        "repeat": scored(6.0),
        "differences": {"ngram": [0.3, 0.2, 0.4]},
        "verdict": "made up",
    }


def sample(i, nats):
    """The row of a sample."""
    facts = {"name": f"sample-{i:02d}", "seed": 0, "index": i - 1, "seconds": 6.0, "notes": 12}
    return facts | {"nats_per_event": nats}


def document():
    """A whole evaluation, of samples whose names are those of `samples`."""
    halves = {
        "train": {"pieces": 5, "seconds": 600.0, "events": 900},
        "eval": {"pieces": 3, "seconds": 60.0, "events": 100},
    }
    recipe = {
        "config": '[model]\nname = "lstm"\n',
        "options": {"samples": 4},
        "versions": {"numpy": "2.0"},
        "trained_with": "symgen 0.1.0",
        "command": "symgen evaluate runs/perf -o report.html",
    }
    warnings = ["it may have been trained on these pieces"]
    return {
        "kind": "evaluation",
        "version": 1,
        "symgen": "0.1.0",
        "model": model(),
        "data": {"path": "data/piano", "halves": halves, "warnings": warnings},
        "likelihood": likelihood(),
        "statistics": statistics(),
        "originality": originality(),
        "samples": [sample(i, nats) for i, nats in ((1, 2.0), (2, 3.0), (3, 1.0), (4, 2.5))],
        "reference": {"name": "real-excerpt", "title": "a real piece at 2.0 s"},
        "recipe": recipe,
    }


def samples():
    """The music of the document's samples."""
    return {f"sample-{i:02d}": music(velocity=20 * i) for i in (1, 2, 3, 4)}
