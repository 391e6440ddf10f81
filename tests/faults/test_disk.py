"""A full disk, a read-only one: one line, nothing half written, and the same command ends later."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.faults.disk import Disk
from tests.faults.scene import Nursery, hidden, music, one_line, tree
from tests.faults.test_kills import CONVERT, COUNT, COUNTED, LEARN, NETWORK, weights, whole
from tests.golden.make import HERE as GOLDEN

FREE = [0, *(1 << k for k in range(12, 23))]
"""Bytes that are left, until the command succeeds."""


def sounds(folder):
    """Return the kinds and digests of samples and sounds in `folder`, without their reports.

    A sample that could not be rendered stays, and the next time the others have higher numbers.
    """
    found = {(Path(name).suffix, digest) for name, digest in tree(folder).items()}
    return sorted(row for row in found if row[0] != ".json")


def learned(folder):
    journal, members, kept = weights(folder)
    return journal, {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}, kept


def resumed(folder, *words):
    """Return the words that begin a run, or resume the one that is there."""
    if any(path.name[0] != "." for path in folder.glob("runs/*")):
        return ["train", "--resume", "-q"]
    return list(words)


TRAIN = ("train", "--data", "data/set", "-q", "--config")
SAMPLE = "sample model.symgen -n 2 --bars 2 --seed 3 --render --force -o made"
READ = ["symgen.notes.midi.reader", "symgen.cli"]
COMMANDS = {
    "convert": (
        CONVERT,
        lambda folder: ["convert", "music", "-o", "made/set", "--workers", "1", "-q"],
        lambda folder: tree(folder / "made"),
    ),
    "render": (
        [*READ, "symgen.cli.render", "symgen.rendering.audio", "soundfile"],
        lambda folder: ["render", "song.mid", "-o", "made/song.wav", "--synth", "soundfont"],
        lambda folder: sounds(folder / "made"),
    ),
    "sample": (
        [*READ, "symgen.cli.sample.command", "symgen.sampling.generate", "onnxruntime"],
        lambda folder: [
            "sample",
            "model.symgen",
            "-n",
            "2",
            "--bars",
            "4",
            "--seed",
            "3",
            "--render",
            "--force",
            "-o",
            "made",
        ],
        lambda folder: sounds(folder / "made"),
    ),
    "fetch": (
        [*READ, "symgen.cli.corpus.command", "symgen.corpus.fetching.fetch"],
        lambda folder: ["corpus", "fetch", "far", "--from", "far.zip"],
        lambda folder: tree(folder / "corpora"),
    ),
    "count": (COUNT, lambda folder: resumed(folder, *TRAIN, "counted.toml"), learned),
    "train": (LEARN, lambda folder: resumed(folder, *TRAIN, "network.toml"), learned),
    "evaluate": (
        [*READ, "symgen.cli.evaluate.command", "symgen.evaluation.evaluate", "symgen.report"],
        lambda folder: ["evaluate", "music", "--against", "music", "-o", "made/report.html"],
        lambda folder: sorted(tree(folder / "made")),
    ),
    "figures": (
        [*READ, "symgen.cli.evaluate.command", "symgen.evaluation.evaluate", "symgen.report"],
        lambda folder: ["evaluate", "music", "--against", "music", "-o", "made/figures/"],
        lambda folder: sorted(tree(folder / "made")),
    ),
}
NAMES = [
    "convert",
    "render",
    "fetch",
    "count",
    *(pytest.param(n, marks=pytest.mark.slow) for n in ("sample", "train", "evaluate", "figures")),
]


def laid_out(folder):
    """Put music, a dataset, a model, an archive and configs into `folder`."""
    from symgen.dataset import convert

    music(folder / "music", 6)
    shutil.copy(folder / "music" / "000.mid", folder / "song.mid")
    convert(folder / "music", output=folder / "data" / "set", workers=1)
    (folder / "network.toml").write_text(NETWORK)
    (folder / "counted.toml").write_text(COUNTED)
    shutil.copy(GOLDEN / "shipped-2.symgen", folder / "model.symgen")
    with zipfile.ZipFile(folder / "far.zip", "w") as archive:
        for path in sorted((folder / "music").iterdir()):
            archive.write(path, path.name)
    digest = hashlib.sha256((folder / "far.zip").read_bytes()).hexdigest()
    manifest = folder / "corpora" / "far" / "corpus.toml"
    manifest.parent.mkdir(parents=True)
    lines = ('name = "far"', "[[archives]]", 'name = "far.zip"', f'sha256 = "{digest}"')
    manifest.write_text("\n".join(lines))
    return folder


@pytest.fixture
def disk(tmp_path):
    made = Disk(tmp_path / "disk")
    yield made
    made.vanish()


class Scene:
    """A command that is run on a disk, and what it makes where nothing disturbs it."""

    def __init__(self, name, disk, elsewhere):
        modules, self.words, self.made = COMMANDS[name]
        self.disk, self.output = disk, elsewhere / "output.txt"
        self.nursery = Nursery(*modules)
        laid_out(disk.path)
        calm = elsewhere / "calm"
        shutil.copytree(disk.path, calm)
        assert self.run(calm) == 0, self.text
        self.expected = self.made(calm)

    def run(self, folder, room=None):
        """Run the command and return its exit code."""
        words = self.words(folder)
        code, *_ = self.nursery.measured(folder, words, output=self.output, room=room)
        self.text = self.output.read_text()
        return code

    def refused(self, *messages):
        """Check that the command ended with one line, of those in `messages`, and left nothing."""
        assert any(message in one_line(self.text) for message in messages), self.text
        assert hidden(self.disk.path) == []
        whole(self.disk.path)


@pytest.fixture
def scene(request, disk, tmp_path):
    made = Scene(request.param, disk, tmp_path)
    yield made
    made.nursery.close()


@pytest.mark.parametrize("scene", NAMES, indirect=True)
def test_a_full_disk(scene):
    """Each time more is free than before; what was left by the command before is still there."""
    failures = 0
    for free in FREE:
        scene.disk.fill(free)
        if scene.run(scene.disk.path) == 0:
            break
        failures += 1
        scene.refused("No space left on device", "is the disk full?")
    else:
        scene.disk.empty()
        assert scene.run(scene.disk.path) == 0, scene.text
    scene.disk.empty()
    assert failures, "the disk was never full"
    assert scene.made(scene.disk.path) == scene.expected
    assert hidden(scene.disk.path) == []


@pytest.mark.parametrize("scene", NAMES, indirect=True)
def test_a_read_only_disk(scene):
    before = tree(scene.disk.path)
    with scene.disk.read_only():
        assert scene.run(scene.disk.path) == 1
    scene.refused("Read-only file system")
    assert tree(scene.disk.path) == before
    assert scene.run(scene.disk.path) == 0, scene.text
    assert scene.made(scene.disk.path) == scene.expected
