"""Perceptrons of two hidden layers, trained with NumPy: Adam, at a rate that falls as a cosine."""

import itertools

import numpy as np


def fit(rows, targets, hidden=(64, 32), epochs=12, batch=512, rate=2e-3, seed=0, decay=1e-5):
    """Return the layers, pairs (weights, biases), and the last mean loss in nats.

    `rows` are float32 [examples, features], `targets` 0 or 1. The features are scaled to mean 0 and
    deviation 1, which is then made part of the first layer.
    """
    rng = np.random.default_rng(seed)
    mean, spread = rows.mean(0), rows.std(0) + 1e-3
    sizes = [rows.shape[1], *hidden, 1]
    pairs = list(itertools.pairwise(sizes))
    weights = [rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in pairs]
    biases = [np.zeros(b, np.float32) for _, b in pairs]
    moving = [*weights, *biases]
    first, second = ([np.zeros_like(each) for each in moving] for _ in range(2))
    per_epoch, step, loss = len(rows) // batch, 0, 0.0
    for _ in range(epochs):
        order, loss = rng.permutation(len(rows)), 0.0
        for chosen in order[: per_epoch * batch].reshape(-1, batch):
            found, slopes = slopes_of(
                (rows[chosen] - mean) / spread, targets[chosen], weights, biases
            )
            loss += found / per_epoch
            step += 1
            wave = 0.5 * (1 + np.cos(np.pi * step / (epochs * per_epoch)))
            adam(moving, slopes, first, second, step, rate * min(1, step / 200) * wave)
            for each in weights:
                each *= 1 - rate * decay
    inner = (weights[0] / spread[:, None]).astype(np.float32)
    shift = (biases[0] - (mean / spread) @ weights[0]).astype(np.float32)
    return [(inner, shift), *zip(weights[1:], biases[1:], strict=True)], loss


def slopes_of(rows, targets, weights, biases):
    """Return the mean loss of some rows, and its slope for each array."""
    values = [rows]
    for inner, shift in zip(weights[:-1], biases[:-1], strict=True):
        values.append(np.maximum(values[-1] @ inner + shift, 0))
    raw = (values[-1] @ weights[-1] + biases[-1])[:, 0]
    likely = 1 / (1 + np.exp(-raw.clip(-30, 30)))
    loss = -np.mean(np.log(np.where(targets > 0.5, likely, 1 - likely) + 1e-7))
    back = ((likely - targets) / len(rows))[:, None].astype(np.float32)
    of_weights, of_biases = [], []
    for value, inner in zip(values[::-1], weights[::-1], strict=True):
        of_weights.insert(0, value.T @ back)
        of_biases.insert(0, back.sum(0))
        back = (back @ inner.T) * (value > 0)
    return loss, [*of_weights, *of_biases]


def adam(moving, slopes, first, second, step, rate):
    """Move arrays against their slopes, in place."""
    for each, slope, mean, square in zip(moving, slopes, first, second, strict=True):
        mean += 0.1 * (slope - mean)
        square += 0.001 * (slope * slope - square)
        each -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
