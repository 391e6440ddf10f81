"""Every hostile bundle is refused in one line, soon, and in little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundle.strangers.hostile import BUNDLES

CHILD = Path(__file__).with_name("child.py")
ROOT = Path(__file__).parents[3]
SECONDS, MEGABYTES = 5, 400  # generous: one second and 200 MB are what is promised

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@pytest.fixture(scope="module")
def sampled(standin_models, tmp_path_factory):
    """What `symgen sample` makes of each bundle, and of the good one."""
    folder = tmp_path_factory.mktemp("hostile")
    good = standin_models / "piano.symgen"
    bundles = {"good": good.read_bytes()} | {name: make(good) for name, make in BUNDLES.items()}
    plan = []
    for name, data in bundles.items():
        (folder / f"{name}.symgen").write_bytes(data)
        plan.append(["sample", f"{name}.symgen", "-q", "--seconds", "2", "-o", f"{name}.mid"])
    (folder / "plan.json").write_text(json.dumps(plan))
    command = [sys.executable, CHILD, "plan.json", "result.json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, check=True, env=environment)
    return dict(zip(bundles, json.loads((folder / "result.json").read_text()), strict=True))


def test_the_good_bundle_plays(sampled):
    assert sampled["good"]["code"] == 0, sampled["good"]["text"]


def test_there_are_enough_of_them():
    assert len(BUNDLES) >= 40


@pytest.mark.parametrize("name", BUNDLES)
def test_it_is_refused(sampled, name):
    done = sampled[name]
    assert done["code"] == 1, done
    [line] = done["text"].splitlines()
    assert line.startswith(f"symgen: {name}.symgen: ")
    assert line.isprintable() and len(line) < 500
    assert "internal error" not in line
    assert done["seconds"] < SECONDS
    assert done["megabytes"] < MEGABYTES
