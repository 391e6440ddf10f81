"""Settings of symgen's own processes: a command, or one of its workers.

A process that only imports symgen as a library keeps its settings.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

YOUNG = 20_000
"""Objects before the garbage collector runs; imports make many, and those stay."""

M_TRIM, M_MMAP = -1, -3
"""Parameters of mallopt(3)."""

KEPT = 32 << 20
LARGE = 4 << 20
"""Freed bytes that stay in the process; block size from which the system is asked for each."""

OTHERS = ("IPython", "jax", "matplotlib", "pandas", "scipy", "sklearn", "torch")
"""Packages that Keras or TensorFlow import if they are installed, and that symgen does not need."""

PDEATHSIG = 1
"""Parameter of prctl(2): the signal that this process gets when its parent ends."""

_ours = False


class Terminated(KeyboardInterrupt):
    """SIGTERM has asked this process to end."""


def end_on_sigterm() -> None:
    """Let SIGTERM raise Terminated, so that a command deletes what it has half done, and says so.

    A signal that the caller ignores stays ignored.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)


def terminate(number: int, frame: FrameType | None) -> None:
    """Raise Terminated: the handler of SIGTERM in a command."""
    raise Terminated


def end_with_parent() -> None:
    """End this worker process as soon as its parent has ended, even if that was killed.

    A pipe that only the parent holds open tells it. Linux is also asked for a signal, which comes
    through where a library keeps the interpreter busy.
    """
    from multiprocessing import connection, parent_process

    if (parent := parent_process()) is None:
        return

    def wait() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)


def own() -> None:
    """Mark this process as symgen's own, and collect garbage less often: 2.5 % of a command."""
    global _ours
    _ours = True
    gc.set_threshold(YOUNG)


GUARD = """
import os, shutil, signal, subprocess, sys, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)
folder, *command = sys.argv[1:]
try:
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
except OSError as error:
    sys.exit(f"it could not be started: {error.strerror or error}")
alone = []
def guard():
    while os.read(0, 64):
        pass
    alone.append(True)
    program.kill()
threading.Thread(target=guard, daemon=True).start()
code = program.wait()
if alone:
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(code if code >= 0 else 128 - code)
"""
"""Runs a program until it ends, or until the other end of the standard input is closed."""


def run_guarded(command: list[str], folder: Path, patience: float) -> tuple[int, str]:
    """Run a program for at most `patience` seconds; return its exit code and what it printed.

    A small process between them ends the program and deletes `folder`, in which it works, when
    this process ends, even if that is killed. Raises subprocess.TimeoutExpired, and OSError if the
    small process cannot be started.
    """
    import subprocess

    guard = [sys.executable, "-I", "-S", "-c", GUARD, os.fspath(folder), *command]
    with (
        open(folder / "output", "w+b") as output,
        subprocess.Popen(
            guard, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            code = process.wait(patience)
        finally:
            assert process.stdin is not None
            process.stdin.close()
        output.seek(0)
        return code, output.read().decode("utf-8", "replace")


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_memory() -> None:
    """Keep freed memory for the next piece instead of returning it to the system.

    glibc would return it and get it back page by page, which takes a tenth of a conversion.
    """
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP, LARGE)
        library.mallopt(M_TRIM, KEPT)


def one_thread() -> None:
    """Let NumPy use one thread for products, if it is not loaded yet and the user has not chosen.

    In a command that makes many small products, its other threads would mostly wait, and be busy.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def first_to_end() -> None:
    """Let Linux end this process, a worker, before others where memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Silence file descriptor 2: the C++ of TensorFlow ignores log levels while it is loaded."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def light_imports() -> Iterator[None]:
    """Hide `OTHERS` from Keras while a process of symgen imports it, except for its backend.

    Keras imports each of them that is installed. Hiding them saves 2 seconds and 230 MB.
    """
    backend = _backend()
    hidden = [name for name in OTHERS if _ours and name not in sys.modules and name not in backend]
    # None makes an import fail as if the module were not installed
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name, light_imports) is None:
                del sys.modules[name]


def _backend() -> str:
    """Return the text from which Keras reads the name of its backend."""
    file = Path(os.path.expanduser(os.environ.get("KERAS_HOME") or "~/.keras")) / "keras.json"
    with contextlib.suppress(OSError):
        return os.environ.get("KERAS_BACKEND") or file.read_text(encoding="utf-8", errors="replace")
    return ""
