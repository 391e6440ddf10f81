"""The whole way in a few minutes: convert the stand-in corpus, train a small model, sample, render; all under demo/."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINUTES = os.environ.get("SYMGEN_DEMO_MINUTES", "2")


def run(*arguments):
    print("\n$ symgen", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", "symgen", *arguments], check=True)


def main():
    folder = ROOT / "demo"
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    run("convert", str(ROOT / "corpora" / "einaudi"))
    run("train", "--config", "perf_dynamics_small", "--minutes", MINUTES)
    run("sample", "--num", "2", "--key", "C", "--density", "3", "--render", "-o", "demo.mid", "--force")
    pictures = [Path(f"demo-{i}.png") for i in (1, 2)]
    for picture in pictures:
        run("render", str(picture.with_suffix(".mid")), "-o", str(picture), "--force")
    print("\nListen:", *(folder / p.with_suffix(".wav") for p in pictures), sep="\n  ")
    print("Look:", *(folder / p for p in pictures), sep="\n  ")
    print("Edit:", *(folder / p.with_suffix(".mid") for p in pictures), sep="\n  ")
    print("A better model takes longer: symgen train --config perf_dynamics")


if __name__ == "__main__":
    main()
