"""What chords and notes say about a key: shares, and biases found by hand."""

import numpy as np
import pytest

from symgen.notes.theory import chords, keys, tonality
from symgen.notes.theory.scales import scale
from symgen.notes.theory.tonality import key_bias, usual
from symgen.sampling import load
from symgen.sampling.request.request import ask
from symgen.sampling.tunes.cadence import open_in
from tests.sampling.fiddler import CHORDS, planned_draw, tune_bundle, tunes
from tests.sampling.steering import after, steer

TUNES = tunes().encoding


def leans(key):
    """Return nats by chord symbol."""
    return dict(zip(("N.C.", *CHORDS), key_bias(TUNES.table(1), scale(key)).tolist(), strict=True))


@pytest.mark.parametrize("mode", tonality.CHORDS)
def test_the_shares_are_shares(mode):
    assert sum(sum(roots.values()) for roots in tonality.CHORDS[mode].values()) == pytest.approx(
        1, abs=0.02
    )
    assert sum(tonality.PITCHES[mode]) == pytest.approx(1, abs=0.001)


def test_a_key_leans_to_its_own_chords_and_not_to_those_of_a_key_that_shares_its_scale():
    minor, major = leans("Am"), leans("C")
    assert (
        minor["Am"] == max(minor.values())
        and minor["E7"] > minor["G7"]
        and minor["Am"] > minor["Dm"] > 0 > minor["Bm"]
    )
    assert (
        major["C"] > major["F"] > 0 > major["Eb"]
        and major["G7"] > major["E7"]
        and minor["N.C."] == major["N.C."] == 0
    )
    assert minor["C"] < major["C"] and major["Am"] < minor["Am"]
    assert minor["Am"] == pytest.approx(
        tonality.TRUST * np.log(0.4755 * 12 / sum(tonality.CHORDS["minor"]["m"].values()))
    )


@pytest.mark.parametrize("key", ["C", "Am"])
def test_a_key_leans_alike_at_every_tonic(key):
    moved = scale("Eb" if key == "C" else "Cm")
    for symbol, nats in leans(key).items():
        chord = chords.parse(symbol)
        if chord is not None:
            there = chords.symbol(chords.transpose(chord, 3))
            known = {
                chords.symbol(chords.parse(s)): n
                for s, n in leans(moved.name).items()
                if chords.parse(s)
            }
            assert known[there] == pytest.approx(nats)


def test_notes_lean_by_their_share_and_a_hold_not_at_all():
    table = TUNES.table(0)
    nats = key_bias(table, scale("G"))
    assert (nats[table["pitch"] < 0] == 0).all()
    by_class = {int(p) % 12: n for p, n in zip(table["pitch"], nats, strict=True) if p >= 0}
    assert max(by_class, key=by_class.get) == 7 and by_class[6] > by_class[5]


def test_a_mode_of_which_nothing_is_known_leans_to_nothing():
    assert (
        not key_bias(TUNES.table(1), scale("D dorian")).any()
        and not key_bias(TUNES.table(0), scale("D dorian")).any()
    )


def test_a_piece_in_a_key_begins_with_its_tonic_chord():
    scores = np.zeros((2, len(TUNES.table(1))), np.float32)
    open_in(TUNES.table(1), scale("F#m"), scores)
    assert np.flatnonzero(scores[0] > -np.inf).tolist() == [1 + CHORDS.index("F#m")]
    for sample in planned_draw(tunes(), num=3, bars=4, key="Dm", seed=1):
        assert sample.sequence.chords["symbol"][0] == "Dm"


def test_music_of_a_model_without_a_key_is_found_in_the_key_that_is_asked():
    for key in ("G", "Am", "Eb"):
        found = [
            keys.key_of(s.sequence).name
            for s in planned_draw(tunes(), num=8, bars=32, key=key, seed=2, cadence=False)
        ]
        assert found.count(scale(key).name) >= 5, (key, found)


def test_what_chord_comes_is_steered_and_not_when():
    """A key leaves the number of chord changes; the chord that is held keeps its score."""
    made = steer("key", TUNES, 2, key="C")
    after(made, [[0, 1 + CHORDS.index("F#")], [0, 1 + CHORDS.index("C")]])
    scores = np.log(np.random.default_rng(1).dirichlet(np.ones(len(CHORDS) + 1), 2)).astype(
        np.float32
    )
    before = scores.copy()
    made.apply(1, scores)
    for row, symbol in enumerate(("F#", "C")):
        held = 1 + CHORDS.index(symbol)
        assert scores[row, held] == before[row, held]
        assert np.exp(scores[row]).sum() == pytest.approx(1, abs=1e-5)
    assert (
        (scores - before)[0, 1 + CHORDS.index("C")]
        > 0
        > (scores - before)[0, 1 + CHORDS.index("Eb")]
    )
    made.select(np.array([1, 1]))
    again = before[[1, 1]].copy()
    made.apply(1, again)
    assert np.array_equal(again, scores[[1, 1]])


def test_a_usual_key_is_drawn_as_often_as_it_was_seen():
    seen = {"D major": 300, "E minor": 100}
    drawn = [usual(seen, seed) for seed in range(400)]
    assert 260 < drawn.count("D major") < 340 and set(drawn) == set(seen)
    assert usual(seen, 7) == usual(dict(reversed(seen.items())), 7)
    assert usual({}, 1) is None


def test_a_model_that_tells_its_keys_plays_in_them(tmp_path):
    path = tune_bundle(tmp_path / "tunes.symgen", training={"keys": {"E minor": 3}})
    model = load(path)
    assert [s.chords["symbol"][0] for s in model.sample(num=2, bars=2, seed=1)] == ["Em", "Em"]
    assert model.plan(ask(seed=1, key="C")).plan.key.name == "C major"  # what is asked counts
