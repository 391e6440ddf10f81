"""What every registered player promises: a new player is tested as soon as it has a name."""

import numpy as np
import pytest

from symgen import training
from symgen.bundle import write
from symgen.bundle.bundle import Bundle
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.encodings.base import inputs
from symgen.models import Sizes, model
from symgen.models.state import zeros
from symgen.runtime import players
from symgen.runtime.base import Player
from tests.models.networks import randomized
from tests.runtime.waves import wavenet_bundle

TUNES = encoding("melody_chords", chords=("C", "F", "G7"))
STEPS, BATCH = 6, 4


def network(folder, chained_bundle):
    """A random network of two fields, the second drawn given the first."""
    return Bundle.open(chained_bundle)


def counted(folder, chained_bundle):
    """An n-gram of random tunes of two fields."""
    data = Dataset(folder / "data", {"corpora": [], "fingerprint": "made"}, TUNES, Augment())
    pieces = {str(seed): tunes(seed, 60, 1)[:, 0] for seed in range(4)}
    data._halves = {"train": Split.of(TUNES, pieces), "eval": Split.of(TUNES, {"e": pieces["0"]})}
    run = training.train("ngram", data, out=folder, overrides=["model.order=3"])
    return Bundle.open(run.best)


def weighed(folder, chained_bundle):
    """A random WaveNet of two fields, in a bundle of its weights."""
    return wavenet_bundle(folder / "wavenet.symgen", TUNES)


def framewise(folder, chained_bundle):
    """A random network over frames, of two fields, in a bundle of its weights."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    small = {"cell": "lstm", "units": 6, "frame": 4, "embedding": 3, "hidden": 5}
    member, sizes = model({"name": "framewise", **small}), Sizes(tuple(TUNES.fields))
    built = randomized(member.network(sizes), spread=0.3)
    chosen = tunes(9, 64, 1)[:, 0]
    rows = inputs(TUNES, chosen, 0, 64)
    logits, _ = built(rows[None], None, zeros(member.state_specs(), 1), chosen[None])
    test = {"event": rows, "chosen": chosen, "controls": np.zeros((64, 0), np.float32)} | {
        f"logits.{f.name}": np.asarray(z)[0] for f, z in zip(TUNES.fields, logits, strict=True)
    }
    path = write.write(
        folder / "framewise.symgen",
        name="framewise",
        encoding=TUNES,
        model=member,
        weights=built.export_weights(),
        test=test,
        corpora=[],
        training={},
    )
    return Bundle.open(path)


BUNDLES = {  # a bundle for each player: add that of a new one
    "onnx": network,
    "table": counted,
    "framewise": framewise,
    "wavenet": weighed,
}


@pytest.fixture(scope="module", params=list(players))
def bundle(request, tmp_path_factory, chained_bundle):
    made = BUNDLES[request.param](tmp_path_factory.mktemp(request.param), chained_bundle)
    assert made.player == request.param
    return made


@pytest.fixture
def player(bundle):
    return players.load(bundle.player).open(bundle, threads=1)


def tunes(seed, steps=STEPS, batch=BATCH):
    """Random events `[steps, batch, 2]`."""
    rng = np.random.default_rng(seed)
    sizes = [field.size for field in TUNES.fields]
    return np.stack([rng.integers(0, n, (steps, batch)) for n in sizes], axis=2).astype(np.int32)


def heads(player, events):
    """Feed `events` `[steps, batch, fields]`; return the logits of all fields of each step."""
    out = []
    for step in events:
        player.step(step)
        out.append(player.all_logits(step))
    return out


def assert_alike(one, other):
    for some, more in zip(one, other, strict=True):
        for left, right in zip(some, more, strict=True):
            np.testing.assert_allclose(left, right, atol=1e-5)


def test_logits_have_a_row_for_each_stream_and_a_column_for_each_value(player, bundle):
    assert isinstance(player, Player)
    player.start(BATCH)
    for found in heads(player, tunes(1)):
        shapes = [(BATCH, size) for _, size in bundle.encoding.fields]
        assert [logits.shape for logits in found] == shapes
        assert all(logits.dtype == np.float32 and np.isfinite(logits).all() for logits in found)


def test_a_stream_does_not_depend_on_those_beside_it(player):
    events = tunes(2)
    player.start(BATCH)
    together = heads(player, events)
    for row in range(BATCH):
        player.start(1)
        alone = heads(player, events[:, row : row + 1])
        assert_alike(alone, [[logits[row : row + 1] for logits in step] for step in together])


def test_a_fresh_player_is_independent(player):
    events = tunes(3)
    player.start(BATCH)
    expected = heads(player, events)
    player.start(BATCH)
    other = player.fresh()
    other.start(2)
    found = []
    for step in events:
        found += heads(player, step[None])
        other.step(step[:2])
    assert_alike(found, expected)


def test_candidates_of_a_stream_are_scored_by_row(player):
    player.start(BATCH)
    chosen = tunes(4)[0]
    player.step(tunes(5)[0])
    for field in range(2):
        each = [player.logits(field, chosen[[k] * BATCH]).copy() for k in range(BATCH)]
        rows = np.array([2, 2, 0, 3, 1])
        found = player.logits(field, chosen[[0, 1, 2, 3, 3]], rows)
        expected = [each[k][row] for k, row in zip([0, 1, 2, 3, 3], rows, strict=True)]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_selected_streams_go_on_as_they_were(player):
    events, rows = tunes(6), np.array([3, 0, 0])
    player.start(BATCH)
    heads(player, events[:3])
    player.select(rows)
    found = heads(player, events[3:][:, rows])
    player.start(BATCH)
    heads(player, events[:3])
    whole = heads(player, events[3:])
    assert_alike(found, [[logits[rows] for logits in step] for step in whole])


def test_a_reset_stream_has_seen_nothing(player):
    if not player.resettable:
        with pytest.raises(NotImplementedError, match="cannot reset single streams"):
            player.reset(np.array([0]))
        return
    events = tunes(7)
    player.start(BATCH)
    heads(player, events[:3])
    player.reset(np.array([1]))
    found = heads(player, events[3:])
    player.start(1)
    anew = heads(player, events[3:, 1:2])
    assert_alike([[logits[1:2] for logits in step] for step in found], anew)
