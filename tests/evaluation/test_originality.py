import json

import numpy as np
import pytest

from symgen.evaluation.originality import originality
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.similarity.passages import Index


def music(seed, notes=60, begin=0):
    """Return random music on a grid; one seed always gives the same, from note `begin`."""
    random = np.random.default_rng(seed)
    pitches, starts = random.integers(40, 90, 200), np.cumsum(random.choice([0.25, 0.5, 1.0], 200))
    rows = [(int(p), 80, float(t), float(t) + 0.2) for p, t in zip(pitches, starts, strict=True)][
        begin : begin + notes
    ]
    return NoteSequence(notes_of(rows))


@pytest.fixture(scope="module")
def index():
    return Index.build((f"piece {seed}", music(seed, 200)) for seed in range(10))


def test_a_copied_sample_is_found_and_compared_with_held_out_music(index):
    found = originality(
        [("copied", music(3, 40, 20)), ("own", music(50))],
        index,
        [(f"real {i}", music(100 + i)) for i in range(8)],
    )
    copied, own = found["samples"]
    assert (copied["name"], copied["notes"], copied["longest"]["piece"]) == (
        "copied",
        40,
        "piece 3",
    )
    assert copied["longest"]["notes"] == pytest.approx(40, abs=1)
    assert copied["longest"]["in_piece"] == pytest.approx(
        music(3, 40, 20).notes["start_time"][[0, -1]].tolist(), abs=1.1
    )
    assert copied["shares"]["8"] > 0.9
    assert own["longest"]["notes"] < 7
    assert own["shares"] == {"8": 0, "16": 0, "32": 0}
    assert found["summary"]["longest"]["most"] == copied["longest"]["notes"]
    assert found["held_out"]["pieces"] == len(found["held_out"]["samples"]) == 8
    assert found["held_out"]["shares"]["16"] == 0
    assert found["training"] == {"pieces": 10, "notes": 2000}
    assert "by heart" in found["verdict"]
    json.dumps(found, allow_nan=False)


def test_ordinary_samples_are_called_ordinary(index):
    found = originality(
        [("one", music(60)), ("two", music(61))],
        index,
        [(f"real {i}", music(100 + i)) for i in range(8)],
    )
    assert "by heart" not in found["verdict"]


def test_empty_music_and_missing_held_out_music_are_reported(index):
    found = originality([("empty", NoteSequence()), ("short", music(1, 5))], index)
    assert found["samples"][0]["longest"] is None
    assert found["samples"][0]["shares"] == {"8": None, "16": None, "32": None}
    assert found["samples"][1]["longest"]["notes"] == 5
    assert "held_out" not in found
    assert originality([], index)["verdict"] == "There are no samples."
