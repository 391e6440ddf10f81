"""Networks with random weights."""

import numpy as np


def randomized(network, seed=2, spread=0.5):
    """Give a network normal random weights, and return it."""
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, spread, v.shape) for name, v in network.named().items()}
    network.import_weights({name: value.astype(np.float32) for name, value in weights.items()})
    return network
