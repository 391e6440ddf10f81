"""Many known steps of a WaveNet at once: whole convolutions, as the network computes them.

What is known needs no waiting, so primers are taken and music is scored many times as fast as it is
drawn.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.runtime.wavenet.parts import Floats, Parts

STEPS = 2048  # at once; the z of 30 layers of 32 channels then take 8 MB a stream


def given(p: Parts, events: Events, controls: Floats | None = None) -> Floats:
    """Return what the first layer reads, `[..., C]`, for events `[..., fields]`."""
    x = p.table[events + p.starts].sum(axis=-2)
    if controls is not None and p.given.size:
        x = x + np.asarray(controls, np.float32) @ p.given
    return np.asarray(x, np.float32)


def run(p: Parts, ring: Floats, at: int, x: Floats) -> Floats:
    """Return what the head reads, `[steps, batch, head units]`, and write the inputs to the ring.

    `x` is `[steps, batch, C]`; `at` is the place of the ring that the first step fills.
    """
    steps, batch, channels = x.shape
    layers = len(p.dilations)
    z = np.empty((steps, batch, layers, channels), np.float32)
    last = (at + np.arange(steps))[-p.places :] % p.places
    for i, dilation in enumerate(p.dilations.tolist()):
        before = min(dilation, steps)
        queue = ring[(at - dilation + np.arange(before)) % p.places, i]
        past = np.concatenate([queue, x[: steps - before]])
        gates = past @ p.past[i] + x @ p.now[i] + p.bias[i]
        np.tanh(gates, out=gates)
        np.multiply(gates[..., :channels], 1 + gates[..., channels:], out=z[:, :, i])
        ring[last, i] = x[-p.places :]
        if i + 1 < layers:
            x = x + z[:, :, i] @ p.residual[i] + p.added[i + 1]
    skips = z.reshape(steps, batch, -1) @ p.skip + p.skip_bias
    hidden: Floats = np.maximum(skips, 0) @ p.chain + p.chain_bias
    return hidden
