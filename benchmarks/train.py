"""Training: symgen's step beside Keras's own LSTM, and beside the speed of a matrix product.

python benchmarks/train.py [--repeats 3] [--quick] [--no-peer] [--json FILE]
                           [--data DATASET [--config controlled]]

A 3 x 512 LSTM, 388 values, dropout 0.2, windows of 256 events, Adam. Each case runs in a process of
its own, pinned to its cores. Gives events per second of CPU time (all threads) as medians; the
rate per second of wall time; the peak memory; and the step's useful multiplications as a share of
the rate of a large product. Two cores are compared by wall time. Growth changes one of batch,
window, units and controls at a time, in the faster precision. With --data, trains on that dataset
and gives the share of the time in which a step waits for its input.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import measure

LAYERS, VALUES = 3, 388
USUAL = {"batch": 64, "length": 256, "units": 512, "controls": 0}
GROWTH = {
    "batch": (16, 32, 128),
    "length": (64, 1024),
    "units": (128, 256, 1024),
    "controls": (137,),
}


def multiplications(case):
    """Return the floating-point operations of a training step per event.

    Each product counts three times; that of the inputs twice, because they need no gradient.
    """
    square = case["units"] * 4 * case["units"]
    recurrent, between, head = LAYERS * square, (LAYERS - 1) * square, case["units"] * VALUES
    return 2 * (3 * (recurrent + between + head) + 2 * case["controls"] * 4 * case["units"])


def ready(cores):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.sched_setaffinity(0, cores)
    from symgen import process
    from symgen.training.loop import backend

    process.own()  # as a command is
    backend.load_keras()
    import tensorflow as tf

    return tf


def timed(run, repeats):
    """Return the median seconds of CPU time and of wall time."""
    cpu, clock = [], []
    for _ in range(repeats):
        begin = time.process_time(), time.perf_counter()
        run()
        cpu.append(time.process_time() - begin[0])
        clock.append(time.perf_counter() - begin[1])
    return statistics.median(cpu), statistics.median(clock)


def step(case, cores):
    """Measure one training step, repeated on one batch."""
    import resource

    import numpy as np

    ready(cores)
    from symgen.models import Sizes, model
    from symgen.models.recurrent import network
    from symgen.training.loop import backend
    from symgen.training.options import Training

    if case["who"] == "keras":
        network.uses_fast_lstm = lambda: False
    batch, length, width = case["batch"], case["length"], case["controls"]
    member = model({"name": "lstm", "layers": [{"units": case["units"]}] * LAYERS, "dropout": 0.2})
    options = Training(batch=batch, precision=case["precision"], threads=len(cores))
    learner, _, _ = backend.build(member, Sizes((("event", VALUES),), width), options)
    rng = np.random.default_rng(0)
    events = rng.integers(0, VALUES, (batch, length + 1, 1)).astype(np.int32)
    inputs = {
        "events": events[:, :-1],
        "targets": events[:, 1:],
        "fresh": np.zeros(batch, np.float32),
        "controls": rng.random((batch, length, width)).astype(np.float32),
    }
    weights = np.ones((batch, length), np.float32)

    def run():
        learner.train_on_batch(inputs, inputs["targets"], sample_weight=weights)

    run()
    run()
    cpu, clock = timed(run, case["repeats"])
    return {
        "cpu": batch * length / cpu,
        "clock": batch * length / clock,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def product(case, cores):
    """Measure the operations per second of a large product."""
    tf = ready(cores)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    a, b = (tf.cast(tf.random.normal((2048, 2048)), case["precision"]) for _ in range(2))

    def run():
        for _ in range(4):
            tf.matmul(a, b)

    run()
    return {"cpu": 4 * 2 * 2048**3 / timed(run, max(case["repeats"], 3))[0]}


def waiting(case, cores):
    """Train on real music; return the share of wall time spent outside the step."""
    import dataclasses
    from pathlib import Path

    ready(cores)
    from symgen import config
    from symgen.dataset.dataset import Dataset
    from symgen.training.recipe import Recipe
    from symgen.training.reports import control_statistics as told
    from symgen.training.run import make_loop

    recipe, data = Recipe.of(config.load(case["config"])), Dataset.open(case["data"])
    options = dataclasses.replace(
        recipe.training,
        batch=case["batch"],
        length=case["length"],
        precision=case["precision"],
        steps=1000,
        epochs=0,
        threads=len(cores),
    )
    loop = make_loop(
        Path("unused"),
        data,
        dataclasses.replace(
            recipe,
            encoding=data.encoding,
            training=options,
            controls=told.learned(recipe.controls, data),
        ),
    )
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
    events = count * options.batch * case["length"]
    return {"cpu": events / cpu, "clock": events / clock, "waits": 1 - sum(spent) / clock}


def child(kind, cores, **case):
    """Measure in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--child",
        json.dumps({"kind": kind, "cores": cores, **USUAL, **case}),
    ]
    return json.loads(
        subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ).stdout.splitlines()[-1]
    )


def rows(args):
    """Yield all rows."""
    free = list(range(os.cpu_count() or 1))
    one, two, repeats = [args.core], sorted({args.core, *free})[:2], args.repeats
    rates, fastest = {}, {}
    for precision in ("float32", "bfloat16"):
        rates[precision] = child("product", one, precision=precision, repeats=repeats)["cpu"]
        yield f"a large product, {precision}", rates[precision] / 1e9, "GFLOP/CPU s", ""
        for batch in (64, 16):
            found = child(
                "step", one, who="symgen", batch=batch, precision=precision, repeats=repeats
            )
            fastest[precision] = max(found["cpu"], fastest.get(precision, 0))
            yield told(
                f"train, {precision}, batch {batch}", found, rates[precision], {"batch": batch}
            )
            if not args.no_peer:
                peer = child(
                    "step", one, who="keras", batch=batch, precision=precision, repeats=repeats
                )
                name, value, unit, more = told(
                    f"peer: Keras's LSTM, {precision}, batch {batch}",
                    peer,
                    rates[precision],
                    {"batch": batch},
                )
                yield name, value, unit, f"{more}; symgen does {found['cpu'] / value:.2f} x as much"
    best = max(fastest, key=fastest.get)
    for batch in (16, 64, 128) if len(two) == 2 else ():
        alone, both = (
            child("step", cores, who="symgen", batch=batch, precision=best, repeats=repeats)[
                "clock"
            ]
            for cores in (one, two)
        )
        yield (
            f"two cores, {best}, batch {batch}",
            both / alone,
            "x one core",
            f"{both:,.0f} events a second by the clock, {alone:,.0f}",
        )
    for what, values in {} if args.quick else GROWTH.items():
        for value in values:
            found = child(
                "step", one, who="symgen", precision=best, repeats=repeats, **{what: value}
            )
            yield told(
                f"growth, {best}: {what} {value} (usually {USUAL[what]})",
                found,
                rates[best],
                {what: value},
            )
    if args.data:
        found = child(
            "waiting",
            one,
            data=args.data,
            config=args.config,
            batch=16,
            precision=best,
            repeats=repeats,
        )
        yield (
            f"{args.config} on {args.data}",
            found["cpu"],
            "events/CPU s",
            f"{found['waits']:.1%} of the clock waiting for input",
        )


def told(name, found, rate, case):
    """Return the row of a step."""
    share = found["cpu"] * multiplications({**USUAL, **case}) / rate
    return (
        name,
        found["cpu"],
        "events/CPU s",
        f"{found['clock']:,.0f} by the clock, peak {found['peak']:.2f} GB, "
        f"{share:.0%} of the large product's rate",
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        case = json.loads(sys.argv[2])
        print(
            json.dumps(
                {"step": step, "product": product, "waiting": waiting}[case["kind"]](
                    case, case["cores"]
                )
            )
        )
    else:
        args = measure.options(__doc__, data="", config="controlled")
        measure.run(args, rows(args))
