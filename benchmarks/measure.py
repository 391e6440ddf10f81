"""What the benchmarks share: a core of their own, medians, the time and the memory of a command, rows of a table.

A row is {"row", "value", "unit", "more"}; of a peer it begins with "peer: ". `--json FILE` writes a script's rows, and
`benchmarks/run.py` makes one table of all. The music is looked for in `--corpora` or the folder SYMGEN_TEST_CORPORA.
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
    """Read the command line that every script knows; `more` are options of its own and their defaults."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpora", type=Path, default=os.environ.get("SYMGEN_TEST_CORPORA", "../shared/corpora")
    )
    parser.add_argument(
        "--core", type=int, default=0, help="the core that everything runs on, where one is enough"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one turn of less music")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", type=Path)
    for name, default in more.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    asked = parser.parse_args()
    asked.corpora = Path(asked.corpora)
    asked.repeats = 1 if asked.quick else asked.repeats
    pin(asked.core)
    return asked


def pin(*cores):
    """Keep this process and those that it starts to the cores, where the system can do that and they exist."""
    if hasattr(os, "sched_setaffinity"):
        known = set(cores) & set(range(os.cpu_count() or 1))
        os.sched_setaffinity(0, known or {0})


def run(asked, rows):
    """Print the rows as they come; write them where that is asked."""
    found = []
    for row, value, unit, more in rows:
        number = f"{value:,.3g}" if value < 100 else f"{value:,.0f}"
        print(f"{row:>56} {number:>9} {unit:14} {more}", flush=True)
        found.append({"row": row, "value": value, "unit": unit, "more": more})
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


def there(path):
    """Say whether the music is there, and on the screen where it is not."""
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
    """Return the medians of wall seconds, CPU seconds and peak megabytes of a command with all processes that it starts."""
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


class Watch(threading.Thread):
    """Looks every 20 ms at what a process and its descendants hold in memory (resident, shared pages counted in each)."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()
        self.start()

    def run(self):
        """Look until told to stop; where there is no /proc nothing is seen."""
        while Path("/proc/self/statm").exists() and not self.over.wait(0.02):
            self.peak = max(self.peak, sum(map(resident, family(self.pid))))

    def done(self):
        """Stop; return the peak in megabytes."""
        self.over.set()
        self.join()
        return self.peak / 1e6


def family(pid):
    """Return the process and all that it started and these."""
    out = [pid]
    for one in out:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                out += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return out


def resident(pid):
    """Return the bytes that a process holds in memory, 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def ratio(theirs, ours):
    """Say how many times as long the peer takes."""
    return f"{theirs / ours:,.0f} x" if theirs >= 10 * ours else f"{theirs / ours:.1f} x"
