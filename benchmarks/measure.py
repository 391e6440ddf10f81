"""What the benchmarks share: pinning to a core, medians, time and memory of a command, table rows.

A row is {"row", "value", "unit", "more"}; the name of a peer's row begins with "peer: ". `--json
FILE` writes a script's rows, and `benchmarks/run.py` makes one table of all. The music is expected
in `--corpora` or in the folder that SYMGEN_TEST_CORPORA names.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

SYMGEN = [sys.executable, "-m", "symgen"]
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def options(doc, **more):
    """Read the options that all scripts share; `more` are a script's own, with their defaults."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpora", type=Path, default=os.environ.get("SYMGEN_TEST_CORPORA", "../shared/corpora")
    )
    parser.add_argument("--core", type=int, default=0, help="core to run on where one is enough")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one repeat on less music")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", type=Path)
    for name, default in more.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    args = parser.parse_args()
    args.corpora = Path(args.corpora)
    args.repeats = 1 if args.quick else args.repeats
    pin(args.core)
    return args


def pin(*cores):
    """Pin this process and its children to those cores that exist, where possible."""
    if hasattr(os, "sched_setaffinity"):
        known = set(cores) & set(range(os.cpu_count() or 1))
        os.sched_setaffinity(0, known or {0})


def run(args, rows):
    """Print the rows as they come; write them to --json."""
    found = []
    for row, value, unit, more in rows:
        number = f"{value:,.3g}" if value < 100 else f"{value:,.0f}"
        print(f"{row:>56} {number:>9} {unit:14} {more}", flush=True)
        found.append({"row": row, "value": value, "unit": unit, "more": more})
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


def there(path):
    """Return whether the music is found; if not, say so on stderr."""
    if not path.exists():
        print(f"{path} is not here; name the folder with --corpora", file=sys.stderr)
    return path.exists()


def cpu(work, repeats):
    """Return the median CPU seconds of `work()` in this process."""
    found = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return statistics.median(found)


def command(arguments, repeats=1, **more):
    """Run a command; return its wall seconds, CPU seconds and peak megabytes, as medians.

    CPU time and memory include all processes that it starts.
    """
    found = []
    for _ in range(repeats):
        before, begin = os.times(), time.perf_counter()
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
        )
        watch = Watch(process.pid)
        said = process.communicate()
        wall, after = time.perf_counter() - begin, os.times()
        if process.returncode:
            raise SystemExit(f"{' '.join(map(str, arguments))}: {said[1].strip()[-400:]}")
        spent = (
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system
        )
        found.append((wall, spent, watch.done()))
    return [statistics.median(column) for column in zip(*found, strict=True)]


def convert(source, out, workers, repeats=1):
    """Run `symgen convert`; return its wall seconds, CPU seconds, peak megabytes, and the notes."""
    arguments = [*SYMGEN, "convert", str(source), "-o", str(out), "--workers", str(workers)]
    found = command([*arguments, "--force"], repeats)
    return *found, json.loads((out / "dataset.json").read_text())["ledger"]["notes_read"]


class Watch(threading.Thread):
    """Measures every 20 ms the resident memory of a process and its descendants.

    Shared pages count in each process.
    """

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()
        self.start()

    def run(self):
        """Measure until `done`; without /proc nothing is measured."""
        while Path("/proc/self/statm").exists() and not self.over.wait(0.02):
            self.peak = max(self.peak, sum(map(resident, family(self.pid))))

    def done(self):
        """Stop; return the peak in megabytes."""
        self.over.set()
        self.join()
        return self.peak / 1e6


def family(pid):
    """Return the ids of a process and all its descendants."""
    out = [pid]
    for one in out:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                out += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return out


def resident(pid):
    """Return the resident bytes of a process, 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def ratio(theirs, ours):
    """Return how many times as long the peer takes, as text."""
    return f"{theirs / ours:,.0f} x" if theirs >= 10 * ours else f"{theirs / ours:.1f} x"
