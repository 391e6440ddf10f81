"""Runs commands of symgen in forked copies of one process, so that they start at once.

Each line of the standard input is a JSON list: the working folder, the words of a command, the
seconds after which it is killed, or null, the file for its output, and after how many writes its
disk is full, or null. The answer is its exit code,
negative for a signal, the seconds that it took, those of processor time, the MB that were in memory
at most, and the MB that were there when it began.
"""

import json
import os
import resource
import select
import signal
import sys
import time


def child(folder, words, path, room):
    from symgen import cli

    os.setsid()
    os.chdir(folder)
    with open(path, "wb", buffering=0) as output, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    if room is not None:
        from tests.faults.writes import Disk

        Disk(room).install()
    try:
        cli.main(words)
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(folder, words, seconds, path, room=None):
    begin = time.monotonic()
    end_read, end_write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(end_read)
        child(folder, words, path, room)
    os.close(end_write)  # its other end closes when the child ends
    if not select.select([end_read], [], [], seconds)[0]:
        os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    os.close(end_read)
    return (
        os.waitstatus_to_exitcode(status),
        time.monotonic() - begin,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1e3,
        resident(),
    )


def resident():
    """Return the MB of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def main():
    for name in sys.argv[1:]:
        __import__(name)
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
