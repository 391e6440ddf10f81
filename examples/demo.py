"""The first minute: play the models that ship, then fine-tune one. All files go to demo/.

Without Keras (a light install) nothing is trained. If the models that ship are missing, a model is
trained on the example pieces instead.
"""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from symgen.pretrained import folder, pretrained

ROOT = Path(__file__).resolve().parents[1]
MINUTES = os.environ.get("SYMGEN_DEMO_MINUTES", "0.5")  # of training
PIECES = str(ROOT / "corpora" / "einaudi")
TUNE = ["--form", "AABB", "--meter", "6/8", "--tempo", "110", "--key", "D", "--seed", "1"]
KINDS = {"Listen": ".wav", "Look": ".png", "Edit": ".mid", "Paste into any ABC tool": ".abc"}
BEGIN = time.monotonic()


def run(*arguments):
    print("\n$ symgen", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", "symgen", *arguments], check=True)
    print(f"[{time.monotonic() - BEGIN:.0f} s since the start]", flush=True)


def sample(name, *options, render=True):
    """Sample one piece, as demo/NAME; return its file."""
    run("sample", *options, "--force", "-o", name, *(["--render"] if render else []))
    return Path(name)


def picture(file):
    if find_spec("matplotlib"):
        run("render", str(file), "-o", str(file.with_suffix(".png")), "--force")


def shipped():
    """Play both models that ship; return the MIDI files."""
    made = [sample("piano.mid", "--model", "piano", "--seconds", "20", "--seed", "1")]
    made.append(sample("jig.mid", "--model", "folk", *TUNE))
    sample("jig.abc", "--model", "folk", *TUNE, render=False)
    for file in made:
        picture(file)
    return made


def tuned():
    """Fine-tune `piano` on the example pieces; return a sample from before and one from after."""
    run("train", "--from", "piano", PIECES, "--minutes", MINUTES, "--name", "tuned", "--seed", "1")
    newest = max(Path("runs").glob("tuned*"), key=lambda path: path.stat().st_mtime)
    options = ["--seconds", "20", "--seed", "2"]
    before = sample("before.mid", "--model", "piano", *options)
    return [before, sample("after.mid", str(newest), *options)]


def main():
    place = ROOT / "demo"
    place.mkdir(exist_ok=True)
    os.chdir(place)
    missing = [model.file for model in pretrained.values() if not (folder() / model.file).is_file()]
    if missing:
        print(
            f"\n*** {' and '.join(missing)} missing from {folder()}:",
            "a model is trained on the example pieces instead ***",
        )
        run("quick", PIECES, "--minutes", MINUTES, "-o", ".")
        made = sorted(Path().glob("quick*.mid"), key=lambda path: path.stat().st_mtime)[-2:]
        picture(made[-1])
    else:
        made = shipped()
        if find_spec("keras"):
            made += tuned()
        else:
            print("\nKeras is not installed, so nothing is trained: pip install 'symgen[train]'")
    for what, suffix in KINDS.items():
        found = [place / file.with_suffix(suffix) for file in made]
        if found := [path for path in found if path.is_file()]:
            print(f"\n{what}:", *found, sep="\n  ")
    print(f"\nThat took {time.monotonic() - BEGIN:.0f} s. Now your own music: symgen quick FOLDER")


if __name__ == "__main__":
    main()
