"""Training on JAX, in a process where importing TensorFlow is an error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tensorflow":
            raise ImportError("tensorflow is blocked")

sys.meta_path.insert(0, Blocked())
sys.path[:0] = [{str(Path(__file__).parents[2])!r}]
import json
from pathlib import Path

import keras
from symgen import training
from symgen.bundle.bundle import Bundle
from tests.training import test_fields, test_training
from tests.training.scales import scales as dataset

short = test_training.changed(steps=6, eval_every=3)
scales = training.train(short, dataset(Path()), out="scales")
options = test_fields.CONFIG["training"] | dict(steps=20, eval_every=10)
config = test_fields.CONFIG | dict(training=options)
tunes = training.train(config, test_fields.tunes(Path("data")), out="tunes")
print(json.dumps({{
    "backend": keras.backend.backend(),
    "tensorflow": "tensorflow" in sys.modules,
    "scales": scales.journal[-1],
    "tunes": [line["nats_per_event"] for line in tunes.journal],
    "chained": Bundle.open(tunes.best).chained,
}}))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train a plain and a chained model on JAX and return what the process says of them."""
    pytest.importorskip("jax", reason="no second Keras backend is installed")
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    folder = tmp_path_factory.mktemp("jax")
    script = folder / "on_jax.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_loop_needs_no_tensorflow(trained):
    assert (trained["backend"], trained["tensorflow"]) == ("jax", False)
    assert trained["scales"]["step"] == 6


def test_another_backend_trains_a_chained_head_and_its_controls(trained):
    """The graphs of its bundle have reproduced the test vector."""
    assert len(trained["tunes"]) == 2
    assert trained["tunes"] == sorted(trained["tunes"], reverse=True)
    assert trained["chained"]
