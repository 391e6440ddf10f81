"""What a newcomer reads when something is wrong: the user's words, and the next step."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from symgen import cli
from symgen.notes import SUFFIXES, notes_of, write
from symgen.notes.sequence import NoteSequence
from symgen.pretrained import MUSIC

ROOT = Path(__file__).parents[2]
TUNE = 'M:4/4\nL:1/4\nK:C\n"C"CDEF|"G"GABc|]\n'


@pytest.fixture
def music(tmp_path):
    """A folder with a MIDI file, a book of two tunes, and a run."""
    notes = notes_of([(60 + i, 64, i / 4, i / 4 + 0.2) for i in range(12)])
    write(NoteSequence(notes), tmp_path / "a.mid")
    (tmp_path / "book.abc").write_text(f"X:1\nT:One\n{TUNE}\nX:2\nT:Two\n{TUNE}")
    (tmp_path / "songs").mkdir()
    (tmp_path / "runs" / "mine").mkdir(parents=True)


@pytest.mark.usefixtures("music")
@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("smaple", 2, "there is no command smaple. Did you mean sample? See symgen --help"),
        ("bundle inof", 2, "there is no command inof. Did you mean info?"),
        ("songs", 2, "songs is a folder, not a command; to make music like it: symgen quick songs"),
        ("a.mid", 2, "a.mid is music, not a command; to continue it: symgen sample --primer a.mid"),
        ("sample a.mid", 1, "a.mid is music, not a model; to continue it: symgen sample --primer"),
        ("bundle info book.abc", 1, "book.abc is music, not a model"),
        ("train --from a.mid songs", 1, "a.mid is music, not a model"),
        ("sample --model pian", 1, "no model is called 'pian'. Did you mean 'piano'?"),
        ("sample runs/mnie", 1, "there is no such bundle (did you mean runs/mine?)"),
        ("convert einudi", 1, "no such file, folder or corpus (did you mean 'einaudi'?)"),
        ("corpus fetch maestr", 2, "Did you mean 'maestro'?"),
        ("train --config perf_dynamic", 2, "Did you mean 'perf_dynamics'?"),
        ("convert a.mid --encoding note", 2, "Did you mean 'notes'?"),
        ("train --minutes ten", 2, "--minutes 'ten': expected minutes above 0, such as 10, 2:30"),
        ("train --minutes", 2, "--minutes needs a value. See symgen train --help"),
        ("convert", 2, "SOURCE is missing. See symgen convert --help"),
        ("train --config perf --set training.batch=big", 2, "[training] batch = 'big': expected a"),
        ("render book.abc", 1, "holds 2 tunes; choose one, such as book.abc#1"),
        ("render a.mid -o a.wav --format mp3", 2, "does not end in .mp3; remove --format mp3"),
        ("evaluate a.mid --samples 3", 2, "--samples does not apply to music; remove it"),
    ],
)
def test_a_mistake_is_one_line_with_the_next_step(symgen, words, code, message):
    found, out, err = symgen(*words.split())
    assert (found, out, err.count("\n")) == (code, "", 1), err
    assert err.startswith("symgen: ") and message in err


def test_a_value_of_the_wrong_kind_in_a_config_is_named(symgen, tmp_path):
    (tmp_path / "mine.toml").write_text("[training]\nbatch = 'big'\n")
    code, _, err = symgen("train", "--config", "mine.toml")
    assert code == 2
    assert "[training] batch = 'big': expected a whole number" in err


@pytest.mark.usefixtures("music")
def test_the_tunes_of_a_book_are_rendered_by_their_number(symgen, tmp_path):
    code, out, err = symgen("render", "book.abc#1", "book.abc#2")
    assert code == 0, err
    assert [line.split(":")[0] for line in out.splitlines()] == ["book-1.wav", "book-2.wav"]
    assert (tmp_path / "book-2.wav").is_file()


@pytest.mark.usefixtures("music")
def test_corpus_check_ends_with_a_plain_verdict(symgen):
    assert symgen("corpus", "check", "book.abc")[1].endswith("book: 2 tunes, all usable\n")
    last = symgen("corpus", "check", "a.mid")[1].splitlines()[-1]
    assert last == "a: 1 piece, all usable, 1 of them with warnings"


def test_every_extension_of_music_is_known_where_a_model_is_expected():
    assert set(MUSIC) == set(SUFFIXES) - {".tfrecord"}  # that holds many pieces


def strings(folder):
    """Yield the text of each string literal in the code of `folder`, but for docstrings."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        literals = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        for node in literals:
            if isinstance(node.value, str) and id(node) not in prose:
                yield node.value


def test_evaluation_advises_no_option_that_its_commands_lack():
    context, known = click.Context(cli.cli), {"--help"}
    for words in (["evaluate"], ["bench", "nottingham"], ["bundle", "tune"]):
        command = cli.cli
        for word in words:
            command = command.get_command(context, word)
        known |= {name for option in command.params for name in option.opts}
    for text in strings("symgen/evaluation"):
        advised = re.sub("symgen (convert|train|sample|bundle|corpus) .*", "", text)
        assert set(re.findall(r"(?<!\w)--[a-z][\w-]*", advised)) <= known, text


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("foo", "KERAS_BACKEND names 'foo', which is no backend of Keras; use 'tensorflow'"),
        ("torch", "which is not installed: pip install torch, or use 'tensorflow'"),
        ("numpy", "KERAS_BACKEND names the backend 'numpy', which cannot train"),
    ],
)
def test_a_backend_that_is_not_there_is_named_with_the_next_step(tmp_path, backend, message):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    if backend == "torch" and importlib.util.find_spec("torch"):
        pytest.skip("torch is installed")
    assert message in doctor(tmp_path, KERAS_BACKEND=backend)


def doctor(folder, **variables):
    env = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    code = "import sys; from symgen import cli; sys.exit(cli.run(['doctor']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "symgen.errors" not in done.stdout
    return done.stdout


@pytest.mark.parametrize("text", ["[1]", '{"floatx": "int3"}'])
def test_a_config_of_keras_that_it_cannot_use_is_named(tmp_path, text):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    (tmp_path / "keras.json").write_text(text)
    shown = doctor(tmp_path, KERAS_HOME=str(tmp_path), KERAS_BACKEND="tensorflow")
    assert "Keras cannot be loaded: " in shown
    assert "mend or delete" in shown and "keras.json" in shown


def test_a_pedal_in_a_track_of_its_own_is_worth_a_line_with_v_only(symgen, tmp_path):
    pedal = bytes.fromhex("00 B0 40 7F  83 00 B0 40 00  00 FF 2F 00")  # down, and up after 384
    notes = bytes.fromhex("00 90 3C 40  83 00 80 3C 00  00 FF 2F 00")  # middle C of 384 ticks
    tracks = b"".join(b"MTrk" + len(t).to_bytes(4, "big") + t for t in (pedal, notes))
    header = b"MThd" + bytes.fromhex("00000006 0001 0002 0180")
    (tmp_path / "a.mid").write_bytes(header + tracks)
    code, out, err = symgen("corpus", "check", "a.mid")
    assert code == 0 and "control changes" not in out + err
    code, _, err = symgen("render", "a.mid", "--no-progress")
    assert (code, err) == (0, "")
    code, _, err = symgen("render", "a.mid", "-f", "-v", "--no-progress")
    line = "a.mid: 2 control changes of other tracks apply to the notes on their channel"
    assert (code, err) == (0, f"{line}\n")
