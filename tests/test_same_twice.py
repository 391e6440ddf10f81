"""The same input and seed give the same bytes, whatever else the machine does."""

import json
import os
import subprocess
import sys

import pytest

from symgen.bundle.bundle import Bundle
from tests.faults.scene import ENV, SYMGEN, music, tree
from tests.golden.make import HERE as GOLDEN

BURN = "while True: pass"


def symgen(folder, words, seed, cores):
    """Run a command with another order of sets, and on some cores alone."""
    limit = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    done = subprocess.run(
        [*SYMGEN, *map(str, words)],
        cwd=folder,
        env={**ENV, "PYTHONHASHSEED": str(seed)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def made(folder, workers, seed, cores):
    """Return what a conversion, a counted model and samples in both precisions come to."""
    symgen(folder, ["convert", "../music", "-o", "set", "--workers", workers, "-q"], seed, cores)
    symgen(folder, ["train", "--config", "ngram", "--data", "set", "-q"], seed, cores)
    model = GOLDEN / "shipped-2.symgen"
    for name, options in {"a": ("-n", 3), "b": ("-n", 2, "--key", "D", "--top-k", 9)}.items():
        words = ["sample", model, "--bars", 4, "--seed", 7, *options, "-q", "-o", f"{name}/"]
        symgen(folder, words, seed, cores)
    run = folder / "runs" / "ngram"
    sums = Bundle.open(run).info["checksums"]
    samples = {k: v for k, v in tree(folder).items() if k.startswith(("a/", "b/"))}
    reports = {
        path.name: json.loads(path.read_text())["recipe"] for path in folder.glob("[ab]/*.json")
    }
    kept = {k: v for k, v in samples.items() if not k.endswith(".json")}
    assert len(kept) == 10
    return tree(folder / "set"), (run / "journal.jsonl").read_bytes(), sums, kept, reports


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_one_core_or_many_workers_and_a_busy_machine(tmp_path):
    music(tmp_path / "music", 30)
    cores = os.sched_getaffinity(0)
    found = []
    for name, workers, seed, some in (("one", 1, 0, {min(cores)}), ("many", 3, 11, cores)):
        (tmp_path / name).mkdir()
        burning = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(2 * (seed > 0))]
        try:
            found.append(made(tmp_path / name, workers, seed, some))
        finally:
            for process in burning:
                process.kill()
                process.wait()
    for one, other in zip(*found, strict=True):
        assert one == other
