"""A WaveNet of 30 layers of 32 channels: samples drawn and trained on in a second of CPU time.

python benchmarks/wavenet.py [--repeats 5] [--quick] [--no-peer] [--json FILE] [--core 0]

Drawing is measured as `symgen sample` does it: softmax, temperature and draw are in it. Beside it,
in the same run, is a plain step of NumPy: a queue for each layer and its two products, one after
the other. Training is the step of the loop, with Adam, beside the same network of Keras's dilated
Conv1D layers. All is on one thread of one core. The equality is the largest difference of a logit
from that of the whole network, over 4,000 samples of random weights.
"""

import os

ONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ.update(ONE, TF_CPP_MIN_LOG_LEVEL="3", TF_NUM_INTRAOP_THREADS="1")

import measure  # noqa: E402
import numpy as np  # noqa: E402

from symgen.models import Sizes, models  # noqa: E402
from symgen.runtime.wavenet.player import WaveNetPlayer  # noqa: E402

SIZES = Sizes((("sample", 256),))
MODEL = models.make({"name": "wavenet"})
STEPS = {"compiled": 8192, "numpy": 2048, "plain": 1024}
WINDOWS = ((4, 512), (8, 512))
UNIT = "samples/CPU s"


class Pick:
    """Draws from the softmax at a temperature."""

    temperature = 1.0

    def __call__(self, logits, chances):
        """Return a value for each row of logits and its chance."""
        scaled = logits.astype(np.float64) / self.temperature
        upto = np.cumsum(np.exp(scaled - scaled.max(axis=1, keepdims=True)), axis=1)
        return (upto <= chances[:, None] * upto[:, -1:]).sum(axis=1)


class Plain:
    """A step as one would write it: the peer."""

    def __init__(self, weights, batch):
        self.weights = weights
        self.queues = [np.zeros((d, batch, MODEL.channels), np.float32) for d in MODEL.dilations]
        self.at = 0

    def step(self, values):
        """Return the logits `[batch, 256]` of the sample after `values` `[batch]`."""
        w, channels = self.weights, MODEL.channels
        x = w["input.kernel"][values]
        skips = w["skip.bias"]
        for i, queue in enumerate(self.queues):
            place = self.at % len(queue)
            gates = queue[place] @ w["past.kernel"][i] + x @ w["now.kernel"][i] + w["gate.bias"][i]
            queue[place] = x
            z = np.tanh(gates[:, :channels]) / (1 + np.exp(-gates[:, channels:]))
            skips = skips + z @ w["skip.kernel"][i * channels : (i + 1) * channels]
            x = x + z @ w["residual.kernel"][i] + w["residual.bias"][i]
        self.at += 1
        hidden = np.tanh(np.maximum(skips, 0) @ w["chain.kernel"] + w["chain.bias"])
        return hidden @ w["head.sample.kernel"] + w["head.sample.bias"]


def random_weights():
    rng = np.random.default_rng(0)
    shapes = MODEL.shapes(SIZES)
    return {name: rng.normal(0, 0.15, s).astype(np.float32) for name, s in shapes.items()}


def drawing(args, weights, batch):
    """Yield the rows of drawing `batch` streams."""
    rng, pick = np.random.default_rng(1), Pick()
    rates, streams = {}, f"{batch} stream{'s' * (batch > 1)}"
    for way, patience in (("compiled", 0), ("numpy", 1 << 60)):
        player = WaveNetPlayer(MODEL, SIZES, weights)
        player._loops.patience = patience
        if way == "compiled" and not player._loops.worth(0, np.zeros((1, batch, 1)), pick):
            continue
        chances = rng.random((STEPS[way], batch, 1))
        player.start(batch)
        player.step(np.full((batch, 1), 256, np.int32))
        player.generate(chances[:4], pick)  # compiles
        seconds = measure.cpu(lambda p=player, c=chances: p.generate(c, pick), args.repeats)
        rates[way] = chances.shape[0] * batch / seconds
        yield f"draw {streams}, {way}", rates[way], UNIT, ""
    if not args.no_peer:
        plain, values = Plain(weights, batch), np.full(batch, 256)

        def go():
            nonlocal values
            for chance in rng.random((STEPS["plain"], batch)):
                values = pick(plain.step(values), chance)

        rate = STEPS["plain"] * batch / measure.cpu(go, args.repeats)
        times = ", ".join(f"{way} {found / rate:.1f} x" for way, found in rates.items())
        yield f"peer: draw {streams}, plain NumPy", rate, UNIT, times


def equality(weights):
    """Return the largest difference of the player's logits from the network's."""
    from symgen.models.state import zeros

    network = MODEL.network(SIZES)
    network.import_weights(weights)
    events = np.random.default_rng(2).integers(0, 256, (1, 4000, 1)).astype(np.int32)
    [whole], _ = network(events, None, zeros(MODEL.state_specs(), 1), events)
    player = WaveNetPlayer(MODEL, SIZES, weights)
    player.start(1)
    worst = 0.0
    for event, logits in zip(events[0], np.asarray(whole)[0], strict=True):
        player.step(event[None])
        worst = max(worst, float(np.abs(player.logits(0, event[None])[0] - logits).max()))
    return worst


def convolutions():
    """Return the same network of Keras's own layers, and of the same width: the peer."""
    import keras

    layers, channels = keras.layers, MODEL.channels
    events = layers.Input((None,), dtype="int32")
    x, skips = layers.Embedding(257, channels)(events), []
    for dilation in MODEL.dilations:
        gates = layers.Conv1D(2 * channels, 2, dilation_rate=dilation, padding="causal")(x)
        z = keras.ops.tanh(gates[..., :channels]) * keras.ops.sigmoid(gates[..., channels:])
        skips.append(layers.Conv1D(MODEL.skip_channels, 1)(z))
        x = x + layers.Conv1D(channels, 1)(z)
    hidden = layers.Dense(MODEL.head_units, "tanh")(keras.ops.relu(layers.Add()(skips)))
    network = keras.Model(events, layers.Dense(256)(hidden))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, jit_compile=False)
    return network


def training(args):
    """Yield the rows of training steps."""
    from symgen.training.loop import backend
    from symgen.training.options import Training

    rng = np.random.default_rng(3)
    for batch, length in WINDOWS:
        options = Training(batch=batch, length=length, threads=1)
        learner, _, _ = backend.build(MODEL, SIZES, options)
        events = rng.integers(0, 256, (batch, length + 1, 1)).astype(np.int32)
        inputs = {
            "events": events[:, :-1],
            "targets": events[:, 1:],
            "controls": np.zeros((batch, length, 0), np.float32),
            "fresh": np.zeros(batch, np.float32),
        }
        weights = np.ones((batch, length), np.float32)
        rate = _trained(args, learner, inputs, events[:, 1:], weights)
        yield f"train on {batch} windows of {length}", rate, UNIT, ""
        if not args.no_peer:
            peer = _trained(args, convolutions(), events[:, :-1, 0], events[:, 1:, 0], None)
            yield f"peer: train on {batch} windows of {length}, Conv1D", peer, UNIT, ""


def _trained(args, network, inputs, targets, weights):
    def go():
        network.train_on_batch(inputs, targets, sample_weight=weights)

    go()  # traces
    return targets.shape[0] * targets.shape[1] / measure.cpu(go, args.repeats)


def rows(args):
    weights = random_weights()
    for batch in (1, 10):
        yield from drawing(args, weights, batch)
    yield "largest difference from the whole network", equality(weights), "of a logit", ""
    yield from training(args)


if __name__ == "__main__":
    options = measure.options(__doc__)
    measure.run(options, rows(options))
