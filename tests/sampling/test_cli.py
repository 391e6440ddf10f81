"""The sample command: its names for files, what it says, and what it refuses."""

import json
import re

import mido
import numpy as np
import pytest

from symgen import cli
from symgen.notes import read, write
from symgen.notes.sequence import NoteSequence, notes_of
from tests.sampling.fakes import PERFORMANCE, bundle
from tests.sampling.fiddler import planned_draw, tune_bundle, tunes

TUNE = NoteSequence(notes_of([(60, 80, 0.0, 0.5), (64, 40, 0.5, 1.5), (67, 100, 1.0, 3.0)]))


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bundle(tmp_path / "runs" / "quiet" / "best.symgen", name="quiet")
    return tmp_path


@pytest.fixture
def sample(place, capsys):
    def run(*args, code=0):
        assert cli.run(["sample", "--seconds", "3", *args]) == code
        return capsys.readouterr()

    return run


def test_the_command_as_it_is_written_works_twice(place, capsys):
    for n in (1, 2):
        assert cli.run(["sample", "--key", "C", "--density", "3"]) == 0
        out, err = capsys.readouterr()
        assert "runs/quiet/best.symgen" in err.replace("\\", "/")
        assert "noise (synthetic)" in err
        assert f"samples/quiet-{n}.mid: 30.00 s (requested 30)" in out
        assert "density: requested 3, measured" in out
        assert "key: requested C major, measured" in out
        assert read(place / "samples" / f"quiet-{n}.mid").total_time == pytest.approx(30, abs=0.02)


def test_numbers_go_on_after_the_highest(place, sample):
    (place / "samples").mkdir()
    (place / "samples" / "quiet-7.wav").touch()
    sample("--num", "2")
    assert sorted(p.name for p in (place / "samples").glob("*.mid")) == [
        "quiet-8.mid",
        "quiet-9.mid",
    ]


@pytest.mark.parametrize(
    ("args", "files"),
    [
        (["-o", "x.mid"], ["x.mid"]),
        (["-o", "x.mid", "-n", "2"], ["x-1.mid", "x-2.mid"]),
        (["-o", "deep/x.midi"], ["deep/x.midi"]),
        (["-o", "folder/", "-n", "2"], ["folder/quiet-1.mid", "folder/quiet-2.mid"]),
        (["-o", "runs"], ["runs/quiet-1.mid"]),
    ],
)
def test_output_names(place, sample, args, files):
    sample(*args)
    assert all((place / name).is_file() for name in files)


def test_the_document_tells_all(place, sample):
    document = json.loads(
        sample(
            "--json", "-n", "2", "--seed", "4", "--key", "am", "--density", "5", "-o", "x.mid"
        ).out
    )
    assert document["seed"] == 4
    for index, entry in enumerate(document["samples"]):
        assert entry["file"] == f"x-{index + 1}.mid"
        assert entry["index"] == index
        assert entry["requested"] == {
            "seconds": 3,
            "key": "A minor",
            "strict_key": False,
            "density": 5,
        }
        assert entry["measured"]["seconds"] == 3
        assert entry["measured"]["notes"] == len(read(entry["file"]))


def test_the_seed_is_printed_and_stored_and_makes_it_again(place, sample):
    seed = json.loads(sample("--json", "-o", "a.mid").out)["seed"]
    sample("--seed", str(seed), "-o", "b.mid")
    assert (place / "a.mid").read_bytes() == (place / "b.mid").read_bytes()
    assert f"seed {seed}, sample 0".encode() in (place / "a.mid").read_bytes()


def test_nothing_is_replaced_unasked(place, sample):
    sample("-o", "x.mid", "--seed", "1")
    first = (place / "x.mid").read_bytes()
    assert "x.mid exists" in sample("-o", "x.mid", code=1).err
    assert (place / "x.mid").read_bytes() == first
    sample("-o", "x.mid", "--seed", "2", "--force")
    assert (place / "x.mid").read_bytes() != first


def test_a_sound_goes_beside_each(place, sample):
    (place / "y.wav").touch()
    assert "y.wav exists" in sample("-o", "y.mid", "--render", code=1).err
    assert not (place / "y.mid").exists()
    out = sample("-o", "x.mid", "--synth", "soundfont", "--seconds", "1", "--seed", "3").out
    assert "sound x.wav" in out
    assert (place / "x.wav").read_bytes()[:4] == b"RIFF"
    sample("-o", "z.mid", "--soundfont", "nowhere.sf2", code=1)
    assert not (place / "z.mid").exists()


def test_a_primer_from_a_file(place, sample):
    write(TUNE, place / "tune.mid")
    sample("--primer", "tune.mid", "--seconds", "6", "-o", "x.mid", "--seed", "1")
    begin = read(place / "x.mid").notes[:3]
    assert np.array_equal(begin[["pitch", "start_time"]], TUNE.notes[["pitch", "start_time"]])
    err = sample("--primer", "tune.mid", "-o", "y.mid", code=2).err  # as long as the sample
    assert "nothing left to play; ask for more --seconds" in err
    assert "nowhere.mid: no such file" in sample("--primer", "nowhere.mid", code=1).err
    assert "primer included" in sample("--primer", "tune.mid", "--seconds", "2", code=2).err


def test_the_file_tells_all_that_makes_it_again(place, sample):
    write(TUNE, place / "tune.mid")
    primer = ["--primer", "tune.mid", "--primer-seconds", "1.2"]
    output = sample(
        *primer,
        "--temperature",
        "0.5",
        "--top-k",
        "9",
        "--top-p",
        "0.8",
        "-o",
        "x.mid",
        "--seed",
        "3",
        "--json",
    ).out
    entry = json.loads(output)["samples"][0]
    assert entry["requested"] == {
        "seconds": 3,
        "temperature": 0.5,
        "top_k": 9,
        "top_p": 0.8,
        "primer": "tune.mid",
        "primer_seconds": 1.2,
    }
    text = (
        b"seed 3, sample 0, seconds 3.0, temperature 0.5, top_k 9, top_p 0.8, "
        b"primer tune.mid, primer_seconds 1.2"
    )
    assert text in (place / "x.mid").read_bytes()
    out = sample(*primer, "-o", "y.mid").out
    assert f" notes after {entry['measured']['primer_seconds']:.2f} s of tune.mid" in out


def test_what_had_to_be_mended_in_a_primer_is_said(place, sample):
    write(TUNE, place / "tune.mid")
    whole = (place / "tune.mid").read_bytes()
    (place / "cut.mid").write_bytes(whole[:-12])
    assert "cut.mid: 1 track " in sample("--primer", "cut.mid", "--seconds", "6", "-o", "x.mid").err


def test_a_primer_from_a_held_out_piece(place, sample):
    from symgen.dataset import convert

    (place / "music").mkdir()
    for i in range(3):
        write(
            TUNE.replace(
                notes=notes_of([(60 + i + k, 80, k * 0.5, k * 0.5 + 0.4) for k in range(9)])
            ),
            place / "music" / f"{i}.mid",
        )
    data = convert(place / "music", "performance", place / "data")
    bundle(place / "runs" / "heard" / "best.symgen", name="heard", info={"dataset": str(data.path)})
    err = sample(
        "runs/heard", "--primer", "eval", "--primer-seconds", "2", "-o", "x.mid", "--seed", "1"
    ).err
    split = data.split("eval")
    assert split.ids[1 % len(split)] in err
    began = PERFORMANCE.decode(split.events(1 % len(split))).notes
    ours = read(place / "x.mid").notes
    assert [n["pitch"] for n in ours if n["start_time"] < 1.9] == [
        n["pitch"] for n in began if n["start_time"] < 1.9
    ]
    assert "--primer FILE" in sample("runs/quiet", "--primer", "eval", code=1).err
    bundle(
        place / "runs" / "old" / "best.symgen",
        name="old",
        info={"dataset": str(data.path), "dataset_fingerprint": "0" * 16},
    )
    assert (
        "may have been in the training data" in sample("runs/old", "--primer", "eval", code=1).err
    )


@pytest.mark.parametrize(
    "args",
    [
        ["--density", "-1"],
        ["--density", "0"],
        ["--seconds", "0"],
        ["--seconds", "-2"],
        ["--num", "0"],
        ["--top-p", "1.5"],
        ["--top-p", "0"],
        ["--top-k", "-1"],
        ["--temperature", "-1"],
        ["--temperature", "nan"],
        ["--seed", "-1"],
        ["--key", "H"],
        ["--strict-key"],
        ["--primer-seconds", "3"],
        ["-o", "x.docx"],
        ["--num", "two"],
        ["--nonsense"],
        ["a.symgen", "--model", "b.symgen"],
        ["--synth", "nonsense"],
    ],
)
def test_bad_options_leave_with_2_and_one_line(place, sample, args):
    err = sample(*args, code=2).err
    assert "Traceback" not in err
    assert args[-1].lstrip("-") in err or args[0].lstrip("-") in err
    assert not (place / "samples").exists()


@pytest.mark.parametrize("args", [["nowhere.symgen"], ["--model", "nowhere"], ["notes.txt"]])
def test_bad_bundles_leave_with_1_and_one_line(place, sample, args):
    (place / "notes.txt").write_text("no bundle")
    err = sample(*args, code=1).err
    assert err.count("\n") == 1
    assert args[-1] in err


def test_with_no_run_at_all_the_model_that_ships_plays(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.run(["sample", "--seconds", "3", "--seed", "1"]) == 0
    assert "model piano (ships with symgen)" in capsys.readouterr().err
    assert len(list((tmp_path / "samples").glob("piano*.mid"))) == 1


@pytest.fixture
def tune(tmp_path, monkeypatch, capsys):
    """Run `symgen sample` with a model of tunes."""
    monkeypatch.chdir(tmp_path)
    tune_bundle(tmp_path / "runs" / "jigs" / "best.symgen", name="jigs")

    def run(*args, code=0):
        assert cli.run(["sample", *args]) == code
        return capsys.readouterr()

    return run


def test_a_model_of_tunes_writes_midi_and_abc(tmp_path, tune):
    output = tune(
        "--bars", "8", "--meter", "6/8", "--tempo", "110", "--form", "AB", "--seed", "1"
    ).out
    assert (
        "samples/jigs-1.mid samples/jigs-1.abc: 8 bars of 6/8, dotted quarter note = 110, 8.73 s"
        in output
    )
    assert "form AB; " in output
    assert "; key " in output
    assert ("; cadence " in output) != ("; ends " in output)
    text = (tmp_path / "samples" / "jigs-1.abc").read_text(encoding="utf-8")
    assert "X:1\nT:symgen jigs seed 1 sample 0\n" in text
    assert "bars 8, meter 6/8, tempo 3/8=110, form AB" in text
    assert "M:6/8" in text
    midi, abc = (read(tmp_path / "samples" / f"jigs-1.{suffix}") for suffix in ("mid", "abc"))
    assert midi.total_time == pytest.approx(8.727, abs=0.02)
    melody = midi.notes[midi.notes["instrument"] == midi.notes["instrument"].min()]
    assert melody["pitch"].tolist() == abc.notes["pitch"].tolist()
    assert np.allclose(melody["start_time"], abc.notes["start_time"], atol=2e-3)
    assert len(midi.notes) > len(melody)  # the chords are played
    assert [s for _, s in midi.chords.tolist()] == [s for _, s in abc.chords.tolist()]
    assert (
        "samples/jigs-2.mid samples/jigs-2.abc: 32 bars of 4/4, quarter note = 120, 64.00 s"
        in tune().out
    )


@pytest.mark.parametrize("name", ["x.abc", "x.mid"])
def test_an_extension_writes_that_file_and_its_report(tmp_path, tune, name):
    tune("--bars", "2", "-o", name)
    assert {p.name for p in tmp_path.glob("x.*")} == {name, "x.json"}
    assert f"{name} exists" in tune("--bars", "2", "-o", name, code=1).err


def test_a_tune_is_harmonised_and_chords_get_a_tune(tmp_path, tune):
    (tmp_path / "book.abc").write_text(
        "X:7\nT:Air\nM:3/4\nL:1/4\nQ:1/4=90\nK:D\nA|d2f|e2c|d2A|d2|]\n\nX:8\nK:C\nC|]\n",
        encoding="utf-8",
    )
    document = json.loads(tune("--melody", "book.abc#7", "-n", "2", "--json", "--seed", "1").out)
    for entry in document["samples"]:
        assert entry["requested"]["melody"] == "book.abc#7"
        assert entry["measured"]["meter"] == "3/4"
        assert entry["measured"]["key_name"] == "D major"
        assert [p.rpartition(".")[2] for p in entry["files"]] == ["mid", "abc"]
        assert read(entry["files"][1]).notes["pitch"].tolist() == [69, 74, 78, 76, 73, 74, 69, 74]
    result = tune("--chords", "D Gmaj9 | A7", "--bars", "4", "--meter", "3/4", "-o", "x.abc")
    assert "chord Gmaj9 is unknown to the model, which gets G instead" in result.err
    assert [s for _, s in read(tmp_path / "x.abc").chords.tolist()] == [
        "D",
        "Gmaj9",
        "A7",
        "D",
        "Gmaj9",
        "A7",
    ]
    assert "choose one, such as book.abc#7" in tune("--melody", "book.abc", code=1).err


@pytest.mark.parametrize(("scope", "last"), [("octave", 60), ("pitch", 61)])
def test_the_accidentals_of_a_melody_hold_as_asked(tmp_path, tune, scope, last):
    (tmp_path / "air.abc").write_text("X:1\nL:1/4\nK:C\n^cdeC|]\n", encoding="utf-8")
    tune("--melody", "air.abc", "--accidentals", scope, "-o", "x.mid", "--seed", "1")
    melody = read(tmp_path / "x.mid").notes
    assert melody["pitch"][melody["instrument"] == melody["instrument"].min()].tolist()[-1] == last


def test_a_tune_in_abc_keeps_its_text(tmp_path, tune):
    """Of a book the one tune; a file of one tune is kept whole, with its bytes."""
    air = b"X:3\r\nT:Caf\xe9\r\nC:Anon.\r\nR:air\r\nL:1/4\r\nK:D\r\nA|:d2 {f}f~e:|% end\r\nw:la"
    (tmp_path / "book.abc").write_bytes(b"M:3/4\r\n\r\nX:1\r\nK:C\r\nC|\r\n\r\n" + air)
    (tmp_path / "air.abc").write_bytes(air)
    for name, before in (("book.abc#3", b"M:3/4\r\n\r\n"), ("air.abc", b"")):
        tune("--melody", name, "-o", "x.abc", "--seed", "1", "--force")
        made = (tmp_path / "x.abc").read_bytes()
        assert re.sub(rb'"[A-G][^"]*"', b"", made) == before + air
        assert made.count(b'"') >= 2
    assert "x.abc exists" in tune("--melody", "air.abc", "-o", "x.abc", code=1).err
    tune("--melody", "air.abc", "-n", "2", "-o", "out/")
    assert sorted(p.name for p in (tmp_path / "out").iterdir() if p.suffix != ".json") == [
        "jigs-1.abc",
        "jigs-1.mid",
        "jigs-2.abc",
        "jigs-2.mid",
    ]


def test_a_tune_keeps_its_title_and_a_mode_its_name(tmp_path, tune):
    (tmp_path / "air.abc").write_text(
        "X:1\nT:The Air\nM:3/4\nL:1/4\nK:Ddor\n|:{c}d2f|e2c|d3:|\n", encoding="utf-8"
    )
    printed = tune("--melody", "air.abc", "-o", "x.mid", "--seed", "1").err
    assert "air.abc: 1 grace note left out; kept in ABC" in printed
    assert "air.abc: its repeats are written out; kept in ABC" in printed
    write(read("air.abc"), "air.musicxml")
    tune("--melody", "air.musicxml", "-o", "x.abc", "--seed", "1", "--force")
    assert "\nT:The Air, harmonised by symgen jigs\n" in (tmp_path / "x.abc").read_text(
        encoding="utf-8"
    )
    tune("--key", "D dorian", "-o", "y.abc", "--bars", "4", "--seed", "1")
    text = (tmp_path / "y.abc").read_text(encoding="utf-8")
    assert "\nK:Ddor\n" in text
    assert "strict_key" not in text
    tune("--key", "D harmonic minor", "--strict-key", "-o", "z.abc", "--bars", "4", "--seed", "1")
    text = (tmp_path / "z.abc").read_text(encoding="utf-8")
    assert "\nK:Dm\n" in text
    assert "strict_key True" in text


def test_strains_that_cannot_be_parted_are_written_out(tmp_path):
    """A model that only says what sounds may hold a note over all strains; then no ABC repeat."""
    from symgen.sampling.files import write_sample

    model = tunes(melody="sounding")
    model.player.melody[:, 1 + 67] = 40
    [made] = planned_draw(model, form="AA", bars=4, key="G", seed=1)
    for force in (False, True):
        [message] = write_sample(made, tmp_path / "x.abc", model="x", force=force)
        assert message.endswith("it is written out")
    assert read(tmp_path / "x.abc").notes[["pitch", "end_time"]].tolist() == [(67, 8.0)]


def test_the_tracks_of_a_tune_have_names(tmp_path, tune):
    tune("--bars", "2", "-o", "x.mid", "--chords", "C G", "--seed", "3")
    assert [track.name for track in mido.MidiFile(tmp_path / "x.mid").tracks] == [
        "",
        "chords",
        "melody",
        "accompaniment",
    ]


def test_the_sound_of_a_tune_has_its_chords(tmp_path, tune):
    assert (
        "sound x.wav"
        in tune("--bars", "1", "-o", "x.abc", "--synth", "soundfont", "--seed", "3").out
    )
    assert (tmp_path / "x.wav").read_bytes()[:4] == b"RIFF"


@pytest.mark.parametrize(
    "args",
    [
        ["--bars", "0"],
        ["--meter", "4/5"],
        ["--tempo", "fast"],
        ["--form", "A1"],
        ["--chords", "Q"],
        ["--bars", "3", "--form", "AB"],
        ["--bars", "3", "--seconds", "3"],
        ["--chords-on", "x"],
    ],
)
def test_bad_shapes_leave_with_2_and_one_line(tmp_path, tune, args):
    err = tune(*args, code=2).err
    assert "Traceback" not in err
    assert args[0].lstrip("-").replace("-", " ") in err.replace("-", " ")
    assert not (tmp_path / "samples").exists()


def test_a_model_of_seconds_has_no_bars(place, capsys):
    assert cli.run(["sample", "runs/quiet", "--bars", "8"]) == 2
    assert (
        "--bars 8: quiet is a model of `performance`, which has no bars" in capsys.readouterr().err
    )


@pytest.mark.usefixtures("shipped_models")
def test_where_tunes_are_asked_of_no_model_one_that_ships_plays_them(place, capsys):
    assert cli.run(["sample", "--bars", "8"]) == 0
    message = "quiet/best.symgen is no model of tunes, which --bars asks for: taking folk"
    assert message in capsys.readouterr().err


def test_wishes_over_time_are_told_with_what_they_came_to(place, sample):
    (place / "wishes.toml").write_text(
        "register = [{at = 0, value = 50}, {at = 2, value = 70, glide = true}]\n"
    )
    output = sample(
        "--density",
        "2:8",
        "--key",
        "C@0,F@1.5",
        "--strict-key",
        "--controls",
        "wishes.toml",
        "-o",
        "x.mid",
        "--seed",
        "1",
    ).out
    for part in (
        "density: requested 2:8, measured ",
        "over time), steered",
        "key: requested C major@0,F major@1.5, measured 100.0 %",
        "register: requested 50@0:70@2, measured ",
        "nats per event under the model without targets",
    ):
        assert part in output
    entry = json.loads(sample("--density", "2:8", "--json", "-o", "y.mid", "--seed", "1").out)[
        "samples"
    ][0]
    assert json.loads((place / "y.json").read_text(encoding="utf-8")) == entry
    assert entry["methods"] == {"density": "steered"}
    assert entry["over_time"]["at"] == [0, 1, 2]
    assert entry["over_time"]["density"]["requested"] == pytest.approx([3, 5, 7])
    assert len(entry["over_time"]["density"]["measured"]) == 3
    assert entry["nats_per_event"] > 0
    assert "y.json exists" in sample("--json", "-o", "y.midi", code=1).err
    assert not (place / "y.midi").exists()


def test_the_closest_attempt_and_a_wish_without_an_ending(place, sample):
    options = ["--key", "C", "--no-ending", "--json", "--seed", "1"]
    [entry] = json.loads(sample(*options, "--attempts", "3", "-o", "x.mid").out)["samples"]
    tried = json.loads(sample(*options, "-n", "3", "-o", "y.mid").out)["samples"]
    assert entry["distance"] == min(one["distance"] for one in tried)
    assert entry["requested"]["best_of"] == 3
    assert entry["requested"]["ending"] is False


@pytest.mark.parametrize(
    "args",
    [
        ["--density", "2@5"],
        ["--density", "8,2"],
        ["--density", "2@0,3@9,1@4"],
        ["--pitch-histogram", "1,2,3,4,5,6,7,8,9,10,11,12,13"],
        ["--loudness", "60"],
        ["--label", "Debussy"],
        ["--guidance", "2"],
        ["--way", "told", "--density", "3"],
        ["--attempts", "0"],
        ["--register", "-1"],
        ["--key", "C@0,Q@2"],
        ["--polyphony", "many"],
        ["--density", "3", "--controls", "wishes.toml"],
        ["--controls", "bad.toml"],
    ],
)
def test_bad_wishes_leave_with_2_and_one_line(place, sample, args):
    (place / "wishes.toml").write_text("density = 4\n")
    (place / "bad.toml").write_text("density = -4\n")
    err = sample(*args, code=2).err
    assert "Traceback" not in err
    assert err.rstrip("\n").count("\n") <= 1  # one may say which model it is
    assert not (place / "samples").exists()
