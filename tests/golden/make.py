"""Write the golden files of a format, with the symgen of a checkout.

    python tests/golden/make.py FORMAT CHECKOUT

Those here were written by the commits of WRITERS, which knew no newer format, from `tunes.abc`.
Each format has a dataset, and a run of it that ran out of time after one step, so that it can be
resumed. The bundle of a run is of format 1; one of format 2 is for shipping.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
WRITERS = {"1": "dbeb529", "2": "14cc74c; the run: the commit that added this file"}
CONFIG = """
[encoding]
name = "melody_chords"
cutoff = 1
every_root = false

[model]
name = "lstm"
layers = [{units = 4}]

[training]
batch = 2
length = 16
steps = 6
eval_every = 2
seed = 3
threads = 1
precision = "float32"
"""
SOURCE = ("tunes.abc", "--encoding", "melody_chords")
OPTIONS = ("--set", "encoding.cutoff=1", "--set", "encoding.every_root=false")
LIMITS = ("--minutes", "0.0001", "--name", "run")


def make(version, checkout, folder):
    """Fill `folder`, and put it into zips beside this file."""

    def symgen(*words):
        env = {**os.environ, "PYTHONPATH": str(Path(checkout).resolve())}
        subprocess.run([sys.executable, "-m", "symgen", *words], cwd=folder, env=env, check=True)

    shutil.copy(HERE / "tunes.abc", folder)
    (folder / "small.toml").write_text(CONFIG)
    symgen("convert", *SOURCE, *OPTIONS, "-o", "dataset")
    symgen("train", "--config", "small.toml", "--data", "dataset", *LIMITS)
    shutil.rmtree(folder / "runs" / "run" / "logs")
    (folder / "runs" / "run").rename(folder / "run")
    if version == "2":
        symgen("bundle", "ship", "run/best.symgen", "-o", f"shipped-{version}.symgen")
        shutil.copy(folder / f"shipped-{version}.symgen", HERE)
    for name in ("dataset", "run"):
        shutil.make_archive(str(HERE / f"{name}-{version}"), "zip", folder, name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        make(sys.argv[1], sys.argv[2], Path(scratch))
