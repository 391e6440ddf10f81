"""What the tests of faults share: small music, commands that are started, and what they leave."""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.scratch import SUFFIX

ROOT = Path(__file__).parents[2]
NURSERY = Path(__file__).with_name("nursery.py")
SYMGEN = [sys.executable, "-m", "symgen"]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def music(folder, count=12, notes=40):
    """Write `count` scales into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        low = 48 + i % 24
        rows = [(low + k * 5 % 24, 60 + k % 9, k / 4, k / 4 + 0.2) for k in range(notes + i)]
        write(NoteSequence(notes_of(rows)), folder / f"{i:03}.mid", force=True)
    return folder


def started(folder, *words, **options):
    """Start a command in `folder` in a session of its own."""
    return subprocess.Popen(
        [*SYMGEN, *map(str, words)],
        cwd=folder,
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def done(folder, *words, code=0, **options):
    """Run a command in `folder` and return what it printed on stderr."""
    process = started(folder, *words, **options)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (process.returncode, out, err)
    return err


def until(true, seconds=60.0):
    """Wait until `true()` is true; return what it was in the end."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def working_in(folder):
    """Return the command lines of the processes that work in `folder`."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(place / "cwd")) == folder.resolve():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def hidden(folder):
    """Return what unfinished work is in `folder`."""
    return sorted(path.name for path in folder.rglob(f".*{SUFFIX}"))


def tree(folder):
    """Return the SHA-256 of every file under `folder` that is not hidden, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    }


def one_line(err):
    """Return the message of an error, which is one line, without a traceback."""
    [line] = [line for line in err.splitlines() if line.startswith("symgen:")]
    assert "Traceback" not in err and "internal error" not in err, err
    return re.sub("^symgen: ", "", line)


class Nursery:
    """A process that starts commands without importing symgen anew; see `nursery.py`."""

    def __init__(self, *modules):
        self.process = subprocess.Popen(
            [sys.executable, str(NURSERY), *modules],
            env=ENV,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder, words, seconds=None, output="output.txt"):
        """Run a command, which is killed after `seconds`; return its exit code and its seconds.

        `output` is the file for what it prints, in `folder` unless it is absolute.
        """
        return self.measured(folder, words, seconds, output)[:2]

    def measured(self, folder, words, seconds=None, output="output.txt", room=None):
        """Run a command; return also its processor time, its peak in MB, and that of its start.

        With `room`, its disk is full after so many writes.
        """
        order = [str(folder), list(map(str, words)), seconds, str(output), room]
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
