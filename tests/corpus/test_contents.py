"""Corpora that are known by their files, and those that lie inside a Python package."""

import hashlib
import sys

import pytest

from symgen.cli import run
from symgen.corpus import open_corpus
from symgen.corpus.check import known
from symgen.corpus.fetching.contents import matches
from symgen.corpus.fetching.fetch import fetch
from symgen.errors import DataError, MissingExtra
from tests.corpus.files import left, midi, zipped

BOOKS = {"books/a.mid": midi(60), "books/b.mid": midi(61, 62)}
OTHERS = {
    "midi/a.mid": midi(60),
    "midi/deep/b.mid": midi(3),
    "LICENSE": b"free",
    "old/a.mid": midi(9),
    "books/notes.txt": b"x",
    "x.csv": b"",
}
HEAD = 'include = ["books/*.mid"]\nkeep = ["midi/*.mid", "LICENSE"]\n'
CONTENTS = "[contents]\n" + "".join(
    f'"{n}" = "{hashlib.sha256(d).hexdigest()}"\n' for n, d in BOOKS.items()
)
KEPT = ["LICENSE", "books/a.mid", "books/b.mid", "midi/a.mid"]


def archive(files, root="set-0992bb6/"):
    return zipped([(root + name, data) for name, data in files.items()])


@pytest.fixture
def far(served):
    """Serve an archive without a known checksum, of a manifest that lists two books."""

    def serve(files=None, *faults, root="set-0992bb6/"):
        return served(
            archive(BOOKS | OTHERS if files is None else files, root),
            *faults,
            head=HEAD,
            contents=CONTENTS,
        )

    return serve


def ids(source):
    return [entry.id for entry in open_corpus(source).entries()]


@pytest.mark.parametrize("root", ["", "set-0992bb6/", "some/where/"])
@pytest.mark.parametrize("faults", [[], ["unmeasured"], ["cut", "no ranges"]])
def test_a_download_is_verified_by_its_files_and_laid_out_as_the_manifest_says(
    far, tmp_path, root, faults
):
    server = far(None, *faults, root=root)
    got = fetch("far")
    assert (got.archive, got.files) == ("far.zip", 4)
    assert left(tmp_path / "desk/corpora/far") == KEPT
    assert left(tmp_path / "desk") == [f"corpora/far/{name}" for name in KEPT]
    assert ids("far") == ids("corpora/far") == list(BOOKS)
    assert len(server.requests) == max(len([f for f in faults if f != "no ranges"]), 1) + (
        faults[:1] == ["cut"]
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            BOOKS | {"books/b.mid": midi(99)},
            r"books/b\.mid has sha256 [0-9a-f]{64}, but the manifest says [0-9a-f]{64}: "
            "refused, nothing was kept",
        ),
        (
            {"books/a.mid": midi(60)},
            r"lacks books/b\.mid of the 2 files of far: refused, nothing was kept",
        ),
        (
            {"else.mid": midi(60)},
            r"lacks books/a\.mid, books/b\.mid of the 2 files of far: refused",
        ),
    ],
)
def test_other_or_missing_files_are_refused_and_nothing_is_kept(far, tmp_path, files, message):
    far(files)
    with pytest.raises(DataError, match=message) as caught:
        fetch("far")
    assert "\n" not in str(caught.value)
    assert left(tmp_path / "desk") == []


def test_a_folder_or_an_archive_of_them_is_taken_from_elsewhere(far, lay, tmp_path):
    server = far()
    folder = lay(
        {f"inner/{name}": data for name, data in (BOOKS | OTHERS).items()}, tmp_path / "mine"
    )
    (tmp_path / "renamed.zip").write_bytes(archive(BOOKS | OTHERS, "other/"))
    for i, source in enumerate([folder, folder / "inner", tmp_path / "renamed.zip"]):
        got = fetch("far", source_file=source, target=tmp_path / f"desk/{i}")
        assert (got.archive, got.files) == (source.name, 4)
        assert left(tmp_path / f"desk/{i}") == KEPT
        assert ids(tmp_path / f"desk/{i}") == list(BOOKS)
    assert left(folder / "inner") == sorted(BOOKS | OTHERS)
    assert server.requests == []
    (folder / "inner/books/b.mid").write_bytes(midi(1))
    with pytest.raises(DataError, match=r"books/b\.mid has sha256"):
        fetch("far", source_file=folder, target=tmp_path / "desk/bad")
    assert not (tmp_path / "desk/bad").exists()
    with pytest.raises(DataError, match="no such file"):
        fetch("far", source_file=tmp_path / "none.zip")


def test_links_are_not_followed_out_of_a_folder(far, lay, tmp_path):
    far()
    folder = lay(BOOKS | {"midi/a.mid": 1}, tmp_path / "mine")
    try:
        (folder / "midi/secret.mid").symlink_to("/etc/passwd")
    except OSError:
        pytest.skip("this system gives no links to an ordinary user")
    assert fetch("far", source_file=folder, target=tmp_path / "desk/x").files == 3
    assert left(tmp_path / "desk/x") == ["books/a.mid", "books/b.mid", "midi/a.mid"]


def test_a_plain_folder_or_archive_that_holds_the_files_is_recognised(far, lay, tmp_path):
    far()
    folder = lay(BOOKS | OTHERS, tmp_path / "plain")
    (tmp_path / "plain.zip").write_bytes(archive(BOOKS | OTHERS))
    for source, root in ((folder, ""), (tmp_path / "plain.zip", "set-0992bb6/")):
        corpus = open_corpus(source)
        assert (corpus.name, corpus.licence, [e.id for e in corpus.entries()]) == (
            "far",
            "CC0-1.0",
            [root + name for name in BOOKS],
        )
        assert (
            f"{root}midi/a.mid",
            "not part of the corpus far, which is books/*.mid; give its own folder to read it",
        ) in corpus.skipped
    assert ids(folder / "midi") == ["a.mid", "deep/b.mid"]
    (folder / "books/b.mid").write_bytes(midi(1))
    assert (open_corpus(folder).name, len(open_corpus(folder))) == ("plain", 5)


def test_what_is_not_there_yet_names_the_command_that_fetches_it(far):
    far()
    with pytest.raises(DataError, match="run: symgen corpus fetch far"):
        open_corpus("far")
    assert [k.state for k in known()] == ["not here; run: symgen corpus fetch far"]


def test_an_archive_needs_a_checksum_where_nothing_is_listed(ship):
    ship({"far/corpus.toml": 'name = "far"\n[[archives]]\nname = "a.zip"\n'})
    with pytest.raises(DataError, match="archives] lacks sha256"):
        fetch("far")


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("books/a.mid", True),
        ("a.mid", False),
        ("books/deep/a.mid", False),
        ("books/a.abc", False),
        ("x/books/a.mid", False),
        ("LICENSE", True),
        ("Books/a.mid", False),
    ],
)
def test_a_star_stands_for_one_name(path, fits):
    assert matches(path, ["books/*.mid", "LICENSE"]) == fits


PACKAGE = (
    'name = "inside"\ntitle = "T"\nlicence = "CC0"\n[package]\nname = "stored"\n'
    'folder = "corpus/tunes"\nextra = "score"\n'
)


@pytest.fixture
def stored(ship, lay, tmp_path, monkeypatch):
    """Ship a corpus inside a package that is on the path and fails when it is imported."""
    ship({"inside/corpus.toml": PACKAGE})
    lay(
        {"stored/__init__.py": "raise RuntimeError('imported')", "stored/corpus/tunes/a.mid": 1},
        tmp_path / "site",
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site" / "stored"


def test_music_in_a_package_is_read_without_importing_it(stored, capsys):
    for name in ("inside", "corpora/inside"):
        corpus = open_corpus(name)
        assert (corpus.name, corpus.licence, [e.id for e in corpus.entries()]) == (
            "inside",
            "CC0",
            ["a.mid"],
        )
    assert "stored" not in sys.modules
    assert [(k.name, k.files, k.state) for k in known()] == [("inside", 1, "1 file")]
    assert run(["corpus", "fetch", "inside"]) == 0
    assert "inside is in the package stored, which is installed" in capsys.readouterr().out


def test_ones_own_files_come_before_those_of_the_package(stored, lay, tmp_path):
    lay({"corpora/inside/mine.mid": 1, "corpora/inside/corpus.toml": PACKAGE}, tmp_path / "desk")
    assert ids("inside") == ["mine.mid"]


def test_a_package_that_is_not_there_names_the_extra(ship, stored):
    (stored / "corpus/tunes/a.mid").unlink()
    (stored / "corpus/tunes").rmdir()
    with pytest.raises(DataError, match="the installed stored has no folder corpus/tunes"):
        open_corpus("inside")
    ship({"inside/corpus.toml": PACKAGE.replace("stored", "nowhere")})
    message = "the corpus inside needs nowhere: pip install 'symgen[score]'"
    for attempt in (open_corpus, fetch):
        with pytest.raises(MissingExtra, match=r"pip install 'symgen\[score\]'") as caught:
            attempt("inside")
        assert str(caught.value) == message
    assert [k.state for k in known()] == [message]
