"""`symgen sample`: old names of options and their values, and messages about the options."""

import json

import pytest
import soundfile

from symgen.errors import BadOption
from symgen.sampling import load


def sampled(symgen, bundle, *options):
    """Return the one sample of a short run as the command describes it."""
    words = ("--seed", 3, "--seconds", 4, "--density", 3, "--json", "-q", "-f", "-o", "x.mid")
    code, out, err = symgen("sample", bundle, *words, *options)
    assert code == 0, err
    [sample] = json.loads(out)["samples"]
    return sample


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (["--method", "steer"], ["--way", "steered"]),
        (["--method=steer"], ["--way=steered"]),
        (["--method", "steer"], ["--method", "steered"]),
        (["--best-of", "2"], ["--attempts", "2"]),
    ],
)
def test_old_names_of_options_do_the_same(symgen, tiny_bundle, new, old):
    assert sampled(symgen, tiny_bundle, *new) == sampled(symgen, tiny_bundle, *old)


def test_best_of_changes_the_sample(symgen, tiny_bundle):
    one, best = (sampled(symgen, tiny_bundle, "--best-of", n) for n in (1, 4))
    assert best["distance"] < one["distance"]


def test_old_names_are_variables_of_the_environment_too(symgen, tiny_bundle, monkeypatch):
    monkeypatch.setenv("SYMGEN_SAMPLE_WAY", "told")
    code, _, err = symgen("sample", tiny_bundle, "--density", 3)
    assert code == 2 and "density" in err
    monkeypatch.setenv("SYMGEN_SAMPLE_WAY", "much")
    code, _, err = symgen("sample", tiny_bundle, "--density", 3)
    assert code == 2
    assert "--method 'much': expected one of condition, steer, both" in err
    assert "It is set by SYMGEN_SAMPLE_METHOD or SYMGEN_SAMPLE_WAY in the environment" in err


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_an_output_that_is_sound_has_its_midi_beside_it(symgen, tiny_bundle, tmp_path, kind):
    words = ("--seed", 3, "--seconds", 3, "--density", 3, "--synth", "soundfont", "-o")
    code, _, err = symgen("sample", tiny_bundle, *words, f"song.{kind}", "--num", 2)
    assert code == 0, err
    assert {path.name for path in tmp_path.glob("song*")} == {
        "song-1.json",
        "song-1.mid",
        "song-2.json",
        "song-2.mid",
        f"song-1.{kind}",
        f"song-2.{kind}",
    }
    assert soundfile.info(tmp_path / f"song-1.{kind}").duration > 1
    code, _, err = symgen("sample", tiny_bundle, *words, f"song.{kind}", "--num", 2)
    assert code == 1 and "--force" in err


def test_sound_that_is_not_to_be_rendered_is_refused(symgen, tiny_bundle):
    code, _, err = symgen("sample", tiny_bundle, "-o", "song.mp3", "--no-render")
    assert code == 2 and "--output song.mp3 is sound; remove --no-render" in err


def test_times_are_read_in_every_form(symgen, tiny_bundle):
    lengths = [
        sampled(symgen, tiny_bundle, "--seconds", time)["requested"]["seconds"]
        for time in ("75", "1:15", "75s", "1m15s")
    ]
    assert lengths == [75.0] * 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--way", "tld"], "--method 'tld': expected one of condition, steer, both"),
        (["--seconds", "long"], "--seconds 'long': expected seconds above 0, such as 90, 3:00"),
        (["--denisty", "3"], "there is no option --denisty. Did you mean --density?"),
        (["--top-p", "all"], "--top-p 'all': expected a number"),
        (["--chords-on", "bar"], "--chords-on 'bar': expected one of beat, any"),
        (["a", "--model", "b"], "a and --model b both name the model; remove one"),
        (
            ["my a.mid", "--model", "b"],
            "to continue it: symgen sample --model b --primer 'my a.mid'",
        ),
        (["--data", "x"], "--data x needs --max-copy or --primer eval; add one or remove it"),
    ],
)
def test_bad_options_are_one_line_with_the_next_step(symgen, words, message):
    code, out, err = symgen("sample", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


@pytest.mark.parametrize(
    ("new", "old"),
    [({"method": "steer"}, {"way": "steered"}), ({"best_of": 2}, {"attempts": 2})],
)
def test_old_keywords_of_the_library_do_the_same(tiny_bundle, new, old):
    model = load(tiny_bundle)
    options = {"seconds": 3, "seed": 1, "density": 3}
    assert model.sample(**options, **new) == model.sample(**options, **old)
    with pytest.raises(BadOption, match=r"method 'ster': expected one of .*did you mean 'steer'"):
        model.sample(**options, method="ster")
    with pytest.raises(BadOption, match="Did you mean 'density'"):
        model.sample(densty=3)
