"""A small disk of its own, that can be full or read-only; it takes root, and Linux."""

import contextlib
import os
import subprocess

import pytest

PAGE = 1 << 12


class Disk:
    """A file system of some MB in memory, mounted at `path`."""

    def __init__(self, path, megabytes=16):
        self.path = path
        path.mkdir()
        words = ["-t", "tmpfs", "-o", f"size={megabytes}m", "symgen-test", str(path)]
        try:
            subprocess.run(["mount", *words], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("a disk can only be mounted by root, on Linux")

    def fill(self, free):
        """Fill the disk with one file, so that `free` bytes are left."""
        self.empty()
        state = os.statvfs(self.path)
        size = state.f_bavail * state.f_frsize - free // PAGE * PAGE
        with open(self.filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def empty(self):
        """Delete that file again."""
        self.filler.unlink(missing_ok=True)

    @property
    def filler(self):
        return self.path / ".filler"

    @contextlib.contextmanager
    def read_only(self):
        self.remount("ro")
        try:
            yield
        finally:
            self.remount("rw")

    def remount(self, mode):
        subprocess.run(["mount", "-o", f"remount,{mode}", str(self.path)], check=True)

    def vanish(self):
        """Unmount the disk, as if it were pulled out; who works in it has it no longer."""
        subprocess.run(["umount", "--lazy", str(self.path)], check=False, capture_output=True)
