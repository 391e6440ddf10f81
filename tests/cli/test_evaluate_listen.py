"""symgen evaluate --listen."""

import json

import pytest

from tests.evaluation import performances


@pytest.fixture
def data(tmp_path):
    performances.dataset(tmp_path / "data" / "made")
    return "data/made"


def test_a_test_is_written(symgen, tmp_path, tiny_bundle, data):
    words = ["--data", data, "--samples", "4", "--seconds", "3", "--listen", "test.html"]
    code, out, err = symgen("evaluate", tiny_bundle, *words, "--json")
    assert code == 0, err
    assert json.loads(out) | {"seed": 0} == {
        "path": "test.html",
        "clips": 4,
        "generated": 2,
        "seconds": 3.0,
        "seed": 0,
    }
    assert (tmp_path / "test.html").stat().st_size > 40_000
    code, _, err = symgen("evaluate", tiny_bundle, *words)
    assert code == 1 and "test.html" in err and "--force" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--listen", "test.pdf"], "--listen test.pdf: the test is a page"),
        (["--listen", "t.html", "-o", "r.html"], "--output does not apply to a listening test"),
        (["--listen", "t.html", "--samples", "1"], "samples 1: expected a whole number from 2"),
        (["--listen", "t.html", "--seconds", "99"], "seconds 99"),
    ],
)
def test_it_says_what_is_wrong(symgen, tmp_path, tiny_bundle, data, words, message):
    code, _, err = symgen("evaluate", tiny_bundle, "--data", data, *words)
    assert code != 0 and message in err
    assert not list(tmp_path.glob("*.html"))
