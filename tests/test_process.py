"""What symgen sets in processes of its own, and leaves alone in a caller's."""

import ctypes
import gc
import subprocess
import sys

import pytest

import symgen
from symgen.dataset import pool
from symgen.process import YOUNG, keep_memory


def threshold(_):
    return gc.get_threshold()[0]


def test_a_worker_collects_seldom():
    assert [found for _, found in pool.mapped(threshold, [0], 2)] == [YOUNG]


def test_a_callers_process_is_left_as_it_is(tmp_path):
    before = gc.get_threshold()
    symgen.convert("corpora/folk", output=tmp_path / "data", workers=1)
    assert gc.get_threshold() == before


@pytest.mark.parametrize("fault", [OSError, TypeError, AttributeError])
def test_another_c_library_is_no_fault(fault, monkeypatch):
    def refused(name):
        raise fault
    monkeypatch.setattr(ctypes, "CDLL", refused)
    keep_memory()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the faults")
def test_kept_memory_is_not_asked_for_anew():
    code = """if 1:
        import resource, sys
        import numpy as np
        from symgen.process import keep_memory
        if sys.argv[1] == "keep":
            keep_memory()
        for _ in range(200):
            held = [np.ones(1 << 17) for _ in range(8)]
            del held
        print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)"""
    kept, plain = (int(subprocess.check_output([sys.executable, "-c", code, how])) for how in ("keep", "plain"))
    assert kept < plain / 2
