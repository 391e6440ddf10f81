"""A folder that vanishes in the middle of a command: one line, or it is made again."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.faults.scene import ENV, done, hidden, one_line, tree, until
from tests.faults.test_disk import laid_out, sounds

WAITING = """
import os, sys, time
import symgen.{module} as module
original = module.{name}
def late(*arguments, **options):
    open({ready!r}, "w").close()
    while not os.path.exists({go!r}):
        time.sleep(0.02)
    return original(*arguments, **options)
module.{name} = late
from symgen import cli
cli.main({words!r})
"""
COMMANDS = {
    "convert": (
        "dataset.build",
        "write_manifest",
        "convert music -o made/set --workers 1 -q",
        lambda folder: tree(folder / "made"),
    ),
    "render": (
        "rendering.audio",
        "_write",
        "render song.mid -o made/song.wav --synth soundfont",
        lambda folder: sounds(folder / "made"),
    ),
    "sample": (
        "sampling.generate",
        "draw",
        "sample model.symgen -n 2 --bars 2 --seed 3 -o made",
        lambda folder: sounds(folder / "made"),
    ),
    "fetch": (
        "corpus.fetching.fetch",
        "unpack",
        "corpus fetch far --from far.zip",
        lambda folder: tree(folder / "corpora"),
    ),
    "train": (
        "training.ngram_run",
        "write",
        "train --config counted.toml --data data/set -o made -q",
        lambda folder: sorted(name for name in tree(folder / "made") if "last.npz" not in name),
    ),
    "evaluate": (
        "evaluation.document",
        "write",
        "evaluate music --against music -o made/report.html",
        lambda folder: sorted(tree(folder / "made")),
    ),
}


@pytest.fixture(params=COMMANDS)
def waiting(request, tmp_path):
    """A folder, where a command stands still there, its words, and what it makes."""
    folder = laid_out(tmp_path / "desk")
    (folder / "made").mkdir()
    shutil.copytree(folder / "corpora", folder / "kept")
    module, name, words, made = COMMANDS[request.param]
    yield folder, (module, name), words.split(), made
    assert hidden(folder) == []


def emptied(folder):
    """Remove what a command has made, or is making, in `folder`."""
    for name in ("made", "corpora"):
        shutil.rmtree(folder / name, ignore_errors=True)


def again(folder, words):
    """Run a command as if for the first time."""
    emptied(folder)
    shutil.copytree(folder / "kept", folder / "corpora")
    done(folder, *words)


def begun(folder, place, words):
    """Start a command and wait until it stands still; return it, and what lets it go on."""
    signs = {key: str(folder.parent / key) for key in ("ready", "go")}
    code = WAITING.format(module=place[0], name=place[1], words=words, **signs)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert until(lambda: os.path.exists(signs["ready"]) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process, lambda: open(signs["go"], "w").close()


@pytest.mark.slow
def test_a_folder_that_vanishes(waiting):
    """It is made again, or the command says so; the next time it ends as if undisturbed."""
    folder, place, words, made = waiting
    process, go_on = begun(folder, place, words)
    emptied(folder)
    go_on()
    _, err = process.communicate(timeout=60)
    assert process.returncode in (0, 1), err
    if process.returncode:
        assert re.search("made|corpora", one_line(err))
        assert made(folder) == made(folder / "none")
        again(folder, words)
    once = made(folder)
    again(folder, words)
    assert once
    assert made(folder) == once
