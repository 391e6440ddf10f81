"""How well controls are met: targets and what samples measure, in tables.

python benchmarks/models/controls.py BUNDLE [--samples 20] [--seconds 30] [--quick] [--jobs 2]
                              [--only densities,keys,ramp,speed]

Each sample is drawn once, with the default settings except for what a column names. `condition`
only conditions the model, `steer` only steers its scores, `both` is the default.

Densities: the mean density measured, and how many samples lie within 25 % of the target. Then two
differences in nats per event. The first is against samples without a target, both scored without
conditioning; a model of fast music finds slow music less likely, and real slow music too. The
second is against samples that are conditioned but not steered, both scored with conditioning: the
cost of steering.

Keys: the share of sounding time in the scale (both sixths and sevenths in minor), the lowest of any
sample, the share in natural minor, and in how many samples Krumhansl's method (music21's, where it
is installed) finds the key.

Ramp: 2:8 notes per second, by thirds. Speed: the time of a step with each control and with
guidance, as a ratio to a step without, measured in alternation.
"""

import argparse
import multiprocessing
import statistics
import sys
import time

import numpy as np

from symgen.errors import BadOption
from symgen.notes.theory import keys
from symgen.notes.theory.scales import scale
from symgen.sampling import load
from symgen.sampling.generate import draw, engine
from symgen.sampling.nats import nats
from symgen.sampling.request.request import ask

DENSITIES = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0)
METHODS = ("condition", "steer", "both")
KEYS = [
    f"{name} {mode}" for mode, names in zip(keys.MODES, keys.NAMES, strict=True) for name in names
]
SPEED = (
    {"density": 6.0},
    {"key": "C"},
    {"key": "C", "strict_key": True},
    {"register": 64.0},
    {"polyphony": 4.0},
    {"loudness": 64.0},
    {"density": "2@0:8@60"},
    {"register": "50@0:76@60"},
    {"density": 6.0, "key": "C", "register": 64.0, "polyphony": 4.0, "loudness": 64.0},
)
COLUMNS = {
    "condition": {"method": "condition"},
    "condition, guidance 2": {"method": "condition", "guidance": 2.0},
    "default": {},
    "strict": {"strict_key": True},
}
SEED = 1

_model = None


def opened(path):
    """Load the bundle once in each process."""
    global _model
    if _model is None or str(_model.path) != str(path):
        _model = load(path)
    return _model


def made(path, options, likelihood):
    model = opened(path)
    return draw(model, model.plan(ask(seed=SEED, **options)), likelihood=likelihood)


def cell(job):
    """Return the name of a table's cell and its figures, or why there are none."""
    path, name, options, likelihood = job
    try:
        samples = made(path, options, likelihood)
    except BadOption as error:
        return name, str(error)
    notes = [s.sequence.notes for s in samples]
    figures = {"told": _told(path, options, samples)} if "density" in options and likelihood else {}
    figures |= {
        "density": [s.reached["density"] for s in samples],
        "nats": [s.nats for s in samples],
        "thirds": [
            np.histogram(n["start_time"], np.linspace(0, s.reached["seconds"], 4))[0]
            for n, s in zip(notes, samples, strict=True)
        ],
    }
    if "key" in options:
        args = scale(options["key"])
        natural = scale(
            f"{options['key'].split()[0]} {'aeolian' if 'minor' in options['key'] else 'major'}"
        )
        figures |= {
            "inside": [_inside(n, args) for n in notes],
            "natural": [_inside(n, natural) for n in notes],
            "found": [_found(s.sequence) == args.name for s in samples],
        }
    return name, figures


def _told(path, options, samples):
    """Return the mean nats of each sample under the model conditioned on the density."""
    model = opened(path)
    known = [c.name for c in model.controls if c.name == "density"]
    return nats(
        model.encoding,
        model.play(),
        model.controls,
        model.plan(ask(seed=SEED, **options)),
        [s.events for s in samples],
        names=known,
    ).tolist()


def _inside(notes, key):
    time_of = notes["end_time"] - notes["start_time"]
    return float(time_of[key.mask[notes["pitch"] % 12]].sum() / max(time_of.sum(), 1e-9))


def _found(sequence):
    """Return the name of the key that music21 finds, or symgen where it is not installed."""
    try:
        import music21
    except ImportError:
        return keys.key_of(sequence).name
    stream = music21.stream.Stream()
    for note in sequence.notes:
        one = music21.note.Note(int(note["pitch"]))
        one.quarterLength = max(float(note["end_time"] - note["start_time"]), 0.01)
        stream.insert(float(note["start_time"]), one)
    if not len(sequence.notes):
        return ""
    found = stream.analyze("krumhansl")
    return scale(KEYS[found.tonic.pitchClass + 12 * (found.mode == "minor")]).name


def jobs(args):
    common = {"num": args.samples, "seconds": args.seconds}
    out = [(args.bundle, ("free",), common, True)]
    if "densities" in args.only:
        out += [
            (args.bundle, ("density", d, method), common | {"density": d, "method": method}, True)
            for d in args.densities
            for method in METHODS
        ]
    if "keys" in args.only:
        out += [
            (args.bundle, ("key", key, i), common | {"key": key} | more, False)
            for key in KEYS
            for i, more in enumerate(COLUMNS.values())
        ]
    if "ramp" in args.only:
        out += [
            (args.bundle, ("ramp", method), common | {"density": "2:8", "method": method}, False)
            for method in METHODS
        ]
    return out


def densities(found, free):
    print(
        "\ndensity: notes per second measured (samples within 25 %); nats per event above samples "
        "without a target, above samples that are only conditioned"
    )
    print(f"{'args':>8}  " + "".join(f"{method:>32}" for method in METHODS))
    for args in dict.fromkeys(key[1] for key in found if key[0] == "density"):
        row = []
        for method in METHODS:
            f = found["density", args, method]
            if isinstance(f, str):
                row.append("-")
                continue
            near = sum(abs(d / args - 1) <= 0.25 for d in f["density"])
            more = f"{np.mean(f['nats']) - free:+.3f} {_added(found, args, f)}"
            row.append(f"{np.mean(f['density']):.2f} ({near}/{len(f['density'])}) {more}")
        print(f"{args:>8g}  " + "".join(f"{text:>32}" for text in row))


def _added(found, args, figures):
    told = found["density", args, "condition"]
    return (
        "" if isinstance(told, str) else f"{np.mean(figures['told']) - np.mean(told['told']):+.3f}"
    )


def all_keys(found):
    columns = tuple(COLUMNS)
    print(
        "\nkeys: % of sounding time in the scale, mean (lowest sample; natural minor); "
        "samples whose key is found"
    )
    print(f"{'args':>10}  " + "".join(f"{c:>34}" for c in columns))
    totals = {c: [[], [], []] for c in columns}
    for key in KEYS:
        row = []
        for i, column in enumerate(columns):
            f = found["key", key, i]
            if isinstance(f, str):
                row.append("-")
                continue
            for total, values in zip(
                totals[column], (f["inside"], f["natural"], f["found"]), strict=True
            ):
                total += values
            row.append(_share(f["inside"], f["natural"], f["found"]))
        print(f"{key:>10}  " + "".join(f"{text:>34}" for text in row))
    print(
        f"{'all':>10}  "
        + "".join(f"{_share(*totals[c]) if totals[c][0] else '-':>34}" for c in columns)
    )
    for column, (inside, _, named) in totals.items():
        if inside:
            print(
                f"{column}: {100 * np.mean([x >= 0.95 for x in inside]):.0f} % of the samples "
                f"are at 95 % or more; the key is found in {100 * np.mean(named):.0f} %"
            )


def _share(inside, natural, named):
    mean, lowest, minor = (100 * x for x in (np.mean(inside), min(inside), np.mean(natural)))
    return f"{mean:.1f} ({lowest:.1f}; {minor:.1f}) {sum(named)}/{len(named)}"


def ramp(found):
    print("\nramp 2:8: notes per second in each third, and samples in which each third has more")
    for method in METHODS:
        f = found["ramp", method]
        if isinstance(f, str):
            continue
        thirds = np.array(f["thirds"])
        rise = (np.diff(thirds, axis=1) > 0).all(axis=1).sum()
        each = thirds.mean(axis=0) / (thirds.sum(axis=1) / f["density"]).mean() * 3
        print(f"{method:>8}  {' '.join(f'{x:.2f}' for x in each)}   {rise}/{len(thirds)}")


def _running(model, options, streams):
    """Return an engine of `streams` endless streams, after some steps."""
    made = engine(
        model.encoding,
        model.play(),
        model.plan(ask(seconds=None, seed=SEED, **options)),
        streams,
        0,
        model.controls,
    )
    for _ in range(20):
        made.step()
    return made


def _turn(running, clock, steps=25):
    """Return milliseconds per step."""
    begin = clock()
    for _ in range(steps):
        running.step()
    return 1000 * (clock() - begin) / steps


def speed(path, repeats):
    model, turns = opened(path), 16
    print(
        "\ncost: CPU time of a step (with guidance, which may use two cores, wall time) "
        f"over that without a target: the median of {repeats * turns} ratios, "
        "for 1 stream and for 20 at once"
    )
    for options in (*SPEED, {"density": 6.0, "guidance": 2.0}):
        base, clock = (
            ({"density": 6.0}, time.perf_counter)
            if "guidance" in options
            else ({}, time.process_time)
        )
        ratios = []
        try:
            for streams in (1, 20):
                pairs = []
                for _ in range(repeats):
                    one, other = _running(model, options, streams), _running(model, base, streams)
                    pairs += [(_turn(one, clock), _turn(other, clock)) for _ in range(turns)]
                ratios.append(
                    (
                        statistics.median(a / b for a, b in pairs),
                        statistics.median(b for _, b in pairs),
                    )
                )
        except BadOption:
            continue
        name = ", ".join(f"{k} {v}" for k, v in options.items()) + (
            " (over density 6.0)" if base else ""
        )
        print(f"  {name}: " + "; ".join(f"{ratio:.2f} of {base:.2f} ms" for ratio, base in ratios))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument(
        "--quick", action="store_true", help="4 samples of 20 s per cell, and one round of speed"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--densities", default=",".join(f"{d:g}" for d in DENSITIES))
    parser.add_argument("--only", default="densities,keys,ramp,speed")
    args = parser.parse_args()
    args.only, args.densities = (
        args.only.split(","),
        [float(d) for d in args.densities.split(",")],
    )
    if args.quick:
        args.samples, args.seconds = 4, 20.0
    begin = time.monotonic()
    print(f"{args.bundle}: {args.samples} samples of {args.seconds:g} s per cell, seed {SEED}")
    with multiprocessing.get_context("spawn").Pool(args.jobs) as pool:
        found = dict(pool.imap_unordered(cell, jobs(args)))
    free = float(np.mean(found["free",]["nats"]))
    print(
        f"no target: {np.mean(found['free',]['density']):.2f} notes per second, "
        f"{free:.3f} nats per event without conditioning"
    )
    for name, show in (
        ("densities", lambda: densities(found, free)),
        ("keys", lambda: all_keys(found)),
        ("ramp", lambda: ramp(found)),
        ("speed", lambda: speed(args.bundle, 1 if args.quick else 5)),
    ):
        if name in args.only:
            show()
    print(f"\n{time.monotonic() - begin:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
