"""The passages that go with a model are those of its training music, and no others."""

import numpy as np
import pytest

from symgen.errors import DataError
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.notes.transform import transpose
from symgen.similarity.known import NOTES, Known, beside, numbers
from symgen.similarity.letters import spell
from symgen.similarity.passages import Index


def walk(seed, notes=200):
    """Return a random walk of single notes and chords in an uneven rhythm."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.choice([0.0, 0.1, 0.2, 0.4, 0.9], notes))
    pitches = 60 + np.cumsum(rng.integers(-4, 5, notes)) % 36
    return NoteSequence(
        notes_of([(int(p), 70, t, t + 0.1) for p, t in zip(pitches, times, strict=True)])
    )


def part(sequence, first, count, slower=1.0, at=0.0):
    """Return the onsets from `first` on as `count` notes."""
    notes = sequence.notes[first : first + count]
    begin = notes["start_time"][0]
    return NoteSequence(
        notes_of(
            [(int(n["pitch"]), 70, at + slower * (n["start_time"] - begin), 1e3) for n in notes]
        )
    )


@pytest.fixture(scope="module")
def pieces():
    return [walk(seed) for seed in range(20)]


@pytest.fixture(scope="module")
def known(pieces):
    return Known.build(pieces, "made here")


def test_a_copy_is_found_in_any_key_and_at_any_speed(pieces, known):
    for piece in pieces[:5]:
        copy = transpose(part(piece, 50, 60, slower=1.5), 3)
        found = known.longest(copy)
        assert found is not None
        assert found.notes == Index.build([("piece", piece)]).longest(copy).notes > 30


def test_new_music_is_not_found(known):
    assert [seed for seed in range(100, 130) if known.longest(walk(seed))] == []


def test_a_passage_counts_from_sixteen_notes_on():
    line = NoteSequence(notes_of([(60 + 7 * k % 24, 70, k / 4, k / 4 + 0.2) for k in range(60)]))
    known = Known.build([line])
    assert known.longest(part(line, 20, NOTES)).notes == NOTES
    assert known.longest(part(line, 20, NOTES - 1)) is None


def test_no_passage_lies_in_two_pieces(pieces):
    """The letters of several pieces, end to end, have the passages of each."""
    words = [spell(piece).letters for piece in pieces]
    together, _ = numbers(np.concatenate(words))
    assert np.array_equal(together, np.concatenate([numbers(one)[0] for one in words]))


def test_it_comes_back_from_its_file(tmp_path, pieces, known):
    path = tmp_path / "made.passages"
    known.save(path)
    back = Known.load(path)
    assert (back.stamp, back.bits) == ("made here", known.bits)
    assert np.array_equal(back.found, known.found)
    assert back.longest(pieces[3]) == known.longest(pieces[3])
    assert back.longest(walk(1000)) is None


@pytest.mark.parametrize("count", [0, 1])
def test_it_may_hold_next_to_nothing(tmp_path, count):
    known = Known.build([part(walk(1), 0, NOTES)] * count)
    known.save(tmp_path / "made.passages")
    back = Known.load(tmp_path / "made.passages")
    assert len(known) <= 1
    assert (back.longest(walk(1)) is not None) == bool(len(known))


def test_new_passages_are_rarely_taken_for_known_ones(known):
    asked = np.random.default_rng(0).integers(0, 1 << 63, 200_000).astype(np.uint64) * np.uint64(2)
    assert known.has(asked).mean() < 2e-4


def test_a_file_of_another_kind_is_named(tmp_path):
    path = tmp_path / "made.passages"
    np.savez(tmp_path / "other.npz", steps=np.zeros(3, np.int64))
    (tmp_path / "other.npz").rename(path)
    with pytest.raises(DataError, match=r"made.passages: not the passages of a model \(it has no"):
        Known.load(path)
    path.write_bytes(b"nothing")
    with pytest.raises(DataError, match="not the passages of a model"):
        Known.load(path)


def test_it_lies_beside_its_model(tmp_path):
    assert beside(tmp_path / "best.symgen") == tmp_path / "best.passages"
