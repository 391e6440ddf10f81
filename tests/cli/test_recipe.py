"""`symgen sample --recipe`: a sample is made again from its MIDI file or the report beside it."""

import json

import mido
import pytest

from symgen.notes import read, write
from symgen.notes.sequence import NoteSequence, notes_of
from tests.sampling.fakes import bundle
from tests.sampling.fiddler import tune_bundle

PRIMER = NoteSequence(notes_of([(60, 80, 0.0, 0.5), (64, 40, 0.5, 1.5), (67, 100, 1.0, 2.0)]))
TUNE = "X:1\nT:Air\nM:3/4\nL:1/4\nQ:1/4=90\nK:D\nA|d2f|e2c|d2A|d2|]\n"


@pytest.fixture
def sample(symgen, tmp_path):
    """Run `symgen sample`, by default with a model of seconds; return stdout and stderr."""
    bundle(tmp_path / "runs" / "quiet" / "best.symgen", name="quiet")

    def run(*words, code=0, model="runs/quiet"):
        found, out, err = symgen("sample", *([model] if model else []), *words)
        assert found == code, err
        return out, err

    return run


def replayed(folder, sample, name, *words):
    """Return whether the sample `name` is made again, byte for byte, from each of its files."""
    first = {path.suffix: path.read_bytes() for path in folder.glob(f"{name}.*")}
    for kind in (".mid", ".json"):
        sample("--recipe", f"{name}{kind}", "-o", f"again{kind[1:]}/", *words, model=None)
        made = {path.suffix: path.read_bytes() for path in (folder / f"again{kind[1:]}").iterdir()}
        if set(made) != set(first) or any(made[k] != first[k] for k in first if k != ".json"):
            return False
        recipes = [json.loads(files[".json"])["recipe"] for files in (made, first)]
        if recipes[0] != recipes[1]:
            return False
    return True


@pytest.mark.parametrize(
    "words",
    [
        ["--seconds", "3"],
        ["--seconds", "12", "--density", "2:8", "--key", "C@0,Am@6", "--strict-key"],
        ["--seconds", "4", "--temperature", "0.8", "--top-k", "9", "--best-of", "3", "--key", "C"],
        ["--seconds", "4", "--controls", "wishes.toml", "--no-ending", "--free"],
        ["--seconds", "6", "--primer", "tune.mid", "--primer-seconds", "1", "--no-follow"],
        ["--seconds", "3", "--render", "--synth", "soundfont", "--seed", "3"],
        ["--seconds", "3", "--never-repeat"],
    ],
    ids=lambda words: words[2] if len(words) > 2 else "plain",
)
def test_a_sample_is_made_again(sample, tmp_path, words):
    write(PRIMER, tmp_path / "tune.mid")
    (tmp_path / "wishes.toml").write_text("register = [{at = 0, value = 50}, {at = 2, value = 70}]")
    sample(*words, "-n", "2")
    sound = words[2:5] if "--render" in words else []
    assert replayed(tmp_path, sample, "samples/quiet-2", *sound)


@pytest.mark.parametrize(
    "words",
    [
        ["--bars", "8", "--form", "AABB", "--meter", "6/8", "--tempo", "3/8=110"],
        ["--melody", "book.abc#1"],
        ["--chords", "C F G7 C", "--cadence"],
    ],
    ids=lambda words: words[0],
)
def test_a_tune_is_made_again(sample, tmp_path, words):
    tune_bundle(tmp_path / "runs" / "jigs" / "best.symgen", name="jigs")
    (tmp_path / "book.abc").write_text(TUNE)
    sample(*words, model="runs/jigs")
    assert replayed(tmp_path, sample, "samples/jigs-1")
    sample("--recipe", "samples/jigs-1.abc", "-o", "x.abc", model=None)
    assert (tmp_path / "x.abc").read_bytes() == (tmp_path / "samples/jigs-1.abc").read_bytes()


def test_a_draw_that_was_kept_later_is_made_again(sample, tmp_path):
    """The second sample of a seed is drawn again, because the first is remembered."""
    sample("--never-repeat", "--seconds", "9", "--seed", "1", "-o", "x.mid")
    sample("--never-repeat", "--seconds", "9", "--seed", "1", "-o", "y.mid")
    assert json.loads((tmp_path / "y.json").read_text())["recipe"]["draw"] > 0
    sample("--recipe", "y.mid", "-o", "z.mid", model=None)
    assert (tmp_path / "z.mid").read_bytes() == (tmp_path / "y.mid").read_bytes()


def test_another_bundle_is_named_and_played_only_if_it_is_asked_for(sample, tmp_path):
    sample("-o", "x.mid", "--seconds", "3", "--seed", "1")
    bundle(tmp_path / "runs" / "quiet" / "best.symgen", name="quiet", seed=1)
    _, err = sample("--recipe", "x.mid", "-o", "y.mid", code=1, model=None)
    assert "best.symgen is another bundle than that of the recipe" in err
    assert err.rstrip().endswith("name the right one, or this one, with --model")
    assert not (tmp_path / "y.mid").exists()
    _, err = sample("--recipe", "x.mid", "-o", "y.mid")
    assert "another bundle" in err
    first, second = (json.loads((tmp_path / f"{n}.json").read_text())["recipe"] for n in "xy")
    assert first["bundle"] != second["bundle"]
    assert {**first, "bundle": ""} == {**second, "bundle": ""}
    sample("--recipe", "y.mid", "-o", "z.mid", model=None)
    assert (tmp_path / "y.mid").read_bytes() == (tmp_path / "z.mid").read_bytes()


def test_a_recipe_tells_nothing_of_the_machine_and_finds_its_files_again(sample, tmp_path):
    write(PRIMER, tmp_path / "tune.mid")
    words = ("--primer", tmp_path / "tune.mid", "--seconds", "4", "-o", "x.mid")
    sample(*words, model=tmp_path / "runs" / "quiet" / "best.symgen")
    for name in ("x.mid", "x.json"):
        assert tmp_path.name.encode() not in (tmp_path / name).read_bytes()
    again = ("--recipe", "x.mid", "-o", "y.mid")
    assert "there is no such bundle" in sample(*again, code=1, model=None)[1]
    (tmp_path / "tune.mid").rename(tmp_path / "other.mid")
    _, err = sample(*again, code=1)
    assert "tune.mid: not here; say where it is with --primer FILE" in err
    (tmp_path / "tune.mid").write_bytes((tmp_path / "x.mid").read_bytes())
    assert "tune.mid: not the file of the recipe" in sample(*again, code=1)[1]
    sample(*again, "--primer", "other.mid")
    assert len(read(tmp_path / "y.mid")) == len(read(tmp_path / "x.mid"))


@pytest.mark.parametrize("words", [["--seed", "2"], ["--seconds", "9"], ["--primer", "x.mid"]])
def test_what_the_recipe_decides_cannot_be_given(sample, words):
    sample("-o", "x.mid", "--seconds", "3")
    _, err = sample("--recipe", "x.mid", *words, code=2, model=None)
    assert f"--recipe decides {words[0]}; remove one of them" in err


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("x.mid", None, "x.mid: no such file"),
        ("x.json", "{", "its recipe cannot be used"),
        ("x.json", "[]", "x.json: has no recipe; give a sample"),
        ("x.json", {"format": 99}, "format 99, and this symgen"),
        ("x.json", {"format": None}, "it has no format"),
        ("x.json", {"seed": -1}, "seed -1: expected a whole number"),
        ("x.json", {"model": "/etc/passwd"}, "expected the name of a file, not absolute"),
        ("x.json", {"model": "C:\\secret.symgen"}, "expected the name of a file, not absolute"),
        ("x.json", {"options": {"secnds": 3}}, "has the option secnds, which this symgen does not"),
        ("x.json", {"options": {"seconds": [3]}}, "seconds of its recipe is [3]"),
        ("x.json", {"options": {"seconds": "long"}}, "'long': expected seconds above 0"),
        ("x.json", {"options": {"free": "yes"}}, "free of its recipe is yes"),
        ("x.json", {"options": {"density": {"a": 1}}}, "density"),
        ("x.json", {"files": {"primer": "0"}}, "expected the name of a file"),
    ],
)
def test_a_recipe_that_cannot_be_used_is_one_line(sample, tmp_path, name, change, message):
    sample("-o", "x.mid", "--seconds", "3")
    report = json.loads((tmp_path / "x.json").read_text())
    if isinstance(change, dict):
        report["recipe"] |= change
        change = json.dumps(report)
    if change is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(change)
    code = 2 if "expected seconds" in message or message == "density" else 1
    _, err = sample("--recipe", name, "-o", "y.mid", code=code, model=None)
    assert message in err
    assert err.count("\n") <= 2


def test_a_file_without_a_recipe_says_so(sample, tmp_path):
    write(PRIMER, tmp_path / "tune.mid")
    assert (
        "tune.mid: has no recipe; give a sample that symgen made, or its .json"
        in sample("--recipe", "tune.mid", code=1, model=None)[1]
    )


def test_the_recipe_is_a_text_that_readers_pass_over(sample, tmp_path):
    sample("-o", "x.mid", "--seconds", "3")
    music = read(tmp_path / "x.mid")
    assert music.source.left_out == {}
    texts = [m.text for m in mido.MidiFile(tmp_path / "x.mid").tracks[0] if m.type == "text"]
    assert [text.split(":")[0] for text in texts][1:] == ["symgen recipe"]
    assert json.loads(texts[1].partition(": ")[2])["options"] == {"seconds": 3.0}


def test_texts_of_others_are_still_counted(tmp_path):
    write(PRIMER, tmp_path / "x.mid", comment="made by hand")
    assert read(tmp_path / "x.mid").source.left_out == {"texts": 1}
    write(PRIMER, tmp_path / "y.mid", comment="symgen 1: a sample")
    assert read(tmp_path / "y.mid").source.left_out == {}


def test_a_number_that_another_process_takes_meanwhile_is_not_used_twice(
    sample, tmp_path, monkeypatch
):
    from symgen.cli.sample import command

    real = command._draw

    def late(*arguments):
        made = real(*arguments)
        (tmp_path / "samples").mkdir(exist_ok=True)
        (tmp_path / "samples" / "quiet-1.mid").write_bytes(b"theirs")
        return made

    monkeypatch.setattr(command, "_draw", late)
    out, _ = sample("--seconds", "3", "-n", "2")
    assert (tmp_path / "samples" / "quiet-1.mid").read_bytes() == b"theirs"
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "samples/quiet-2.mid",
        "samples/quiet-3.mid",
    ]
    names = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert names == [
        "quiet-1.mid",
        "quiet-2.json",
        "quiet-2.mid",
        "quiet-3.json",
        "quiet-3.mid",
    ]
