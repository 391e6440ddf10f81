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


def statistics():
    """The comparison of two sets by one metric of each kind."""
    scalar = {
        "version": 1,
        "theme": "rhythm",
        "unit": "notes per second",
        "kind": "scalar",
        "definition": "Notes over seconds.",
        "overlap": 0.5,
        "kl": 0.2,
        "a": {"pieces": 3, "mean": 2.0, "sd": 1.0, "median": 2.0, "values": [1.0, 2.0, 3.0, None]},
        "b": {"pieces": 2, "mean": 4.0, "sd": 1.0, "median": 4.0, "values": [3.0, 5.0]},
        "test": {"name": "Kolmogorov-Smirnov", "statistic": 0.5, "p": 0.01, "p_holm": 0.02},
    }
    bins = ["C", "D", "E"]
    shares = {
        "version": 2,
        "theme": "pitch",
        "unit": "share of the notes",
        "kind": "histogram",
        "definition": "Shares.",
        "bins": bins,
        "overlap": None,
        "kl": None,
        "test": None,
        "a": {"pieces": 3, "mean": [0.2, 0.3, 0.5], "sd": [0, 0, 0]},
        "b": {"pieces": 2, "mean": [0.6, 0.3, 0.1], "sd": [0, 0, 0]},
    }
    moves = {
        **shares,
        "kind": "matrix",
        "a": {"pieces": 3, "mean": np.eye(3).tolist(), "sd": np.ones((3, 3)).tolist()},
        "b": {"pieces": 2, "mean": np.ones((3, 3)).tolist(), "sd": np.ones((3, 3)).tolist()},
    }
    alike = {
        **scalar,
        "overlap": 0.9,
        "test": {**scalar["test"], "p": 0.5, "p_holm": 1.0},
        "unit": "seconds",
    }
    same = {"pieces": 3, "mean": 80.0, "sd": 0.0, "median": 80.0, "values": [80.0, 80.0, 80.0]}
    constant = {**scalar, "theme": "velocity", "overlap": 1.0, "test": None, "a": same, "b": same}
    nothing = {
        **scalar,
        "overlap": None,
        "kl": None,
        "test": None,
        "a": {"pieces": 0, "mean": None, "sd": None, "values": [None]},
        "b": {"pieces": 0, "mean": None, "sd": None, "values": [None]},
    }
    return {
        "version": 1,
        "a": {"name": "samples", "pieces": 3, "seconds": 6.0, "notes": 12.0},
        "b": {"name": "held-out excerpts", "pieces": 2, "seconds": 6.0, "notes": 24.0},
        "warnings": ["samples: 3 pieces are few"],
        "metrics": {
            "note_length": alike,
            "note_density": scalar,
            "pitch_class_histogram": shares,
            "pitch_class_transitions": moves,
            "groove": nothing,
            "velocity_mean": constant,
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


def document():
    """A whole evaluation, of samples whose names are those of `samples`."""
    training = {
        "parameters": 1234,
        "step": 40,
        "seconds": 90.0,
        "unigram": 4.8,
        "train": {"pieces": 5, "events": 900},
        "eval": {"pieces": 3, "events": 100},
        "gap": {"train": 1.9, "held_out": 2.1, "said": "some overfitting"},
    }
    model = {
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
    halves = {
        "train": {"pieces": 5, "seconds": 600.0, "events": 900},
        "eval": {"pieces": 3, "seconds": 60.0, "events": 100},
    }
    likelihood = {
        "network": scored(2.1),
        "ngram": scored(2.4),
        "unigram": scored(4.8),
        "repeat": scored(6.0),
        "differences": {"ngram": [0.3, 0.2, 0.4]},
        "verdict": "made up",
    }
    samples = [
        {
            "name": f"sample-{i:02d}",
            "seed": 0,
            "index": i - 1,
            "seconds": 6.0,
            "notes": 12,
            "nats_per_event": nats,
        }
        for i, nats in ((1, 2.0), (2, 3.0), (3, 1.0), (4, 2.5))
    ]
    recipe = {
        "config": '[model]\nname = "lstm"\n',
        "options": {"samples": 4},
        "versions": {"numpy": "2.0"},
        "trained_with": "symgen 0.1.0",
        "command": "symgen evaluate runs/perf -o report.html",
    }
    return {
        "kind": "evaluation",
        "version": 1,
        "symgen": "0.1.0",
        "model": model,
        "data": {
            "path": "data/piano",
            "halves": halves,
            "warnings": ["it may have heard the tunes"],
        },
        "likelihood": likelihood,
        "statistics": statistics(),
        "originality": originality(),
        "samples": samples,
        "reference": {"name": "real-excerpt", "title": "a real piece at 2.0 s"},
        "recipe": recipe,
    }


def samples():
    """The music of the document's samples."""
    return {f"sample-{i:02d}": music(velocity=20 * i) for i in (1, 2, 3, 4)}
