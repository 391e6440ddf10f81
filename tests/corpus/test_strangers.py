"""A corpus from somebody else: what its manifest, its names and its folders may not do."""

import os
import sys

import pytest

from symgen.cli import run
from symgen.corpus import load, open_corpus, pieces
from symgen.errors import DataError, ReadError
from symgen.limits import Limits, using
from tests.corpus.files import midi

PACKAGE = '[package]\nname = "{}"\nfolder = "{}"\nextra = "score"\n'


@pytest.mark.parametrize("named", ["stranger", "stranger.inside"])
def test_a_manifest_of_a_stranger_imports_no_package(lay, tmp_path, monkeypatch, named):
    """Code beside it leaves a mark when it is imported, and so does the parent of a dotted name."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    mark = tmp_path / "imported"
    code = f"open({str(mark)!r}, 'w').close()\n"
    lay({"stranger/__init__.py": code, "stranger/inside/__init__.py": code}, tmp_path)
    root = lay({"corpus.toml": f'name = "x"\n{PACKAGE.format(named, ".")}'})
    with pytest.raises(DataError, match=r"names the package stranger.*only the corpora that come"):
        open_corpus(root)
    assert not mark.exists() and not any(name.startswith("stranger") for name in sys.modules)


def test_a_shipped_corpus_finds_its_package_without_importing_it(ship, tmp_path, monkeypatch, lay):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    files = {"parent/__init__.py": "1 / 0", "parent/music/__init__.py": "1 / 0"}
    lay({**files, "parent/music/tunes/a.mid": 1}, tmp_path)
    ship({"far/corpus.toml": f'name = "far"\n{PACKAGE.format("parent.music", "tunes")}'})
    assert [e.id for e in open_corpus("far").entries()] == ["a.mid"]


@pytest.mark.parametrize("folder", ["../..", "/etc", "tunes/../../..", "C:/x", "..\\\\up"])
def test_the_folder_of_a_package_stays_inside(lay, folder):
    root = lay({"corpus.toml": f'name = "x"\n{PACKAGE.format("music21", folder)}'})
    with pytest.raises(DataError, match="expected a path inside the package"):
        open_corpus(root)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "/tmp/x",
        "a/b",
        "a\\\\b",
        "..\\\\x",
        "C:x",
        "a\\nb",
        "a\\u001b[2J",
        ".x",
        " x",
        "y" * 65,
    ],
)
def test_the_name_of_a_corpus_is_one_plain_folder_name(lay, name):
    root = lay({"a.mid": 1, "corpus.toml": f'name = "{name}"'})
    with pytest.raises(DataError, match="expected the name of a folder") as caught:
        open_corpus(root)
    assert str(caught.value).isprintable()


def test_texts_of_a_manifest_and_a_table_are_of_one_printable_line(lay):
    forged = "a\\nsymgen: all is well\\u001b[2J"
    manifest = "".join(f'{key} = "{forged}"\n' for key in ("title", "licence", "citation"))
    table = 'file,title,group\na.mid,"x\nforged","g\nforged"\n'
    root = lay({"a.mid": 1, "corpus.toml": manifest, "metadata.csv": table})
    corpus = open_corpus(root)
    assert corpus.title == "a symgen: all is well\\x1b[2J"
    assert all(str(value).isprintable() for value in corpus.facts.values())
    [piece] = pieces(corpus)
    assert (piece.label["title"], piece.group) == ("x forged", "g forged")


def test_a_title_forges_no_line_of_a_report(lay, capsys):
    tune = "X:1\nT:one&#10;symgen: forged&#x1b;[2J\nK:C\nCDEF|GABc|\n"
    root = lay({"a.abc": tune})
    assert run(["corpus", "check", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not any(line.startswith("symgen: forged") for line in lines)
    assert all(line.isprintable() for line in lines)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders have no permissions here")
def test_a_folder_that_cannot_be_entered_costs_itself_alone(lay, monkeypatch):
    """Root may enter every folder, so the error is made."""
    root, scandir = lay({"a.mid": 1, "shut/b.mid": 1, "c.mid": 1}), os.scandir

    def refusing(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    corpus = open_corpus(root)
    assert [e.id for e in corpus.entries()] == ["a.mid", "c.mid"]
    assert corpus.skipped == [("shut", "Permission denied")]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(36, "long")])
def test_a_folder_that_cannot_be_looked_at_costs_itself_alone(lay, monkeypatch, error):
    from symgen.corpus.storage.places import Folder

    root, made = lay({"a.mid": 1, "shut/b.mid": 1}), Folder._made

    def refusing(folder, name):
        if name == "shut":
            raise error
        return made(folder, name)

    monkeypatch.setattr(Folder, "_made", refusing)
    assert open_corpus(root).skipped == [("shut", error.strerror)]


def test_a_path_beyond_the_limits_is_left_out(lay):
    deep = "/".join("d" * 70)
    corpus = open_corpus(lay({"a.mid": 1, f"{deep}/x.mid": 1}))
    assert len(corpus) == 1
    assert "65 folders deep, over the limit of 64" in [reason for _, reason in corpus.skipped]


def test_a_file_that_grows_is_read_up_to_the_limit(lay):
    root = lay({"a.mid": 1})
    with using(Limits(bytes=1000)):
        [entry] = open_corpus(root).entries()
    (root / "a.mid").write_bytes(midi(60) + bytes(2000))
    with pytest.raises(ReadError, match="larger than the limit of 1,000 bytes"):
        load(entry)


def test_a_table_beyond_the_limits_is_not_read(lay, monkeypatch):
    monkeypatch.setattr("symgen.corpus.storage.places.TABLE", 100)
    root = lay({"a.mid": 1, "metadata.csv": "file,group\n" + "a.mid,x\n" * 20})
    assert open_corpus(root).skipped == [
        ("metadata.csv", "0 MiB, over the limit of 0 MiB for a table")
    ]


@pytest.mark.parametrize("files", [20, 1])
def test_a_table_of_too_many_rows_is_one_line(lay, files):
    rows = "".join(f"{i % files}.mid\n" for i in range(20))
    root = lay({"a.mid": 1, "metadata.csv": f"file\n{rows}"})
    with using(Limits(members=10)), pytest.raises(DataError, match="raise the limit members"):
        open_corpus(root)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("name", ["x.mid", "x.zip", "x.tar.gz"])
def test_a_pipe_given_by_name_is_refused_at_once(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="not a regular file"):
        open_corpus(tmp_path / name)
