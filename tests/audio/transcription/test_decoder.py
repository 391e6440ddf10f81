"""Frames to notes, with judges that believe the network, so that the right answer can be read."""

import numpy as np
import pytest

from symgen.audio.transcription import decoder as decoding
from symgen.audio.transcription import features
from symgen.audio.transcription.decoder import Decoder, joined
from symgen.audio.transcription.ends import Heard
from symgen.audio.transcription.frames import AROUND, KEYS, silence
from symgen.audio.transcription.judges import Judge, Judges, judges

ONSET = len(features.NEAR) // 2  # the column with the probability of the moment itself
NOTE = 3


def believing():
    return Judges(
        lambda rows: rows[:, ONSET], lambda rows: rows[:, ONSET], lambda rows: rows[:, NOTE], None
    )


def drawn(rng):
    """Judges with random weights, as wide as the real ones: they look at everything."""

    def judge(real):
        weights = rng.normal(0, 0.02, (len(real.layers[0][0]), 1)).astype(np.float32)
        return Judge(((weights, np.zeros(1, np.float32)),))

    return Judges(*(judge(real) for real in judges()[:3]), None)


def played(length, notes):
    """Return frames of `length` in which notes (key, begin, end) sound."""
    found = silence(length)._replace(
        onset=np.zeros((length, KEYS + 2 * AROUND), np.float32),
        note=np.zeros((length, KEYS + 2 * AROUND), np.float32),
    )
    for key, begin, end in notes:
        found.onset[begin, AROUND + key] = 0.9
        found.note[begin:end, AROUND + key] = 0.9
    return found


def heard(frames, places=(), judge=None, threshold=0.5):
    """Return the notes of frames that come in parts."""
    decoder, found, begin = Decoder(judge or believing(), threshold), [], 0
    for end in [*sorted(places), frames.length]:
        found.append(decoder.feed(frames.part(begin, end)))
        begin = end
    found.append(decoder.finish())
    every = joined(found)
    order = np.lexsort((every.key, every.begin))
    return Heard(*(each[order] for each in every))


def rows(found):
    return list(zip(found.key.tolist(), found.begin.tolist(), found.end.tolist(), strict=True))


def test_notes_begin_at_peaks_and_end_where_they_are_not_heard():
    notes = [(40, 5, 50), (47, 5, 90), (40, 60, 200), (87, 199, 299), (0, 210, 230)]
    assert rows(heard(played(300, notes))) == sorted(notes, key=lambda n: (n[1], n[0]))


def test_a_note_ends_where_its_key_is_struck_again():
    assert rows(heard(played(200, [(40, 10, 100), (40, 50, 120)]))) == [(40, 10, 50), (40, 50, 120)]


def test_a_note_that_sounds_at_the_end_ends_there():
    assert rows(heard(played(80, [(40, 70, 80)]))) == [(40, 70, 80)]


def test_of_two_onsets_close_together_the_likelier_counts():
    frames = played(100, [(40, 20, 60)])
    frames.onset[23, AROUND + 40] = 0.7
    assert rows(heard(frames)) == [(40, 20, 60)]


def test_a_peak_below_the_threshold_is_no_note():
    frames = played(100, [(40, 20, 60)])
    assert rows(heard(frames, threshold=0.95)) == []


def test_an_onset_is_between_frames_where_its_neighbours_say_so():
    frames = played(100, [(40, 20, 60)])
    frames.onset[21, AROUND + 40] = 0.6
    [begin] = heard(frames).begin
    assert 20.2 < begin < 20.4


@pytest.mark.parametrize("seed", range(4))
def test_notes_do_not_depend_on_how_the_frames_are_cut(seed):
    rng = np.random.default_rng(seed)
    keys, size = slice(AROUND, AROUND + KEYS), (300, KEYS)
    frames = played(300, [])
    frames.onset[:, keys] = np.where(rng.random(size) < 0.003, rng.random(size), 0)
    frames.note[:, keys] = rng.random(size)
    frames.level[:] = rng.normal(-40, 15, frames.level.shape)
    made, places = drawn(rng), rng.integers(0, 300, 5)
    whole, parts = (heard(frames, cuts, made, 0.2) for cuts in ((), places))
    assert len(whole.key) > 5
    assert all(np.array_equal(a, b) for a, b in zip(whole, parts, strict=True))


@pytest.mark.parametrize("length", [0, 1, 5, 30])
def test_a_short_recording_has_no_notes(length):
    assert rows(heard(silence(length))) == []


def test_what_is_held_does_not_grow():
    decoder = Decoder(believing(), 0.5)
    sizes = []
    for _ in range(12):
        decoder.feed(played(142, [(40, 20, 60)]))
        sizes.append(decoder.frames.length)
    assert max(sizes[3:]) == sizes[3] < 142 + decoding.HELD + decoding.AFTER + decoding.REACH + 10
