"""The index of a dataset's passages: built once, kept, and rebuilt for other music."""

import json

import pytest

from symgen.dataset import Dataset, convert
from symgen.dataset.passages import FILE, indexed
from symgen.errors import DataError
from symgen.similarity.passages import Index
from tests.dataset.music import corpus, music


@pytest.fixture
def data(tmp_path):
    return convert(corpus(tmp_path / "tunes", 8), output=tmp_path / "data" / "out", workers=1)


def untouched(monkeypatch):
    """Let building fail, so that what is returned has been read."""
    monkeypatch.setattr(Index, "build", lambda *_: pytest.fail("built again"))


def test_it_holds_the_training_half_alone_and_is_kept_with_the_dataset(data, monkeypatch):
    seen = []
    found, messages = indexed(data, progress=lambda *word: seen.append(word))
    assert list(found.names) == data.split("train").ids
    assert str(data.path / FILE) in messages[0]
    assert seen
    i = int(found.names[0].removesuffix(".mid"))
    assert (found.longest(music(i, 40 + i)).piece, found.longest(music(i, 40 + i)).notes) == (
        found.names[0],
        40 + i,
    )
    untouched(monkeypatch)
    again, messages = indexed(Dataset.open(data.path))
    assert (again.names, messages) == (found.names, [])


@pytest.mark.parametrize("fault", ["of other music", "damaged", "of another version"])
def test_one_that_does_not_serve_is_built_again(data, fault, monkeypatch):
    indexed(data)
    if fault == "of other music":
        path = data.path / "dataset.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"fingerprint": "other"}))
    elif fault == "damaged":
        (data.path / FILE).write_bytes(b"x" * 100)
    else:
        monkeypatch.setattr("symgen.similarity.passages.VERSION", 99)
    found, messages = indexed(Dataset.open(data.path))
    assert len(messages) == 1
    assert len(found.names) == len(data.split("train"))
    untouched(monkeypatch)
    assert indexed(Dataset.open(data.path))[1] == []


def test_another_place_can_be_given_and_what_is_no_index_stays(data, tmp_path):
    indexed(data, tmp_path / "else" / "i.npz")
    assert (tmp_path / "else" / "i.npz").exists()
    assert not (data.path / FILE).exists()
    (tmp_path / "song.mid").write_bytes(b"MThd")
    with pytest.raises(DataError, match="not an index of passages"):
        indexed(data, tmp_path / "song.mid")
    assert (tmp_path / "song.mid").read_bytes() == b"MThd"


def test_a_folder_that_cannot_be_written_to_does_not_stop_it(data, monkeypatch):
    def refuse(self, path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Index, "save", refuse)
    found, messages = indexed(data)
    assert len(found.names) == len(data.split("train"))
    assert messages == [f"the index of passages is not kept: {data.path / FILE}: Permission denied"]
