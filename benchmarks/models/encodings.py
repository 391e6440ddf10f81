"""Two encodings at equal cost: models of `notes` and `performance`, trained on the same music.

python benchmarks/models/encodings.py CORPUS... [--minutes 60] [--units 256] [--layers 3]
    [--batch 16] [--learning-rate 0.003] [--head pointer] [--cores 0,1] [--seconds 60]
    [--work FOLDER] [--json FILE]

Both have the same layers, the same split and the same CPU time on one core each. Where --cores
names one core, they run one after another. Prints for each: held-out nats per note and per second
at the end (and their difference, with 95 % intervals over pieces), minutes of music trained on per
CPU second, and seconds of music sampled per CPU second in int8, for one stream and for ten. It
fails where the two datasets do not hold out the same pieces. With --work the datasets and the runs
are kept there. --head is that of `notes`: pointer, which is told when notes end, or chained.
"""

import argparse
import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

ENCODINGS = ("notes", "performance")
WINDOW = {"notes": 128, "performance": 512}  # events per window: about as much music in both
STREAMS = (1, 10)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = arguments()
    if options.child:
        child(json.loads(options.child))
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(options.work or folder)
        work.mkdir(parents=True, exist_ok=True)
        datasets = {name: dataset(options, work, name) for name in ENCODINGS}
        same_split(datasets)
        trained = trained_on(options, work, datasets)
        sampled = {
            name: Run(case(options, "sample", trained[name]["bundle"]), options.cores[0]).result()
            for name in ENCODINGS
        }
        found = report(options, datasets, trained, sampled)
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1))


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="*", help="folders or archives of music")
    parser.add_argument("--minutes", type=float, default=60.0, help="of CPU time for each model")
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--head", choices=("pointer", "chained"), default="pointer")
    parser.add_argument(
        "--cores", default="", help="such as 0,1 (default: the first two available)"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="of music in each sample")
    parser.add_argument("--work", help="a folder for the datasets and the runs, which are kept")
    parser.add_argument("--json", help="write the figures there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.corpus and not options.child:
        parser.error("name a corpus")
    mine = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0, 1]
    options.cores = [int(core) for core in options.cores.split(",")] if options.cores else mine[:2]
    return options


def dataset(options, work, name):
    """Convert the corpora to `name`, or use what an earlier run left there."""
    folder = work / f"data-{name}"
    if not folder.is_dir():
        command = [sys.executable, "-m", "symgen", "convert", *options.corpus, "--encoding", name]
        subprocess.run([*command, "-o", str(folder), "-q"], check=True)
    return folder


def same_split(datasets):
    """Raise DataError where the datasets do not hold out, and train on, the same pieces."""
    from symgen.dataset.dataset import Dataset
    from symgen.errors import DataError
    from symgen.evaluation.side_by_side import same_pieces

    first, other = (Dataset.open(datasets[name]) for name in ENCODINGS)
    same_pieces(first, other)
    if odd := set(first.half("train").ids) ^ set(other.half("train").ids):
        raise DataError(
            f"{first.path} and {other.path} train on different pieces, such as {sorted(odd)[0]}"
        )


def case(options, task, path, name=""):
    keys = ("minutes", "units", "layers", "batch", "learning_rate", "seconds", "head")
    return {"task": task, "path": str(path), "name": name} | {k: getattr(options, k) for k in keys}


class Run:
    """A child process pinned to `core`; its last line is the result."""

    def __init__(self, spec, core):
        command = [sys.executable, __file__, "--child", json.dumps(spec | {"core": core})]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(self._process.kill)  # no child outlives the benchmark

    def result(self):
        """Wait for it and return what it found."""
        out = self._process.communicate()[0]
        if self._process.returncode:
            sys.exit(f"a child failed with {self._process.returncode}")
        return json.loads(out.splitlines()[-1])


def trained_on(options, work, datasets):
    """Train both, at once if there is a core for each."""
    specs = [
        case(options, "train", work, name) | {"data": str(datasets[name])} for name in ENCODINGS
    ]
    if len(options.cores) > 1:
        running = [Run(spec, core) for spec, core in zip(specs, options.cores, strict=False)]
        return {name: each.result() for name, each in zip(ENCODINGS, running, strict=True)}
    return {
        name: Run(spec, options.cores[0]).result()
        for name, spec in zip(ENCODINGS, specs, strict=True)
    }


def child(spec):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {spec["core"]})
    from symgen import process

    process.own()
    print(json.dumps({"train": train, "sample": sample}[spec["task"]](spec)))


def train(spec):
    """Train for the given minutes of CPU time; return the bundle and what it trained on."""
    from symgen import training
    from symgen.training.loop import loop

    loop.time = SimpleNamespace(
        monotonic=time.process_time
    )  # the budget and the schedule count CPU time
    head = spec["head"] if spec["name"] == "notes" else "chained"
    recipe = {
        "name": spec["name"],
        "encoding": {"name": spec["name"]},
        "controls": [{"name": "sounding"}] if head == "pointer" else [],
        "model": {
            "name": "lstm",
            "layers": [{"units": spec["units"]}] * spec["layers"],
            "dropout": 0.1,
            "head": head,
        },
        "training": {
            "batch": spec["batch"],
            "length": WINDOW[spec["name"]],
            "carry": 8,
            "learning_rate": spec["learning_rate"],
            "minutes": spec["minutes"],
            "epochs": 1000,
            "patience": 0,
            "eval_every": 1000,
            "eval_events": 50_000,
            "threads": 1,
        },
    }
    made = training.train(
        recipe,
        spec["data"],
        out=Path(spec["path"]) / "runs",
        log=lambda line: print(line, file=sys.stderr),
    )
    options = made.config["training"]
    return {
        "bundle": str(made.best),
        "steps": made.progress.step,
        "cpu": made.progress.elapsed,
        "events": made.progress.step * options["batch"] * options["length"],
        "precision": options["precision"],
    }


def sample(spec):
    """Return the seconds of music per CPU second, for one stream and for ten."""
    from symgen.sampling import load

    model, out = load(spec["path"], precision="int8"), {}
    model.sample(1, 2.0, seed=0)
    for count in STREAMS:
        begin = time.process_time()
        made = model.sample(count, spec["seconds"], seed=1)
        out[str(count)] = count * spec["seconds"] / (time.process_time() - begin)
        out[f"notes {count}"] = sum(len(one.notes) for one in made) / count / spec["seconds"]
    return out


def report(options, datasets, trained, sampled):
    """Print the figures and return them."""
    from symgen.dataset.dataset import Dataset
    from symgen.evaluation.side_by_side import side_by_side, text
    from symgen.sampling import load

    opened = [Dataset.open(datasets[name]) for name in ENCODINGS]
    found = side_by_side([load(trained[name]["bundle"]) for name in ENCODINGS], opened)
    print(
        f"{options.layers} x {options.units} lstm, batch {options.batch}, "
        f"{options.minutes:g} CPU minutes each"
    )
    print(text(found))
    head = (
        "encoding",
        "steps",
        "music min/CPU s",
        "sampled s/CPU s, 1",
        "10 streams",
        "notes/s",
        "precision",
    )
    print("".join(f"{cell:>20}" for cell in head))
    for name, data in zip(ENCODINGS, opened, strict=True):
        half, own = data.info["halves"]["train"], trained[name]
        minutes = own["events"] / half["events"] * half["seconds"] / 60 / own["cpu"]
        own["minutes_per_cpu_second"] = minutes
        cells = (
            name,
            f"{own['steps']:,}",
            f"{minutes:.2f}",
            f"{sampled[name]['1']:.1f}",
            f"{sampled[name]['10']:.1f}",
            f"{sampled[name]['notes 10']:.1f}",
            own["precision"],
        )
        print("".join(f"{cell:>20}" for cell in cells))
    return {"evaluation": found, "training": trained, "sampling": sampled}


if __name__ == "__main__":
    main()
