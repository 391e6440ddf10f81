"""The names and shapes of the weights of a recurrent network, without building it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.models.base import Moments, Shapes, Sizes

GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def shapes(
    sizes: Sizes,
    layers: Sequence[Mapping[str, Any]],
    chain: int,
    direct: bool,
    moments: Moments | None,
) -> Shapes:
    """Return the shape of each weight by its name in a bundle.

    `chain` is the width of the head's hidden layer (0: none); `direct` says whether the head reads
    the controls, `moments` those that it can choose.
    """
    out: Shapes = {}
    below = sizes.inputs
    for i, layer in enumerate(layers):
        units, kind = int(layer["units"]), layer["cell"]
        gates = GATES[kind] * units
        out |= _dense(f"layer.{i}", below, gates)
        out[f"layer.{i}.recurrent_kernel"] = (units, gates)
        if kind == "gru":  # one bias for each of the two products
            out[f"layer.{i}.bias"] = (2, gates)
        below = units
    if chain:
        out |= _dense("chain", below, chain)
        out |= {f"chain.{name}.embedding": (size, chain) for name, size in sizes.fields[:-1]}
        below = chain
    for name, size in sizes.fields:
        out |= _dense(f"head.{name}", below, size)
    if direct and sizes.width:
        targets = {"chain": chain} if chain else dict(sizes.fields)
        out |= {f"direct.{name}.kernel": (sizes.width, size) for name, size in targets.items()}
    if moments:
        for field in (*moments.shift, *moments.length):
            out |= _dense(f"point.{sizes.fields[field][0]}", below, len(moments.columns))
    return out


def _dense(name: str, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.kernel": (inputs, outputs), f"{name}.bias": (outputs,)}
