"""The whole way in a few minutes, for piano and for folk tunes: convert, train a small model, sample, render; all under demo/."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINUTES = os.environ.get("SYMGEN_DEMO_MINUTES", "2")  # of training, for each of the two models


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
    run("convert", str(ROOT / "corpora" / "folk"))
    run("train", "--config", "melody_chords_small", "--minutes", MINUTES)
    run("sample", "--form", "AABB", "--meter", "6/8", "--tempo", "110", "--key", "D", "--seed", "1", "--render", "-o", "jig.mid", "--force")
    run("sample", "--form", "AABB", "--meter", "6/8", "--tempo", "110", "--key", "D", "--seed", "1", "-o", "jig.abc", "--force")
    music = [Path("demo-1.mid"), Path("demo-2.mid"), Path("jig.mid")]
    for file in music:
        run("render", str(file), "-o", str(file.with_suffix(".png")), "--force")
    for what, suffix in (("Listen", ".wav"), ("Look", ".png"), ("Edit", ".mid")):
        print(f"\n{what}:", *(folder / file.with_suffix(suffix) for file in music), sep="\n  ")
    print("\nPaste into any ABC tool:", folder / "jig.abc", sep="\n  ")
    print("\nA better model takes longer: symgen train --config perf_dynamics, or melody_chords on the Nottingham tunes")


if __name__ == "__main__":
    main()
