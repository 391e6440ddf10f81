"""One process at a time trains a run; one that was killed leaves nothing that stands in the way."""

import os
import platform
import subprocess
import sys
import threading

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


@pytest.mark.parametrize("left", ["gone", "ours", "", "nonsense"])
def test_what_a_killed_process_left_is_taken_over(tmp_path, left):
    """A process of our own number that we know nothing of is an earlier one, as in a container."""
    owners = {"gone": f"{gone()} {platform.node()}", "ours": f"{os.getpid()} {platform.node()}"}
    (tmp_path / NAME).write_text(owners.get(left, left))
    with held(tmp_path):
        assert (tmp_path / NAME).read_text().startswith(f"{os.getpid()} ")


def test_only_one_of_two_takes_over_what_a_killed_process_left(tmp_path, monkeypatch):
    """The second comes while the first looks at the old lock."""
    (tmp_path / NAME).write_text(f"{gone()} {platform.node()}")
    outcome, done = [], threading.Event()

    def second():
        try:
            with held(tmp_path):
                outcome.append("held")
                done.wait(10)
        except DataError:
            outcome.append("refused")

    thread = threading.Thread(target=second)

    def slow(pid):
        if not thread.ident:
            thread.start()
            thread.join(0.3)
        return False

    monkeypatch.setattr(lock, "alive", slow)
    with held(tmp_path):
        thread.join(5)
        assert outcome == ["refused"]
        done.set()
    assert not list(tmp_path.iterdir())


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


def test_another_process_or_machine_is_not_disturbed(tmp_path):
    assert alive(os.getppid())
    (tmp_path / "config.toml").write_text("")
    for owner in (f"{os.getppid()} {platform.node()}", "4 elsewhere"):
        (tmp_path / NAME).write_text(owner)
        with pytest.raises(DataError, match=r"is training this run; wait"):
            resume(tmp_path)
        assert (tmp_path / NAME).read_text() == owner
