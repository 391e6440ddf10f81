"""The models that ship: a name stands for a file, a path wins, and a missing file is said."""

import json
import os
import shutil
from pathlib import Path

import pytest

import symgen as library
from symgen.bundle.bundle import Bundle
from symgen.errors import DataError
from symgen.pretrained import folder, is_name, located, name_of, pretrained
from symgen.sampling import newest
from symgen.sampling.which import which
from symgen.similarity.known import Known, beside

FOLK = Path(__file__).parents[1] / "corpora" / "folk"


@pytest.mark.usefixtures("shipped_models")
def test_a_name_stands_for_its_file(shipped_models):
    for name, model in pretrained.items():
        assert library.load(name).path == shipped_models / model.file
        assert name_of(shipped_models / model.file) == name
        assert model.about and "\n" not in model.about
    assert library.load("piano").encoding.name == "notes" and library.load("folk").encoding.tune
    assert name_of("runs/x/best.symgen") is None


def test_a_path_wins_over_a_name(shipped_models, tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "piano").mkdir()  # a folder of music, say
    assert located("piano") == shipped_models / "piano.symgen"
    shutil.copy(tiny_bundle, tmp_path / "piano" / "best.symgen")
    assert Bundle.open("piano").name == "tiny" and not is_name("piano")


@pytest.mark.usefixtures("shipped_models")
def test_a_name_that_is_none_is_told_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        DataError, match=r"^no model .*called 'paino'\. Did you mean 'piano'\?.*`symgen train`"
    ):
        library.load("paino")
    with pytest.raises(DataError, match=r"x\.symgen: there is no such bundle; check the path"):
        library.load("x.symgen")


def test_a_file_that_is_missing_is_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setattr("symgen.pretrained.folder", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"model piano ships with symgen, but .*piano\.symgen is"):
        library.load("piano")
    with pytest.raises(DataError, match=r"no bundle under .*runs, and the model piano .*missing"):
        newest()


def test_the_folder_is_found_in_the_package():
    assert (folder() / "__init__.py").is_file()


@pytest.fixture
def runs(tmp_path, tiny_bundle, chained_bundle, monkeypatch):
    """Runs of seconds and of tunes, by name; the one that is made last is the newest."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for age, name in enumerate(reversed(names)):
            path = tmp_path / "runs" / name / "best.symgen"
            path.parent.mkdir(parents=True)
            shutil.copy(chained_bundle if name.startswith("tune") else tiny_bundle, path)
            os.utime(path, (1e9 - age, 1e9 - age))

    return make


def test_without_a_run_a_model_that_ships_is_played(shipped_models, runs):
    runs()
    assert which().path == which("--loudness", False).path == shipped_models / "piano.symgen"
    assert which("--bars", True) == (shipped_models / "folk.symgen", "")


def test_the_newest_run_is_played_if_it_can_do_what_is_asked(shipped_models, runs):
    runs("tunes", "seconds")
    assert which().path.parts[1] == "seconds" and not which().message
    assert which("--loudness", False).path.parts[1] == "seconds"
    path, message = which("--bars", True)
    assert path.parts[1] == "tunes"
    assert "seconds" in message and "no model of tunes, which --bars asks for" in message


def test_where_no_run_can_a_model_that_ships_is_played_and_that_is_said(shipped_models, runs):
    runs("seconds")
    path, message = which("--form", True)
    assert path == shipped_models / "folk.symgen"
    assert "which --form asks for: taking folk; --model names another" in message


@pytest.mark.usefixtures("shipped_models")
@pytest.mark.parametrize(
    ("options", "message", "files"),
    [
        (
            [],
            "model piano (ships with symgen): pop and classical piano, CC BY-SA 3.0 DE",
            ["piano-1.json", "piano-1.mid"],
        ),
        (["--model", "piano"], "model piano (ships with symgen)", ["piano-1.json", "piano-1.mid"]),
        (["folk"], "model folk (ships with symgen)", ["folk-1.abc", "folk-1.json", "folk-1.mid"]),
        (
            ["--bars", "4"],
            "model folk (ships with symgen)",
            ["folk-1.abc", "folk-1.json", "folk-1.mid"],
        ),
    ],
)
def test_sample_plays_them(symgen, tmp_path, options, message, files):
    length = [] if "--bars" in options else ["--seconds", "3"]
    code, _, err = symgen("sample", *options, *length, "--seed", "1")
    assert code == 0, err
    assert message in err
    assert sorted(p.name for p in (tmp_path / "samples").glob("*")) == files


@pytest.mark.usefixtures("shipped_models")
def test_every_command_takes_a_name(symgen, tmp_path):
    music = tmp_path / "mine"
    for i in range(3):
        rows = [(60 + (5 * k + i) % 12, 70, k / 4, k / 4 + 0.2) for k in range(40)]
        library.write(notes(rows), music / f"{i}.mid")
    code, _, err = symgen(
        "train", "--from", "piano", "mine", "--set", "training.steps=2", "--name", "x"
    )
    assert code == 0, err
    assert "mine: converted, to data/mine-notes (encoding notes)" in err
    made = Bundle.open(tmp_path / "runs" / "x")
    assert made.info["training"]["config"]["from"] == "piano"
    corpora = [(c["name"], c.get("from")) for c in made.info["corpora"]]
    assert corpora == [("mine", None), ("pop", "piano"), ("classical", "piano")]
    code, out, err = symgen("bundle", "info", "runs/x")
    assert code == 0 and "Ask: no licence is known of mine." in out
    code, out, err = symgen(
        "evaluate", "piano", "--samples", "0", "--data", "data/mine-notes", "--json"
    )
    assert code == 0, err
    assert json.loads(out)["model"]["precision"] == "int8"
    code, out, _ = symgen("evaluate", "folk", "--metrics", "pitch_count")
    assert code == 0  # of music: the corpus


@pytest.mark.usefixtures("shipped_models")
def test_training_from_a_model_of_another_encoding_says_what_to_do(symgen, tmp_path):
    rows = [(60 + k % 12, 70, k / 4, k / 4 + 0.2) for k in range(60)]
    for i in range(2):
        library.write(notes(rows[i:]), tmp_path / "mine" / f"{i}.mid")
    assert symgen("convert", "mine")[0] == 0
    code, _, err = symgen("train", "--from", "piano")
    assert code == 1 and "symgen convert SOURCE --encoding notes" in err
    code, _, err = symgen("train", "--from", "piano", "--data", "data/mine-performance")
    assert code == 1 and "symgen train --from piano FOLDER" in err
    code, _, err = symgen("train", "mine", "--data", "data/mine-performance")
    assert code == 2 and "both name the music; remove one" in err


def notes(rows):
    from symgen.notes.sequence import NoteSequence, notes_of

    return NoteSequence(notes_of(rows))


def test_models_that_ship_are_small():
    for model in pretrained.values():
        path = folder() / model.file
        assert not path.is_file() or path.stat().st_size < 12e6
        assert not path.is_file() or Bundle.open(path).name == path.stem


def test_a_model_that_ships_knows_its_training_music():
    """A tune of our own corpus, with which `folk` was trained, is a copy; a new one is not."""
    from symgen.notes import read_bytes

    model = Bundle.open(folder() / "folk.symgen")
    known = Known.load(beside(model.path))
    [(_, tune), *_] = read_bytes((FOLK / "reels.abc").read_bytes(), "reels.abc")
    heard = model.encoding.decode(model.encoding.encode(tune))
    copy = known.longest(heard)
    assert copy is not None
    assert copy.notes > 30
    assert (
        known.longest(notes([(40 + k * k % 47, 70, k / 3, k / 3 + 0.2) for k in range(90)])) is None
    )
    assert len(Known.load(beside(folder() / "piano.symgen"))) > 1_000_000


def test_copies_are_known_where_the_training_music_is_not(tmp_path, standin_models, monkeypatch):
    """The passages beside a model do for `--max-copy` of 15 notes or more."""
    from symgen.dataset.of import training_index

    monkeypatch.chdir(tmp_path)
    model = Bundle.open(shutil.copy(standin_models / "folk.symgen", tmp_path))
    known = Known.build([notes([(40 + k * k % 47, 70, k / 3, k / 3 + 0.2) for k in range(90)])])
    known.save(beside(model.path))
    found, messages = training_index(model, fewest=16)
    assert (len(found), messages) == (len(known), [])
    with pytest.raises(DataError, match=r"needs the training music.*without it: 15 notes or more"):
        training_index(model, fewest=9)
