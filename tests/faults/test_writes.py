"""A disk that is full from some write on, also for who may mount none: as `test_disk.py`."""

import builtins
import io
import os
import types

import pytest

from tests.faults.scene import hidden
from tests.faults.test_disk import Scene
from tests.faults.writes import Disk

FIRST, STEP, MOST = 4, 1.6, 10_000
"""Writes: each of the first ones, and then fewer and fewer."""


@pytest.fixture
def scene(request, tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    made = Scene(request.param, types.SimpleNamespace(path=folder), tmp_path)
    yield made
    made.nursery.close()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("scene", ["convert", "count", "render", "sample"], indirect=True)
def test_a_disk_that_is_full_from_a_write_on(scene):
    """Each time more is written than before; what was left by the command is still there."""
    room = failures = 0
    while scene.run(scene.disk.path, room):
        failures += 1
        scene.refused("No space left on device", "is the disk full?", "temporary directory")
        room = room + 1 if room < FIRST else int(room * STEP)
        assert room < MOST
    assert failures > FIRST
    assert scene.made(scene.disk.path) == scene.expected
    assert hidden(scene.disk.path) == []


@pytest.fixture
def installed(monkeypatch):
    """Return a function that installs a disk with some room."""
    for owner, name in ((builtins, "open"), (io, "open"), (os, "mkdir"), (os, "open")):
        monkeypatch.setattr(owner, name, getattr(owner, name))

    def install(room):
        disk = Disk(room)
        disk.install()
        return disk

    return install


def test_writes_are_counted_and_fail(installed, tmp_path):
    (tmp_path / "there").write_text("x")
    disk = installed(4)
    (tmp_path / "a").mkdir()
    with open(tmp_path / "a" / "b", "w", encoding="utf-8") as file:
        file.write("one line\n")
    assert disk.writes == 3 and (tmp_path / "there").read_text() == "x"
    with pytest.raises(OSError, match="No space left on device"):  # made, and not written
        (tmp_path / "c").write_bytes(b"x" * 10)
    assert (tmp_path / "c").read_bytes() == b""
    with pytest.raises(OSError, match=r"No space left on device: '.*d'"):
        os.open(tmp_path / "d", os.O_CREAT | os.O_WRONLY)
    assert not (tmp_path / "d").exists()
