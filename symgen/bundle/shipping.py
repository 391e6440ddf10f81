"""A bundle made for shipping: it plays, is scored and trains further, in a third of the bytes.

The weights are float16, the int8 graphs are the only ones, every member is deflated, and the test
vector is that of the int8 player. What int8 costs was measured when its graphs were made
(`symgen bundle quantise`) and stays in bundle.json.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import FORMAT, Bundle, rewrite
from symgen.bundle.graphs import TOLERANCE_INT8, check_player, play
from symgen.errors import DataError
from symgen.files import npz

Arrays = Mapping[str, npt.NDArray[Any]]

SHIPPED = "int8"
FURTHEST = 0.1  # from the network, for each unit of the largest logit; 3 x 336 departs by 0.005


def ship(
    source: Bundle,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    report: Mapping[str, Any] | None = None,
) -> Path:
    """Write a copy of `source` made for shipping, called `name`, with `report` in its report.

    DataError where that cannot be, or where int8 costs too much.
    """
    _check(source)
    step = source.graph("step.onnx", SHIPPED)
    head = source.graph("head.onnx", SHIPPED) if source.chained else None
    test = source.test_vector()
    if tested_in(source.info) != SHIPPED:
        fields = [name for name, _ in source.sizes.fields]
        check_player(step, test, fields, head, FURTHEST)
        test |= vector(step, test, fields, head)
    members = {"weights.npz": npz(halved(source.weights(), source.path)), "step.int8.onnx": step}
    members |= {"head.int8.onnx": head} if head else {}
    tested = {"precision": SHIPPED, "tolerance": TOLERANCE_INT8}
    player = {**source.info["player"], "precision": SHIPPED, "test": tested}
    info = {
        **source.info,
        "format": FORMAT,
        "player": player,
        "name": name or source.name,
        "training": {**source.info["training"], **(report or {})},
    }
    rewrite(path, info, members | {"test.npz": npz(test)})
    return Path(path)


def evaluated(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the card tells of an evaluation (`symgen evaluate -o report.json`)."""
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


def tested_in(info: Mapping[str, Any]) -> str:
    """Return the precision in which a player comes to the test vector."""
    return str(info["player"].get("test", {}).get("precision", "float32"))


def _check(source: Bundle) -> None:
    where, player = source.path, source.info["player"]
    if source.player != "onnx":
        raise DataError(
            f"{where}: its player is {source.player}, and nothing of that can be made "
            "smaller; ship it as it is"
        )
    if SHIPPED not in source.precisions:
        raise DataError(
            f"{where}: has no int8 graphs, which are what is shipped; "
            f"first: symgen bundle quantise {where}"
        )
    if player.get("precision") != SHIPPED:
        cost = player.get("int8", {}).get("cost", float("nan"))
        raise DataError(
            f"{where}: int8 costs {cost:+.5f} nats per event, so it plays float32; "
            f"symgen bundle slim {where} makes it smaller for playing"
        )


def halved(weights: Arrays, where: object) -> dict[str, npt.NDArray[np.float16]]:
    """Return the weights as float16; DataError where one is too large for that."""
    limit = float(np.finfo(np.float16).max)
    for name, array in weights.items():
        if not (worst := float(np.abs(array).max(initial=0))) <= limit:
            raise DataError(
                f"{where}: a weight of {name} is {worst:.3g}, "
                f"over {limit:g}, the largest that float16 holds"
            )
    return {name: array.astype(np.float16) for name, array in weights.items()}


def vector(step: bytes, test: Arrays, fields: list[str], head: bytes | None) -> dict[str, Any]:
    """Return `logits.<field>` of the player itself for the steps of `test`."""
    rows = list(play(step, test, head))
    return {
        name: np.concatenate([row[name] for row in rows])
        for name in (f"logits.{field}" for field in fields)
    }
