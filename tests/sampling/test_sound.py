"""Sound is drawn from a bundle: as the model says, after a primer, and the same for a seed."""

import dataclasses

import numpy as np
import pytest

from symgen.bundle import write
from symgen.bundle.bundle import Bundle
from symgen.encodings import sounds
from symgen.errors import BadOption, DataError, ReadError
from symgen.models import Sizes, model
from symgen.models.state import zeros
from symgen.sampling.sound import Request, draw, files
from symgen.sampling.sound.choice import Choice
from tests.models.networks import randomized

pytest.importorskip("keras", reason="the extra `train` is not installed")
soundfile = pytest.importorskip("soundfile")

RATE = 2000


def bundle_of(path, name="mu_law"):
    """A bundle of a random network over frames."""
    codec = sounds.make({"name": name, "rate": RATE})
    small = {"units": 6, "frame": 4, "embedding": 3, "hidden": 8}
    member, sizes = model({"name": "framewise", **small}), Sizes(tuple(codec.fields))
    network = randomized(member.network(sizes), spread=0.3)
    chosen = np.random.default_rng(0).integers(0, 256, (64, len(codec.fields))).astype(np.int32)
    rows = np.concatenate([codec.start()[None], chosen[:-1]])
    logits, _ = network(rows[None], None, zeros(member.state_specs(), 1), chosen[None])
    test = {"event": rows, "chosen": chosen, "controls": np.zeros((64, 0), np.float32)} | {
        f"logits.{f.name}": np.asarray(z)[0] for f, z in zip(codec.fields, logits, strict=True)
    }
    made = write.write(
        path,
        name="noise",
        encoding=codec,
        model=member,
        weights=network.export_weights(),
        test=test,
        corpora=[],
        training={},
    )
    return Bundle.open(made)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return bundle_of(tmp_path_factory.mktemp("bundle") / "noise.symgen")


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.wav"
    tone = 0.5 * np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE)
    soundfile.write(path, tone, RATE, "FLOAT")
    return path


def test_a_choice_follows_the_probabilities():
    logits = np.log(np.array([[0.2, 0.5, 0.3]] * 5, np.float32))
    chances = np.array([0.0, 0.19, 0.21, 0.69, 0.9999])
    assert Choice()(logits, chances).tolist() == [0, 0, 1, 1, 2]
    assert Choice(0)(logits, chances).tolist() == [1] * 5
    assert Choice(0.01)(logits, chances + 1e-6).tolist() == [1] * 5


@pytest.mark.parametrize("name", list(sounds))
def test_a_sample_is_as_long_as_requested_and_the_same_for_a_seed(tmp_path, name):
    made = bundle_of(tmp_path / "x.symgen", name)
    request = Request(seconds=0.1, num=2, seed=4)
    one, other = draw(made, request), draw(made, request)
    assert [s.samples.shape for s in one] == [(200,), (200,)] and one[0].rate == RATE
    assert np.array_equal(one[0].samples, other[0].samples)
    assert not np.array_equal(one[0].samples, one[1].samples)
    alone = draw(made, dataclasses.replace(request, num=1))
    assert np.array_equal(alone[0].samples[:50], one[0].samples[:50])


def test_a_sample_begins_with_its_primer(bundle, clip):
    (made,) = draw(bundle, Request(seconds=0.2, seed=1, primer=clip, primer_seconds=0.05))
    heard = bundle.codec.decode(bundle.codec.encode(soundfile.read(clip, dtype="float32")[0]))
    assert made.primed == 100 and np.array_equal(made.samples[:100], heard[:100])
    assert not np.array_equal(made.samples[100:200], heard[100:200])
    (whole,) = draw(bundle, Request(seconds=0.2, seed=1, primer=clip))
    assert whole.primed == 400  # no more than the sample


def test_what_cannot_be_drawn_is_one_line(bundle, tiny_bundle, tmp_path):
    with pytest.raises(BadOption, match="--seconds 0: expected"):
        Request(seconds=0)
    with pytest.raises(BadOption, match="--num 65: expected"):
        Request(num=65)
    with pytest.raises(DataError, match="too much at a time"):
        draw(bundle, Request(seconds=80_000, num=64))
    with pytest.raises(DataError, match="is a model of notes"):
        draw(Bundle.open(tiny_bundle), Request())
    with pytest.raises(ReadError):
        draw(bundle, Request(primer=tmp_path / "missing.wav"))


def test_names_are_free_numbers_and_files_are_kept(tmp_path):
    folder = tmp_path / "out"
    assert [p.name for p in files.paths(f"{folder}/", "m", 2, False)] == ["m-1.wav", "m-2.wav"]
    folder.mkdir()
    (folder / "m-1.wav").touch()
    assert files.paths(str(folder), "m", 1, False)[0].name == "m-2.wav"
    with pytest.raises(DataError, match="exists"):
        files.paths(str(folder / "m-1.wav"), "m", 1, False)
    with pytest.raises(BadOption, match=r"writes \.wav and \.flac"):
        files.paths(str(folder / "m.mp3"), "m", 1, False)


def test_the_command_writes_wav_and_refuses_what_is_of_notes(bundle, clip, tmp_path, symgen):
    path = tmp_path / "made.wav"
    call = ["sample", str(bundle.path), "--seconds", "0.1", "--seed", "2", "-o", str(path)]
    code, out, err = symgen(*call, "--primer", str(clip), "--primer-seconds", "0.02")
    assert code == 0, err
    data, rate = soundfile.read(path)
    assert (len(data), rate) == (200, RATE) and path.with_suffix(".json").is_file()
    assert "the first 0.02 s of clip.wav" in out
    for option in (["--key", "C"], ["--render"], ["--bars", "4"], ["--top-k", "3"]):
        code, _, err = symgen(*call, "--force", *option)
        assert code == 2 and f"{option[0]} is of models of notes" in err
