"""bfloat16 beside float32 on real music: the same weights at the start, the same batches, turn by turn; nats on held-out music.

python benchmarks/precision.py DATASET [--units 512] [--layers 3] [--steps 1000] [--every 100] [--pieces 16]

Prints at each point of the curve the held-out nats an event of both (in float32 arithmetic), their difference, the losses in
training and the CPU seconds. Dropout is off, so that nothing but the arithmetic differs.
"""

import argparse
import dataclasses
import os
import time

import numpy as np

LENGTH, BATCH = 256, 16


def nats(learner, scorer, reference, windows, sizes):
    """Return nats an event over windows [pieces, events + 1] that begin pieces, in parts of LENGTH."""
    reference.import_weights(learner.network.export_weights())
    states, total = [np.zeros((len(windows), n), np.float32) for n in sizes], 0.0
    for start in range(0, windows.shape[1] - 1, LENGTH):
        targets = windows[:, start + 1:start + LENGTH + 1, None]
        out = scorer.predict_on_batch({"events": windows[:, start:start + LENGTH, None], "targets": targets, "states": states,
                                       "fresh": np.full(len(windows), start == 0, np.float32),
                                       "controls": np.zeros((*targets.shape[:2], 0), np.float32)})
        states, total = out["states"], total + float(out["nats"].sum())
    return total / (windows.size - len(windows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    for name, default in (("units", 512), ("layers", 3), ("steps", 1000), ("every", 100), ("pieces", 16)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from symgen.dataset import batches
    from symgen.dataset.dataset import Dataset
    from symgen.model import Sizes, model
    from symgen.training import backend
    from symgen.training.options import Training
    data = Dataset.open(asked.data)
    member = model({"name": "lstm", "layers": [{"units": asked.units}] * asked.layers})
    sizes = Sizes(tuple((f.name, f.size) for f in data.encoding.fields))
    options = Training(batch=BATCH, length=LENGTH, threads=1, seed=1, steps=asked.steps, learning_rate=1.5e-3)
    runs = {p: backend.build(member, sizes, dataclasses.replace(options, precision=p)) for p in ("float32", "bfloat16")}
    runs["bfloat16"][0].network.import_weights(runs["float32"][0].network.export_weights())
    half = data.half("eval")
    long = [i for i in range(len(half)) if half.lengths[i] > 8 * LENGTH][:asked.pieces]
    windows = np.stack([half.events(i)[:8 * LENGTH + 1, 0] for i in long])
    losses, spent, kept = dict.fromkeys(runs, 0.0), dict.fromkeys(runs, 0.0), batches.Windows(BATCH, LENGTH, 8)
    for k in range(asked.steps):
        batch = batches.batch(data, data.augment, kept, 1, k)
        inputs = {"events": batch.inputs, "controls": batch.controls, "targets": batch.targets, "fresh": batch.fresh.astype(np.float32)}
        for name, (learner, _, _) in runs.items():
            begin = time.process_time()
            learner.optimizer.learning_rate = options.rate(k, asked.steps, 0, 0)
            learner.reset_metrics()
            losses[name] += float(learner.train_on_batch(inputs, batch.targets, sample_weight=batch.weights))
            spent[name] += time.process_time() - begin
        if (k + 1) % asked.every == 0:
            exact, rounded = (nats(*run, windows, member.state_sizes()) for run in runs.values())
            trained, seconds = ([f"{v / n:.4g}" for v in each.values()] for each, n in ((losses, asked.every), (spent, 1)))
            print(f"{(k + 1) * BATCH * LENGTH:>10,} events: held out {exact:.4f} and {rounded:.4f}, {rounded - exact:+.4f}; "
                  f"in training {' and '.join(trained)}; CPU seconds {' and '.join(seconds)}", flush=True)
            losses = dict.fromkeys(runs, 0.0)


if __name__ == "__main__":
    main()
