"""Encodings that know only the contract are counted, steered, cropped and scored right.

The same music, four chords of C, E and G of a second each, has the same figures in each of them.
"""

import dataclasses

import numpy as np
import pytest

from symgen.controls import controls
from symgen.controls.timeline import timeline
from symgen.dataset.encode import note_count
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.errors import DataError
from symgen.evaluation.likelihood.likelihood import likelihood
from symgen.evaluation.nottingham.forms import form_of
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.runtime.base import Player
from symgen.runtime.passages import Scores
from symgen.sampling.engine.event_decoder import EventDecoder
from symgen.sampling.generate import draw
from symgen.sampling.request.primer import crop, primer_events
from symgen.sampling.request.request import ask
from symgen.similarity import passages
from tests.encodings.contract_encodings import ALONE, Duet, Quads

CHORDS = NoteSequence(
    notes_of([(p, 79, float(t), t + 1.0) for t in range(4) for p in (60, 64, 67)])
)
POLYPHONIC = {"quads": Quads(), "notes": encoding("notes"), "performance": encoding("performance")}
polyphonic = pytest.mark.parametrize("made", POLYPHONIC.values(), ids=POLYPHONIC)
alone = pytest.mark.parametrize("made", ALONE.values(), ids=ALONE)


@polyphonic
def test_the_same_music_comes_to_the_same_figures(made):
    events = made.encode(CHORDS)
    reached = {
        name: controls.make({"name": name}).measure(timeline(made, events))
        for name in ("density", "polyphony", "pitch_histogram", "loudness", "register")
    }
    assert made.duration(events) == 4 and note_count(made, events) == 12
    assert reached["density"] == reached["polyphony"] == 3
    assert reached["pitch_histogram"] == pytest.approx(
        np.isin(np.arange(12), (0, 4, 7)) / 3, abs=1e-4
    )
    assert reached["loudness"] == 79 and reached["register"] == pytest.approx(191 / 3)
    hearing, notes, ends = EventDecoder(made), [], []
    for row in events:
        for event in hearing.decode(row):
            (notes if event.kind == "on" else ends).append((event.time, event.pitch))
    ends += [(e.time, e.pitch) for e in hearing.silence()]
    assert sorted(ends) == [(time + 1, pitch) for time, pitch in sorted(notes)] and len(notes) == 12


def test_two_voices_count_as_two():
    made = Duet()
    piece = NoteSequence(notes_of([(72, 80, 0.0, 2.0), (48, 80, 0.0, 1.0), (50, 80, 1.0, 2.0)]))
    events = made.encode(piece)
    assert controls.make({"name": "polyphony"}).measure(timeline(made, events)) == 2
    assert controls.make({"name": "density"}).measure(timeline(made, events)) == 1.5
    assert note_count(made, events) == 3 and made.duration(events) == 2
    assert (
        controls.make({"name": "loudness"}).measure(timeline(made, events)) is None
    )  # its events say none


@dataclasses.dataclass
class Even(Player):
    """Knows nothing: the logits of each field are the same at all times."""

    tables: list

    def start(self, batch):
        self.batch = batch

    def step(self, events, controls=None):
        pass

    def logits(self, field, chosen, rows=None):
        return np.repeat(self.tables[field][None], len(chosen), axis=0)

    def select(self, rows):
        self.batch = len(rows)

    def fresh(self):
        return type(self)(self.tables)


@dataclasses.dataclass
class Model:
    encoding: object
    player: Player

    def play(self):
        return self.player.fresh()


def model(made):
    """Shifts of some steps, lengths of about a second, pitches within two octaves of middle C."""
    tables = []
    for k, field in enumerate(made.fields):
        rows, size = made.table(k), np.arange(field.size)
        out = np.where((rows["pitch"] < 0) | (abs(rows["pitch"] - 60) < 24), 0.0, -30.0)
        out -= (rows["advance"] > 1) * rows["advance"] * 0.3 + (rows["duration"] > 0) * abs(
            rows["duration"] - 8
        ) * 0.5
        tables.append(
            (out + (size == 1) * (2.0 if isinstance(made, Duet) else 0.0)).astype(np.float32)
        )
    return Model(made, Even(tables))


@alone
@pytest.mark.parametrize("density", [2.0, 5.0])
def test_density_is_steered(made, density):
    for sample in draw(model(made), ask(num=3, seconds=30, seed=1, density=density)):
        notes = made.decode(sample.events).notes
        assert len(notes) / 30 == pytest.approx(density, rel=0.2) == sample.measured["density"]
        assert sample.sequence.notes.tolist() == notes.tolist()


@alone
def test_key_and_register_are_steered(made):
    for sample in draw(model(made), ask(num=3, seconds=30, seed=1, key="D", register=66.0)):
        pitch = sample.sequence.notes["pitch"]
        assert np.isin(pitch % 12, [2, 4, 6, 7, 9, 11, 1]).mean() > 0.95
        assert pitch.mean() == pytest.approx(66, abs=2)
    for sample in draw(model(made), ask(num=2, seconds=10, seed=1, key="D", strict_key=True)):
        assert np.isin(sample.sequence.notes["pitch"] % 12, [2, 4, 6, 7, 9, 11, 1]).all()


@polyphonic
def test_a_primer_is_cut_at_the_second_that_is_asked(made):
    events = made.encode(CHORDS)
    assert note_count(made, crop(events, made, 2.0)) == 6
    assert note_count(made, crop(events, made, 2.01)) == 9
    assert note_count(made, crop(events, made, 99)) == 12
    assert note_count(made, primer_events(CHORDS, made, 1.5)) == 6


@alone
def test_a_primer_of_any_encoding_has_notes_by_its_own_account(made):
    assert len(primer_events(CHORDS, made, 1.0))
    with pytest.raises(DataError, match=f"has no note that the {made.name} encoding can hold"):
        primer_events(NoteSequence(total_time=3.0), made)


@alone
def test_passages_are_found_in_decoded_music(made):
    rng = np.random.default_rng(0)
    pieces = [
        NoteSequence(
            notes_of(
                [(int(p), 79, i / 4, i / 4 + 0.25) for i, p in enumerate(rng.integers(40, 80, 60))]
            )
        )
        for _ in range(2)
    ]
    decoded = [made.decode(made.encode(piece)) for piece in pieces]
    index = passages.Index.build([("first", decoded[0])])
    there, other = index.longest(decoded[0]), index.longest(decoded[1])
    assert there.notes > 50 and (other is None or other.notes < 10)


def test_likelihood_is_counted_by_field_where_a_step_has_several():
    """Each field names its values; a kind that is in two fields is not one sum."""
    for made, names in (
        (Quads(), ["shift", "note_on", "length", "velocity"]),
        (
            Duet(),
            [
                "upper rest",
                "upper hold",
                "upper note_on",
                "lower rest",
                "lower hold",
                "lower note_on",
            ],
        ),
        (
            encoding("notes"),
            ["shift_seconds", "shift", "note_on", "velocity", "length_seconds", "length"],
        ),
        (encoding("performance"), ["note_on", "note_off", "shift", "velocity"]),
    ):
        piece = NoteSequence(notes_of([(72, 80, 0.0, 1.5), (48, 20, 0.5, 1.0), (50, 80, 1.5, 2.0)]))
        split = Split.of(made, {"a": made.encode(piece)})
        scored = Scores.empty(*split.values.shape)
        scored.nats[:] = np.arange(1, len(made.fields) + 1)
        scored.top[:], scored.hits[:] = 0.5, True
        found = likelihood(scored, split)
        assert list(found["kinds"]) == names
        assert sum(row["share"] for row in found["kinds"].values()) == pytest.approx(1, abs=1e-4)
        assert found["nats_per_note"][0] == pytest.approx(scored.nats.sum() / 3, rel=1e-5)
        if made.name == "notes":
            assert [row["nats"][0] for row in found["kinds"].values()] == [1, 2, 3, 4, 5, 6]


def test_two_voices_are_no_melody_with_chords():
    with pytest.raises(DataError, match="the duet encoding has no melody and chord on a grid"):
        form_of(Duet())
