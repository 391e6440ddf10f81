"""A report as a folder: figures as SVG, PNG and CSV; other folders are not touched."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from symgen import notes
from symgen.errors import DataError
from symgen.evaluation.document import Evaluation
from symgen.report.plotting import png
from tests.report.documents import document, samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the invented evaluation, with one of its samples."""
    path = tmp_path_factory.mktemp("folder") / "figures"
    Evaluation(document(), dict(list(samples().items())[:1])).write(path)
    return path


def test_every_figure_is_there_in_each_form(folder):
    stems = {p.stem for p in folder.glob("*.svg")}
    assert {
        "training",
        "likelihood",
        "calibration",
        "position",
        "kinds",
        "metric-note_density",
        "copies",
        "sample-01-roll",
    } <= stems
    for stem in stems:
        ElementTree.parse(folder / f"{stem}.svg")
        assert (folder / f"{stem}.csv").read_text(encoding="utf-8").count("\n") > 1
        if png.installed():
            assert (folder / f"{stem}.png").read_bytes().startswith(b"\x89PNG")
    assert {"statistics.csv", "originality.csv", "likelihood-measures.csv"} <= {
        p.name for p in folder.iterdir()
    }
    assert (
        json.loads((folder / "report.json").read_text(encoding="utf-8"))["model"]["name"] == "perf"
    )
    assert len(notes.read(folder / "sample-01.mid")) == len(samples()["sample-01"])


def test_without_matplotlib_the_rest_is_written_with_a_message(tmp_path, monkeypatch):
    monkeypatch.setattr(png, "installed", lambda: False)
    message = Evaluation({"statistics": document()["statistics"]}).write(tmp_path / "out")
    assert message == [
        "no PNG: it needs matplotlib; pip install 'symgen[plot]'. SVG and CSV are written"
    ]
    assert list((tmp_path / "out").glob("*.svg")) and not list((tmp_path / "out").glob("*.png"))


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="holds other things"):
        Evaluation(document()).write(tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_report_is_replaced_with_force(tmp_path, monkeypatch):
    monkeypatch.setattr(png, "installed", lambda: False)
    made = Evaluation({"statistics": document()["statistics"]})
    made.write(tmp_path / "out")
    (tmp_path / "out" / "old.svg").write_text("")
    with pytest.raises(DataError, match="--force"):
        made.write(tmp_path / "out")
    made.write(tmp_path / "out", force=True)
    assert not (tmp_path / "out" / "old.svg").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
