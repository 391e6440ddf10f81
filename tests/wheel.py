"""Build the wheel, install it outside the checkout as a user would, and run commands there.

First as a plain install, in an environment of its own with only what the wheel declares: it
converts and renders, and `train` names the command that adds what training needs. Then beside the
packages of this checkout's environment: the three commands run as they are written, with a training
of some seconds. With the name of a folder, the wheel is put there in the end.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = ["convert corpora/einaudi", "train --config perf_dynamics", "sample --key C --density 3"]


def run(command, cwd, env=None, code=0):
    print("$", " ".join(map(str, command)), flush=True)
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout, flush=True)
    if done.returncode != code:
        sys.exit(f"exit {done.returncode}, expected {code}")
    return done.stdout


def main():
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], out
        )
        [wheel] = out.glob("*.whl")
        plain(wheel, out / "plain")
        three_commands(wheel, out / "full")
        for folder in sys.argv[1:]:
            Path(folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(wheel, folder)
    print("3 passed, 0 failed")


def plain(wheel, folder):
    venv.create(folder / "venv", with_pip=True)
    python = next(
        p for p in (folder / "venv/bin/python", folder / "venv/Scripts/python.exe") if p.exists()
    )
    run([python, "-m", "pip", "install", "--quiet", wheel], folder)
    symgen = [python, "-m", "symgen"]
    run([*symgen, "convert", "corpora/einaudi"], folder)
    source = "import symgen; symgen.write(next(symgen.pieces('corpora/einaudi')).sequence, 'a.mid')"
    run([python, "-c", source], folder)
    run([*symgen, "render", "a.mid"], folder)
    assert (folder / "a.wav").stat().st_size > 1e6
    assert "pip install 'symgen[train]'" in run([*symgen, "train"], folder, code=1)
    text = run([*symgen, "transcribe", "a.wav"], folder, code=1)
    assert "pip install --no-deps basic-pitch==0.4.0" in text
    text = run([*symgen, "sample", "--seconds", "5", "--render"], folder)
    assert "model piano (ships with symgen)" in text
    assert "an n-gram is counted" in run([*symgen, "quick", "corpora/einaudi", "-n", "1"], folder)


def three_commands(wheel, folder):
    options = ["--quiet", "--no-deps", "--target", folder / "site"]
    run([sys.executable, "-m", "pip", "install", *options, wheel], ROOT)
    env = {"PYTHONPATH": str(folder / "site"), "SYMGEN_TRAIN_MINUTES": "0.1"}
    where = subprocess.run(
        [sys.executable, "-c", "import symgen; print(symgen.__file__)"],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(folder) in where, where
    convert, train, sample = COMMANDS
    for command in (convert, train, sample, convert, sample):
        run([sys.executable, "-m", "symgen", *command.split()], folder, env)
    assert len(list((folder / "samples").glob("*.mid"))) == 2


if __name__ == "__main__":
    main()
