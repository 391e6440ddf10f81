"""A model is not scored on its training pieces; what cannot be checked is a warning."""

import pytest

from symgen.dataset.dataset import Dataset
from symgen.errors import DataError
from symgen.evaluation.leakage import check
from tests.evaluation.fakes import ONSETS, SOUNDING, bundle, dataset

pytest.importorskip("keras", reason="the extra `train` is not installed")

TUNE = [(62, 0), (1, 0)]
MADE = dataset(ONSETS, {"a": TUNE}, {"b": TUNE}, "data/here", "here")


def trained_on(tmp_path, fingerprint, **training):
    return bundle(
        tmp_path / "m.symgen",
        training={"dataset": "data/there", "dataset_fingerprint": fingerprint, **training},
    )


@pytest.fixture
def there(monkeypatch, tmp_path):
    """Another dataset, in the folder that the bundle names as its training data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "there").mkdir(parents=True)

    def put(train, corpora=1):
        made = dataset(ONSETS, dict.fromkeys(train, TUNE), {}, "data/there", "there")
        made.info["corpora"] *= corpora
        monkeypatch.setattr(Dataset, "open", classmethod(lambda cls, path: made))

    return put


def test_its_own_dataset_is_accepted(tmp_path):
    assert check(trained_on(tmp_path, "here"), MADE) == []


def test_scoring_training_pieces_is_refused(tmp_path, there):
    there(["b", "c"])
    with pytest.raises(
        DataError, match=r"trained on 1 of the pieces that data/here holds out, such as b"
    ):
        check(trained_on(tmp_path, "there"), MADE)
    there(["made/b"], corpora=2)
    with pytest.raises(DataError, match="such as b"):
        check(trained_on(tmp_path, "there"), MADE)


def test_another_dataset_without_them_is_accepted(tmp_path, there):
    there(["a", "c"])
    assert check(trained_on(tmp_path, "there"), MADE) == []


def test_what_cannot_be_checked_is_a_warning(tmp_path, there):
    [line] = check(trained_on(tmp_path, "gone"), MADE)
    assert "which is not here" in line
    there(["a"])
    [line] = check(trained_on(tmp_path, "changed since"), MADE)
    assert "which is not here" in line
    [line] = check(trained_on(tmp_path, "here", config={"from": "old.symgen"}), MADE)
    assert "fine-tuned from old.symgen" in line


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"data/here: its encoding is not that of .*m\.symgen"):
        check(bundle(tmp_path / "m.symgen", SOUNDING), MADE)
