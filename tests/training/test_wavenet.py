"""A WaveNet through the loop of all models: trained on sound of two fields, resumed, and played."""

import numpy as np
import pytest

from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.runtime.passages import Passage
from symgen.runtime.score import score
from tests.training.tones import RATE, tones

pytest.importorskip("keras", reason="the extra `train` is not installed")
soundfile = pytest.importorskip("soundfile")

SMALL = {
    "name": "small",
    "encoding": {"name": "linear16", "rate": RATE},
    "model": {
        "name": "wavenet", "stacks": 1, "depth": 5, "channels": 8, "skip_channels": 8,
        "head_units": 16,
    },
    "training": {
        "batch": 2, "length": 64, "carry": 4, "learning_rate": 0.02, "warmup": 1, "steps": 12,
        "eval_every": 6, "eval_events": 600, "threads": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A dataset of four tones of half a second."""
    return tones(tmp_path_factory.mktemp("sound"), SMALL["encoding"], 0.5)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return training.train(SMALL, data, out=tmp_path_factory.mktemp("runs"))


def test_the_bundle_plays_what_was_trained(run, data):
    assert run.journal[-1]["best"] < 2 * np.log(256) - 0.2  # below even shares of both bytes
    bundle = Bundle.open(run.best)
    assert bundle.player == "wavenet" and bundle.chained
    assert any("reproduces the 64 steps" in line for line in bundle.check())
    held = data.rows("eval")
    passages = [Passage(held.codec.start(), held.part(i)) for i in range(len(held))]
    found = score(bundle.open_player(), passages).nats.sum(axis=1)
    whole = bundle.training.score.to_dict()["nats_per_event"]
    assert len(found) == held.total and found.mean() == pytest.approx(whole, rel=0.02)


@pytest.mark.slow
def test_a_resumed_run_ends_as_one_that_was_not_stopped(run, data, tmp_path):
    def stop(status):
        if status.step == 6 and status.last is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(SMALL, data, out=tmp_path, watch=stop)
    resumed = training.resume(tmp_path / "small", data=data)
    assert resumed.journal == run.journal
    one, other = (Bundle.open(r.best).weights() for r in (resumed, run))
    assert all(np.array_equal(one[name], other[name]) for name in other)
