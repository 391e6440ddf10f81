"""Samples that copy are drawn again with other numbers, and left out after some draws."""

import dataclasses
import json

import pytest

from symgen import cli
from symgen.dataset import Dataset, convert
from symgen.errors import BadOption, DataError
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import generate, load
from symgen.sampling import history as played
from symgen.sampling.originality import Original
from symgen.sampling.request.request import ask
from symgen.sampling.watchers.base import draw
from symgen.similarity.passages import Index
from tests.sampling.fakes import Speller, Toy, bundle, pianist
from tests.sampling.fiddler import tune_bundle

SECONDS = 4.0


def index(*samples):
    return Index.build((f"piece {i}", sample.sequence) for i, sample in enumerate(samples))


def drawn(num, seed=1, **options):
    return generate.draw(
        Toy(pianist()), ask(num=num, seconds=SECONDS, seed=seed, ending=False, **options)
    )


def test_a_copy_alone_is_drawn_again_and_says_so():
    plain = drawn(4)
    made, given_up = draw(
        Toy(pianist()),
        ask(num=4, seconds=SECONDS, seed=1, ending=False),
        Original(8, index(plain[2])),
    )
    assert given_up == []
    assert [sample.index for sample in made] == [0, 1, 2, 3]
    assert [sample.sequence == one.sequence for sample, one in zip(made, plain, strict=True)] == [
        True,
        True,
        False,
        True,
    ]
    assert [sample.originality["drawn_again"] for sample in made] == [0, 0, 1, 0]
    assert made[0].originality["max_copy"] == 8
    assert all(sample.originality["longest"]["notes"] <= 8 for sample in made)
    assert "repeated" not in made[0].originality


def test_the_limit_is_the_most_that_is_allowed():
    (sample,) = drawn(1)
    copied = Index.build(
        [("its beginning", sample.sequence.replace(notes=sample.sequence.notes[:12]))]
    )
    notes = copied.longest(sample.sequence).notes
    assert notes >= 10
    for most, again in ((notes, False), (notes - 1, True)):
        made, _ = draw(
            Toy(pianist()),
            ask(num=1, seconds=SECONDS, seed=1, ending=False),
            Original(most, copied),
        )
        assert (made[0].sequence != sample.sequence) == again


def test_what_is_drawn_again_depends_on_the_seed_the_sample_and_the_try_alone():
    plain = drawn(4)
    rule = Original(8, index(*plain))
    together, _ = draw(Toy(pianist()), ask(num=4, seconds=SECONDS, seed=1, ending=False), rule)
    alone, _ = draw(
        Toy(pianist()), ask(num=1, first=2, seconds=SECONDS, seed=1, ending=False), rule
    )
    assert alone[0].sequence == together[2].sequence
    rule = Original(8, index(*plain, *together))
    third, _ = draw(
        Toy(pianist()), ask(num=1, first=2, seconds=SECONDS, seed=1, ending=False), rule
    )
    assert third[0].originality["drawn_again"] == 2
    assert (
        len({sample.sequence.notes.tobytes() for sample in (plain[2], together[2], third[0])}) == 3
    )


def scale():
    """A model that plays one thing whatever is drawn."""
    return Toy(Speller([x for p in range(60, 80) for x in (p, 262, p + 128, 258 + p % 7)]))


@pytest.mark.parametrize("temperature", [1.0, 0.0])
def test_what_copies_whatever_is_drawn_is_given_up_in_a_line(temperature):
    request = ask(num=2, seconds=SECONDS, seed=1, ending=False, temperature=temperature)
    copied = index(*generate.draw(scale(), request))
    made, given_up = draw(scale(), request, Original(10, copied))
    assert made == []
    assert [line.split(":")[0] for line in given_up] == [
        "sample 0 is left out",
        "sample 1 is left out",
    ]
    assert ("20 draws" if temperature else "temperature 0") in given_up[0]
    assert "of piece 0; allow more with --max-copy" in given_up[0]


def test_samples_of_one_call_do_not_repeat_one_another():
    made, given_up = draw(
        scale(),
        ask(num=2, seconds=SECONDS, seed=1, ending=False),
        Original(10, played=Index.build([])),
    )
    assert [sample.index for sample in made] == [0]
    assert len(given_up) == 1
    assert "of sample 0 of seed 1; allow more" in given_up[0]
    made, given_up = draw(
        scale(), ask(num=2, seconds=SECONDS, seed=1, ending=False), Original(10, Index.build([]))
    )
    assert [sample.index for sample in made] == [0, 1]


def test_what_was_played_is_kept_beside_the_bundle_and_not_played_again(tmp_path, monkeypatch):
    model, request, path = (
        Toy(pianist()),
        ask(num=3, seconds=SECONDS, seed=1, ending=False),
        tmp_path / "best.symgen",
    )
    first, _ = draw(model, request, Original(8, played=played.recalled(path)))
    assert played.remember(path, first) == tmp_path / "best.played.npz"
    again, given_up = draw(model, request, Original(8, played=played.recalled(path)))
    assert given_up == []
    assert [sample.originality["drawn_again"] for sample in again] == [1, 1, 1]
    assert all(sample.originality["repeated"]["notes"] <= 8 for sample in again)
    played.remember(path, again)
    assert len(played.recalled(path).names) == 6
    monkeypatch.setattr(played, "MOST", sum(len(sample.sequence) for sample in first))
    played.remember(path, first)
    assert len(played.recalled(path).names) == 3


def test_the_primer_does_not_count():
    primer = drawn(1, seed=9)[0].sequence
    request = ask(num=1, seconds=8, seed=1)
    planned = dataclasses.replace(request, primer=Toy(pianist()).encoding.encode(primer))
    made, given_up = draw(Toy(pianist()), planned, Original(8, Index.build([("primer", primer)])))
    assert given_up == []
    assert made[0].originality["drawn_again"] == 0
    assert made[0].measured["primer_seconds"] > 3


@pytest.mark.parametrize("most", [0, 3, 1.5, True])
def test_a_limit_that_cannot_be_is_refused(most):
    with pytest.raises(BadOption, match="max-copy"):
        Original(most)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A bundle and a dataset whose second piece is what the bundle plays for seed 1."""
    monkeypatch.chdir(tmp_path)
    bundle(tmp_path / "runs" / "quiet" / "best.symgen", name="quiet")
    assert (
        cli.run(
            ["sample", "--seconds", "5", "--seed", "1", "--no-ending", "-o", "music/b.mid", "-q"]
        )
        == 0
    )
    write(
        NoteSequence(notes_of([(60 + i % 7, 80, i / 4, i / 4 + 0.2) for i in range(40)])),
        tmp_path / "music" / "a.mid",
    )
    convert(tmp_path / "music", output=tmp_path / "data" / "d", workers=1)
    return tmp_path


def sample(*args, code=0):
    assert cli.run(["sample", "--seconds", "5", "--no-ending", *args]) == code


def test_the_command_draws_again_prints_and_writes_what_it_found(place, capsys):
    ids = Dataset.open("data/d").split("train").ids
    seed = "1" if "b.mid" in ids else "2"
    sample("--max-copy", "12", "--data", "data/d", "--seed", seed, "--json", "-o", "x.mid")
    document = json.loads(capsys.readouterr().out)["samples"][0]
    assert document["originality"]["max_copy"] == 12
    assert document["originality"]["drawn_again"] == (seed == "1")
    assert json.loads((place / "x.json").read_text())["originality"] == document["originality"]
    sample("--max-copy", "12", "--data", "data/d", "--seed", seed)
    out, err = capsys.readouterr()
    assert "longest copy" in out
    assert ("drawn again 1 time" in out) == (seed == "1")
    assert "indexed" not in err


def test_the_command_remembers_what_it_played(place, capsys):
    sample("--never-repeat", "--seed", "7")
    assert "runs/quiet/best.played.npz" in capsys.readouterr().err.replace("\\", "/")
    sample("--never-repeat", "--seed", "7")
    assert "drawn again 1 time" in capsys.readouterr().out
    (place / "runs" / "quiet" / "best.played.npz").write_bytes(b"x")
    sample("--never-repeat", code=1)
    assert "not an index of passages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--max-copy", "16"], 1, "name it with --data FOLDER"),
        (["--max-copy", "16", "--data", "nowhere"], 1, "nowhere: no such folder"),
        (["--max-copy", "3"], 2, "max-copy 3: expected a whole number from 4"),
        (
            ["--data", "data/d"],
            2,
            "--data data/d needs --max-copy or --primer eval; add one or remove it",
        ),
    ],
)
def test_the_command_refuses_in_one_line(place, capsys, args, code, message):
    sample(*args, code=code)
    err = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in err


def test_where_the_melody_is_given_there_is_nothing_to_refuse(capsys):
    assert cli.run(["sample", "--never-repeat", "--melody", "x.abc"]) == 2
    assert "--never-repeat compares notes, and --melody fixes them" in capsys.readouterr().err


def test_a_model_takes_a_limit_and_tunes_are_compared_as_piano_music_is(tmp_path):
    model = load(tune_bundle(tmp_path / "tunes.symgen"))
    tune = model.sample(bars=8, seed=4)[0]
    other = model.sample(bars=8, seed=4, original=Original(6, Index.build([("tune", tune)])))[0]
    assert other != tune
    assert (Index.build([("tune", tune)]).longest(other).notes) <= 6
    assert (
        model.sample(bars=8, seed=5, original=Original(1000, Index.build([("tune", tune)])))[0]
        == model.sample(bars=8, seed=5)[0]
    )
    likeliest = model.sample(bars=8, seed=4, temperature=0)[0]
    with pytest.raises(DataError, match="sample 0 is left out"):
        model.sample(
            bars=8, seed=4, temperature=0, original=Original(4, Index.build([("tune", likeliest)]))
        )
    with pytest.raises(BadOption, match="melody fixes the notes"):
        model.sample(melody=tune, original=Original(6, Index.build([("tune", tune)])))


def test_without_the_training_music_shorter_copies_are_not_known():
    """The passages beside a model tell copies of sixteen notes; none found is not none there."""
    from symgen.sampling.sample_text import _copies

    assert _copies({"longest": None, "found_from": 1}) == ["longest copy 0 notes"]
    assert _copies({"longest": None, "found_from": 16}) == ["longest copy at most 15 notes"]
