"""The evaluation of a bundle: the parts of its document, JSON types, one-line errors."""

import json

import numpy as np
import pytest

import symgen
from symgen.errors import BadOption, DataError
from symgen.evaluation import evaluate
from symgen.evaluation.evaluate import PARTS, plain
from symgen.evaluation.excerpts import excerpts
from tests.evaluation.performances import dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A dataset of performances in which pieces last 40 and 8 seconds."""
    return dataset(tmp_path_factory.mktemp("data") / "made")


@pytest.fixture(scope="module")
def made(tiny_bundle, data):
    """An evaluation of a small random network."""
    return evaluate(
        symgen.load(tiny_bundle),
        data,
        samples=3,
        seconds=4,
        seed=5,
        command="symgen evaluate tiny.symgen",
    )


def test_every_part_is_there(made):
    found = made.document
    assert set(PARTS) < set(found) and found["kind"] == "evaluation" and found["version"] == 1
    assert found["model"]["name"] == "tiny"
    assert found["data"]["halves"]["eval"]["pieces"] == 2
    assert len(found["data"]["warnings"]) == 1  # the dataset of the training is not at hand
    assert found["likelihood"]["network"]["pieces"] == 2
    assert found["statistics"]["a"]["pieces"] == len(found["originality"]["samples"]) == 3
    assert (
        found["recipe"]["command"] == "symgen evaluate tiny.symgen"
        and found["recipe"]["versions"]["numpy"] == np.__version__
    )
    assert json.loads(made.json()) == found


def test_samples_are_those_of_the_model_with_their_nats(made, tiny_bundle):
    rows = made.document["samples"]
    assert (
        [row["name"] for row in rows] == list(made.music) == ["sample-01", "sample-02", "sample-03"]
    )
    again = symgen.load(tiny_bundle).sample(3, 4, seed=5)
    assert [made.music[row["name"]] for row in rows] == again
    assert all(
        row["nats_per_event"] > 0 and row["notes"] == len(one)
        for row, one in zip(rows, again, strict=True)
    )


def test_the_table_begins_with_the_verdict_and_has_each_part(made):
    text = made.table()
    assert text.startswith("Is it better than counting n-grams? No. The network does not beat")
    assert max(map(len, text.splitlines())) <= 100
    for message in (
        "tiny: lstm",
        "n-gram",
        "repeat last",
        "Do its samples differ from real music? Unknown.",
        "Does it copy its training pieces?",
        "velocity_entropy",
        "originality",
        "best sample-0",
    ):
        assert message in text


def test_likelihood_alone_draws_nothing(tiny_bundle, data):
    found = evaluate(symgen.load(tiny_bundle), data, samples=0)
    assert (
        not found.music and "samples" not in found.document and "statistics" not in found.document
    )


def test_music_may_be_given_instead_of_drawn(tiny_bundle, data):
    own = [piece for _, piece in excerpts(data.split("train"), 2, 5.0)]
    found = evaluate(symgen.load(tiny_bundle), data, samples=own, parts=("originality",))
    assert list(found.music.values()) == own
    assert (
        "likelihood" not in found.document and "nats_per_event" not in found.document["samples"][0]
    )
    assert (
        found.document["originality"]["samples"][0]["longest"]["notes"] >= len(own[0]) - 1
    )  # it is of the training half


def test_invalid_options_are_refused(tiny_bundle, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = symgen.load(tiny_bundle)
    for options, message in (
        ({"parts": ("beauty",)}, "no part 'beauty'"),
        ({"samples": -1}, "samples -1"),
    ):
        with pytest.raises(BadOption, match=message):
            evaluate(model, data, **options)
    with pytest.raises(BadOption, match=r"symgen\.load"):
        evaluate(str(tiny_bundle), data)
    with pytest.raises(BadOption, match=r"Bundle\.open"):
        evaluate(symgen.Bundle.open(tiny_bundle), data, parts=("statistics",))
    with pytest.raises(DataError, match="--data"):
        evaluate(model)


def test_excerpts_have_the_requested_length_and_come_from_all_pieces(data):
    split = data.split("eval")
    some = excerpts(split, 8, 5.0, seed=1)
    assert len(some) == 8
    assert {name.partition(" at ")[0] for name, _ in some} == set(split.ids)
    assert all(4.0 < piece.total_time <= 5.0 + 1e-9 for _, piece in some)
    assert excerpts(split, 8, 5.0, seed=1)[3] == some[3]
    whole = excerpts(split, 8, 30.0)  # the short piece is taken once
    assert sum(" at " not in name for name, _ in whole) == 1


def test_values_become_json_types():
    given = {
        "a": np.float32(1.5),
        "b": [np.nan, np.inf, np.int64(3)],
        4: np.array([[1.0, np.nan]]),
        "c": (True, None, "x"),
    }
    assert plain(given) == {
        "a": 1.5,
        "b": [None, None, 3],
        "4": [[1.0, None]],
        "c": [True, None, "x"],
    }


def test_the_command_evaluates_a_bundle_and_writes_its_report(symgen, tiny_bundle, data):
    code, out, error = symgen(
        "evaluate",
        tiny_bundle,
        "--data",
        data.path,
        "--samples",
        "2",
        "--seconds",
        "3",
        "-o",
        "report.html",
        "--json",
        "--no-progress",
    )
    assert code == 0, error
    assert json.loads(out)["samples"][1]["name"] == "sample-02"
    assert "report report.html" in error
    for wrong, message in (
        (["--against", "x"], "--against does not apply to a model; remove it"),
        (["-o", "report.pdf"], ".html"),
        (["--parts", "beauty"], "no part 'beauty'"),
    ):
        code, _, error = symgen("evaluate", tiny_bundle, "--data", data.path, *wrong)
        assert code == 2 and message in error and error.strip().count("\n") <= 1


def test_music_has_no_options_of_a_model(symgen, data):
    code, _, error = symgen("evaluate", "nothing.mid", "--samples", "3")
    assert code == 2 and "--samples does not apply to music; remove it" in error
