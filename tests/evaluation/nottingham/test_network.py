"""The stepper against the player that samples, tune by tune and melody value by melody value."""

import numpy as np
import pytest

from symgen.controls import compute_all
from symgen.encodings.base import inputs
from symgen.errors import DataError
from symgen.evaluation.nottingham import forms
from symgen.evaluation.nottingham.forms import Projection
from symgen.evaluation.nottingham.network import GraphPredictor
from symgen.evaluation.nottingham.predict import softmax
from symgen.evaluation.nottingham.score import score
from symgen.runtime.onnx import OnnxPlayer
from tests.evaluation.fakes import ONSETS, bundle, dataset, random_tunes
from tests.runtime.fakes import candidate_logits

pytest.importorskip("keras", reason="the extra `train` is not installed")

LENGTHS = (7, 19, 1, 12)


@pytest.fixture
def data():
    tunes = {
        f"t{i}": next(iter(random_tunes(ONSETS, 1, n, seed=i).values()))
        for i, n in enumerate(LENGTHS)
    }
    contexts = {i: {"id": i, "bars": [3, 6, 8], "steps": len(t)} for i, t in tunes.items()}
    return dataset(ONSETS, {}, tunes, contexts=contexts)


def played(opened, split):
    """Return the probabilities of melody, drawn chord and chord given the melody, by the player."""
    out = []
    for i in range(len(split)):
        events, player = split.events(i), OnnxPlayer.open(opened)
        controls = compute_all(opened.controls, opened.encoding, events, split.contexts[i])
        player.start(1)
        for t, row in enumerate(inputs(opened.encoding, events, 0, len(events))):
            player.step(row[None], controls[t : t + 1] if opened.width else None)
            every = np.stack([np.arange(130), np.zeros(130)], 1).astype(np.int32)[None]
            melody = softmax(player.logits(0, np.zeros((1, 2), np.int32)))[0]
            chord = softmax(candidate_logits(player, 1, every))[0]
            m, c = events[t]
            out.append((melody[m], melody @ chord[:, c], chord[m, c]))
    return np.array(out)


@pytest.mark.parametrize("chained", [True, False])
@pytest.mark.parametrize("controls", [(), ({"name": "meter"},)], ids=["alone", "meter"])
def test_it_gives_what_the_player_gives(tmp_path, data, chained, controls, monkeypatch):
    """Whatever the tunes' lengths, and in chunks that cut through them."""
    from symgen.evaluation.nottingham import network

    monkeypatch.setattr(network, "ABREAST", 3)
    monkeypatch.setattr(network, "PAIRS", 100)
    opened, split = (
        bundle(tmp_path / "m.symgen", chained=chained, controls=controls),
        data.split("eval"),
    )
    tunes = forms.tunes(data, "eval")
    [found] = score(
        GraphPredictor(opened, split), [Projection(tunes, np.arange(130), np.arange(5))]
    )
    expected = played(opened, split)
    assert found.sampled == pytest.approx(expected, abs=2e-5)
    assert found.nats == pytest.approx(-np.log(expected), abs=1e-3)
    if chained:
        assert np.abs(expected[:, 1] - expected[:, 2]).max() > 0.01


def test_the_meter_reaches_the_model(tmp_path, data):
    opened = bundle(tmp_path / "m.symgen", controls=({"name": "meter"},))
    view = Projection(forms.tunes(data, "eval"), np.arange(130), np.arange(5))
    [with_bars] = score(GraphPredictor(opened, data.split("eval")), [view])
    data.split("eval").contexts[1] = {"id": "t1"}
    [without] = score(GraphPredictor(opened, data.split("eval")), [view])
    changed = (with_bars.sampled != without.sampled).any(1)
    assert changed[7 : 7 + 19].all() and not changed[:7].any() and not changed[26:].any()


def test_another_kind_of_model_is_refused(tiny_bundle):
    from symgen.bundle.bundle import Bundle

    with pytest.raises(DataError, match="performance encoding has no melody and chord"):
        GraphPredictor(Bundle.open(tiny_bundle), dataset(ONSETS, {}, {}).split("eval"))
