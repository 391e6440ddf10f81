"""The dataset that a model was trained on, found from its bundle."""

import dataclasses
from pathlib import Path

import pytest

from symgen.bundle.info import TrainingReport
from symgen.dataset import convert
from symgen.dataset.of import (
    dataset_of,
    dataset_path,
    held_out_piece,
    is_unchanged,
    recorded_dataset,
    training_index,
)
from symgen.errors import DataError
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of


@dataclasses.dataclass
class Model:
    """The part of a bundle that is looked at."""

    training: TrainingReport
    path: Path = Path("m.symgen")
    name: str = "m"
    codec: object = None


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Return a dataset of six short pieces."""
    folder = tmp_path_factory.mktemp("of")
    for i in range(6):
        notes = [(50 + 3 * i + k, 80, k * 0.5, k * 0.5 + 0.4) for k in range(9)]
        write(NoteSequence(notes_of(notes)), folder / f"music/{i}.mid")
    return convert(folder / "music", "performance", folder / "toy")


@pytest.fixture
def trained(toy, monkeypatch, tmp_path):
    """Return a model of the dataset `toy`, away from any data/."""
    monkeypatch.chdir(tmp_path)

    def make(**other):
        facts = {"dataset": str(toy.path), "dataset_fingerprint": toy.info["fingerprint"]}
        known = {k: v for k, v in (facts | other).items() if v is not None}
        return Model(TrainingReport.from_dict(known), codec=toy.encoding)

    return make


def test_the_recorded_dataset_is_opened(trained, toy):
    assert dataset_of(trained()).path == toy.path
    assert recorded_dataset(trained()).path == toy.path
    assert is_unchanged(trained(), toy)


def test_a_named_dataset_comes_before_the_recorded_one(trained, toy):
    assert dataset_of(trained(dataset="gone"), toy.path).path == toy.path
    assert dataset_path(trained(), "other") == "other"


def test_a_bundle_without_a_report_names_no_dataset():
    model = Model(TrainingReport())
    assert recorded_dataset(model) is None
    assert dataset_path(model) is None
    with pytest.raises(
        DataError, match="does not record its training dataset; name it with --data"
    ):
        dataset_of(model)


def test_a_dataset_that_is_gone(trained, toy, tmp_path):
    model = trained(dataset="gone")
    with pytest.raises(DataError, match="was trained on gone, which is not here; name it"):
        dataset_of(model, newest=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "toy").symlink_to(toy.path, target_is_directory=True)
    assert dataset_of(model, newest=True).path.name == "toy"
    with pytest.raises(DataError, match="not here"):
        dataset_of(model)


def test_a_dataset_that_was_rebuilt(trained, toy):
    model = trained(dataset_fingerprint="0" * 16)
    assert not is_unchanged(model, toy)
    assert recorded_dataset(model) is None
    with pytest.raises(DataError, match=r"rebuilt .* may have been in the training data; or name"):
        held_out_piece(model, 0)
    with pytest.raises(DataError, match=r"--max-copy .* was rebuilt after m was trained"):
        training_index(model)
    _, messages = training_index(model, toy.path)
    assert messages[0] == f"{toy.path} differs from the dataset that m was trained on"


def test_a_dataset_of_unknown_fingerprint_is_trusted_but_not_known(trained, toy):
    model = trained(dataset_fingerprint=None)
    assert is_unchanged(model, toy)
    assert recorded_dataset(model) is None


def test_a_held_out_piece_is_chosen_by_the_seed(trained, toy):
    split = toy.split("eval")
    piece = held_out_piece(trained(), len(split) + 1)
    assert piece.source.path == split.ids[1 % len(split)]


def test_the_index_of_the_training_split(trained, toy):
    index, _ = training_index(trained())
    assert set(index.names) == set(toy.split("train").ids)
