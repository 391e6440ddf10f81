"""Settings of a process that is symgen's own, a command or one of its workers. A caller's process is left as it is."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

YOUNG = 20_000  # objects before the collector looks: what imports make is many and stays
M_TRIM, M_MMAP = -1, -3  # of mallopt(3)
KEPT, LARGE = (
    32 << 20,
    4 << 20,
)  # bytes freed that stay at hand; blocks from which on the system is asked for each
OTHERS = (
    "IPython",
    "jax",
    "matplotlib",
    "pandas",
    "scipy",
    "sklearn",
    "torch",
)  # with which Keras or TensorFlow can work, too

_ours = False


def own() -> None:
    """Say that this process is symgen's own. Garbage is then collected less often, which takes a fortieth of a short command."""
    global _ours
    _ours = True
    gc.set_threshold(YOUNG)


def cores() -> int:
    """Return how many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_memory() -> None:
    """Keep what is freed for the next piece. glibc would give it back, and get it page by page again: a tenth of a conversion."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP, LARGE)
        library.mallopt(M_TRIM, KEPT)


@contextlib.contextmanager
def lean() -> Iterator[None]:
    """While a process of our own imports Keras, let it not find `OTHERS`, unless one is its backend.

    It imports all of them that are installed, to no use of ours: 2 seconds and 230 MB.
    """
    asked = _backend()
    hidden = [name for name in OTHERS if _ours and name not in sys.modules and name not in asked]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]  # None is how an import is told that there is no such module
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name, lean) is None:
                del sys.modules[name]


def _backend() -> str:
    """Return the text in which Keras finds the name of its backend."""
    file = Path(os.path.expanduser(os.environ.get("KERAS_HOME") or "~/.keras")) / "keras.json"
    with contextlib.suppress(OSError):
        return os.environ.get("KERAS_BACKEND") or file.read_text(encoding="utf-8", errors="replace")
    return ""
