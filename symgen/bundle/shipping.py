"""A bundle for shipping: it plays, is evaluated and trains further, in a third of the bytes.

It has float16 weights and only int8 graphs, every member is deflated, and the test vector is that
of the int8 player. The cost of int8 was measured when its graphs were made (`symgen bundle
quantise`) and stays in bundle.json.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import FORMAT, Bundle
from symgen.bundle.info import BundleInfo
from symgen.bundle.write import rewrite
from symgen.errors import DataError
from symgen.files import npz
from symgen.runtime.check import TOLERANCE_INT8, check_player, replay
from symgen.runtime.onnx import OnnxPlayer

Arrays = Mapping[str, npt.NDArray[Any]]

SHIPPED = "int8"
# the largest difference from the network, relative to the largest logit; 3 x 336 units: 0.005
MAX_DIFFERENCE = 0.1


def ship(
    source: Bundle,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    report: Mapping[str, Any] | None = None,
) -> Path:
    """Write a copy of `source` for shipping, called `name`; `report` is added to its report.

    DataError where it has no int8 graphs, or int8 costs too much.
    """
    _check(source)
    info = source.record
    step = source.graph("step.onnx", SHIPPED)
    head = source.graph("head.onnx", SHIPPED) if source.chained else None
    test = dataclasses.replace(source, precision=tested_in(info)).test_vector()
    if tested_in(info) != SHIPPED:
        fields = [name for name, _ in source.sizes.fields]
        player = OnnxPlayer(step, head, fields, threads=1)
        check_player(player, test, fields, MAX_DIFFERENCE)
        test |= replay(player, test, fields)
    members = {"weights.npz": npz(halved(source.weights(), source.path)), "step.int8.onnx": step}
    members |= {"head.int8.onnx": head} if head else {}
    tested = {"precision": SHIPPED, "tolerance": TOLERANCE_INT8}
    shipped = dataclasses.replace(
        info,
        format=FORMAT,
        name=name or info.name,
        player=dataclasses.replace(info.player, precision=SHIPPED, test=tested),
        training=info.training.with_facts(report or {}),
    )
    return rewrite(path, shipped, members | {"test.npz": npz(test)})


def evaluated(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of an evaluation (`symgen evaluate -o report.json`) for the card."""
    network = document.get("likelihood", {}).get("network", {})
    keys = ("nats_per_event", "nats_per_note", "nats_per_second")
    out: dict[str, Any] = {key: network[key] for key in keys if network.get(key)}
    copies = document.get("originality", {})
    if copies.get("summary", {}).get("longest"):
        out["copies"] = dict(copies["summary"]["longest"])
        if copies.get("held_out", {}).get("longest"):
            out["copies"]["held_out"] = dict(copies["held_out"]["longest"])
    if not out:
        raise DataError(
            "the evaluation holds neither the likelihood of a network nor its "
            "originality; make one with: symgen evaluate MODEL -o report.json"
        )
    return {"evaluated": out}


def tested_in(info: BundleInfo) -> str:
    """Return the precision of the player that the test vector was made with."""
    return str(info.player.test.get("precision", "float32"))


def _check(source: Bundle) -> None:
    where, player = source.path, source.record.player
    if not source.has_graphs:
        raise DataError(
            f"{where}: its player is {source.player}, which cannot be made smaller; "
            "ship it as it is"
        )
    if SHIPPED not in source.precisions:
        raise DataError(
            f"{where}: has no int8 graphs, which a bundle for shipping needs; "
            f"first: symgen bundle quantise {where}"
        )
    if player.precision != SHIPPED:
        cost = player.int8.get("cost", float("nan"))
        raise DataError(
            f"{where}: int8 costs {cost:+.5f} nats per event, so it plays float32; "
            f"symgen bundle slim {where} makes it smaller for playing"
        )


def halved(weights: Arrays, where: object) -> dict[str, npt.NDArray[np.float16]]:
    """Return the weights as float16; DataError where one is too large."""
    limit = float(np.finfo(np.float16).max)
    for name, array in weights.items():
        if not (worst := float(np.abs(array).max(initial=0))) <= limit:
            raise DataError(
                f"{where}: a weight of {name} is {worst:.3g}, "
                f"over {limit:g}, the largest that float16 holds"
            )
    return {name: array.astype(np.float16) for name, array in weights.items()}
