"""Descriptions of datasets that nobody should believe: each is refused in one line."""

import json

import pytest

from symgen.dataset.dataset import Dataset
from symgen.dataset.store.schema import check_context
from symgen.errors import DataError


@pytest.fixture
def data(symgen, tmp_path):
    from symgen.notes import write
    from symgen.notes.sequence import NoteSequence, notes_of

    for i in range(4):
        rows = [(60 + (5 * k + i) % 12, 70, k / 4, k / 4 + 0.2) for k in range(40)]
        write(NoteSequence(notes_of(rows)), tmp_path / "mine" / f"{i}.mid")
    assert symgen("convert", "mine", "-o", "out")[0] == 0
    return tmp_path / "out"


def changed(folder, change):
    path = folder / "dataset.json"
    info = json.loads(path.read_text())
    change(info)
    path.write_text(json.dumps(info))


CHANGES = {
    "a shard above": lambda info: info["shards"][0].update(name="../x.tfrecord"),
    "a shard elsewhere": lambda info: info["shards"][0].update(name="/etc/passwd"),
    "a shard that is a number": lambda info: info["shards"][0].update(name=3),
    "many events": lambda info: info["pieces"][0].update(events=10**12),
    "events below 0": lambda info: info["pieces"][0].update(events=-1),
    "more events than bytes": lambda info: [
        each.update(events=10**9) for each in (info["pieces"][0], info["shards"][0])
    ],
    "bytes of text": lambda info: info["shards"][0].update(bytes="1"),
    "no split": lambda info: info["pieces"][0].update(half="test"),
    "a piece that is a list": lambda info: info["pieces"].append([]),
    "no corpora": lambda info: info.update(corpora=None),
    "odd options": lambda info: info.update(encoding={"name": ["notes"]}),
    "odd augmentation": lambda info: info.update(augment={"transpose": {}}),
    "totals that are text": lambda info: info["halves"]["eval"].update(events="1\n2"),
    "seconds that never end": lambda info: info["halves"]["train"].update(seconds=float("inf")),
    "a ledger of text": lambda info: info["ledger"].update(notes_read="all"),
    "losses without counts": lambda info: info["ledger"].update(drops={"note": []}),
    "a refusal without a reason": lambda info: info["ledger"].update(refused=[{"name": "x"}]),
    "a warning that is a number": lambda info: info.update(warnings=[1]),
    "a licence that is a list": lambda info: info["corpora"][0].update(licence=["MIT"]),
    "no checksum": lambda info: info["shards"][0].update(sha256=None),
}


def read(folder):
    dataset = Dataset.open(folder)
    return dataset.split("train"), dataset.split("eval")


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_refused(data, name):
    changed(data, CHANGES[name])
    with pytest.raises(DataError) as error:
        read(data)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"id": 3},
        {"id": "x", "qpm": float("nan")},
        {"id": "x", "qpm": -1.0},
        {"id": "x", "bars": [1, 2]},
        {"id": "x", "bars": [0, 0, 4]},
        {"id": "x", "steps": "many"},
    ],
)
def test_what_a_record_says_is_checked(context):
    with pytest.raises(ValueError, match=r"its|it has"):
        check_context(context)
