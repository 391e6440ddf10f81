"""The ONNX player, finding a bundle, and what sampling must never import."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from symgen.bundle.bundle import Bundle
from symgen.dataset.pieces import Split
from symgen.errors import DataError
from symgen.models import Sizes
from symgen.runtime import players
from symgen.runtime import session as sessions
from symgen.runtime.base import Player
from symgen.runtime.onnx import OnnxPlayer
from symgen.sampling import load, newest
from symgen.training.quantize import quantise
from tests.runtime.fakes import candidate_logits
from tests.sampling.fakes import bundle


@pytest.fixture
def opened(tmp_path):
    return Bundle.open(bundle(tmp_path / "best.symgen", units=96))


def play(player, events, keep=None):
    """Feed `[steps, batch, 1]` events and return the logits of each step."""
    player.start(events.shape[1])
    out = []
    for step in events:
        player.step(step)
        out.append(player.logits(0, step).copy())
    return np.stack(out)


def test_the_player_reproduces_the_test_vector(opened):
    vector = opened.test_vector()
    assert np.allclose(
        play(OnnxPlayer.open(opened), vector["event"][:, None])[:, 0],
        vector["logits.event"],
        atol=1e-5,
    )


def test_a_row_is_the_same_bits_whatever_stands_beside_it(opened):
    player = OnnxPlayer.open(opened)
    events = np.random.default_rng(1).integers(0, 389, (30, 33, 1)).astype(np.int32)
    whole = play(player, events)
    for batch in (1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 32):
        assert np.array_equal(play(player, events[:, :batch]), whole[:, :batch])
    assert np.array_equal(play(player, events[:, 32:]), whole[:, 32:])
    shuffled = np.random.default_rng(2).permutation(33)
    assert np.array_equal(play(player, events[:, shuffled]), whole[:, shuffled])


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A bundle in both precisions that is wide enough for threads to share a step."""
    path = bundle(tmp_path_factory.mktemp("wide") / "wide.symgen", units=512)
    opened = Bundle.open(path)
    quantise(opened, Split.of(opened.encoding, {"one": np.arange(40, dtype=np.int32)[:, None]}))
    return Bundle.open(path)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_row_is_the_same_bits_on_any_number_of_threads(wide, precision, monkeypatch):
    monkeypatch.setattr(sessions, "cores", lambda: 4)
    made = []
    for threads in (1, 2, 3, 4):
        monkeypatch.setattr(sessions, "THREADS", threads)
        made.append(OnnxPlayer.open(wide.played_in(precision)))
        assert made[-1]._step.get_session_options().intra_op_num_threads == threads
    events = np.random.default_rng(1).integers(0, 389, (5, 33, 1)).astype(np.int32)
    for batch in (1, 2, 3, 4, 7, 10, 33):
        alone, *shared = (play(one, events[:, :batch]) for one in made)
        assert all(np.array_equal(logits, alone) for logits in shared)


@pytest.mark.parametrize(("there", "taken"), [(1, 1), (2, 2), (64, 2)])
def test_a_step_has_two_threads_where_there_are_cores_for_them(opened, monkeypatch, there, taken):
    monkeypatch.setattr(sessions, "cores", lambda: there)
    assert OnnxPlayer.open(opened)._step.get_session_options().intra_op_num_threads == taken


def test_a_thread_does_not_wait_awake_while_a_live_stream_rests(wide, monkeypatch):
    monkeypatch.setattr(sessions, "cores", lambda: 2)
    live = OnnxPlayer.open(wide)
    live.start(1)
    live.step(np.zeros((1, 1), np.int32))
    time.sleep(0.01)
    begin = time.process_time()
    time.sleep(0.03)
    assert time.process_time() - begin < 0.01


def test_streams_can_be_dropped_and_doubled(opened):
    events = np.random.default_rng(1).integers(0, 389, (20, 4, 1)).astype(np.int32)
    whole = play(OnnxPlayer.open(opened), events)
    for rows in ([2], [3, 0], [1, 1, 3, 2, 0]):
        player = OnnxPlayer.open(opened)
        play(player, events[:10])
        player.select(np.array(rows))
        assert np.array_equal(player.logits(0, events[9, rows]), whole[9, rows])
        for t in range(10, 20):
            player.step(events[t, rows])
            assert np.array_equal(player.logits(0, events[t, rows]), whole[t, rows])


def test_a_bundle_for_a_player_of_the_future_is_bad_data(tmp_path):
    model = load(bundle(tmp_path / "best.symgen"))
    model.info["player"]["name"] = "holophonor"
    with pytest.raises(
        DataError,
        match=r"best\.symgen: its player is not one that symgen .* knows: "
        r"no player is called 'holophonor'",
    ):
        model.sample(seconds=1)


def test_fresh_players_do_not_hear_each_other(opened):
    one = OnnxPlayer.open(opened)
    other = one.fresh()
    events = np.array([[5], [6]], np.int32)
    one.start(2)
    other.start(2)
    one.step(events)
    before = one.logits(0, events).copy()
    for _ in range(3):
        other.step(events[::-1])
    assert np.array_equal(one.logits(0, events), before)
    one.step(events)
    assert not np.array_equal(one.logits(0, events), other.logits(0, events))


def test_a_chained_player_reproduces_the_test_vector(chained_bundle):
    opened = Bundle.open(chained_bundle)
    vector, player = opened.test_vector(), OnnxPlayer.open(opened)
    player.start(1)
    for t in range(64):
        player.step(vector["event"][t : t + 1], vector["controls"][t : t + 1])
        chosen = opened.encoding.start()[None].copy()
        for k, field in enumerate(opened.encoding.fields):
            assert np.allclose(
                player.logits(k, chosen)[0], vector[f"logits.{field.name}"][t], atol=1e-4
            )
            chosen[:, k] = vector["chosen"][t, k]


def heard(player, batch, steps=5, seed=3):
    """A player after `steps` events of `batch` streams, which do not depend on `batch`."""
    rng = np.random.default_rng(seed)
    events = np.stack([rng.integers(0, size + 1, (steps, 33)) for size in (130, 4)], -1).astype(
        np.int32
    )
    told = rng.normal(size=(steps, 33, player._inputs["controls"])).astype(np.float32)
    player.start(batch)
    for row, controls in zip(events, told, strict=True):
        player.step(row[:batch], controls[:batch])
    return player


def alternatives(batch, count):
    rng = np.random.default_rng(4)
    return np.stack([rng.integers(0, size, (33, 200)) for size in (130, 4)], -1).astype(np.int32)[
        :batch, :count
    ]


def test_later_gives_the_bits_of_logits_for_any_number_of_alternatives(chained_bundle):
    """33 x 200 rows of the head at once, or two: the same bits as each one alone."""
    player = heard(OnnxPlayer.open(Bundle.open(chained_bundle)), 33)
    chosen = alternatives(33, 200)
    whole = candidate_logits(player, 1, chosen)
    assert whole.shape == (33, 200, 4) and whole.dtype == np.float32
    for i in (0, 7, 199):
        assert np.array_equal(player.logits(1, chosen[:, i]), whole[:, i])
    for batch, count in ((1, 1), (1, 2), (1, 200), (2, 3), (3, 1), (5, 17), (17, 130)):
        fewer = heard(OnnxPlayer.open(Bundle.open(chained_bundle)), batch)
        assert np.array_equal(
            candidate_logits(fewer, 1, alternatives(batch, count)), whole[:batch, :count]
        )


def test_all_logits_are_those_of_each_field_and_stay(chained_bundle, opened):
    for player, sizes in (
        (heard(OnnxPlayer.open(Bundle.open(chained_bundle)), 5), (130, 4)),
        (OnnxPlayer.open(opened), (388,)),
    ):
        events = np.stack([np.arange(5) % size for size in sizes], 1).astype(np.int32)
        if len(sizes) == 1:
            play(player, events[None])
        made = player.all_logits(events)
        assert len(made) == len(sizes)
        assert all(
            np.array_equal(each, player.logits(k, events)) and each.shape == (5, sizes[k])
            for k, each in enumerate(made)
        )
        before = [each.copy() for each in made]
        player.step(events)
        assert all(np.array_equal(a, b) for a, b in zip(made, before, strict=True))
        assert not np.array_equal(player.logits(0, events), made[0])


def test_nothing_that_is_chosen_changes_the_first_field(chained_bundle):
    player = heard(OnnxPlayer.open(Bundle.open(chained_bundle)), 3)
    first = player.logits(0, np.tile(np.array([[130, 4]], np.int32), (3, 1)))
    assert np.array_equal(
        candidate_logits(player, 0, alternatives(3, 9)), np.repeat(first[:, None], 9, axis=1)
    )


def test_later_of_independent_fields_is_what_logits_says(opened):
    player = OnnxPlayer.open(opened)
    events = np.array([[5], [6], [7]], np.int32)
    play(player, events[None])
    assert np.array_equal(
        candidate_logits(player, 0, np.zeros((3, 4, 1), np.int32)),
        np.repeat(player.logits(0, events)[:, None], 4, axis=1),
    )


def test_chained_fields_and_controls():
    """A step that gives `hidden`, a head, and controls, written by hand as graphs."""
    onnx = pytest.importorskip("onnx")
    helper, real, whole = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT32

    def graph(nodes, inputs, outputs):
        made = helper.make_graph(
            nodes,
            "g",
            [helper.make_tensor_value_info(n, t, ["b", w]) for n, t, w in inputs],
            [helper.make_tensor_value_info(n, real, ["b", w]) for n, w in outputs],
        )
        return helper.make_model(
            made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString()

    node = helper.make_node
    step = graph(
        [
            node("Cast", ["event"], ["e"], to=real),
            node("Add", ["e", "controls"], ["x"]),
            node("Add", ["x", "state.0"], ["next.0"]),
            node("Identity", ["next.0"], ["hidden"]),
        ],
        [("event", whole, 2), ("controls", real, 2), ("state.0", real, 2)],
        [("next.0", 2), ("hidden", 2)],
    )
    head = graph(
        [
            node("Identity", ["hidden"], ["logits.a"]),
            node("Cast", ["chosen"], ["c"], to=real),
            node("Add", ["hidden", "c"], ["logits.b"]),
        ],
        [("hidden", real, 2), ("chosen", whole, 2)],
        [("logits.a", 2), ("logits.b", 2)],
    )

    graphs = {"step.onnx": step, "head.onnx": head}
    chained = SimpleNamespace(
        chained=True,
        sizes=Sizes((("a", 2), ("b", 2)), 2),
        precision="float32",
        graph=lambda name, precision: graphs[name],
    )
    player = OnnxPlayer.open(chained)
    player.start(1)
    player.step(np.array([[1, 2]], np.int32), np.array([[10, 20]], np.float32))
    player.step(np.array([[3, 4]], np.int32))
    assert player.logits(0, np.array([[7, 2]], np.int32)).tolist() == [[14, 26]]
    assert player.logits(1, np.array([[7, 2]], np.int32)).tolist() == [[21, 28]]


def test_every_player_is_one():
    for name in players:
        assert issubclass(players.load(name), Player)


def test_the_newest_bundle_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load().name == "piano"  # which ships with symgen
    (tmp_path / "runs").mkdir()
    assert newest().name == "piano.symgen"
    for name, modified in (("a", 3), ("b", 9), ("c", 5)):
        os.utime(bundle(tmp_path / "runs" / name / "best.symgen", name=name), (modified, modified))
    assert load().name == "b"
    assert load("runs/c").name == "c"
    assert load(tmp_path / "runs" / "a" / "best.symgen").name == "a"
    with pytest.raises(DataError, match="no such bundle"):
        load("runs/d")


def test_sampling_imports_no_training_framework(tmp_path):
    path = bundle(tmp_path / "best.symgen")
    code = (
        "import sys, symgen\n"
        f"model = symgen.load({str(path)!r})\n"
        "model.sample(seconds=1, seed=1, key='C', density=4)\n"
        "next(model.stream(seed=1))\n"
        "heavy = {'tensorflow', 'keras', 'onnx', 'torch', 'jax', 'music21', 'note_seq'}\n"
        "bad = (heavy | {'matplotlib', 'pretty_midi'}) & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
