"""Several processes at once on one folder: none takes what another makes, and all is whole."""

import json
import shutil

import pytest

from symgen.sampling import recipe
from tests.faults.scene import hidden, one_line, started, tree
from tests.faults.test_disk import laid_out
from tests.faults.test_kills import whole


@pytest.fixture
def desk(tmp_path):
    return laid_out(tmp_path / "desk")


def together(folder, *words, count=2):
    """Run a command `count` times at once; return the exit codes, in order, and the messages."""
    running = [started(folder, *words) for _ in range(count)]
    found = sorted((process.communicate(timeout=300), process.returncode) for process in running)
    for (_, err), code in found:
        assert code == 0 or one_line(err)
    return sorted(code for _, code in found), ["".join(texts) for texts, _ in found]


@pytest.mark.slow
def test_six_samples_at_once_have_a_name_each(desk):
    words = ("sample", "model.symgen", "--bars", 2, "-o", "made")
    codes, texts = together(desk, *words, count=6)
    assert codes == [0] * 6, texts
    names = sorted(path.name for path in (desk / "made").glob("*.mid"))
    assert names == sorted(f"run-{i}.mid" for i in range(1, 7))
    for name in names:
        assert sum(f"made/{name}" in text for text in texts) == 1
        path = desk / "made" / name
        assert recipe.read(str(path)) == recipe.read(str(path.with_suffix(".json")))
    assert len({recipe.read(str(path)).seed for path in (desk / "made").glob("*.mid")}) == 6
    assert hidden(desk) == []


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_two_converts_of_one_name(desk, force):
    """One of them may find that the other was first; then it says so."""
    shutil.rmtree(desk / "data")
    words = ("convert", "music", "-o", "made/set", "--workers", 1, *force)
    codes, texts = together(desk, *words)
    assert codes in ([0, 0], [0, 1]), texts
    whole(desk)
    once = tree(desk / "made")
    assert "set/dataset.json" in once
    shutil.rmtree(desk / "made")
    assert together(desk, *words, count=1)[0] == [0]
    assert tree(desk / "made") == once
    assert hidden(desk) == []


def test_two_trainings_have_a_folder_each(desk):
    codes, texts = together(desk, "train", "--config", "counted.toml", "--data", "data/set")
    assert codes == [0, 0], texts
    whole(desk)
    runs = [desk / "runs" / name for name in ("counted", "counted-2")]
    journals = [(run / "journal.jsonl").read_bytes() for run in runs]
    assert journals[0] == journals[1]
    assert hidden(desk) == []


@pytest.mark.slow
def test_two_resumes_of_one_run(desk):
    """One of them trains, the other is refused; the journal is that of a single one."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    train = ("train", "--config", "network.toml", "--data", "data/set")
    assert together(desk, *train, "--minutes", "0.0001", count=1)[0] == [0]
    run = desk / "runs" / "network"
    shutil.copytree(run, desk / "kept")
    resume = ("train", "--resume", "runs/network", "--minutes", 5)
    codes, texts = together(desk, *resume)
    assert codes == [0, 1], texts
    assert sum("is training this run" in text for text in texts) == 1
    journal = (run / "journal.jsonl").read_bytes()
    assert [json.loads(line)["step"] for line in journal.splitlines()][-1] == 12
    shutil.rmtree(run)
    (desk / "kept").rename(run)
    assert together(desk, *resume, count=1)[0] == [0]
    assert (run / "journal.jsonl").read_bytes() == journal
