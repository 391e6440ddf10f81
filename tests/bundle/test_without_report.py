"""Bundles whose training report is missing or is not ours, as other people's tools make them."""

import json
import zipfile

import pytest

import symgen as library
from symgen.bundle.bundle import Bundle
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of

REPORTS = {
    "absent": None,
    "empty": {},
    "null": {"score": None, "train": None, "config": None, "music": None, "controls": None},
    "foreign": {"loss": 1.5, "steps": 100, "framework": "torch"},
    "of other types": {
        "score": 0.5,
        "train": "maestro",
        "eval": {"files": 3},
        "seconds": "an hour",
        "parameters": "9 M",
        "config": "train.yaml",
        "gap": "none",
        "baselines": [1, 2],
        "music": "piano",
        "keys": ["C"],
        "controls": [],
        "curve": "loss.png",
        "evaluated": {"copies": "few"},
        "dataset": {"name": "maestro"},
        "machine": 8,
    },
}


@pytest.fixture(params=REPORTS, ids=lambda name: name.replace(" ", "-"))
def foreign(request, standin_models, tmp_path):
    """A bundle with such a report, which plays the encoding `notes`."""
    return _with_report(standin_models / "piano.symgen", tmp_path, REPORTS[request.param])


@pytest.fixture
def plain(standin_models, tmp_path):
    """A bundle without a report."""
    return _with_report(standin_models / "piano.symgen", tmp_path, None)


def _with_report(source, folder, report):
    target = folder / "theirs.symgen"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "bundle.json":
                info = json.loads(data)
                del info["training"], info["symgen"]
                if report is not None:
                    info["training"] = report
                data = json.dumps(info)
            new.writestr(member, data)
    return target


@pytest.fixture
def music(tmp_path):
    """A folder of eight pieces."""
    for i in range(8):
        rows = [(60 + (5 * k + i) % 12, 70, k / 4, k / 4 + 0.2) for k in range(80)]
        write(NoteSequence(notes_of(rows)), tmp_path / "mine" / f"{i}.mid")
    return "mine"


def ran(symgen, *arguments):
    code, out, err = symgen(*arguments)
    assert code == 0, err
    return out


def test_it_loads_and_plays(foreign):
    model = library.load(foreign)
    assert len(model.sample(seconds=2, seed=1)) == 1
    assert next(iter(model.stream(seconds=2, seed=1)), None) is not None
    assert model.name == "piano"


def test_it_is_described(foreign, symgen):
    out = ran(symgen, "bundle", "info", foreign)
    assert "POP909 (MIT)" in out
    assert "lstm 16" in out
    assert "None" not in out
    document = json.loads(ran(symgen, "bundle", "info", foreign, "--json"))
    assert document["name"] == "piano"


def test_it_has_a_card(foreign, symgen, tmp_path):
    assert "encoding notes" in ran(symgen, "bundle", "card", foreign)
    ran(symgen, "bundle", "card", foreign, "-o", "card.md")
    assert "None" not in (tmp_path / "card.md").read_text(encoding="utf-8")


def test_it_is_sampled_by_the_command(foreign, symgen, tmp_path):
    ran(symgen, "sample", foreign, "--seconds", 2, "--seed", 1, "--density", 3, "-o", "x.mid")
    assert (tmp_path / "x.mid").is_file()


def test_what_needs_its_dataset_names_the_option(plain, symgen):
    for arguments in (
        ["sample", plain, "--primer", "eval"],
        ["sample", plain, "--max-copy", 16],
        ["evaluate", plain],
    ):
        code, _, err = symgen(*arguments)
        assert code == 1
        assert "does not record its training dataset; name it with --data FOLDER" in err


def test_it_is_evaluated_on_a_named_dataset(foreign, music, symgen, tmp_path):
    ran(symgen, "convert", music, "--encoding", "notes", "-o", "data")
    arguments = ["--data", "data", "--samples", 2, "--seconds", 5]
    out = ran(symgen, "evaluate", foreign, *arguments, "-o", "report.html")
    assert "trained on an unknown dataset" in " ".join(out.split())  # lines are wrapped
    assert (tmp_path / "report.html").is_file()


def test_it_is_tuned_and_the_report_begins(plain, music, symgen):
    ran(symgen, "convert", music, "--encoding", "notes", "-o", "data")
    arguments = ["--data", "data", "--samples", 8, "--seconds", 4]
    ran(symgen, "bundle", "tune", plain, *arguments, "--temperatures", "1", "--top-p", "1")
    assert Bundle.open(plain).info["training"]["music"]["pieces"] > 0


@pytest.mark.slow
def test_it_is_fine_tuned(plain, music, symgen):
    ran(symgen, "train", "--from", plain, music, "--set", "training.steps=2", "--name", "x")
    made = Bundle.open("runs/x")
    assert made.training.config["from"] == plain.as_posix()


def test_it_is_shipped_and_slimmed(plain, symgen):
    ran(symgen, "bundle", "ship", plain, "-o", "ship.symgen", "--machine", "a laptop")
    assert Bundle.open("ship.symgen").training.machine == "a laptop"
    ran(symgen, "bundle", "slim", plain, "-o", "slim.symgen")
    assert not Bundle.open("slim.symgen").training.to_dict()


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_not_known_is_kept(standin_models, tmp_path, name):
    report = REPORTS[name] or {}
    opened = Bundle.open(_with_report(standin_models / "piano.symgen", tmp_path, REPORTS[name]))
    known = {key: value for key, value in report.items() if value is not None}
    assert opened.training.to_dict() == known
