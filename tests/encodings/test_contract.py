"""What every registered encoding promises, on random music."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symgen.controls import controls
from symgen.controls.timeline import timeline
from symgen.encodings import encoding
from symgen.encodings.base import inputs
from tests.encodings.contract_encodings import ALONE, Duet
from tests.encodings.contract_music import (
    Note,
    Plain,
    decoded,
    every,
    music,
    silenced,
    streamed,
    walk,
)

EVERY = dict(every()) | ALONE

some = settings(max_examples=12)
each = pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
SEEDS = st.integers(0, 2**32)


def streams(made):
    """Events of music, or any that the grammar allows."""
    return music().map(made.encode) | SEEDS.map(lambda seed: walk(made, seed))


@each
def test_tables_have_a_row_for_each_value(made):
    for k, field in enumerate(made.fields):
        rows = made.table(k)
        assert len(rows) == field.size and not rows.flags.writeable
        assert (
            (rows["pitch"] >= -1).all()
            and (rows["pitch"] < 128).all()
            and (rows["advance"] >= 0).all()
        )
        assert (
            (rows["duration"] >= 0).all()
            and (rows["velocity"] < 128).all()
            and (rows["kind"] != "").all()
        )
    assert made.start().tolist() == [field.size for field in made.fields]


@each
@some
@given(data=st.data())
def test_encoding_what_was_decoded_changes_nothing(made, data):
    piece = data.draw(music())
    context, events = made.context(piece), made.encode(piece)
    assert events.dtype == np.int32 and events.shape == (len(events), len(made.fields))
    assume(len(events))
    music_again = made.decode(events, context)
    again = made.encode(music_again)
    assert made.decode(again, context) == music_again
    assert made.encode(made.decode(again, context)).tolist() == again.tolist()


@each
@some
@given(data=st.data())
def test_the_grammar_allows_what_is_encoded_and_knows_what_sounds(made, data):
    events = data.draw(streams(made))
    grammar, (_, sounding, _) = made.grammar(2), streamed(made, events)
    for row, pitches in zip(events, sounding, strict=True):
        for k, value in enumerate(row.tolist()):
            mask = grammar.legal(k)
            assert mask.shape == (2, made.fields[k].size) and mask[0, value] and mask[1, value]
            scores = np.zeros(mask.shape, np.float32)
            grammar.bar(k, scores)
            assert (np.isfinite(scores) == mask).all()
            grammar.choose(k, np.array([value, value]))
        assert set(np.flatnonzero(grammar.open_pitches()[1]).tolist()) == pitches
    ended = np.concatenate([events, grammar.closing(0)])
    assert decoded(made, ended) == decoded(made, events)


@each
@some
@given(data=st.data())
def test_spans_are_the_notes_of_decode_each_pitch_once(made, data):
    events = data.draw(streams(made))
    spans, notes = made.spans(events), decoded(made, events)
    assert (np.diff(spans.row) >= 0).all()
    found = Counter(Note(*row) for row in zip(*(part.tolist() for part in spans[1:]), strict=True))
    if not spans.velocity.any():  # the events say none
        notes = [n._replace(velocity=0) for n in notes]
    assert found == Counter(silenced(notes))


@each
@some
@given(data=st.data())
def test_the_decoder_gives_the_notes_of_decode(made, data):
    events = data.draw(streams(made))
    notes, _, steps = streamed(made, events)
    assert notes == sorted(decoded(made, events))
    assert steps <= round(made.duration(events) * made.steps_per_second)


@each
@some
@given(data=st.data())
def test_times_agree_and_rise(made, data):
    events = data.draw(streams(made))
    times, length = made.step_times(events), made.duration(events)
    assert times.shape == (len(events),) and (np.diff(times) >= 0).all()
    assert length == pytest.approx(made.decode(events).total_time)
    assert times.max(initial=0) <= length and timeline(made, events).seconds == pytest.approx(
        length
    )
    if len(events):
        assert inputs(made, events, 0, len(events)).tolist() == [
            made.start().tolist(),
            *events[:-1].tolist(),
        ]


@each
@some
@given(data=st.data())
def test_controls_count_what_a_plain_loop_counts(made, data):
    events = data.draw(streams(made))
    assume(len(events))
    line, plain = timeline(made, events), Plain(made, events, 3.0)
    speaks = made.spans(events).velocity.any()
    for name in ("density", "polyphony", "register", *(["loudness"] if speaks else [])):
        control = controls.make({"name": name, "window": 3.0})
        found = control.values(line)[line.moment]
        assert found == pytest.approx(
            [getattr(plain, name)(t) for t in plain.chosen], nan_ok=True
        ), name
    histogram = controls.make({"name": "pitch_histogram", "window": 3.0})
    found = histogram.compute(made, events, {})[:, 1:]
    assert found == pytest.approx(
        np.array([plain.pitch_histogram(t) for t in plain.chosen]), abs=1e-6
    )


@each
@some
@given(data=st.data())
def test_what_music_reached_is_that_of_its_notes(made, data):
    events = data.draw(streams(made))
    plain = Plain(made, events, 3.0)
    assume(plain.total)
    steps, n = sum(x.end - x.start for x in plain.notes), len(plain.notes)
    shares = (
        np.bincount([x.pitch % 12 for x in plain.notes], [x.end - x.start for x in plain.notes], 12)
        if n
        else np.zeros(12)
    )
    expected = {
        "density": n * plain.rate / plain.total,
        "polyphony": steps / plain.total,
        "register": np.mean([x.pitch for x in plain.notes]) if n else None,
    }
    if made.spans(events).velocity.any():
        expected["loudness"] = np.mean([x.velocity for x in plain.notes])
    for name, value in expected.items():
        assert controls.make({"name": name}).measure(timeline(made, events)) == (
            value if value is None else pytest.approx(value)
        ), name
    found = controls.make({"name": "pitch_histogram"}).measure(timeline(made, events))
    assert found == (pytest.approx(shares / steps, abs=1e-4) if steps else None)


@each
@some
@given(data=st.data(), semitones=st.integers(-11, 11))
def test_transposing_moves_every_pitch_and_nothing_else(made, data, semitones):
    events = data.draw(streams(made))
    notes = decoded(made, events)
    outside = [n for n in notes if not 0 <= n.pitch + semitones < 128]
    if outside:
        with pytest.raises(
            ValueError, match=f"transposing by {semitones} semitones takes a pitch out of 0..127"
        ):
            made.transpose(events, semitones)
        return
    moved = made.transpose(events, semitones)
    assert sorted(decoded(made, moved)) == sorted(
        n._replace(pitch=n.pitch + semitones) for n in notes
    )
    assert made.transpose(moved, -semitones).tolist() == events.tolist()


@each
@some
@given(data=st.data(), factor=st.sampled_from((0.5, 0.95, 1.05, 2.0)))
def test_stretching_moves_every_time_to_the_nearest_step(made, data, factor):
    events = made.encode(data.draw(music()))
    assert made.stretch(events, 1.0).tolist() == events.tolist()
    stretched, notes = made.stretch(events, factor), decoded(made, events)
    if made.tune or isinstance(made, Duet):  # a grid of beats has no speed
        assert stretched.tolist() == events.tolist()
        return
    times = [(int(n.start * factor + 0.5), int(n.end * factor + 0.5)) for n in notes]
    expected = [
        Note(start, max(end, start + 1), *n[2:])
        for n, (start, end) in zip(notes, times, strict=True)
    ]
    assert sorted(decoded(made, stretched)) == sorted(expected)


@some
@given(music())
def test_notes_and_performance_give_the_same_notes(piece):
    first, second = (encoding(name) for name in ("notes", "performance"))
    one, other = (made.decode(made.encode(piece)).notes for made in (first, second))
    assert one.tobytes() == other.tobytes()
