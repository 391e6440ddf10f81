"""Hidden files of writers that are alive, that are dead, and that are killed in the middle."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from symgen import files, scratch
from symgen.errors import DataError

unix = pytest.mark.skipif(os.name == "nt", reason="no SIGKILL on this system")

SWAPPED = """
    path = pathlib.Path("data/a")
    with scratch.folder(path) as hidden:
        (hidden / "new").mkdir()
        (hidden / "new" / "one").write_text("new")
        rename = pathlib.Path.rename
        def rename_old_alone(self, target):
            if self.name == "new":
                os.kill(os.getpid(), 9)
            return rename(self, target)
        pathlib.Path.rename = rename_old_alone
        scratch.swap(hidden / "new", path)
"""


def killed(folder, code):
    """Run Python lines in `folder` until they kill their own process."""
    head = "import os, pathlib\nfrom symgen import files, scratch\n"
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(code)], cwd=folder, check=False
    )
    assert done.returncode == -signal.SIGKILL


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def anew(monkeypatch):
    """Let this process clean folders that it has cleaned before, as a new one would."""
    monkeypatch.setattr(scratch, "_cleaned", set())


@unix
@pytest.mark.usefixtures("anew")
def test_what_a_killed_writer_left_is_deleted_by_the_next(tmp_path):
    killed(tmp_path, "with files.atomic('a.txt'): os.kill(os.getpid(), 9)")
    assert len(names(tmp_path)) == 1
    with files.atomic(tmp_path / "b.txt", "w") as file:
        file.write("whole")
    assert names(tmp_path) == ["b.txt"]


@pytest.mark.usefixtures("anew")
def test_what_a_living_writer_has_is_left_alone(tmp_path):
    with files.atomic(tmp_path / "a.txt", "w") as file, scratch.folder(tmp_path / "b") as hidden:
        file.write("slow")
        scratch.clean(tmp_path)
        assert hidden.is_dir()
    assert names(tmp_path) == ["a.txt"]


@unix
@pytest.mark.usefixtures("anew")
def test_hidden_files_of_others_are_left_alone(tmp_path):
    (tmp_path / ".a.part").touch()
    (tmp_path / "b.symgen-part").touch()
    scratch.clean(tmp_path)
    assert names(tmp_path) == [".a.part", "b.symgen-part"]


@unix
def test_a_folder_whose_replacement_was_cut_off_is_put_back(tmp_path):
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "one").write_text("old")
    killed(tmp_path, SWAPPED)
    assert not (tmp_path / "data" / "a").exists()
    scratch.clean(tmp_path / "data", again=True)
    assert names(tmp_path) == ["data", "data/a", "data/a/one"]
    assert (tmp_path / "data" / "a" / "one").read_text() == "old"


def test_a_folder_that_was_replaced_is_gone(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with scratch.folder(tmp_path / "a") as hidden:
        (hidden / "new").mkdir()
        scratch.swap(hidden / "new", tmp_path / "a")
    assert names(tmp_path) == ["a"]


def test_a_folder_that_another_process_made_is_not_replaced(tmp_path):
    with scratch.folder(tmp_path / "a") as hidden:
        (hidden / "new").mkdir()
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "theirs").touch()
        with pytest.raises(FileExistsError):
            scratch.swap(hidden / "new", tmp_path / "a", replace=False)
    assert names(tmp_path) == ["a", "a/theirs"]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_another_process_made_meanwhile_is_not_replaced(tmp_path, monkeypatch, links):
    def refuse(*arguments):
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.txt"

    def write():
        with files.atomic(path, "w", False) as file:
            path.write_text("theirs")
            file.write("ours")

    with pytest.raises(files.Exists, match="--force"):
        write()
    assert path.read_text() == "theirs"
    with files.atomic(tmp_path / "b.txt", "w", False) as file:
        file.write("ours")
    assert (tmp_path / "b.txt").read_text() == "ours"
    assert names(tmp_path) == ["a.txt", "b.txt"]


@unix
def test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_after(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace

    def synced(handle):
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def renamed(*arguments):
        done.append("name")
        replace(*arguments)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    with files.atomic(tmp_path / "a.txt") as file:
        file.write(b"whole")
    assert done in (["file", "name", "folder"], ["file", "name", "file"])  # without /proc
    done.clear()
    with scratch.together():
        for name in "bcd":
            with files.atomic(tmp_path / name) as file:
                file.write(b"whole")
    assert done[:6] == ["file", "name"] * 3
    assert len(done) == 7


def test_an_error_does_not_name_the_hidden_file(tmp_path):
    with pytest.raises(OSError, match="No space") as caught, files.naming("data/a"):
        raise OSError(28, "No space left on device", f"data/.a.12345678{scratch.SUFFIX}/new/x")
    assert caught.value.filename == "data/a"


@unix
def test_a_file_is_claimed_by_one_process_at_a_time(tmp_path):
    path = tmp_path / "part"
    code = "with scratch.claimed(pathlib.Path('part')) as held: print(held)"
    head = "import pathlib; from symgen import scratch\n"
    with scratch.claimed(path) as held:
        assert held
        other = subprocess.check_output([sys.executable, "-c", head + code], cwd=tmp_path)
    assert other == b"False\n"
    assert names(tmp_path) == []
    with scratch.claimed(path):
        path.write_bytes(b"half")
    assert names(tmp_path) == ["part"]


def test_exists_is_an_error_of_data():
    assert issubclass(files.Exists, DataError)
