"""The ground floor: registries, configs, files and errors."""

import dataclasses
import pickle
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen import config, files, scratch
from symgen.controls import controls
from symgen.encodings import encodings
from symgen.errors import BadOption, DataError, MissingExtra, ReadError, UnknownName, printable
from symgen.models import models
from symgen.rendering import synths
from symgen.runtime import players
from symgen.sampling import steers


@pytest.mark.parametrize(
    "registry", [encodings, controls, models, synths, players, steers], ids=lambda r: r.kind
)
def test_every_name_in_a_registry_loads(registry):
    for name in registry:
        assert callable(registry.load(name))


def test_a_near_name_is_suggested():
    with pytest.raises(
        UnknownName, match=r"no encoding is called 'perfomance'\. Did you mean 'performance'"
    ):
        encodings.load("perfomance")
    with pytest.raises(BadOption, match="Did you mean 'velocity_bins'"):
        encodings.make({"name": "performance", "velocity_bin": 3})
    with pytest.raises(BadOption, match="has no name"):
        encodings.make({})
    with pytest.raises(UnknownName, match="no encoding is called"):
        encodings.make({"name": ["performance"]})


@pytest.mark.parametrize("registry", [encodings, controls, models], ids=lambda r: r.kind)
def test_a_member_is_rebuilt_from_its_table(registry):
    for name in registry:
        made = registry.make({"name": name})
        assert registry.make(made.spec()) == made


def test_configs_are_found_changed_and_refused(tmp_path):
    assert (
        config.load("perf_dynamics", ["training.batch=4", "training.optimizer=adamw"])["training"][
            "optimizer"
        ]
        == "adamw"
    )
    with pytest.raises(BadOption, match="Did you mean"):
        config.load("perf_dynamic")
    with pytest.raises(BadOption, match=r"section\.key=value"):
        config.load("perf", ["batch=4"])
    (tmp_path / "x.toml").write_text("a = [")
    with pytest.raises(BadOption, match="not valid TOML"):
        config.load(tmp_path / "x.toml")
    with pytest.raises(BadOption, match="No such file"):
        config.load(tmp_path / "y.toml")


@dataclasses.dataclass(frozen=True)
class Section:
    count: int = 1
    rate: float = 0.5
    names: tuple[str, ...] = ()


@pytest.mark.parametrize(
    "table", [{"count": 1.5}, {"count": True}, {"rate": "fast"}, {"names": [1]}, {"cuont": 1}]
)
def test_a_section_takes_what_its_fields_say(table):
    assert config.into(Section, {"rate": 2, "names": ["a"]}, "s") == Section(rate=2, names=["a"])
    with pytest.raises(BadOption, match=r"\[s\]"):
        config.into(Section, table, "s")


scalars = (
    st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
names = st.text("abcdef_", min_size=1, max_size=6)


@given(
    st.dictionaries(
        names,
        scalars
        | st.lists(scalars, max_size=3)
        | st.dictionaries(
            names,
            scalars | st.lists(st.dictionaries(names, scalars, max_size=2), max_size=2),
            max_size=3,
        ),
        max_size=4,
    )
)
def test_what_is_dumped_is_loaded(table):
    assert tomllib.loads(config.dumps(table)) == table


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    with files.atomic(path, "w") as file:
        file.write("one")
    with pytest.raises(ZeroDivisionError), files.atomic(path, "w") as file:
        file.write(str(1 / 0))
    assert path.read_text() == "one"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_an_error_names_the_file_that_was_asked_for(tmp_path, monkeypatch):
    (tmp_path / "taken").touch()
    with (
        pytest.raises(DataError, match="taken is a file, not a folder; give another -o"),
        files.atomic(tmp_path / "taken" / "deep" / "a.txt"),
    ):
        pass
    with pytest.raises(DataError, match="taken is a file"):
        files.new_folder(tmp_path / "taken", "run", print)

    def refuse(**options):
        raise PermissionError(13, "Permission denied", str(tmp_path / ".a.part"))

    long = tmp_path / f"{'a' * 250}.txt"
    with files.atomic(long, "w") as file:
        file.write("a name of the greatest length")
    assert long.read_text().startswith("a name")
    monkeypatch.setattr(scratch.tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError) as caught, files.atomic(long):
        pass
    assert caught.value.filename == str(long)
    with pytest.raises(OSError, match="No space left") as caught, files.naming(long):
        raise OSError(28, "No space left on device")
    assert caught.value.filename == str(long)
    with pytest.raises(FileNotFoundError) as caught, files.naming(long), open(tmp_path / "another"):
        pass
    assert caught.value.filename == str(tmp_path / "another")


def test_nothing_is_overwritten_silently(tmp_path):
    (tmp_path / "a.mid").touch()
    with pytest.raises(DataError, match="--force"):
        files.refuse_overwrite(tmp_path / "a.mid", force=False)
    assert files.refuse_overwrite(tmp_path / "a.mid", force=True)
    assert files.next_free(tmp_path, "a", ".mid").name == "a-2.mid"


def test_a_new_folder_is_nobody_elses(tmp_path, monkeypatch):
    """Another process makes the folder between the look and the making."""
    look = files.next_free

    def late(*arguments):
        path = look(*arguments)
        if path.name == "run":
            path.mkdir()
        return path

    def fill(folder):
        (folder / "first").touch()

    monkeypatch.setattr(files, "next_free", late)
    made = files.new_folder(tmp_path, "run", fill)
    assert made.name == "run-2"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["first", "run", "run-2"]


@pytest.mark.parametrize(
    "error", [ReadError("a\x1b[2J.mid", "no\x00thing"), MissingExtra("keras", "train", "training")]
)
def test_errors_cross_process_walls_and_print_safely(error):
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert str(error).isprintable()
    assert printable("a\tb\u202e") == "a\\tb\\u202e"


def test_the_public_functions_work_whatever_was_imported_before():
    code = """if 1:
        import symgen.encodings.base, symgen.rendering, symgen.evaluation, symgen
        assert symgen.encoding("performance", velocity_bins=8).velocity_bins == 8
        from symgen.rendering import render
        assert callable(symgen.render) and callable(render)"""
    subprocess.run([sys.executable, "-c", code], check=True)
