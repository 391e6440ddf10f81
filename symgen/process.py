"""Settings of symgen's own processes: a command, or one of its workers.

A process that only imports symgen as a library keeps its settings.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

YOUNG = 20_000
"""Objects before the garbage collector runs; imports make many, and those stay."""

M_TRIM, M_MMAP = -1, -3
"""Parameters of mallopt(3)."""

KEPT = 32 << 20
LARGE = 4 << 20
"""Freed bytes that stay in the process; block size from which the system is asked for each."""

OTHERS = ("IPython", "jax", "matplotlib", "pandas", "scipy", "sklearn", "torch")
"""Packages that Keras or TensorFlow import if they are installed, and that symgen does not need."""

_ours = False


def own() -> None:
    """Mark this process as symgen's own, and collect garbage less often: 2.5 % of a command."""
    global _ours
    _ours = True
    gc.set_threshold(YOUNG)


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


def first_to_end() -> None:
    """Let Linux end this process, a worker, before others where memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


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
