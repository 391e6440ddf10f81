"""Playing: time to the first event and events per second, beside a Keras step loop.

python benchmarks/sample.py [BUNDLE] [--encoding performance] [--core 0] [--repeats 5] [--steps 300]
                            [--no-peer] [--json FILE]

Without BUNDLE it makes one: a 3 x 512 LSTM of `performance` (or `notes`) with random weights, whose
head plays about as many notes per second as a pianist. It is pinned to one core where that is
possible. All figures are medians of the repeats. Rates are events per second of CPU time, except on
two cores, where they are per second of wall time. Encodings differ in how many events the same
music takes, so each rate comes with the seconds of music per second.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import symgen
from symgen.dataset.pieces import Split
from symgen.sampling.generate import engine
from symgen.sampling.request.request import ask
from symgen.training.quantize import quantise

UNITS, LAYERS, SIZE = 512, 3, 388  # SIZE is the peer's number of values
ASKED = {"nothing": {}, "key + density": {"key": "C", "density": 4.0}}
SYMGEN = [sys.executable, "-m", "symgen"]
FIRST = "import symgen; print(next(symgen.load({path!r}{more}).stream(seed=1)))"

PEER = """
import os; os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import sys, time, statistics, json
import keras, numpy as np, tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
units, layers, size, steps, repeats = map(int, sys.argv[1:])
cells = [keras.layers.LSTMCell(units) for _ in range(layers)]
below = size + 1
for cell in cells:
    cell.build((None, below)); below = units
head = keras.layers.Dense(size); head.build((None, units))
@tf.function
def step(event, states):
    x, after = tf.one_hot(event, size + 1), []
    for cell, state in zip(cells, states):
        x, state = cell(x, state); after.append(state)
    return tf.random.categorical(head(x), 1)[:, 0], after
out = {}
for batch in (1, 10):
    event = tf.fill([batch], tf.constant(size, tf.int64))
    states = [[tf.zeros([batch, units])] * 2 for _ in cells]
    event, states = step(event, states)
    out.setdefault("first", time.process_time())
    found = []
    for _ in range(repeats):
        begin = time.process_time()
        for _ in range(steps):
            event, states = step(event, states); event.numpy()
        found.append(batch * steps / (time.process_time() - begin))
    out[str(batch)] = statistics.median(found)
print(json.dumps(out))
"""


def random_bundle(path, name="performance"):
    """Write a bundle of a network with random weights that plays about as fast as a pianist."""
    from symgen.bundle.bundle import Bundle
    from symgen.bundle.write import TEST_STEPS, write
    from symgen.models import Sizes, model
    from symgen.runtime.check import replay
    from symgen.runtime.onnx import OnnxPlayer

    rng, encoding = np.random.default_rng(0), symgen.encoding(name)
    sizes = Sizes(tuple(encoding.fields))
    chained = len(sizes.fields) > 1
    member = model(
        {
            "name": "lstm",
            "layers": [{"units": UNITS}] * LAYERS,
            "head": "chained" if chained else "independent",
        }
    )
    weights, below = {}, sum(size + 1 for _, size in sizes.fields)
    for i in range(LAYERS):
        weights |= {
            f"layer.{i}.kernel": rng.normal(0, 0.5 if i == 0 else 0.05, (below, 4 * UNITS)),
            f"layer.{i}.recurrent_kernel": rng.normal(0, 0.05, (UNITS, 4 * UNITS)),
            f"layer.{i}.bias": np.zeros(4 * UNITS),
        }
        below = UNITS
    if chained:
        weights |= {
            "chain.kernel": rng.normal(0, 0.05, (UNITS, UNITS)),
            "chain.bias": np.zeros(UNITS),
        }
    for field, size in sizes.fields:
        weights |= {
            f"head.{field}.kernel": rng.normal(0, 0.05, (UNITS, size)),
            f"head.{field}.bias": LIKELY[field],
        }
        if chained and field != encoding.fields[-1].name:
            weights[f"chain.{field}.embedding"] = rng.normal(0, 0.05, (size, UNITS))
    weights = {key: values.astype(np.float32) for key, values in weights.items()}
    drawn = [rng.integers(0, size, TEST_STEPS) for _, size in sizes.fields]
    events = np.stack(drawn, axis=1).astype(np.int32)
    test = {"event": events, "chosen": events, "controls": np.zeros((len(events), 0), np.float32)}
    fields = [field for field, _ in sizes.fields]
    step, head = member.step_graph(sizes, weights), member.head_graph(sizes, weights)
    test |= replay(OnnxPlayer(step, head, fields), test, fields)
    write(
        path,
        name="random",
        encoding=encoding,
        model=member,
        weights=weights,
        test=test,
        corpora=[{"name": "noise", "synthetic": True}],
        training={},
    )
    quantise(Bundle.open(path), Split.of(encoding, {"noise": events}))
    return path


def falling(size, steps):
    """Return logits of `size` values that fall by one every `steps`; their total is about 0."""
    return -np.arange(size) / steps - np.log(steps)


ONSETS = -(((np.arange(128) - 62) / 14) ** 2) / 2 - np.log(35)
LIKELY = {  # logits of each field
    "event": np.concatenate(
        [
            ONSETS + np.log(0.27),
            np.full(128, -2.5),
            falling(100, 8) + np.log(0.3),
            np.full(32, np.log(0.2 / 32)),
        ]
    ),
    "shift_seconds": falling(61, 0.2),
    "shift": falling(100, 12),
    "pitch": ONSETS,
    "velocity": np.zeros(32),
    "length_seconds": falling(256, 0.5),
    "length": falling(100, 50),
}


def process(command, repeats, **options):
    """Return the median wall and CPU seconds of `command`, after one run to warm up."""
    found = []
    for _ in range(repeats + 1):
        before, begin = os.times(), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, **options)
        wall, after = time.perf_counter() - begin, os.times()
        found.append(
            (
                wall,
                after.children_user
                + after.children_system
                - before.children_user
                - before.children_system,
            )
        )
    return [statistics.median(column) for column in zip(*found[1:], strict=True)]


def streams(model, batch, args, steps, repeats, clock):
    """Return events and seconds of music per second, and milliseconds per step, as medians.

    The milliseconds are those of the whole step and of the network, which includes its head.
    """
    made = engine(
        model.encoding,
        model.play(),
        dataclasses.replace(ask(seed=1, **args), seconds=None),
        batch,
        0,
        model.controls,
    )
    inside, found = [0.0], []
    plain = {name: getattr(made.player, name) for name in ("step", "logits")}

    def timed(run):
        def measured(*given):
            begin = clock()
            out = run(*given)
            inside[0] += clock() - begin
            return out

        return measured

    for _ in range(20):
        made.step()
    for _ in range(repeats):
        vars(made.player).update(plain)
        begin, before = clock(), made.view.passed()
        for _ in range(steps):
            made.step()
        took, music = clock() - begin, (made.view.passed() - before) / made.view.rate
        vars(made.player).update({name: timed(run) for name, run in plain.items()})
        inside[0] = 0.0
        for _ in range(steps // 4):
            made.step()
        found.append(
            (batch * steps / took, music / took, 1e3 * took / steps, 1e3 * inside[0] / (steps // 4))
        )
    return [statistics.median(column) for column in zip(*found, strict=True)]


def measure(path, options):
    """Yield the rows (row, value, unit, more) of symgen."""
    wall, cpu = process([*SYMGEN, "--help"], options.repeats)
    yield "symgen --help", wall, "s", f"CPU {cpu:.3f} s"
    precisions = symgen.load(path).precisions
    for precision in precisions:
        more = f", precision={precision!r}"
        wall, cpu = process(
            [sys.executable, "-c", FIRST.format(path=str(path), more=more)], options.repeats
        )
        yield f"cold start to first event, {precision}", wall, "s", f"CPU {cpu:.3f} s"
    yield from samples(path, precisions, options.repeats)
    yield from live(path, precisions, options, time.process_time, "events/CPU s")


def samples(path, precisions, repeats):
    """Yield the rows of `symgen sample` from the shell."""
    with tempfile.TemporaryDirectory() as folder:
        for precision in precisions:
            for what, args in ASKED.items():
                flags = [f"--{k}={v}" for k, v in args.items()]
                wall, cpu = process(
                    [
                        *SYMGEN,
                        "sample",
                        str(path),
                        "--seconds",
                        "30",
                        "--seed",
                        "1",
                        "--precision",
                        precision,
                        *flags,
                        "-f",
                        "-o",
                        f"{folder}/x.mid",
                    ],
                    repeats,
                )
                yield f"sample --seconds 30, {precision}, {what}", wall, "s", f"CPU {cpu:.3f} s"


def live(path, precisions, options, clock, unit):
    """Yield the rows of streams that are stepped in this process."""
    for precision in precisions:
        model = symgen.load(path, precision=precision)
        for batch, name in ((1, "one stream"), (10, "ten streams")):
            for what, args in ASKED.items():
                rate, music, whole, inside = streams(
                    model, batch, args, options.steps, options.repeats, clock
                )
                more = (
                    f"{whole:.3f} ms a step, {inside:.3f} of it the network's; "
                    f"{music:.1f} s of music/{unit.partition('/')[2]}"
                )
                yield f"{name}, {precision}, {what}", rate, unit, more


def on_two(path, options, cores):
    """Yield the rows of a step on two of `cores`; none where there is only one."""
    if len(cores) < 2:
        return
    os.sched_setaffinity(0, sorted(cores)[:2])
    precisions = symgen.load(path).precisions
    clocked = live(path, precisions, options, time.perf_counter, "events/s")
    for what, value, unit, more in itertools.chain(
        samples(path, precisions, options.repeats), clocked
    ):
        yield f"two cores: {what}", value, unit, more


def peer(options):
    """Yield the rows of Keras on TensorFlow; none where it is not installed."""
    try:
        command = [
            sys.executable,
            "-c",
            PEER,
            *map(str, (UNITS, LAYERS, SIZE, options.steps, options.repeats)),
        ]
        found = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
    except subprocess.CalledProcessError as error:
        print(
            f"no peer: {(error.stderr.strip().splitlines() or ['it failed'])[-1]}", file=sys.stderr
        )
        return
    yield "peer: cold start to first event", found["first"], "s CPU", ""
    for batch, name in ((1, "one stream"), (10, "ten streams")):
        yield (
            f"peer: {name}",
            found[str(batch)],
            "events/CPU s",
            f"{1e3 * batch / found[str(batch)]:.3f} ms a step",
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", nargs="?", type=Path)
    parser.add_argument("--encoding", choices=("performance", "notes"), default="performance")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else ()
    if cores:
        os.sched_setaffinity(0, {options.core})
    folder, rows = Path(tempfile.mkdtemp()), []
    try:
        path = options.bundle or random_bundle(folder / "random.symgen", options.encoding)
        print(
            f"{path}, NumPy {np.__version__}, Python {sys.version.split()[0]}, "
            f"medians of {options.repeats}",
            flush=True,
        )
        for rate in itertools.chain(
            measure(path, options),
            () if options.no_peer else peer(options),
            on_two(path, options, cores),
        ):
            rows += [show(*rate)]
    finally:
        shutil.rmtree(folder)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def show(row, value, unit, more):
    print(
        f"{row:>48} {value:10,.3f} {unit:13} {more}"
        if value < 100
        else f"{row:>48} {value:10,.0f} {unit:13} {more}",
        flush=True,
    )
    return {"row": row, "value": value, "unit": unit, "more": more}


if __name__ == "__main__":
    main()
