"""The weights of a WaveNet as a step multiplies them.

The sigmoid of a gate is (1 + tanh(g / 2)) / 2. With the second half of the gates halved, one tanh
serves both, and with t and u its halves, 2 z = t + t u. The 2 goes into what z is multiplied by.

A layer reads a row [x, t, t u] and gives the next one by a single product: x' = x + z R + r, and
the gates x' B of the layer above. So its kernel is [[1, B], [R / 2, R B / 2], [R / 2, R B / 2]].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.models import Sizes, Weights
from symgen.models.wavenet.model import WaveNet

Floats = npt.NDArray[np.float32]


class Parts(NamedTuple):
    """The arrays of a step; L layers of C channels, K places in the ring of past inputs."""

    table: Floats  # [values of all fields with "nothing before", C]
    starts: npt.NDArray[np.int32]  # [fields]: the first row of each
    given: Floats  # [width, C]: the controls
    past: Floats  # [L, C, 2 C]
    bias: Floats  # [L, 1, 2 C]: of the gates
    joined_bias: Floats  # the same with `added`, which a row's gates lack
    first: Floats  # [C, 2 C]: the gates of the first layer
    joined: Floats  # [L - 1, 3 C, 3 C]: from the row of a layer to that of the next
    added: Floats  # [L, 1, C]: the r of the layer below
    now: Floats  # [L, C, 2 C]
    residual: Floats  # [L, C, C]
    skip: Floats  # [L C, skip channels]
    skip_bias: Floats
    chain: Floats  # [skip channels, head units]
    chain_bias: Floats
    embeddings: tuple[Floats, ...]  # [values, head units] of each field but the last
    heads: tuple[tuple[Floats, Floats], ...]  # the kernel and bias of each field
    dilations: npt.NDArray[np.int32]  # [L]
    places: int


def parts(model: WaveNet, sizes: Sizes, weights: Weights) -> Parts:
    """Return the arrays of a step."""
    w = {name: np.asarray(value, np.float32) for name, value in weights.items()}
    channels = model.channels
    halves = np.repeat(np.array([1, 0.5], np.float32), channels)
    now, past = w["now.kernel"] * halves, w["past.kernel"] * halves
    half = np.float32(0.5)
    residual = w["residual.kernel"] * half
    added = np.concatenate([np.zeros((1, channels), np.float32), w["residual.bias"][:-1]])
    bias = w["gate.bias"] * halves
    ends = np.cumsum([size + 1 for _, size in sizes.fields])
    return Parts(
        table=w["input.kernel"][: ends[-1]],
        starts=np.concatenate([[0], ends[:-1]]).astype(np.int32),
        given=w["input.kernel"][ends[-1] :],
        past=past,
        bias=bias[:, None],
        joined_bias=(bias + np.einsum("lc,lcd->ld", added, now))[:, None],
        first=now[0],
        joined=_joined(residual, now),
        added=added[:, None],
        now=now,
        residual=residual,
        skip=w["skip.kernel"] * half,
        skip_bias=w["skip.bias"],
        chain=w["chain.kernel"],
        chain_bias=w["chain.bias"],
        embeddings=tuple(w[f"chain.{name}.embedding"] for name, _ in sizes.fields[:-1]),
        heads=tuple((w[f"head.{n}.kernel"], w[f"head.{n}.bias"]) for n, _ in sizes.fields),
        dilations=np.array(model.dilations, np.int32),
        places=max(model.dilations),
    )


def _joined(residual: Floats, now: Floats) -> Floats:
    """Return `[L - 1, 3 C, 3 C]`: see the module."""
    below, above = residual[:-1], now[1:]
    same = np.broadcast_to(np.eye(now.shape[1], dtype=np.float32), below.shape)
    through = np.concatenate([below, below @ above], axis=2)
    return np.concatenate([np.concatenate([same, above], axis=2), through, through], axis=1)
