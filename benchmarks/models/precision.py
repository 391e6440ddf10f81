"""bfloat16 and float32 on real music: the same initial weights, the same batches, held-out nats.

python benchmarks/models/precision.py DATASET [--units 512] [--layers 3] [--steps 1000]
                               [--together 0] [--every 250] [--pieces 64] [--seeds 1] [--first 1]

Two trainings diverge as soon as they differ in one digit, and their final nats differ although
neither is better. A twin shows how large such a difference is: another run in float32 whose initial
weights differ by 1 in 10 million. At each point of the curve the script prints the held-out nats
per event of float32, and how much more the twin and bfloat16 have; all are scored in float32. At
the end it prints the means over the seeds and the standard deviation. Dropout is off, so that only
the arithmetic differs; the learning rate falls to a tenth, as in training. The seeds start at
--first.

Most of the difference is chance at the beginning: the step at which a deep network leaves the
plateau of the unigram. So float32 alone may take the first --together steps; the others continue
from there.
"""

import argparse
import dataclasses
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from symgen.models.state import zeros

LENGTH, BATCH, WINDOWS = 256, 16, 8
KINDS = {"float32": "float32", "twin": "float32", "bfloat16": "bfloat16"}


def nats(learner, scorer, reference, windows, specs):
    """Return nats per event of the windows `[pieces, events + 1]`, in parts of LENGTH.

    Each window begins at the start of its piece.
    """
    reference.import_weights(learner.network.export_weights())
    states, total = zeros(specs, len(windows)), 0.0
    for start in range(0, windows.shape[1] - 1, LENGTH):
        targets = windows[:, start + 1 : start + LENGTH + 1, None]
        out = scorer.predict_on_batch(
            {
                "events": windows[:, start : start + LENGTH, None],
                "targets": targets,
                "states": states,
                "fresh": np.full(len(windows), start == 0, np.float32),
                "controls": np.zeros((*targets.shape[:2], 0), np.float32),
            }
        )
        states, total = out["states"], total + float(out["nats"].sum())
    return total / (windows.size - len(windows))


def part(runs, seed):
    """Copy the weights and the states of float32 and its optimizer to the twin and to bfloat16."""
    from symgen.training.loop import checkpoint

    (learner, *_), rng = runs["float32"], np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), checkpoint.Progress(), learner)
        for name in ("twin", "bfloat16"):
            checkpoint.restore(Path(folder), runs[name][0])
    weights = {
        k: w * (1 + 1e-7 * rng.standard_normal(w.shape))
        for k, w in learner.network.export_weights().items()
    }
    runs["twin"][0].network.import_weights(weights)


def compare(data, member, options, windows, together, every):
    """Train all three; return how much more twin and bfloat16 have than float32 at the end."""
    from symgen.dataset import batches
    from symgen.models import Sizes
    from symgen.training.loop import backend

    sizes = Sizes(tuple((f.name, f.size) for f in data.encoding.fields))
    runs = {
        name: backend.build(member, sizes, dataclasses.replace(options, precision=p))
        for name, p in KINDS.items()
    }
    spent, kept = dict.fromkeys(runs, 0.0), batches.Windows(BATCH, LENGTH, WINDOWS)
    for k in range(options.steps):
        batch = batches.batch(data, data.augment, kept, options.seed, k)
        inputs = {
            "events": batch.inputs,
            "controls": batch.controls,
            "targets": batch.targets,
            "fresh": batch.fresh.astype(np.float32),
        }
        if k == together:
            part(runs, options.seed)
        for name, (learner, _, _) in list(runs.items())[: 1 if k < together else None]:
            since = time.process_time()
            learner.optimizer.learning_rate = options.rate(k, options.steps, 0, 0)
            learner.train_on_batch(inputs, batch.targets, sample_weight=batch.weights)
            spent[name] += time.process_time() - since
        if (k >= together and (k + 1) % every == 0) or k + 1 == options.steps:
            found = {name: nats(*run, windows, member.state_specs()) for name, run in runs.items()}
            beyond = {name: found[name] - found["float32"] for name in ("twin", "bfloat16")}
            print(
                f"seed {options.seed}, {(k + 1) * BATCH * LENGTH:>10,} events: "
                + f"float32 {found['float32']:.4f}, "
                + ", ".join(f"{name} {v:+.4f}" for name, v in beyond.items())
                + "; CPU seconds "
                + ", ".join(f"{s:.0f}" for s in spent.values()),
                flush=True,
            )
    return beyond


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    for name, default in (
        ("units", 512),
        ("layers", 3),
        ("steps", 1000),
        ("together", 0),
        ("every", 250),
        ("pieces", 64),
        ("seeds", 1),
        ("first", 1),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    if not 0 <= args.together < args.steps:
        parser.error(
            f"--together {args.together}: expected 0 to {args.steps - 1}, fewer than --steps, "
            "so that the runs can diverge"
        )
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from symgen.dataset.dataset import Dataset
    from symgen.models import model
    from symgen.training.options import Training

    data = Dataset.open(args.data)
    member = model({"name": "lstm", "layers": [{"units": args.units}] * args.layers})
    half = data.half("eval")
    long = [i for i in range(len(half)) if half.lengths[i] > WINDOWS * LENGTH][: args.pieces]
    windows = np.stack([half.events(i)[: WINDOWS * LENGTH + 1, 0] for i in long])
    print(
        f"{args.layers} x {args.units}; {len(half)} pieces held out, "
        f"scored on {windows.size:,} events of {len(long)}",
        flush=True,
    )
    ends = [
        compare(
            data,
            member,
            Training(
                batch=BATCH,
                length=LENGTH,
                threads=1,
                seed=seed,
                steps=args.steps,
                learning_rate=1.5e-3,
            ),
            windows,
            args.together,
            args.every,
        )
        for seed in range(args.first, args.first + args.seeds)
    ]
    for name in ends[0]:
        values = np.array([end[name] for end in ends])
        print(
            f"at the end, beyond float32: {name} {values.mean():+.4f} nats per event"
            + (f", deviation {values.std(ddof=1):.4f} of {len(values)}" if len(values) > 1 else "")
        )


if __name__ == "__main__":
    main()
