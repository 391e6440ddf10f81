"""Run the command line once for each line of arguments, each in a process of its own.

`python child.py PLAN.json OUT.json`: the plan is a list of argument lists. Everything is imported
before, so that the time and the memory of each are those of the command alone. The result has for
each its exit code, its output, its seconds of processor time and the MB beyond the start.
"""

import json
import os
import resource
import sys
import tempfile

import onnxruntime  # noqa: F401

from symgen import cli
from symgen.bundle.bundle import Bundle
from symgen.cli.sample.command import sample  # noqa: F401
from symgen.sampling import load  # noqa: F401
from symgen.sampling.watchers.base import draw  # noqa: F401

SECONDS, BYTES = 20, 4 << 30  # after which the system ends a command


def resident():
    """The MB of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def run(arguments, start):
    with tempfile.TemporaryFile() as out:
        if not (child := os.fork()):
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
            code = cli.run(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status, used = os.wait4(child, 0)
        out.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "text": out.read().decode("utf-8", "backslashreplace"),
            "seconds": used.ru_utime + used.ru_stime,
            "megabytes": max(used.ru_maxrss / 1e3 - start, 0),
        }


if __name__ == "__main__":
    plan, result = sys.argv[1:]
    with open(plan) as file:
        commands = json.load(file)
    Bundle.open("piano").record  # noqa: B018 - what is imported late is imported now
    begin = resident()
    done = [run(command, begin) for command in commands]
    with open(result, "w") as file:
        json.dump(done, file)
