"""A continuation goes on as its primer does, unless it is told otherwise."""

import numpy as np
import pytest

from symgen import cli
from symgen.controls import compare, make_all
from symgen.encodings import encoding
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import load
from symgen.sampling.generate import draw
from symgen.sampling.request.continuation import continued, measured, message
from symgen.sampling.request.primer import primer_events
from symgen.sampling.request.request import ask, primed
from tests.sampling.fakes import PERFORMANCE, Bigram, Toy, bundle, pianist
from tests.sampling.fiddler import CHORDS

NOTES = encoding("notes")
SCALE = (57, 59, 60, 62, 64, 65, 68, 69)  # A minor


def prelude(seconds=8.0):
    """Four notes per second in A minor, each held for about a second: 3.8 at once."""
    return NoteSequence(
        notes_of([(SCALE[i % 8], 70, i / 4, i / 4 + 0.95) for i in range(int(seconds * 4))])
    )


@pytest.mark.parametrize("enc", [PERFORMANCE, NOTES])
def test_a_primer_is_measured(enc):
    found = measured(primer_events(prelude(), enc), enc)
    assert found["density"] == pytest.approx(4, abs=0.3) and found["polyphony"] == pytest.approx(
        3.8, abs=0.3
    )
    assert (found["register"], found["key"]) == (pytest.approx(63, abs=0.5), "A minor")
    assert message(found).startswith("from the primer: density ") and message(found).endswith(
        "key A minor"
    )


def test_only_its_end_counts_and_a_note_or_two_tell_nothing():
    late = NoteSequence(
        notes_of(
            [(40, 70, i / 2, i / 2 + 0.4) for i in range(40)]
            + [(80 + i % 7, 70, 20 + i / 8, 20.1 + i / 8) for i in range(8 * 35)]
        )
    )
    found = measured(primer_events(late, NOTES), NOTES)
    assert found["register"] == pytest.approx(83, abs=0.1) and found["density"] == pytest.approx(
        8, abs=0.1
    )
    assert "key" not in found  # seven semitones side by side are in none
    assert (
        measured(
            primer_events(NoteSequence(notes_of([(60, 70, 0, 1), (64, 70, 1, 3)])), NOTES), NOTES
        )
        == {}
    )


def follows(enc, controls=(), seconds=30.0, **options):
    request = primed(ask(num=4, seconds=seconds, seed=1, **options), enc, prelude())
    return continued(request, enc, controls)


def test_what_is_asked_counts_more_and_it_can_be_turned_off():
    assert set(follows(PERFORMANCE).followed) == {"density", "polyphony", "register", "key"}
    request = follows(PERFORMANCE, density=9.0, key="C")
    assert set(request.followed) == {"polyphony", "register"}
    assert request.controls.schedules["density"].values == (9.0,) and request.controls.schedules[
        "key"
    ].values == ("C major",)
    assert (
        follows(PERFORMANCE, follow=False).followed
        == {}
        == follows(PERFORMANCE, follow=False).controls.schedules
    )
    assert continued(ask(seed=1), PERFORMANCE, ()).followed == {}


def test_what_a_model_cannot_meet_is_left_out():
    assert set(follows(PERFORMANCE, method="condition").followed) == set()
    known = make_all([{"name": "density"}, {"name": "pitch_histogram"}])
    assert set(follows(PERFORMANCE, known, method="condition").followed) == {"density", "key"}


def measured_in(sample, name, begin):
    return compare.measured([name], sample.sequence.notes, begin, 30.0)[name]


def drone(rate=6.0):
    """A pianist who hardly ever lets go of a note."""
    table = pianist(rate).tables[0].copy()
    table[:, 128:256] -= 4.5
    return Toy(Bigram([table]))


def test_a_prelude_does_not_go_on_as_a_drone():
    for follow, most in ((False, 100.0), (True, 7.0)):
        samples = draw(drone(), follows(PERFORMANCE, follow=follow))
        at_once = [measured_in(s, "polyphony", 15.0) for s in samples]
        assert (max(at_once) < most) and (min(at_once) > 12 or follow)


def test_it_is_gentle():
    """The density comes nearer to the primer's than the model's own, but is not forced there."""
    model = Toy(pianist(rate=14.0))
    requests = [
        follows(PERFORMANCE, **options)
        for options in ({"follow": False}, {}, {"follow": False, "density": 4.0})
    ]
    own, gentle, full = (
        np.mean([measured_in(s, "density", 8.0) for s in draw(model, request)])
        for request in requests
    )
    assert own - 1 > gentle > full - 0.3


def test_it_is_told_beside_the_sample_and_not_as_asked():
    (sample, *_) = draw(Toy(pianist()), follows(PERFORMANCE, key="C"))
    assert set(sample.measured["from_primer"]) == {"density", "polyphony", "register"}
    assert set(sample.requested) == {"seconds", "key", "strict_key"} and set(sample.methods) == {
        "key"
    }


def test_a_tune_goes_on_in_its_key():
    tunes = encoding("melody_chords", chords=CHORDS, need_chords=False)
    found = follows(tunes).followed
    assert found["key"] == "A minor" and "polyphony" not in found


def test_the_command_says_what_it_takes(tmp_path, capsys):
    model = bundle(tmp_path / "model.symgen")
    write(prelude(), tmp_path / "prelude.mid")
    line = [
        "sample",
        str(model),
        "--primer",
        str(tmp_path / "prelude.mid"),
        "--seconds",
        "9",
        "--seed",
        "1",
    ]
    assert cli.run([*line, "-o", str(tmp_path / "a.mid")]) == 0
    assert "from the primer: density 4" in capsys.readouterr().err
    assert cli.run([*line, "--no-follow", "-o", str(tmp_path / "b.mid")]) == 0
    assert "from the primer" not in capsys.readouterr().err
    assert (
        load(model).stream(primer=prelude(), seconds=10.0, seed=1).request.followed["key"]
        == "A minor"
    )
