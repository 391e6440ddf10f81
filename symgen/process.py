"""Settings of a process that is symgen's own, a command or one of its workers. A caller's process is left as it is."""

from __future__ import annotations

import contextlib
import gc

YOUNG = 20_000            # objects before the collector looks: what imports make is many and stays
M_TRIM, M_MMAP = -1, -3   # of mallopt(3)
KEPT, LARGE = 32 << 20, 4 << 20  # bytes freed that stay at hand; blocks from which on the system is asked for each


def collect_seldom() -> None:
    """Let the garbage collector look less often, which in a command of a second is a fortieth of it."""
    gc.set_threshold(YOUNG)


def keep_memory() -> None:
    """Keep what is freed for the next piece. glibc would give it back, and get it page by page again: a tenth of a conversion."""
    import ctypes
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP, LARGE)
        library.mallopt(M_TRIM, KEPT)
