"""A limit on the processor time of reading one file.

A timer of the system interrupts Python code when the time is over. It counts the time that this
process works, so that a busy machine or a laptop that sleeps refuses nothing. It is set in the main
thread alone, on systems that have such timers, and nothing is limited elsewhere.

In the worker processes of symgen (`kill_when_stuck`), a second timer ends a process that does not
react, such as one inside a library in C.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

GRACE = 2.0
"""Times the limit after which a worker process that does not react is ended."""

_kill = False


class TooSlow(BaseException):
    """The time is over. Not an Exception, so that no reader takes it for a fault of the file."""


def kill_when_stuck() -> None:
    """End this process, a worker, where a file takes GRACE times the limit."""
    global _kill
    _kill = True


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooSlow where the body works longer than `seconds` of processor time."""
    if not _possible():
        yield
        return
    inside = True

    def over(number: int, frame: FrameType | None) -> None:
        if inside:
            raise TooSlow

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    if _kill:
        signal.setitimer(signal.ITIMER_VIRTUAL, GRACE * seconds)  # its signal ends the process
    try:
        yield
    finally:
        inside = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        if _kill:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGPROF, before)


def _possible() -> bool:
    """Return whether there is such a timer that nobody uses, and this is the main thread."""
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
    )
