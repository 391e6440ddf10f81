"""Processes that work, that raise and that die."""

import functools
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from symgen.dataset.workers import Died, mapped


def double(n):
    if n < 0:
        os._exit(9)  # as a crash in a library would end it
    if n == 60:
        time.sleep(60)
    if n == 13:
        raise ValueError("thirteen")
    return 2 * n


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_comes_with_its_result(workers):
    assert sorted(mapped(double, range(10), workers)) == [(n, 2 * n) for n in range(10)]


def test_an_item_on_which_a_process_dies_is_named_and_the_others_go_on():
    items = [*range(1, 6), -1, *range(6, 11), -2, 11]
    found = dict(mapped(double, items, 2))
    assert sorted(found) == sorted(items)
    assert {n for n, result in found.items() if isinstance(result, Died)} == {-1, -2}
    assert all(found[n] == 2 * n for n in items if n > 0)


def killed(folder, n):
    """Item 3 is killed each time, as for lack of memory; item 5 only the first time."""
    if n == 3 or (n == 5 and not (folder / "once").exists()):
        (folder / "once").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return n


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_worker_that_is_killed_costs_its_own_item_alone(tmp_path):
    found = dict(mapped(functools.partial(killed, tmp_path), range(9), 2))
    assert {n for n, result in found.items() if isinstance(result, Died)} == {3}
    assert sorted(found) == list(range(9))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_who_was_killed_by_chance_is_tried_again(tmp_path):
    found = dict(mapped(functools.partial(killed, tmp_path), [4, 5, 6, 7], 2))
    assert found == {n: n for n in (4, 5, 6, 7)}


def test_an_exception_of_the_task_is_the_callers():
    with pytest.raises(ValueError, match="thirteen"):
        list(mapped(double, [13], 2))


def test_no_more_than_a_few_items_are_taken_ahead():
    taken = []
    results = mapped(double, (taken.append(n) or n for n in range(100)), 2)
    next(results)
    results.close()
    assert len(taken) <= 6


def test_who_gives_up_does_not_wait_for_the_rest():
    results, began = mapped(double, [1, 60, 60], 2), time.monotonic()
    assert next(results) == (1, 2)
    results.close()
    assert time.monotonic() - began < 30


def test_a_script_needs_no_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        print("once")
        from symgen.dataset.workers import mapped
        print(sorted(mapped(abs, [-1, 2], 2)))
    """)
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "once\n[(-1, 1), (2, 2)]\n"
