"""One process at a time trains a run; one that was killed leaves nothing that stands in the way."""

import os
import platform
import subprocess
import sys

import pytest

from symgen.errors import DataError
from symgen.training import resume
from symgen.training.loop import lock
from symgen.training.loop.lock import NAME, alive, held


def gone():
    """Return the number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_run_is_held_once_and_then_free(tmp_path):
    with held(tmp_path):
        assert (tmp_path / NAME).read_text() == f"{os.getpid()} {platform.node()}\n"
        with (
            pytest.raises(DataError, match=f"process {os.getpid()} is training this run"),
            held(tmp_path),
        ):
            raise AssertionError
    assert not list(tmp_path.iterdir())
    with held(tmp_path):
        pass


@pytest.mark.parametrize("left", ["gone", "ours", "reused", "elsewhere", "", "nonsense"])
def test_what_a_killed_process_left_is_taken_over(tmp_path, left):
    """Also where its number is that of another process now, or its container had another name."""
    owners = {
        "gone": f"{gone()} {platform.node()}",
        "ours": f"{os.getpid()} {platform.node()}",
        "reused": f"{os.getppid()} {platform.node()}",
        "elsewhere": "4 elsewhere",
    }
    (tmp_path / NAME).write_text(owners.get(left, left))
    with held(tmp_path):
        assert (tmp_path / NAME).read_text().startswith(f"{os.getpid()} ")


def test_a_file_that_its_owner_has_just_deleted_is_made_again(tmp_path, monkeypatch):
    calls = []

    def late(file, path):
        calls.append(path)
        if len(calls) == 1:
            path.unlink()
        return is_at(file, path)

    is_at = lock._is_at
    monkeypatch.setattr(lock, "_is_at", late)
    with held(tmp_path):
        assert len(calls) == 2
        assert (tmp_path / NAME).read_text()


def test_many_processes_that_take_a_run_over_have_it_in_turn(tmp_path):
    """Each that has the folder writes a file that must not be there yet, and removes it."""
    script = (
        "import os, pathlib, sys\n"
        "from symgen.errors import DataError\n"
        "from symgen.training.loop.lock import held\n"
        "folder, taken = pathlib.Path(sys.argv[1]), 0\n"
        "while taken < 20:\n"
        "    try:\n"
        "        with held(folder):\n"
        "            os.close(os.open(folder / 'mine', os.O_CREAT | os.O_EXCL))\n"
        "            os.unlink(folder / 'mine')\n"
        "            taken += 1\n"
        "    except DataError:\n"
        "        pass\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]


def test_a_run_that_another_process_trains_is_not_disturbed(tmp_path):
    (tmp_path / "config.toml").write_text("")
    script = (
        "import pathlib, sys\n"
        "from symgen.training.loop.lock import held\n"
        "with held(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        owner = (tmp_path / NAME).read_text()
        with pytest.raises(DataError, match=f"process {other.pid} is training this run; wait"):
            resume(tmp_path)
        assert (tmp_path / NAME).read_text() == owner
        other.kill()
    with held(tmp_path):
        pass


def test_without_locks_in_the_file_system_the_name_decides(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "_try_lock", lambda file: None)
    assert alive(os.getppid())
    for owner in (f"{os.getppid()} {platform.node()}", "4 elsewhere"):
        (tmp_path / NAME).write_text(owner)
        with pytest.raises(DataError, match=r"is training this run; wait.*delete"), held(tmp_path):
            pass
        assert (tmp_path / NAME).read_text() == owner
    (tmp_path / NAME).write_text(f"{gone()} {platform.node()}")
    with held(tmp_path), pytest.raises(DataError, match="is training"), held(tmp_path):
        pass
    assert not list(tmp_path.iterdir())
