import hashlib
import io
import tarfile
import zipfile

import pytest

from symgen.corpus import open_corpus
from symgen.corpus.fetching import download
from symgen.corpus.fetching.fetch import fetch
from symgen.errors import DataError, UnknownName
from tests.corpus.files import GOOD, left, midi, zipped

MUSIC = ["corpora/far/set/LICENSE", "corpora/far/set/a.mid", "corpora/far/set/sub/b.mid"]


def test_an_archive_is_downloaded_verified_unpacked_and_found_by_name(served, tmp_path):
    server, reports = served(size=len(GOOD)), []
    got = fetch("far", progress=lambda *what: reports.append(what))
    assert (got.path.as_posix(), got.archive, got.files) == ("corpora/far", "far.zip", 3)
    assert left(tmp_path / "desk") == MUSIC
    assert reports[-1] == (len(GOOD), len(GOOD), "downloading far.zip")
    assert [(start, agent.split()[0]) for start, agent in server.requests] == [(0, "symgen")]
    corpus = open_corpus("far")
    assert ([e.id for e in corpus.entries()], corpus.licence) == (
        ["set/a.mid", "set/sub/b.mid"],
        "CC0-1.0",
    )


def test_what_is_there_already_is_left_alone(served, tmp_path):
    server = served()
    fetch("far")
    (tmp_path / "desk/corpora/far/set/a.mid").write_bytes(midi(1))
    again = fetch("far")
    assert (again.archive, again.files) == ("", 2)
    assert "holds 2 files already; --force" in again.note
    assert len(server.requests) == 1
    fetch("far", force=True)
    assert (tmp_path / "desk/corpora/far/set/a.mid").read_bytes() == midi(60)
    assert left(tmp_path / "desk") == MUSIC


def test_a_wrong_checksum_says_both_and_keeps_nothing(served, tmp_path):
    served(sha256="0" * 64)
    with pytest.raises(DataError) as caught:
        fetch("far")
    assert hashlib.sha256(GOOD).hexdigest() in str(caught.value)
    assert "0" * 64 in str(caught.value)
    assert left(tmp_path / "desk") == []


@pytest.mark.parametrize(
    "faults", [["cut"], ["cut", "cut", "cut"], [503, "cut"], ["cut", "no ranges"], ["cut", 416]]
)
@pytest.mark.parametrize("size", [0, len(GOOD)])
def test_a_download_that_breaks_off_is_continued(served, tmp_path, faults, size):
    server = served(GOOD, *faults, size=size)
    assert fetch("far").files == 3
    assert left(tmp_path / "desk") == MUSIC
    assert len(server.requests) == len([f for f in faults if f != "no ranges"]) + 1
    if faults == ["cut"]:
        assert [start for start, _ in server.requests] == [0, len(GOOD) // 2]


def test_a_download_that_never_ends_well_goes_on_in_the_next_call(served, tmp_path):
    server = served(GOOD, *["cut"] * download.TRIES)
    with pytest.raises(
        DataError,
        match=r"broke off after [\d,]+ of [\d,]+ bytes; run the same command to resume it",
    ):
        fetch("far")
    assert left(tmp_path / "desk") == ["corpora/.part-far.zip"]
    assert fetch("far").files == 3
    assert server.requests[-1][0] > len(GOOD) // 2
    assert left(tmp_path / "desk") == MUSIC


def test_a_part_of_something_else_is_found_out_and_not_kept(served, tmp_path):
    served()
    (tmp_path / "desk/corpora").mkdir()
    (tmp_path / "desk/corpora/.part-far.zip").write_bytes(b"other")
    with pytest.raises(DataError, match="nothing was kept"):
        fetch("far")
    assert left(tmp_path / "desk") == []
    assert fetch("far").files == 3


@pytest.mark.parametrize(("code", "requests"), [(404, 1), (403, 1), (500, download.TRIES)])
def test_an_answer_that_is_no_is_one_line_with_the_other_way(served, tmp_path, code, requests):
    server = served(GOOD, *[code] * 9)
    with pytest.raises(
        DataError, match=rf"far\.zip: the server answers {code} .*give --from FILE"
    ) as caught:
        fetch("far")
    assert "\n" not in str(caught.value)
    assert len(server.requests) == requests
    assert left(tmp_path / "desk") == []


def test_no_server_at_all_is_one_line(ship, monkeypatch, tmp_path):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    ship(
        {
            "far/corpus.toml": 'name = "far"\n[[archives]]\nname = "a.zip"\n'
            f'address = "http://127.0.0.1:1/a.zip"\nsha256 = "{"0" * 64}"\n'
        }
    )
    with pytest.raises(
        DataError, match="check the connection, or download it elsewhere and give --from FILE"
    ):
        fetch("far")
    assert not list((tmp_path / "desk").iterdir())


def test_more_bytes_than_the_manifest_says_are_refused(served, tmp_path):
    served(size=len(GOOD) - 1)
    with pytest.raises(
        DataError, match=r"the server offers [\d,]+ bytes where the manifest says [\d,]+: refused"
    ):
        fetch("far")
    assert left(tmp_path / "desk") == []


def test_only_the_web_is_asked(ship, tmp_path):
    ship(
        {
            "far/corpus.toml": 'name = "far"\n[[archives]]\nname = "a.zip"\n'
            f'address = "file:///etc/passwd"\nsha256 = "{"0" * 64}"\n'
        }
    )
    with pytest.raises(DataError, match="starts with https:// or http://"):
        fetch("far")
    assert left(tmp_path / "desk") == []


def tarred(**members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("ok.mid")
        archive.addfile(member, io.BytesIO())
        for name, kind in members.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    return out.getvalue()


def linked():
    out, link = io.BytesIO(), zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ok.mid", midi(60))
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("far.zip", zipped([("ok.mid", b""), ("../up.mid", b"")])),
        ("far.zip", zipped([("ok.mid", b""), ("a/../../up.mid", b"")])),
        ("far.zip", zipped([("ok.mid", b""), ("/tmp/up.mid", b"")])),
        ("far.zip", zipped([("ok.mid", b""), ("..\\up.mid", b"")])),
        ("far.zip", zipped([("ok.mid", b""), ("C:\\up.mid", b"")])),
        ("far.zip", linked()),
        ("far.tar.gz", tarred(link=tarfile.SYMTYPE)),
        ("far.tar.gz", tarred(link=tarfile.LNKTYPE)),
        ("far.tar.gz", tarred(device=tarfile.BLKTYPE)),
        ("far.tar.gz", tarred(**{"../up.mid": tarfile.REGTYPE})),
    ],
)
def test_an_archive_that_would_leave_its_folder_unpacks_nothing(served, tmp_path, name, body):
    served(body, name=name)
    with pytest.raises(
        DataError,
        match=r"refused, nothing was unpacked: .* is "
        r"(a link or a device|a path that leaves the archive)",
    ):
        fetch("far")
    assert left(tmp_path) == []
    assert sorted(p.name for p in (tmp_path / "desk").rglob("*")) == []


def test_a_bomb_unpacks_nothing(served, tmp_path, monkeypatch):
    monkeypatch.setattr("symgen.corpus.storage.archives.FLOOR", 1 << 20)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(4):
            archive.writestr(f"{i}.mid", bytes(1 << 20))
    served(out.getvalue())
    with pytest.raises(DataError, match="decompression bomb"):
        fetch("far")
    assert left(tmp_path / "desk") == []


def test_a_file_downloaded_by_other_means_is_taken_if_it_is_known(served, tmp_path):
    server, path = served(), tmp_path / "renamed.zip"
    path.write_bytes(GOOD)
    assert fetch("far", source_file=path, target=tmp_path / "desk/elsewhere").archive == "far.zip"
    assert left(tmp_path / "desk") == [m.replace("corpora/far", "elsewhere") for m in MUSIC]
    assert path.read_bytes() == GOOD
    assert server.requests == []


def test_an_unknown_or_missing_file_is_refused(served, tmp_path):
    served()
    path = tmp_path / "other.zip"
    path.write_bytes(GOOD + b"x")
    with pytest.raises(DataError) as caught:
        fetch("far", source_file=path)
    assert hashlib.sha256(GOOD + b"x").hexdigest() in str(caught.value)
    assert hashlib.sha256(GOOD).hexdigest() in str(caught.value)
    with pytest.raises(DataError, match="no such file"):
        fetch("far", source_file=tmp_path / "none.zip")
    assert not list((tmp_path / "desk").iterdir())


def test_a_corpus_without_an_address_or_a_name_says_what_to_do(ship):
    ship({"composer/corpus.toml": 'name = "composer"\n'})
    with pytest.raises(
        DataError,
        match="composer has no address to fetch it from; put your own files into corpora/composer",
    ):
        fetch("composer")
    with pytest.raises(
        UnknownName, match=r"no corpus that comes with symgen is called 'maestr'.*composer"
    ):
        fetch("maestr")
