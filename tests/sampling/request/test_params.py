"""A bundle may say with which temperature and top-p it is sampled where none are given."""

import json

import pytest

from symgen import cli
from symgen.bundle.bundle import Bundle
from symgen.bundle.write import slim, with_sampling
from symgen.errors import DataError
from symgen.sampling import load
from symgen.sampling.request.params import SamplingParams
from symgen.sampling.request.request import ask
from tests.sampling.fakes import bundle

CHOSEN = {"temperature": 0.8, "top_p": 0.9, "chosen_by": {"distance": 0.2}}


@pytest.fixture
def tuned(tmp_path):
    plain = bundle(tmp_path / "plain.symgen")
    return with_sampling(Bundle.open(plain), tmp_path / "tuned.symgen", CHOSEN)


def test_it_holds_where_nothing_is_asked(tuned, tmp_path):
    model = load(tuned)
    assert model.plan(ask(seed=1)).params == SamplingParams(0.8, 0, 0.9)
    for options in ({"temperature": 1.0}, {"top_p": 1.0}, {"top_k": 5}):
        assert model.plan(ask(seed=1, **options)).params == ask(seed=1, **options).params
    assert load(tmp_path / "plain.symgen").plan(ask(seed=1)).params == SamplingParams(1.0, 0, 1.0)
    sampled = model.sample(seconds=2, seed=4, temperature=0.8, top_p=0.9)
    assert model.sample(seconds=2, seed=4) == sampled
    assert model.stream(seed=4, seconds=2).request.params == SamplingParams(0.8, 0, 0.9)


def test_it_stays_in_copies_of_the_bundle(tuned, tmp_path):
    assert load(slim(Bundle.open(tuned), tmp_path / "slim.symgen")).tuned_params == SamplingParams(
        0.8, 0, 0.9
    )


@pytest.mark.parametrize(
    "broken",
    [{"temperature": -1, "top_p": 1}, {"top_p": 1}, {"temperature": "hot", "top_p": 1}, []],
)
def test_a_broken_one_is_said_in_a_line(tuned, tmp_path, broken):
    path = tmp_path / "broken.symgen"
    source = Bundle.open(tuned)
    with_sampling(source, path, broken if broken else {})
    with pytest.raises(DataError, match="its defaults for sampling cannot be used"):
        load(path).plan(ask(seed=1))


def test_the_command_says_what_it_takes(tuned, tmp_path, capsys):
    command = ["sample", str(tuned), "--seconds", "1"]
    first, second = (["-o", str(tmp_path / name)] for name in ("a.mid", "b.mid"))
    assert cli.run([*command, *first, "--seed", "1", "--json"]) == 0
    message = capsys.readouterr()
    assert "temperature 0.8, top-p 0.9, as chosen for this model" in message.err
    (made,) = json.loads(message.out)["samples"]
    assert (made["requested"]["temperature"], made["requested"]["top_p"]) == (0.8, 0.9)
    assert cli.run([*command, *second, "--temperature", "1"]) == 0
    assert "as chosen" not in capsys.readouterr().err
