"""Runs of strangers: a journal that cannot be used is one line."""

import json

import pytest

from symgen.errors import DataError
from symgen.training.loop import journal
from symgen.training.reports.overfitting import gained, risen

GOOD = {"step": 1, "loss": 3.0, "nats_per_event": 2.5, "nats_per_note": None}


def written(folder, *rows):
    (folder / journal.NAME).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.mark.parametrize(
    "change",
    [
        {"step": None},
        {"step": "1"},
        {"step": 1.5},
        {"nats_per_event": None},
        {"nats_per_event": "low\nsymgen: well"},
        {"nats_per_event": float("nan")},
        {"nats_per_event": True},
        {"nats_per_note": []},
    ],
)
def test_a_line_without_a_step_or_a_score_is_named(tmp_path, change):
    with pytest.raises(DataError, match=r"journal\.jsonl: is damaged") as error:
        journal.read(written(tmp_path, GOOD, GOOD | change))
    assert str(error.value).isprintable()


def test_what_may_be_missing_may_be_missing(tmp_path):
    rows = journal.read(written(tmp_path, {"step": 0, "nats_per_event": 0.0}, GOOD))
    assert risen(rows) == 0  # and not a division by zero
    assert gained(rows).startswith("nothing was gained: 0.000 held-out nats per event")
