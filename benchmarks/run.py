"""Run all benchmarks of speed and memory and write one table, benchmarks/results/speed.md.

python benchmarks/run.py [--corpora FOLDER] [--quick] [--no-peer] [--only convert,render] [-o FILE]

Each script runs in a process of its own, pins itself, and runs its peer beside symgen. It gets
those of these options that it knows. What is not installed or not found is left out, and the page
says so. `make bench` runs this; --quick takes a tenth of the time. results/speed-avx512.md is the
table of a slower machine without bfloat16.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
PARTS = {
    "convert": "Converting MIDI",
    "notation": "Reading ABC and MusicXML",
    "memory": "Memory and growth of converting",
    "controls_speed": "Control signals",
    "train": "Training",
    "sample": "Playing",
    "wavenet": "Sound, sample by sample",
    "render": "Rendering",
    "audio": "Recordings",
    "transcriber/transcription": "Recordings to notes",
    "transcriber/deep_piano": "Ten seconds of piano to three minutes",
    "metrics": "Musical statistics",
    "passages": "Copied passages",
    "serve": "Serving listeners",
}
SETS = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "bf16",
    "i8mm",
)  # instructions that make matrix products fast
PACKAGES = (
    "numpy",
    "soundfile",
    "soxr",
    "tensorflow",
    "keras",
    "onnxruntime",
    "note-seq",
    "music21",
)


def machine():
    """Describe the machine and its instructions for products, without a name of its owner."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", info)
    flags = re.search(r"(?:flags|Features)\s*: (.*)", info)
    sets = [name for name in SETS if flags and name in flags[1].split()]
    memory = (
        f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
        if hasattr(os, "sysconf")
        else ""
    )
    return ", ".join(
        [
            model[1] if model else platform.machine(),
            f"{os.cpu_count()} cores{memory}",
            platform.system(),
            *sets,
        ]
    )


def versions():
    """Return the versions of Python and of the packages that matter."""
    found = [f"Python {platform.python_version()}", f"symgen {metadata.version('symgen')}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def arguments(known, args, file):
    """Return the options to pass to a script: those that its help text `known` names."""
    flags = [
        ("--quick", ["--quick"] * args.quick),
        ("--no-peer", ["--no-peer"] * args.no_peer),
        ("--corpora", ["--corpora", args.corpora]),
        ("--json", ["--json", file]),
    ]
    return [str(text) for flag, given in flags if flag in known for text in given]


def run(script, args):
    """Run a script; return its rows and what it says is missing.

    Where it has no --json, return what it printed in place of rows.
    """
    known = subprocess.run(
        [sys.executable, script, "--help"], capture_output=True, text=True, check=True
    ).stdout
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        done = subprocess.run(
            [sys.executable, script, *arguments(known, args, file)],
            stderr=subprocess.PIPE,
            text=True,
            stdout=None if "--json" in known else subprocess.PIPE,
        )
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        if done.returncode:
            return [], f"It failed: {said[-1] if said else f'exit {done.returncode}'}"
        missing = next(
            (line for line in said if "is not here" in line or line.startswith("no peer")), ""
        )
        return json.loads(file.read_text()) if file.exists() else done.stdout, missing


def shown(value):
    """Return a number with three digits, or as an integer where it has more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}".rstrip(".")


def table(title, rows, wrong, wall):
    """Return a section of the page: rows as a table, text as it is."""
    lines = [f"## {title}", "", *[f"{wrong}\n"] * bool(wrong)]
    if isinstance(rows, str):
        lines += ["```", rows.rstrip(), "```"]
    elif rows:
        lines += ["| what | measured | unit | |", "|---|--:|---|---|"]
        lines += [
            f"| {row['row']} | {shown(row['value'])} | {row['unit']} | {row['more']} |"
            for row in rows
        ]
    return "\n".join([*lines, "", f"Took {wall:.0f} s.", ""])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpora", type=Path, default=os.environ.get("SYMGEN_TEST_CORPORA", "../shared/corpora")
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("-o", "--output", type=Path, default=HERE / "results" / "speed.md")
    args = parser.parse_args()
    pages, failed = [], []
    for part in args.only.split(","):
        if not (HERE / f"{part}.py").exists():
            failed.append(part)
            continue
        print(f"-- {PARTS.get(part, part)}", flush=True)
        begin = time.monotonic()
        rows, wrong = run(HERE / f"{part}.py", args)
        print(rows if isinstance(rows, str) else wrong, flush=True)
        failed += [part] * (not rows)
        pages.append(table(PARTS.get(part, part), rows, wrong, time.monotonic() - begin))
    how = "python benchmarks/run.py --quick" if args.quick else "make bench"
    head = (
        f"# Measured speed and memory\n\nWritten by `{how}`; the scripts say what each row is. "
        'A row that begins with "peer" is another tool, in the same run on the same core.'
        f"\n\nMachine: {machine()}.\n\n{versions()}.\n"
    )
    args.output.write_text("\n".join([head, *pages]), encoding="utf-8")
    print(f"{args.output} written" + (f"; nothing from {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
