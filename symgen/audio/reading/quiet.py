"""Keep what a C library prints about a damaged file off the terminal.

libmpg123 inside libsndfile prints a line for each broken frame, and has no switch for it that
soundfile reaches. Meanwhile the variable `stderr` of the C library stands for the null device;
Python, which writes to the descriptor itself, is not affected. On a system where that variable
cannot be found, the lines are printed.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

_lock = threading.Lock()
_inside = 0
_before: int | None = None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let C code print nothing on stderr inside the body; threads may be inside together."""
    global _inside, _before
    variable, null = _streams()
    if variable is None:
        yield
        return
    with _lock:
        if not _inside:
            _before, variable.value = variable.value, null
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                variable.value = _before


@functools.cache
def _streams() -> tuple[Any, int | None]:
    """Return the variable `stderr` of the C library and a stream that goes nowhere, or None."""
    import ctypes

    try:
        library = ctypes.CDLL(None)
        name = "__stderrp" if sys.platform == "darwin" else "stderr"
        variable = ctypes.c_void_p.in_dll(library, name)
        library.fopen.restype = ctypes.c_void_p
        null = library.fopen(os.devnull.encode(), b"w")
    except (AttributeError, OSError, TypeError, ValueError):  # another C library
        return None, None
    return (variable, null) if null and variable.value else (None, None)
