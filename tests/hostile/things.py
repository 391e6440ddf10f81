"""What else a command is given: configs, controls, primers, fonts, datasets, runs, recipes."""

import json
import os
import struct
import warnings
import zipfile

from tests.bundle.strangers.hostile import described, npz_of
from tests.golden.make import HERE as GOLDEN
from tests.hostile.cases import EITHER, REFUSED, file, hostile
from tests.hostile.midi import NOTE, midi
from tests.rendering.font import chunk
from tests.rendering.font import folder as listed

SAMPLE = ["sample", "piano", "--seconds", "2", "-o", "x.mid", "-q"]


def convert(folder, *words):
    file(folder, "a.mid", midi(NOTE * 4))
    return ["convert", "a.mid", "-o", "set", "--workers", "1", "-q", *words]


@hostile("config", REFUSED, "not a regular file")
def a_config_that_is_a_pipe(folder):
    os.mkfifo(folder / "x.toml")
    return convert(folder, "--config", "x.toml")


@hostile("config", REFUSED, "not a regular file")
def a_config_that_is_an_endless_device(folder):
    (folder / "x.toml").symlink_to("/dev/zero")
    return convert(folder, "--config", "x.toml")


@hostile("config", REFUSED)
def a_config_of_deep_tables(folder):
    file(folder, "x.toml", "x = " + "[" * 50_000 + "]" * 50_000)
    return convert(folder, "--config", "x.toml")


@hostile("config", REFUSED)
def a_config_of_long_dotted_keys(folder):
    file(folder, "x.toml", "".join(".".join("a" * 20_000) + f".b{i} = 1\n" for i in range(20)))
    return convert(folder, "--config", "x.toml")


@hostile("config", REFUSED)
def a_config_of_layers_without_bound(folder):
    layers = "{units = 65536}, " * 2000
    file(folder, "x.toml", f'[model]\nname = "lstm"\nlayers = [{layers}]\n')
    file(folder, "a.mid", midi(NOTE * 4))
    return ["train", "a.mid", "--config", "x.toml"]


@hostile("config", REFUSED)
def numbers_of_a_config_beyond_reason(folder):
    file(folder, "x.toml", "[training]\nthreads = 1000000000\nbatch = 9999999999\n")
    file(folder, "a.mid", midi(NOTE * 4))
    return ["train", "a.mid", "--config", "x.toml"]


@hostile("controls", REFUSED)
def controls_that_are_no_numbers(folder):
    file(folder, "x.toml", "density = nan\nregister = inf\n")
    return [*SAMPLE, "--controls", "x.toml"]


@hostile("controls", REFUSED)
def controls_of_a_million_points(folder):
    file(folder, "x.toml", "density = [" + "{at = 0, value = 2}, " * 40_000 + "]\n")
    return [*SAMPLE, "--controls", "x.toml"]


@hostile("primer", REFUSED, "not a regular file")
def a_primer_that_is_an_endless_device(folder):
    (folder / "x.mid").symlink_to("/dev/zero")
    return [*SAMPLE, "--primer", "x.mid"]


@hostile("primer", EITHER)
def a_primer_of_days(folder):
    wait = b"\xff\xff\xff\x7f\xb0\x01\0"
    file(folder, "p.mid", midi(NOTE + wait * 4 + NOTE))
    return [*SAMPLE, "--primer", "p.mid"]


@hostile("recipe", REFUSED)
def a_recipe_that_is_none(folder):
    file(folder, "x.json", '{"recipe": ' + "[" * 100_000 + "]" * 100_000 + "}")
    return ["sample", "--recipe", "x.json"]


@hostile("recipe", REFUSED)
def a_recipe_that_names_a_model_outside(folder):
    recipe = {"format": 1, "model": "../outside/secret.txt", "seed": 1, "options": {"o": "/x"}}
    file(folder, "x.json", json.dumps({"recipe": recipe}))
    return ["sample", "--recipe", "x.json"]


def render(folder, data, size=None):
    file(folder, "a.mid", midi(NOTE * 4))
    file(folder, "x.sf2", data)
    if size:
        os.truncate(folder / "x.sf2", size)
    return ["render", "a.mid", "-o", "x.wav", "--synth", "soundfont", "--soundfont", "x.sf2"]


@hostile("soundfont", REFUSED)
def a_soundfont_of_empty_chunks(folder):
    return render(folder, b"RIFF" + struct.pack("<I", 400 << 20) + b"sfbk", 400 << 20)


@hostile("soundfont", REFUSED)
def a_soundfont_whose_sizes_lie(folder):
    body = b"sfbk" + listed(b"sdta", b"smpl" + struct.pack("<I", 0xFFFFFFF0) + bytes(40))
    return render(folder, b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + body)


@hostile("soundfont", REFUSED)
def a_soundfont_whose_indices_lead_outside(folder):
    from tests.rendering.font import Font, sine

    font = Font()
    font.sample(sine(0.01))
    font.samples[0] = (b"sample", 0, 4_000_000_000, 5, 4_294_967_295, 44100, 69, 0, 0, 1)
    font.instrument({53: 30_000})
    font.preset(0, 0, {41: 30_000})
    return render(folder, font.bytes())


@hostile("soundfont", REFUSED)
def a_soundfont_of_a_million_chunks(folder):
    return render(folder, chunk(b"RIFF", b"sfbk" + chunk(b"LIST", b"") * 1_000_000))


@hostile("soundfont", REFUSED, "not a regular file")
def a_soundfont_that_is_a_pipe(folder):
    words = render(folder, b"")
    (folder / "x.sf2").unlink()
    os.mkfifo(folder / "x.sf2")
    return words


def dataset(folder, change=None, shard=None):
    """A dataset that symgen made, changed."""
    from symgen.dataset import convert as build

    file(folder, "a.mid", midi(NOTE * 400))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is the only piece
        build(folder / "a.mid", output=folder / "data", workers=1)
    if change:
        info = json.loads((folder / "data/dataset.json").read_text())
        change(info)
        file(folder, "data/dataset.json", json.dumps(info))
    for path in (folder / "data").glob("*.tfrecord*") if shard else ():
        path.write_bytes(shard)
    return ["train", "--data", "data", "--config", "ngram"]


@hostile("dataset", REFUSED)
def a_dataset_whose_shards_lie_outside(folder):
    def change(info):
        text = json.dumps(info)
        for path in (folder / "data").glob("*.tfrecord*"):
            text = text.replace(path.name, "../../outside/secret.txt")
        info.clear()
        info.update(json.loads(text))

    return dataset(folder, change)


@hostile("dataset", REFUSED)
def a_dataset_described_in_gigabytes(folder):
    words = dataset(folder)
    os.truncate(folder / "data/dataset.json", 3 << 30)
    return words


@hostile("dataset", REFUSED)
def a_dataset_described_by_deep_lists(folder):
    words = dataset(folder)
    file(folder, "data/dataset.json", '{"a": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}")
    return words


@hostile("dataset", REFUSED)
def a_dataset_of_other_types(folder):
    return dataset(folder, lambda info: info.update(dict.fromkeys(info, 7)))


@hostile("dataset", REFUSED)
def a_shard_that_is_another_file(folder):
    return dataset(folder, shard=b"\x1f\x8b" + bytes(10_000))


@hostile("run", REFUSED)
def a_run_of_another_kind(folder):
    file(folder, "runs/x/config.toml", "[model]\nname = 7\n")
    file(folder, "runs/x/journal.jsonl", "[[[[[\n" * 100)
    return ["train", "--resume", "runs/x"]


def run_of(folder, name, data):
    """A run of the golden files, one member of which is changed."""
    with zipfile.ZipFile(GOLDEN / "run-2.zip") as archive:
        archive.extractall(folder)
    with zipfile.ZipFile(GOLDEN / "dataset-2.zip") as archive:
        archive.extractall(folder)
    file(folder, f"run/{name}", data)
    [data] = [path.parent.name for path in folder.glob("*/dataset.json")]
    return ["train", "--resume", "run", "--data", data]


@hostile("run", REFUSED, "last.npz")
def a_checkpoint_that_claims_much(folder):
    return run_of(folder, "checkpoints/last.npz", npz_of(described("<f4", "(1000000000,)"), "x"))


@hostile("run", REFUSED, "last.npz")
def a_checkpoint_of_objects(folder):
    return run_of(folder, "checkpoints/last.npz", npz_of(described("|O", "(1,)"), "x"))


@hostile("run", REFUSED, "journal")
def a_journal_of_a_gigabyte(folder):
    words = run_of(folder, "journal.jsonl", "")
    os.truncate(folder / "run/journal.jsonl", 1 << 30)
    return words
