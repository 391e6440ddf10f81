"""Likelihood: values computed by hand and by the player of a bundle, and the baselines."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from symgen.bundle.bundle import Bundle
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.errors import DataError
from symgen.evaluation.likelihood import likelihood as likely
from symgen.evaluation.likelihood.baselines import counted, repeat, unigram
from symgen.evaluation.likelihood.likelihood import (
    Pieces,
    compared,
    likelihood,
    score,
)
from symgen.evaluation.likelihood.network import network, windows
from symgen.models.ngram.kneser_ney import NGram
from symgen.runtime.ngram import scores
from symgen.runtime.onnx import OnnxPlayer
from symgen.runtime.passages import Scores
from symgen.sampling.nats import nats
from tests.evaluation.fakes import ONSETS, dataset, random_tunes

PERFORMANCE = encoding("performance")


def split(*pieces, enc=PERFORMANCE):
    return Split.of(
        enc,
        {
            f"p{i}": np.asarray(p, np.int32).reshape(-1, len(enc.fields))
            for i, p in enumerate(pieces)
        },
    )


def noise(seed, *lengths):
    """Random valid events: note-ons, shifts and velocities."""
    rng = np.random.default_rng(seed)
    return split(*(rng.choice([60, 62, 64, 188, 190, 192, 260, 275, 370, 372], n) for n in lengths))


def held(train, held_out):
    made = dataset(ONSETS, {}, {})
    made._halves = {"train": train, "eval": held_out}
    kind = held_out.encoding
    return SimpleNamespace(split=made.split, encoding=kind, codec=kind, path="made")


def test_figures_by_hand():
    """Two pieces: a note with nats of ln 2, ln 4 and ln 8, and two shifts of ln 2."""
    music = split([60, 256 + 49, 128 + 60], [256 + 24, 256 + 24])
    given = np.array([[1 / 2], [1 / 4], [1 / 8], [1 / 2], [1 / 2]])
    report = likelihood(
        Scores(
            -np.log(given).astype(np.float32),
            given.astype(np.float32),
            np.array([[1], [0], [0], [1], [0]], bool),
        ),
        music,
    )
    bit = np.log(2)
    assert report["nats_per_event"][0] == pytest.approx(8 * bit / 5, rel=1e-5)
    assert report["nats_per_note"][0] == pytest.approx(8 * bit, rel=1e-5)
    assert report["nats_per_second"][0] == pytest.approx(8 * bit / 1.0, rel=1e-5)
    assert {
        k: (row["share"], row["nats"][0], row["accuracy"]) for k, row in report["kinds"].items()
    } == {
        "note_on": (0.2, pytest.approx(bit, rel=1e-5), 1.0),
        "note_off": (0.2, pytest.approx(3 * bit, rel=1e-5), 0.0),
        "shift": (0.6, pytest.approx(4 * bit / 3, rel=1e-5), pytest.approx(1 / 3, rel=1e-5)),
    }
    assert report["accuracy"] == 0.4
    assert [(row["p"], row["count"]) for row in report["calibration"]] == [
        (0.125, 1),
        (0.25, 1),
        (0.5, 3),
    ]
    assert report["calibration"][2]["share"] == pytest.approx(2 / 3, rel=1e-5)
    assert report["ece"] == pytest.approx((0.125 + 0.25 + 0.5) / 5, rel=1e-5)
    assert [row["event"] for row in report["from_the_beginning"]] == [0, 1]
    assert [row["count"] for row in report["from_the_beginning"]] == [2, 3]
    assert report["from_the_beginning"][0]["nats"] == pytest.approx(bit, rel=1e-5)
    assert (
        sum(row["count"] for row in report["position"]) == 5
        and report["events"] == 5
        and report["pieces"] == 2
    )


def test_intervals_are_over_pieces():
    """Equal pieces or one piece have an interval of width 0; otherwise the value is inside."""
    alike, one = Pieces(split(*[[60, 260, 188]] * 5)), Pieces(split([60, 260, 188]))
    assert alike.ratio(np.full(5, 6.0), np.full(5, 3.0)) == [2.0, 2.0, 2.0]
    assert one.ratio(np.array([6.0]), np.array([3.0])) == [2.0, 2.0, 2.0]
    value, low, high = alike.ratio(np.array([1, 2, 3, 4, 5.0]), np.full(5, 1.0))
    assert value == 3 and 1 <= low < 2.3 and 3.7 < high <= 5
    assert alike.ratio(np.ones(5), np.zeros(5)) is None


def test_unigram_and_repeat_are_distributions_that_can_be_read():
    train, music = noise(0, 400, 300), noise(1, 200)
    u, r = unigram(train, music), repeat(train, music)
    shares = (np.bincount(train.values[:, 0], minlength=388) + 1) / (700 + 388)
    assert np.allclose(u.nats[:, 0], -np.log(shares[music.values[:, 0]]), atol=1e-6)
    again = sum(int((train.part(i)[1:] == train.part(i)[:-1]).sum()) for i in (0, 1))
    share = (again + 1) / (698 + 2)
    for last, value in (
        (60, 60),
        (60, 62),
        (372, 260),
        (5, 64),
    ):  # one event after another: the second's chance
        two = repeat(train, split([last, value]))
        expected = share if last == value else (1 - share) * shares[value] / (1 - shares[last])
        assert two.nats[1, 0] == pytest.approx(-np.log(expected), rel=1e-5)
    total = share + sum((1 - share) * shares[v] / (1 - shares[60]) for v in range(388) if v != 60)
    assert total == pytest.approx(1)
    assert r.nats[0, 0] == u.nats[0, 0] and (r.top[1:] >= r.top[1:].min()).all()
    one = split([60, 60, 60, 60, 62])
    assert np.isfinite(repeat(one, one).top).all() and repeat(one, one).hits[:, 0].tolist() == [
        1,
        1,
        1,
        1,
        0,
    ]
    first = repeat(train, split([60, int(np.argmax(shares))]))
    assert first.hits[1, 0] == (share < first.top[1, 0])


def test_the_ngram_is_that_of_the_other_bench():
    train, music = noise(0, 400, 300), noise(1, 200, 50)
    made, orders = counted(train, music, 3)
    model = NGram.fit(train.values, train.lengths, (388,), 3, singles=False)
    assert np.allclose(
        made.nats, -np.log(model.probabilities(music.values, music.lengths)), atol=1e-6
    )
    assert len(orders) == 3 and orders[2] == pytest.approx(made.nats.mean(), rel=1e-5)
    whole = model.distributions(0, model.histories(music.values, music.lengths, 0))
    assert np.allclose(made.top[:, 0], whole.max(1)) and np.array_equal(
        made.hits[:, 0], whole.argmax(1) == music.values[:, 0]
    )
    assert np.array_equal(scores(model, music.values, music.lengths).nats, made.nats)


def test_a_network_is_scored_as_its_player_plays(tiny_bundle):
    """Whole pieces have the nats of the sampler's scorer and the first choices of its logits."""
    opened, music = Bundle.open(tiny_bundle), noise(2, 40, 7, 0, 61, 25)
    made = network(opened, music, threads=1)
    parts = [music.events(i) for i in range(len(music)) if music.lengths[i]]
    request = SimpleNamespace(plan=None, lasts=None)
    expected = nats(PERFORMANCE, OnnxPlayer.open(opened), (), request, parts)
    sums = np.bincount(Pieces(music).which, made.nats[:, 0], len(music))
    assert np.allclose(
        sums[music.lengths > 0] / music.lengths[music.lengths > 0], expected, atol=1e-4
    )
    assert np.allclose(score(opened, parts), expected, atol=1e-4)
    player = OnnxPlayer.open(opened)
    player.start(1)
    for row, true, top, hit in zip(
        [[388], *music.part(0)], music.part(0), made.top, made.hits, strict=False
    ):
        player.step(np.array([row], np.int32))
        p = np.exp(logits := player.logits(0, np.zeros((1, 1), np.int32))[0]) / np.exp(logits).sum()
        assert p.max() == pytest.approx(float(top[0]), rel=1e-4) and hit[0] == (
            p.argmax() == true[0]
        )


def test_a_chained_head_is_told_what_was_chosen(chained_bundle):
    opened = Bundle.open(chained_bundle)
    vector = opened.test_vector()
    music = split(vector["chosen"], enc=opened.encoding)
    music.contexts = [{"id": "p0", "bars": [4, 3, 4, 40, 6, 8], "steps": 64}]
    made = network(opened, music, threads=1)
    for k, field in enumerate(opened.encoding.fields):
        logits = vector[f"logits.{field.name}"].astype(np.float64)
        expected = np.log(np.exp(logits).sum(1)) - logits[np.arange(64), vector["chosen"][:, k]]
        assert np.allclose(made.nats[:, k], expected, atol=1e-4)


def test_windows_begin_from_nothing(tiny_bundle):
    """A window's nats are those of a piece of its own whose first input is the event before it."""
    opened, music = Bundle.open(tiny_bundle), noise(3, 50, 9, 34)
    made = windows(opened, music, 16, threads=1)
    assert (~np.isnan(made.nats[:, 0])).sum() == 16 * (3 + 0 + 2)
    whole = network(opened, music, threads=1)
    assert np.allclose(made.nats[:16], whole.nats[:16], atol=1e-5) and not np.allclose(
        made.nats[16:32], whole.nats[16:32], atol=1e-5
    )
    player = OnnxPlayer.open(opened)
    player.start(1)
    for at in range(16, 32):
        player.step(music.values[at - 1 : at].astype(np.int32))
        logits = player.logits(0, np.zeros((1, 1), np.int32))[0].astype(np.float64)
        assert made.nats[at, 0] == pytest.approx(
            np.log(np.exp(logits).sum()) - logits[music.values[at, 0]], abs=1e-4
        )


def test_the_whole_part_and_a_verdict_that_does_not_flatter(tiny_bundle, monkeypatch):
    """A random network is worse than an n-gram, and that is what is said."""
    monkeypatch.setattr(likely, "WINDOW", 16)
    data, messages = held(noise(0, 400, 300), noise(1, 120, 60, 90)), []
    made = compared(
        Bundle.open(tiny_bundle), data, threads=1, progress=lambda *a: messages.append(a)
    )
    assert set(made) == {
        "version",
        "network",
        "ngram",
        "unigram",
        "repeat",
        "differences",
        "differences_per_note",
        "interval",
        "verdict",
    }
    assert made["differences"]["ngram"][2] < 0
    assert made["verdict"].startswith("The network does not beat the n-gram. It is worse by")
    assert len(made["ngram"]["orders"]) == 6 and made["network"]["windows_events"] == 16 * (
        7 + 3 + 5
    )
    assert made["network"]["conditioned_on"] == [] and messages[-2][1] > 0
    assert json.loads(json.dumps(made)) == made
    with pytest.raises(DataError, match="its held-out split is empty"):
        compared(Bundle.open(tiny_bundle), held(noise(0, 400), split()))
    with pytest.raises(DataError, match="its encoding is not that"):
        compared(
            Bundle.open(tiny_bundle),
            dataset(ONSETS, random_tunes(ONSETS, 2, 16), random_tunes(ONSETS, 2, 16)),
        )
