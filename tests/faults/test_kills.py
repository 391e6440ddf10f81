"""kill -9 at random moments: nothing half written, and the same command ends as if undisturbed."""

import json
import os
import random
import shutil
import threading
import time

import pytest

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.training.loop.journal import NAME as JOURNAL
from tests.faults.scene import Nursery, hidden, music, tree, until, working_in

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

CONVERT = ["symgen.cli.convert", "symgen.dataset.build", "symgen.notes.midi.reader"]
COUNT = [*CONVERT, "symgen.training.run", "symgen.cli.train", "onnxruntime"]
LEARN = [*COUNT, "tensorflow", "keras", "onnx", "tensorboard.summary.writer.event_file_writer"]

NETWORK = """
[model]
name = "lstm"
layers = [{units = 12}]

[training]
batch = 2
length = 16
steps = 12
eval_every = 4
seed = 3
threads = 1
precision = "float32"
"""
COUNTED = """
[model]
name = "ngram"
order = 3
"""


def whole(folder):
    """Check that what has its final name in `folder` is whole."""
    for path in folder.glob("data/*"):
        if not path.name.startswith("."):
            Dataset.open(path).check()
    for run in folder.glob("runs/*"):
        if not run.name.startswith("."):
            assert (run / "config.toml").is_file()
            for bundle in run.glob("*.symgen"):
                made = Bundle.open(bundle)
                assert made.test_vector()
                for name in made.record.checksums:
                    made.read(name)
            for line in (
                (run / JOURNAL).read_text().splitlines() if (run / JOURNAL).exists() else ()
            ):
                json.loads(line)


def weights(folder):
    """Return the bytes of what the run in `folder` has learned, and its journal."""
    [run] = [path for path in folder.glob("runs/*") if not path.name.startswith(".")]
    made = Bundle.open(run)
    members = [name for name in sorted(made.record.checksums) if name != "bundle.json"]
    report = made.training.to_dict()
    kept = {k: report.get(k) for k in ("score", "gap", "curve")}
    return (run / JOURNAL).read_bytes(), {n: made.read(n) for n in members}, kept


def converting(workers):
    """Return the words of a conversion, what it makes, and the folder of that."""
    words = ["convert", "music", "-o", "data/set", "--workers", workers, "--force", "-q"]
    return lambda folder: words, lambda folder: tree(folder / "data"), "data"


def training(config):
    """Return the words that begin or resume a run, what it makes, and the folder of that."""

    def words(folder):
        if any(path.name[0] != "." for path in folder.glob("runs/*")):
            return ["train", "--resume", "-q"]
        return ["train", "--config", config, "--data", "data/set", "-q"]

    return words, weights, "runs"


def killed(nursery, folder, command, count, rng):
    """Run a command again and again, and kill it at `count` random moments; return the kills.

    Whenever it comes to its end, what it made is compared with the first, undisturbed time.
    """
    words, made, place = command

    def run(limit=None):
        code, took = nursery.run(folder, words(folder), limit)
        text = (folder / "output.txt").read_text()
        assert code in (0, -9), (code, text)
        assert "internal error" not in text, text
        whole(folder)
        if code == 0:  # killed while it starts a worker: that worker's Python says EOFError
            assert "Traceback" not in text, text
            assert expected in (None, made(folder))
        return code, took

    expected = None
    _, seconds = run()
    expected, kills = made(folder), 0
    while kills < count:
        shutil.rmtree(folder / place)
        while kills < count and run(rng.uniform(0, seconds))[0]:
            kills += 1
            assert len(hidden(folder)) <= 3  # those of one process
    run()
    assert hidden(folder) == []
    assert until(lambda: working_in(folder) == [], 5)
    return kills


def prepared(folder, count=12):
    """Lay out music, a dataset and two configs in `folder`."""
    from symgen.dataset import convert

    music(folder / "music", count)
    convert(folder / "music", output=folder / "data" / "set", workers=1)
    (folder / "network.toml").write_text(NETWORK)
    (folder / "counted.toml").write_text(COUNTED)
    return folder


@pytest.fixture
def nursery():
    made = []

    def make(*modules):
        made.append(Nursery(*modules))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_conversion_that_is_killed_ends_the_second_time(tmp_path, nursery):
    folder = prepared(tmp_path)
    killed(nursery(*CONVERT), folder, converting(1), 4, random.Random(1))


def test_a_counted_run_that_is_killed_is_resumed(tmp_path, nursery):
    folder = prepared(tmp_path)
    killed(nursery(*COUNT), folder, training("counted.toml"), 4, random.Random(2))


@pytest.mark.slow
def test_200_kills(tmp_path, nursery, capsys):
    """Two lanes, for two cores: one trains a network, the other converts and counts."""
    pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    seed = random.randrange(1 << 32)
    plans = {
        "network": [(LEARN, training("network.toml"), 8)],
        "others": [
            (CONVERT, converting(1), 122),
            (CONVERT, converting(2), 10),
            (COUNT, training("counted.toml"), 60),
        ],
    }
    counts, errors = {}, []

    def lane(name):
        try:
            for k, (modules, command, count) in enumerate(plans[name]):
                folder = prepared(tmp_path / f"{name}{k}")
                begin = time.monotonic()
                kills = killed(nursery(*modules), folder, command, count, random.Random(seed + k))
                counts[f"{name} {k}"] = (kills, round(time.monotonic() - begin, 1))
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=lane, args=(name,)) for name in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with capsys.disabled():
        print(f"\nseed {seed}; kills and seconds: {counts}")
    assert not errors
    assert sum(kills for kills, _ in counts.values()) >= 200
