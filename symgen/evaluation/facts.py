"""The facts of an evaluation: model, data, training curve, and how to make it again."""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from symgen import __version__, config
from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.store.manifest import SPLITS
from symgen.files import read_json_lines

JOURNAL = "journal.jsonl"  # of the run, beside its bundle
LIBRARIES = ("numpy", "onnxruntime", "keras", "tensorflow", "jax")


def of_model(bundle: Bundle) -> dict[str, Any]:
    """Return the facts of a bundle, its training report without the config, and its curve.

    `precision` is the precision in which its likelihood is scored.
    """
    info, training = bundle.record, bundle.training
    report = dataclasses.replace(training, config={}, other={}).to_dict()
    del report["config"]
    return {
        "name": bundle.name,
        "bundle": bundle.path.as_posix(),
        "symgen": info.symgen,
        "model": info.model,
        "encoding": {"name": info.encoding.get("name")},
        "controls": [c.get("name") for c in info.controls],
        "corpora": info.corpora,
        "training": report,
        "curve": curve(bundle),
        "precision": bundle.most_exact().precision,
    }


def curve(bundle: Bundle) -> list[dict[str, Any]]:
    """Return `step`, `train` and `held_out` (nats per event) of each evaluation in training.

    They come from the bundle, or else from the journal of its run, in the same folder.
    """
    kept = bundle.training.curve
    if kept:
        return [dict(zip(("step", "train", "held_out"), row, strict=True)) for row in kept]
    path = bundle.path.parent / JOURNAL
    rows = read_json_lines(path) if path.is_file() else []
    return [
        {"step": row["step"], "train": row.get("loss"), "held_out": row["nats_per_event"]}
        for row in rows
        if "nats_per_event" in row and "step" in row
    ]


def of_data(dataset: Dataset, warnings: list[str]) -> dict[str, Any]:
    """Return the facts of a dataset: its corpora and the sizes of its splits."""
    keys = ("pieces", "seconds", "notes", "events")
    halves = dataset.info["halves"]
    return {
        "path": dataset.path.as_posix(),
        "fingerprint": dataset.info.get("fingerprint"),
        "corpora": dataset.info.get("corpora", []),
        "halves": {split: {k: halves[split].get(k) for k in keys} for split in SPLITS},
        "warnings": warnings,
    }


def recipe(bundle: Bundle, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the training config, the options of the evaluation, and the current versions."""
    info, training = bundle.record, bundle.training
    found = {name: _version(name) for name in LIBRARIES}
    versions = {"symgen": __version__, "python": platform.python_version()}
    return {
        "config": _toml(training.config),
        "options": dict(options),
        "versions": versions | {name: version for name, version in found.items() if version},
        "trained_with": f"{info.made_by}, Keras on {training.backend or 'an unknown backend'}",
    }


def _toml(table: Mapping[str, Any]) -> str:
    """Return a config as TOML, or as JSON if TOML cannot represent it."""
    try:
        return config.dumps(table)
    except TypeError:
        return json.dumps(table, indent=1, default=str)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
