from collections import Counter

import numpy as np
import pytest

from symgen.corpus import pieces
from symgen.notes import transform
from symgen.similarity import clusters, duplicates, joined, sketch
from symgen.similarity.duplicates import alike
from tests.similarity.music import changed, sequence, tune


def swapped(pitches, beats):
    split = len(pitches) // 2
    return np.roll(pitches, split), np.roll(beats, split)


def other(pitches):
    """Return the pitches of an unrelated tune, a different one for each tune."""
    return tune(10_000 + int(pitches[:16].sum() * 131 + pitches[0]))[0]


VARIANTS = {
    "itself": lambda p, b: sequence(p, b),
    "another key": lambda p, b: transform.transpose(sequence(p, b), -7),
    "twice as fast": lambda p, b: sequence(p, b, eighth=0.125),
    "a tenth of its notes changed": lambda p, b: sequence(changed(p, 0.1), b),
    "strains swapped": lambda p, b: sequence(*swapped(p, b)),
    "dotted": lambda p, b: sequence(p, b * np.resize([1.5, 0.5], len(b))),
    "a pickup": lambda p, b: sequence(
        np.append([67, 65, 64], p), np.append([1, 1, 1], b), pickup=0.25
    ),
    "no repeats": lambda p, b: sequence(np.append(p[:32], p[64:96]), np.append(b[:32], b[64:96])),
    "its first strain and another": lambda p, b: sequence(
        np.append(p[:32], other(p)[:32]), np.append(b[:32], b[:32])
    ),
    "in a medley": lambda p, b: sequence(
        np.concatenate([other(p), p, other(p[::-1])]), np.concatenate([b, b, b])
    ),
    "all of it": lambda p, b: transform.transpose(
        sequence(changed(swapped(p, b)[0], 0.1), b, eighth=0.125), 4
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_found_and_nothing_else(name):
    tunes = [tune(seed) for seed in range(20)]
    pieces = [sequence(*t) for t in tunes] + [VARIANTS[name](*t) for t in tunes[:5]]
    assert clusters(pieces).tolist() == [*range(20), *range(5)]


@pytest.mark.parametrize("share", [0.1, 0.15])
def test_few_variants_with_many_changes_are_missed(share):
    tunes = [tune(seed) for seed in range(100)]
    found = clusters(
        [sequence(*t) for t in tunes] + [sequence(changed(p, share, seed=1), b) for p, b in tunes]
    )
    assert np.array_equal(found[:100], np.arange(100))
    assert (found[100:] == np.arange(100)).mean() >= (1.0 if share == 0.1 else 0.95)


def test_an_accompaniment_does_not_hide_the_melody():
    pitches, beats = tune(3)
    melody = sequence(pitches, beats)
    bass = transform.transpose(sequence(pitches[::4], beats.reshape(-1, 4).sum(1)), -24)
    both = melody.replace(
        notes=np.sort(np.concatenate([melody.notes, bass.notes]), order=["start_time", "pitch"])
    )
    assert clusters([melody, both, sequence(*tune(4))]).tolist() == [0, 0, 2]


def test_clusters_are_the_same_whatever_the_order():
    tunes = [sequence(*tune(seed)) for seed in range(6)]
    pieces = [*tunes, *(transform.transpose(t, 2) for t in tunes[:3])]
    order = np.random.default_rng(0).permutation(len(pieces))
    there, here = clusters(pieces), clusters([pieces[i] for i in order])
    assert all(
        (there[order[i]] == there[order[j]]) == (here[i] == here[j])
        for i in range(9)
        for j in range(9)
    )
    assert (here <= np.arange(9)).all()


def test_tokens_do_as_well_as_sequences():
    tokens = [np.diff(tune(seed)[0]) for seed in (1, 2, 1)]
    assert (
        clusters(tokens).tolist()
        == clusters([sequence(*tune(seed)) for seed in (1, 2, 1)]).tolist()
        == [0, 1, 0]
    )


def test_nothing_is_joined_to_what_is_short_or_says_nothing():
    drone = np.zeros(500, np.int64)  # one n-gram, over and over
    scale = np.tile([2, 2, 1, 2, 2, 2, 1], 9)  # seven of them
    assert clusters(
        [drone, drone, scale, scale, np.zeros(3, np.int64), np.zeros(0, np.int64)]
    ).tolist() == [*range(6)]
    assert clusters([]).tolist() == []
    assert clusters([np.arange(40)]).tolist() == [0]


def test_a_sketch_is_small_sorted_and_says_how_much_is_shared(monkeypatch):
    random = np.random.default_rng(5)
    long = random.integers(-12, 13, 40_000)
    other = np.append(long[:12_000], random.integers(-12, 13, 28_000))
    short = np.append(long[5000:5150], random.integers(-12, 13, 150))
    one = sketch(long)
    assert len(one) == duplicates.SIZE
    assert one.dtype == np.uint64
    assert (np.diff(one.astype(object)) > 0).all()
    (a,), (b,), (estimated,) = alike([one, sketch(other)])
    assert (a, b) == (0, 1)
    assert estimated == pytest.approx(0.3, abs=0.06)
    monkeypatch.setattr(duplicates, "SIZE", 10**9)
    assert alike([sketch(long), sketch(other)])[2][0] == pytest.approx(0.3, abs=0.01)
    assert alike([sketch(long), sketch(short)])[2][0] == pytest.approx(0.5, abs=0.02)


def test_very_many_variants_of_one_tune_are_joined_within_the_budget(monkeypatch):
    pitches, beats = tune(7)
    pieces = [sketch(sequence(changed(pitches, 0.05, seed), beats)) for seed in range(200)]
    hashes = np.sort(np.concatenate(pieces))
    assert len(duplicates._pairs(hashes, np.zeros(len(hashes), np.int64), 200)) > 5 * len(hashes)
    monkeypatch.setattr(duplicates, "BUDGET", 1)
    assert len(duplicates._pairs(hashes, np.zeros(len(hashes), np.int64), 200)) < len(hashes)
    assert set(joined(pieces).tolist()) == {0}


def test_one_passage_in_common_does_not_join_long_pieces():
    random = np.random.default_rng(0)
    pieces = [random.integers(-12, 13, 5000) for _ in range(100)]
    pieces[70] = np.append(pieces[3][:2500], pieces[70][2500:])
    pieces[80] = np.append(pieces[5][:300], pieces[80][300:])
    assert {k: n for k, n in Counter(clusters(pieces).tolist()).items() if n > 1} == {3: 2}


def test_the_tunes_of_one_title_in_nottingham_are_found_and_no_large_cluster_grows(corpora):
    tunes = list(pieces(corpora / "nottingham" / "ABC_cleaned"))
    labels = clusters([tune.sequence for tune in tunes])
    of_title = {
        title: [
            label
            for one, label in zip(tunes, labels.tolist(), strict=True)
            if one.label["title"] == title
        ]
        for title in ("Bonny Breast Knot", "Hull's Victory", "Bonnets So Blue", "Corn Rigs")
    }
    assert [(len(found), len(set(found))) for found in of_title.values()] == [(2, 1)] * 4
    sizes = Counter(Counter(labels.tolist()).values())
    assert max(sizes) <= 4
    assert 50 <= sum(n for size, n in sizes.items() if size > 1) <= 80


def test_performances_of_one_work_are_found_and_no_two_composers_are_joined(corpora):
    played = [*pieces(corpora / "piano_performances"), *pieces(corpora / "calm_piano")]
    labels = clusters([one.sequence for one in played]).tolist()
    composers = {}
    for one, label in zip(played, labels, strict=True):
        composers.setdefault(label, set()).add(one.label["composer"])
    assert all(len(found) == 1 for found in composers.values())
    same = [
        (labels[i], labels[j])
        for i, one in enumerate(played)
        for j in range(i)
        if played[j].group == one.group
    ]
    assert sum(a == b for a, b in same) / len(same) > 0.6
