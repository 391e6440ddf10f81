"""One process at a time trains a run; one that was killed leaves nothing that stands in the way."""

import os
import platform
import subprocess
import sys

import pytest

from symgen.errors import DataError
from symgen.training import resume
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


def test_another_process_or_machine_is_not_disturbed(tmp_path):
    assert alive(os.getppid())
    (tmp_path / "config.toml").write_text("")
    for owner in (f"{os.getppid()} {platform.node()}", "4 elsewhere"):
        (tmp_path / NAME).write_text(owner)
        with pytest.raises(DataError, match=r"is training this run; wait"):
            resume(tmp_path)
        assert (tmp_path / NAME).read_text() == owner
