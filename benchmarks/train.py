"""Training: symgen's step beside the same step with Keras's own LSTM, and beside what the processor's matrix products allow.

python benchmarks/train.py [--batch 16 64] [--precision float32 bfloat16] [--controls 0 112] [--cores 1 2] [--repeats 5]
                           [--data DATASET [--config controlled]]

A 3 x 512 LSTM, 388 values, dropout 0.2, windows of 256 events, Adam. Every case is a process of its own, pinned to its cores;
symgen and Keras take turns. Prints medians: events a second of CPU time (all threads) and of the clock, peak memory, the ratio to
Keras, and the share of the measured rate of matrix products that the step reaches (`floor`: what they alone would take). With
--data, trains on that dataset and prints the share of the time that a step waits for its input.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

UNITS, LAYERS, VALUES, LENGTH = 512, 3, 388, 256


def multiplications(width):
    """Floating-point operations of a training step, an event: every product thrice, but for the gradient of what is given."""
    recurrent, between, head = LAYERS * UNITS * 4 * UNITS, (LAYERS - 1) * UNITS * 4 * UNITS, UNITS * VALUES
    return 2 * (3 * (recurrent + between + head) + 2 * width * 4 * UNITS)


def ready(cores):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.sched_setaffinity(0, cores)
    from symgen.training import backend
    backend.load_keras()
    import tensorflow as tf
    return tf


def timed(run, repeats):
    """Return the median seconds of CPU time and of the clock."""
    cpu, clock = [], []
    for _ in range(repeats):
        begin = time.process_time(), time.perf_counter()
        run()
        cpu.append(time.process_time() - begin[0])
        clock.append(time.perf_counter() - begin[1])
    return statistics.median(cpu), statistics.median(clock)


def step(case, cores):
    """One training step, repeated on one batch."""
    import resource

    import numpy as np
    ready(cores)
    from symgen.model import Sizes, model, network
    from symgen.training import backend
    from symgen.training.options import Training
    if case["who"] == "keras":
        network.hoists = lambda: False
    batch, width = case["batch"], case["controls"]
    member = model({"name": "lstm", "layers": [{"units": UNITS}] * LAYERS, "dropout": 0.2})
    options = Training(batch=batch, precision=case["precision"], threads=len(cores))
    learner, _, _ = backend.build(member, Sizes((("event", VALUES),), width), options)
    rng = np.random.default_rng(0)
    events = rng.integers(0, VALUES, (batch, LENGTH + 1, 1)).astype(np.int32)
    inputs = {"events": events[:, :-1], "targets": events[:, 1:], "fresh": np.zeros(batch, np.float32),
              "controls": rng.random((batch, LENGTH, width)).astype(np.float32)}
    weights = np.ones((batch, LENGTH), np.float32)

    def run():
        learner.train_on_batch(inputs, inputs["targets"], sample_weight=weights)
    run()
    run()
    cpu, clock = timed(run, case["repeats"])
    return {"cpu": batch * LENGTH / cpu, "clock": batch * LENGTH / clock,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def products(case, cores):
    """Operations a second of the matrix products that occur, and of one that is as large as can be."""
    tf = ready(cores)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    batch, kind = case["batch"], tf.as_dtype(case["precision"])
    shapes = {"large": (2048, 2048, 2048), "all steps": (batch * LENGTH, UNITS, 4 * UNITS), "one step": (batch, UNITS, 4 * UNITS),
              "one step back": (batch, 4 * UNITS, UNITS)}

    def rate(rows, inner, columns):
        import numpy as np
        rng = np.random.default_rng(0)
        a, b = (tf.Variable(tf.cast(rng.normal(size=s), kind)) for s in ((rows, inner), (inner, columns)))
        flops = 2 * rows * inner * columns
        times = max(3, int(1e10 / flops))

        @tf.function
        def run():
            x, y = a.value(), b.value()
            if columns > inner and rows <= 256 and kind == tf.bfloat16:
                y = tf.transpose(y)

            def body(i, kept):
                z = tf.matmul(x, y, transpose_b=y.shape[0] != inner)
                with tf.control_dependencies([z]):
                    return i + 1, z[:1, :1]
            return tf.while_loop(lambda i, _: i < times, body, (tf.constant(0), tf.zeros((1, 1), kind)), parallel_iterations=1)[1]
        run()
        return flops * times / timed(run, case["repeats"])[0] / 1e9
    return {name: rate(*shape) for name, shape in shapes.items()}


def waiting(case, cores):
    """Train on real music, batches made beside; the share of the clock that is not spent in the step."""
    import dataclasses
    from pathlib import Path

    ready(cores)
    from symgen import config
    from symgen.dataset.dataset import Dataset
    from symgen.training import told
    from symgen.training.run import Recipe, _loop
    recipe, data = Recipe.of(config.load(case["config"])), Dataset.open(case["data"])
    options = dataclasses.replace(recipe.training, batch=case["batch"], length=LENGTH, precision=case["precision"], steps=1000,
                                  epochs=0, threads=len(cores))
    loop = _loop(Path("unused"), data, dataclasses.replace(recipe, encoding=data.encoding, training=options,
                                                           controls=told.learned(recipe.controls, data)))
    spent, train = [], loop._train

    def kept(batch):
        begin = time.perf_counter()
        loss = train(batch)
        spent.append(time.perf_counter() - begin)
        return loss
    loop._train = kept
    steps = loop._steps()
    for _ in range(2):
        next(steps)
    spent.clear()
    begin = time.process_time(), time.perf_counter()
    for _ in range(count := 4 * case["repeats"]):
        next(steps)
    cpu, clock = time.process_time() - begin[0], time.perf_counter() - begin[1]
    events = count * options.batch * LENGTH
    return {"cpu": events / cpu, "clock": events / clock, "waits": 1 - sum(spent) / clock}


def child(kind, cores, **case):
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--child", json.dumps({"kind": kind, "cores": cores, **case})]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--controls", type=int, nargs="+", default=[0, 112])
    parser.add_argument("--cores", type=int, nargs="+", default=[1])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data")
    parser.add_argument("--config", default="controlled")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps({"step": step, "products": products, "waiting": waiting}[asked.child["kind"]](asked.child, asked.child["cores"])))
        return
    free = sorted(os.sched_getaffinity(0))
    for precision in asked.precision:
        for batch in asked.batch:
            common = {"precision": precision, "batch": batch, "repeats": asked.repeats}
            rates = child("products", free[:1], **common)
            print(f"\n{precision}, {batch} x {LENGTH}: GFLOP a CPU-second of products: "
                  + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()))
            for width in asked.controls:
                table(asked, free, common, width, rates)
            if asked.data:
                for n in asked.cores:
                    found = child("waiting", free[:n], data=asked.data, config=asked.config, **common)
                    print(f"  {asked.config} on {asked.data}, {n} core(s): {found['cpu']:,.0f} events a CPU-second, "
                          f"{found['clock']:,.0f} by the clock; {found['waits']:.1%} of it waiting for input")


def table(asked, free, common, width, rates):
    """Print symgen's and Keras's lines for one width of controls."""
    for n in asked.cores:
        if n > len(free):
            print(f"  {n} cores: this process may use {len(free)}")
            continue
        found = {who: child("step", free[:n], who=who, controls=width, **common) for who in ("symgen", "keras")}
        for who, line in found.items():
            share = line["cpu"] * multiplications(width) / rates["large"] / 1e9
            print(f"  {width:>3} controls, {n} core(s) {who:>7}: {line['cpu']:7,.0f} events a CPU-second {line['clock']:7,.0f} by the clock"
                  f" {line['peak']:.2f} GB {share:.0%} of the large product's rate")
        print(f"      {found['symgen']['cpu'] / found['keras']['cpu']:.2f} x Keras by CPU, "
              f"{found['symgen']['clock'] / found['keras']['clock']:.2f} x by the clock", flush=True)


if __name__ == "__main__":
    main()
