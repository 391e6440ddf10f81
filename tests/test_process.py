"""What symgen sets in processes of its own, and leaves alone in a caller's."""

import ctypes
import gc
import importlib
import os
import subprocess
import sys

import pytest

import symgen
from symgen import process
from symgen.dataset import workers as pool
from symgen.process import YOUNG, keep_memory, light_imports


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
        import resource
        import numpy as np
        from symgen.process import keep_memory
        def faults():
            for _ in range(100):
                held = [np.ones(1 << 17) for _ in range(8)]
                del held
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        keep_memory()
        print(-faults() + faults())"""
    assert (
        int(subprocess.check_output([sys.executable, "-c", code])) < 1000
    )  # it was 10,000 to 200,000


@pytest.fixture
def ours(monkeypatch, tmp_path):
    monkeypatch.setattr(process, "_ours", True)
    monkeypatch.setattr(
        process, "OTHERS", ("json.tool",)
    )  # of the standard library, and hardly loaded
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delitem(sys.modules, "json.tool", raising=False)


def test_what_keras_could_work_with_is_not_found_for_a_while(ours):
    with light_imports(), pytest.raises(ModuleNotFoundError):
        importlib.import_module("json.tool")
    loaded = importlib.import_module("json.tool")
    with light_imports():
        assert importlib.import_module("json.tool") is loaded


@pytest.mark.parametrize("named", ["variable", "file"])
def test_the_backend_is_found(named, ours, monkeypatch, tmp_path):
    if named == "variable":
        monkeypatch.setenv("KERAS_BACKEND", "json.tool")
    else:
        (tmp_path / "keras.json").write_text('{"backend": "json.tool"}')
    with light_imports():
        assert importlib.import_module("json.tool")


def test_a_caller_finds_everything(ours, monkeypatch):
    monkeypatch.setattr(process, "_ours", False)
    with light_imports():
        assert importlib.import_module("json.tool")


def test_a_command_loads_keras_alone():
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    code = """if 1:
        import sys
        from symgen import process
        from symgen.training.loop.backend import load_keras
        process.own()
        assert load_keras().backend.backend() == "tensorflow"
        print(*sorted(set(process.OTHERS) & set(sys.modules)))"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == []


def test_one_thread_is_a_default_that_the_user_overrules(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    process.one_thread()
    found = os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert found == ("1", "4")
