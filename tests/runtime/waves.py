"""Random WaveNets, made without Keras, and bundles of them."""

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.bundle.sizes import sizes_of
from symgen.bundle.write import write
from symgen.models import models
from symgen.runtime.check import replay
from symgen.runtime.wavenet.player import WaveNetPlayer

SMALL = {"stacks": 2, "depth": 3, "channels": 5, "skip_channels": 6, "head_units": 7}


def random_weights(model, sizes, seed=0, spread=0.4):
    """Return normal random weights of `model`."""
    rng = np.random.default_rng(seed)
    shapes = model.shapes(sizes)
    return {name: rng.normal(0, spread, s).astype(np.float32) for name, s in shapes.items()}


def wavenet_bundle(path, encoding, options=SMALL):
    """Write a bundle of a random WaveNet, whose own player made the test vector; return it."""
    sizes = sizes_of(encoding, ())
    model = models.make({"name": "wavenet", **options})
    weights = random_weights(model, sizes)
    rng = np.random.default_rng(1)
    fields = [name for name, _ in sizes.fields]
    events = np.stack([rng.integers(0, size, 20) for _, size in sizes.fields], 1).astype(np.int32)
    vector = {"event": events, "chosen": events, "controls": np.zeros((20, 0), np.float32)}
    vector |= replay(WaveNetPlayer(model, sizes, weights), vector, fields)
    write(
        path,
        name="waves",
        encoding=encoding,
        model=model,
        weights=weights,
        test=vector,
        corpora=[],
        training={},
    )
    return Bundle.open(path)
