"""The performance encoding against note_seq on real files, and its own laws on random music."""

import os
import zipfile
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.encodings import encoding
from symgen.encodings.base import inputs
from symgen.errors import BadOption
from symgen.notes import read, read_bytes
from symgen.notes.sequence import NoteSequence, notes_of

PERFORMANCE = encoding("performance")
EVERY = int(os.environ.get("SYMGEN_TEST_EVERY", "8"))  # one real file in so many; 1 reads them all

note = st.tuples(st.integers(60, 63), st.integers(1, 127), st.integers(0, 400), st.integers(1, 150))
music = st.lists(note, max_size=40).map(
    lambda rows: NoteSequence(notes_of((p, v, s / 130, (s + d) / 130) for p, v, s, d in rows))
)


def grid(enc, seq):
    """The notes (step, pitch, bin, duration): a note-off ends the oldest open note."""
    start, end = (
        (seq.notes[c] * enc.steps_per_second + 0.5).astype(int) for c in ("start_time", "end_time")
    )
    end = np.maximum(end, start + 1)
    bins = (seq.notes["velocity"] - 1) // enc.bin_size
    rows = Counter()
    for pitch in np.unique(seq.notes["pitch"]):
        mine = np.flatnonzero(seq.notes["pitch"] == pitch)
        mine = mine[np.argsort(seq.notes["start_time"][mine], kind="stable")]
        for s, e, b in zip(start[mine], np.sort(end[mine]), bins[mine], strict=True):
            rows[int(s), int(pitch), int(b), int(e - s)] += 1
    return rows


def note_seq_events(proto, bins=32, steps=100, longest=100):
    """The stream of note_seq's own functions."""
    from note_seq import performance_encoder_decoder, performance_lib, sequences_lib

    held = sequences_lib.apply_sustain_control_changes(proto)
    quantized = sequences_lib.quantize_note_sequence_absolute(held, steps)
    events = performance_lib.Performance(quantized, num_velocity_bins=bins, max_shift_steps=longest)
    ids = performance_encoder_decoder.PerformanceOneHotEncoding(bins, longest)
    return [ids.encode_event(e) for e in events]


def test_a_scale_reads_as_written():
    seq = NoteSequence(notes_of([(60, 64, 0.0, 0.5), (62, 64, 0.5, 1.75)]))
    events = PERFORMANCE.encode(seq)[:, 0].tolist()
    velocity, half, second, rest = 356 + 15, 256 + 49, 256 + 99, 256 + 24
    assert events == [velocity, 60, half, 128 + 60, 62, second, rest, 128 + 62]
    assert PERFORMANCE.step_times(np.array(events)[:, None]).tolist() == [
        0,
        0,
        0,
        0.5,
        0.5,
        0.5,
        1.5,
        1.75,
    ]


def test_a_release_ends_the_oldest_strike():
    events = np.array([356, 60, 256 + 9, 360, 60, 256 + 9, 188, 256 + 9, 188])[:, None]
    decoded = PERFORMANCE.decode(events)
    assert decoded.notes[["start_time", "end_time"]].tolist() == [(0.0, 0.2), (0.1, 0.3)]


def test_releases_of_silence_and_open_ends_do_no_harm():
    events = np.array([188, 356, 60, 61, 256 + 9, 188, 188, 60, 256 + 9])[:, None]
    decoded = PERFORMANCE.decode(events)
    assert decoded.notes[["pitch", "start_time", "end_time"]].tolist() == [
        (60, 0, 0.1),
        (61, 0, 0.2),
        (60, 0.1, 0.2),
    ]


def test_long_gaps_are_cut_and_counted():
    drops = Counter()
    events = PERFORMANCE.encode(NoteSequence(notes_of([(60, 64, 600.0, 1e9)])), drops)
    assert PERFORMANCE.duration(events) == 120
    assert drops == {"gap cut to 60 s": 2}


def test_drums_are_left_out_and_counted():
    drops, notes = Counter(), notes_of([(60, 64, 0, 1), (36, 64, 0, 1)])
    notes["is_drum"][1] = True
    assert 36 not in PERFORMANCE.encode(NoteSequence(notes), drops)
    assert sum(drops.values()) == 1


def test_notes_that_no_event_can_tell_are_left_out_and_counted():
    drops, sound = Counter(), (62, 64, 0, 1)
    odd = NoteSequence(
        notes_of([sound, (128, 64, 0, 1), (-1, 64, 0, 1), (60, 64, -1, 1), (60, 64, 0, np.inf)])
    )
    assert (
        PERFORMANCE.encode(odd, drops).tolist()
        == PERFORMANCE.encode(NoteSequence(notes_of([sound]))).tolist()
    )
    assert sum(drops.values()) == 4


def test_a_velocity_that_is_not_said_is_the_softest():
    """A protocol buffer may leave it out, which reads as 0."""
    message, unsaid = (
        PERFORMANCE.encode(NoteSequence(notes_of([(60, 64, 0, 1), (62, v, 1, 2)]))) for v in (1, 0)
    )
    assert unsaid.tolist() == message.tolist()


def test_a_fraction_that_is_whole_gives_the_same_fingerprint():
    assert (
        encoding("performance", steps_per_second=100.0, longest_rest=60).fingerprint()
        == PERFORMANCE.fingerprint()
    )


@given(music)
def test_notes_survive_and_the_second_pass_is_stable(seq):
    once = PERFORMANCE.decode(PERFORMANCE.encode(seq))
    assert grid(PERFORMANCE, once) == grid(PERFORMANCE, seq)
    events = PERFORMANCE.encode(once)
    assert np.array_equal(PERFORMANCE.encode(PERFORMANCE.decode(events)), events)


@given(music)
def test_onsets_move_by_half_a_step_and_velocities_by_half_a_bin(seq):
    back = PERFORMANCE.decode(PERFORMANCE.encode(seq)).notes
    for pitch in np.unique(seq.notes["pitch"]):
        old, new = (
            np.sort(n[n["pitch"] == pitch], order=["start_time"]) for n in (seq.notes, back)
        )
        assert np.abs(old["start_time"] - new["start_time"]).max() <= 0.005 + 1e-9
    change = np.abs(np.sort(seq.notes["velocity"]) - np.sort(back["velocity"]))
    assert not len(change) or change.max() <= PERFORMANCE.bin_size / 2


@given(music, st.integers(-12, 12))
def test_transposing_moves_every_pitch(seq, semitones):
    moved = PERFORMANCE.decode(PERFORMANCE.transpose(PERFORMANCE.encode(seq), semitones))
    plain = PERFORMANCE.decode(PERFORMANCE.encode(seq))
    assert np.array_equal(np.sort(moved.notes["pitch"]), np.sort(plain.notes["pitch"] + semitones))
    assert moved.total_time == plain.total_time


def test_transposing_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"0\.\.127"):
        PERFORMANCE.transpose(np.array([[126]]), 3)


@given(music, st.sampled_from([0.95, 0.975, 1.025, 1.05]))
def test_stretching_scales_times(seq, factor):
    events = PERFORMANCE.encode(seq)
    old, new = (PERFORMANCE.decode(e).notes for e in (events, PERFORMANCE.stretch(events, factor)))
    assert np.allclose(np.sort(new["start_time"]), np.sort(old["start_time"]) * factor, atol=0.0051)
    accepted(PERFORMANCE, [PERFORMANCE.stretch(events, factor)])


@given(
    music,
    st.sampled_from(
        [
            dict(velocity_bins=0),
            dict(velocity_bins=127),
            dict(steps_per_second=31.25, max_shift=7),
            {},
        ]
    ),
)
@settings(deadline=None)
def test_the_grammar_accepts_what_is_encoded(seq, options):
    enc = encoding("performance", **options)
    accepted(enc, [enc.encode(seq)])


@given(st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_whatever_the_grammar_allows_is_sound(random):
    """A random walk through the grammar decodes to notes with lengths, and ends in silence."""
    grammar, events = PERFORMANCE.grammar(1), []
    for _ in range(200):
        events.append(random.choice(np.flatnonzero(grammar.legal()[0])))
        grammar.choose(0, np.array(events[-1:]))
    events.append(355)  # time passes, then everything is released
    grammar.choose(0, np.array([355])) if grammar.legal()[0, 355] else events.pop()
    closed = np.concatenate([np.array(events)[:, None], grammar.closing(0)])
    assert (
        np.bincount(closed[closed < 128], minlength=128).tolist()
        == np.bincount(closed[(closed >= 128) & (closed < 256)] - 128, minlength=128).tolist()
    )
    assert (
        np.diff(PERFORMANCE.decode(closed).notes[["start_time", "end_time"]].tolist(), axis=1) > 0
    ).all()


def test_the_grammar_forbids_what_it_says():
    grammar = PERFORMANCE.grammar(1)

    def legal(*ids):
        for i in ids:
            grammar.choose(0, np.array([i]))
        return grammar.legal()[0]

    assert not legal()[:256].any() and legal()[256:].all()  # first a velocity, or rest
    assert (
        legal(356 + 5)[:128].all() and not legal()[128:].any()
    )  # a velocity is followed by a strike
    assert not legal(60)[128:256].any() and not legal()[361]  # not released at once; not said twice
    assert np.flatnonzero(legal(256 + 9)[128:256]).tolist() == [60]  # only what sounds is released
    assert not legal()[256:356].any()  # a short shift stands alone
    assert legal(188, 355)[256:356].all()  # the longest may go on
    assert (
        legal(60, 265)[188] and not legal(356)[128:].any()
    )  # no release between a velocity and its strike
    assert not legal(61)[128:256].any() and legal(265)[188]  # nor after it, until time has passed


def test_only_the_beginning_sees_nothing_before():
    events = np.arange(5, dtype=np.int32)[:, None]
    assert inputs(PERFORMANCE, events, 0, 3)[:, 0].tolist() == [388, 0, 1]
    assert inputs(PERFORMANCE, events, 2, 5)[:, 0].tolist() == [1, 2, 3]


def test_the_earlier_name_of_the_pedal_is_read():
    """The fingerprints are those of datasets and bundles that have the earlier name."""
    held, dry = (encoding("performance", sustain=sustain) for sustain in (True, False))
    assert (held, dry) == (PERFORMANCE, encoding("performance", pedal="off"))
    assert held.fingerprint() == "747c68e96d87"
    assert dry.fingerprint() == "81f475b582e4"
    assert "sustain" not in held.spec()


@pytest.mark.parametrize(
    "options",
    [
        dict(velocity_bins=128),
        dict(velocity_bins=-1),
        dict(max_shift=0),
        dict(max_shift=2.5),
        dict(steps_per_second="x"),
        dict(longest_rest=0),
        dict(pedal="events"),
        dict(sustain="no"),
        dict(nonsense=1),
    ],
)
def test_bad_options_are_named(options):
    with pytest.raises(BadOption, match=next(iter(options))):
        encoding("performance", **options)


def accepted(enc, streams):
    """Walk streams side by side through the grammar and assert that every event was legal."""
    grammar = enc.grammar(len(streams))
    longest = max(map(len, streams))
    lanes = np.full((len(streams), longest), -1)
    for lane, events in zip(lanes, streams, strict=True):
        lane[: len(events)] = events[:, 0]
    for column in lanes.T:
        rows = np.flatnonzero(column >= 0)
        assert grammar.legal()[rows, column[rows]].all()
        grammar.choose(0, column[rows], rows)


def test_real_performances_equal_note_seq(corpora):
    pytest.importorskip("note_seq", reason="the extra `interop` is not installed")
    files = (
        sorted((corpora / "piano_performances").rglob("*.mid"))[::EVERY]
        + sorted((corpora / "calm_piano").glob("*.mid"))[::EVERY]
    )
    streams = []
    for path in files:
        seq = read(path)
        streams.append(PERFORMANCE.encode(seq))
        assert streams[-1][:, 0].tolist() == note_seq_events(seq.to_proto()), path
        once = PERFORMANCE.decode(streams[-1])
        from symgen.notes import pedal

        assert grid(PERFORMANCE, once) == grid(PERFORMANCE, pedal.sustain(seq)), path
    accepted(PERFORMANCE, streams)


@pytest.mark.slow
def test_maestro_equals_note_seq(corpora):
    pytest.importorskip("note_seq", reason="the extra `interop` is not installed")
    with zipfile.ZipFile(corpora / "maestro-v2.0.0-midi-train-validation.zip") as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".midi"))[
            :: 5 if EVERY == 1 else 200
        ][:200]:
            [(_, seq)] = read_bytes(archive.read(name), name)
            drops = Counter()
            events = PERFORMANCE.encode(seq, drops)
            assert not any("gap cut" in reason for reason in drops), name  # a known departure
            assert events[:, 0].tolist() == note_seq_events(seq.to_proto()), name
