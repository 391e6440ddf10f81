"""Work in other processes: a file that crashes a process costs only that file.

Processes are spawned on every platform. They never import the caller's script, so a script that
calls `symgen.convert` needs no `if __name__ == "__main__"`. Only a few items are in progress at a
time.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import types
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from symgen.process import end_with_parent, first_to_end, keep_memory, own
from symgen.watch import kill_when_stuck

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 3  # items in progress for each worker
HELD = (signal.SIGINT, signal.SIGTERM)
"""Signals that wait while a worker starts: half of one would complain that the rest is missing."""


class Died:
    """In place of a result: the process crashed on this item."""


def mapped(
    task: Callable[[T], R], items: Iterable[T], workers: int
) -> Iterator[tuple[T, R | Died]]:
    """Yield (item, task(item)) in any order, computed by `workers` processes; 1 is this one."""
    if workers <= 1:
        for item in items:
            yield item, task(item)
        return
    left = iter(items)
    while suspects := (yield from _together(task, left, workers)):
        yield from _apart(task, suspects)


def _together(
    task: Callable[[T], R], items: Iterator[T], workers: int
) -> Generator[tuple[T, R | Died], None, list[T]]:
    """Work through `items`; after a crash, stop and return the items that were in progress."""
    waiting: dict[Future[R], T] = {}
    with _pool(workers) as pool:
        for item in items:
            future = _submit(pool, task, item)
            waiting[future] = item
            if len(waiting) >= AHEAD * workers:
                yield from _finished(waiting)
            if _broken(waiting):
                break
        while waiting and not _broken(waiting):
            yield from _finished(waiting)
    return list(waiting.values())


def _finished(waiting: dict[Future[R], T]) -> Iterator[tuple[T, R | Died]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        if not isinstance(future.exception(), BrokenProcessPool):
            yield waiting.pop(future), future.result()


def _broken(waiting: Iterable[Future[Any]]) -> bool:
    return any(f.done() and isinstance(f.exception(), BrokenProcessPool) for f in waiting)


def _apart(task: Callable[[T], R], items: list[T]) -> Iterator[tuple[T, R | Died]]:
    """Work through `items` one at a time, so that a crash is that of one item."""
    while items:
        with _pool(1) as pool:
            died = False
            while items and not died:
                future = _submit(pool, task, items[0])
                wait([future])
                died = _broken([future])
                yield items.pop(0), Died() if died else future.result()


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _prepare)
    try:
        yield pool
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()  # an interrupted caller does not wait for the work in progress
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends it
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
    end_with_parent()
    own()
    keep_memory()
    first_to_end()
    kill_when_stuck()


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _submit(pool: ProcessPoolExecutor, task: Callable[[T], R], item: T) -> Future[R]:
    """Submit `item`; processes start here, and see an empty module as the main one."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        with _signals_held():
            return pool.submit(task, item)
    except BrokenProcessPool as error:
        broken: Future[R] = Future()
        broken.set_exception(error)
        return broken
    finally:
        sys.modules["__main__"] = main
