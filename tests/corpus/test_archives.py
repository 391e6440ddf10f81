import concurrent.futures
import io
import multiprocessing
import pickle
import tarfile
import tempfile
import zipfile

import pytest

from symgen.corpus import load, open_corpus, pieces
from symgen.errors import DataError, ReadError
from symgen.limits import Limits, using
from tests.corpus.files import midi

KINDS = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"]
MODES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}


def pack(path, files):
    """Write an archive of (name, bytes) pairs; the extension of `path` says which."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files:
                archive.writestr(name, data)
    else:
        with tarfile.open(
            path, MODES["".join(path.suffixes[-2:]) if path.suffix != ".tgz" else ".tgz"]
        ) as archive:
            for name, data in files:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return path


TABLE = b"file,composer,title\na.mid,Bach,Air\nsub/b.mid,Bach,Air\nc.mid,Bach,Aria\ngone.mid,X,Y\n"
FILES = [
    ("set/sub/b.mid", midi(60)),
    ("set/a.mid", midi(60, 62)),
    ("__MACOSX/set/._a.mid", b"\0"),
    ("set/.x.mid", b"\0"),
    ("set/README", b"x"),
    ("set/c.mid", b"no music"),
    ("set/metadata.csv", TABLE),
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_is_read_in_place(tmp_path, monkeypatch, kind):
    path = pack(tmp_path / f"music{kind}", FILES)
    monkeypatch.setattr(
        tempfile, "tempdir", str(tmp_path / "nowhere")
    )  # unpacking to a temporary folder would fail
    corpus, refused = open_corpus(path), []
    found = {p.id: p for p in pieces(corpus, refused)}
    assert corpus.name == "music"
    assert {i: len(p.sequence) for i, p in found.items()} == {"set/a.mid": 2, "set/sub/b.mid": 1}
    assert found["set/a.mid"].group == found["set/sub/b.mid"].group == "bach: air"
    assert [e.name for e in refused] == ["music/set/c.mid"]
    assert corpus.note == "1 of the 4 files that set/metadata.csv lists are not here"
    assert dict(corpus.skipped) == {
        "__MACOSX/set/._a.mid": "AppleDouble file of macOS, not music",
        "set/.x.mid": "hidden",
        "set/README": "no music file (no extension)",
    }
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
def test_entries_can_be_read_in_any_order_and_anywhere(tmp_path, kind):
    path = pack(
        tmp_path / f"music{kind}", [(f"{i:03}.mid", midi(*[64] * (i + 1))) for i in range(20)]
    )
    sent = [pickle.dumps(e) for e in open_corpus(path).entries()]
    assert [len(load(pickle.loads(s))[0].sequence) for s in reversed(sent)] == list(
        range(20, 0, -1)
    )


def _notes(sent):
    return len(load(pickle.loads(sent))[0].sequence)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_workers_do_not_share_a_file_position(tmp_path):
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("nothing is forked here")
    path = pack(
        tmp_path / "music.zip", [(f"{i:03}.mid", midi(*[64] * (i + 1))) for i in range(100)]
    )
    sent = [pickle.dumps(e) for e in open_corpus(path).entries()]
    assert _notes(sent[5]) == 6  # the parent holds the archive open
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        assert list(pool.map(_notes, sent)) == list(range(1, 101))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["cut", "garbage", "empty"])
def test_a_broken_archive_is_one_line(tmp_path, kind, damage):
    path = pack(tmp_path / f"music{kind}", [(f"{i}.mid", midi(*range(1, 60))) for i in range(30)])
    whole = path.read_bytes()
    path.write_bytes(
        {"cut": whole[: len(whole) // 3], "garbage": b"\x07" * 5000, "empty": b""}[damage]
    )
    with pytest.raises(DataError) as caught:
        open_corpus(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_member_with_a_wrong_checksum_is_refused_alone(tmp_path):
    path = tmp_path / "music.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.mid", midi(60, 77))
        archive.writestr("b.mid", midi(60))
    path.write_bytes(path.read_bytes().replace(bytes([0x90, 61, 77]), bytes([0x90, 61, 78])))
    refused = []
    assert [p.id for p in pieces(path, refused)] == ["b.mid"]
    assert "Bad CRC-32" in refused[0].reason


def test_an_archive_that_changes_while_it_is_read_is_a_read_error(tmp_path):
    path = pack(tmp_path / "music.zip", [("a.mid", midi(60))])
    [entry] = open_corpus(path).entries()
    pack(path, [("a.mid", midi(60, 61)), ("b.mid", midi(60))])
    with pytest.raises(ReadError, match="the archive was changed"):
        load(entry)


def test_an_encrypted_or_repeated_member_is_left_out(tmp_path):
    path = tmp_path / "music.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.mid", midi(60))
        archive.writestr("b.mid", midi(60))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.mid", midi(60, 61))
    data = bytearray(path.read_bytes())
    data[data.rindex(b"b.mid") - 46 + 8] |= 1  # the flag in the directory
    path.write_bytes(data)
    corpus = open_corpus(path)
    assert [len(p.sequence) for p in pieces(corpus)] == [1]
    assert sorted(corpus.skipped) == [
        ("a.mid", "named twice in the archive; the first is read"),
        ("b.mid", "encrypted"),
    ]


@pytest.mark.parametrize("kind", [".zip", ".tar"])
@pytest.mark.parametrize("name", ["../up.mid", "/etc/root.mid", "C:/x.mid", "a\\..\\..\\up.mid"])
def test_a_path_that_leaves_the_archive_is_left_out(tmp_path, kind, name):
    corpus = open_corpus(pack(tmp_path / f"music{kind}", [("a.mid", midi(60)), (name, midi(60))]))
    assert len(corpus) == 1
    assert [reason for _, reason in corpus.skipped] == ["a path that leaves the archive"]


def test_links_and_devices_in_a_tar_are_left_out(tmp_path):
    path = tmp_path / "music.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("link.mid", tarfile.SYMTYPE),
            ("hard.mid", tarfile.LNKTYPE),
            ("dev.mid", tarfile.CHRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        member = tarfile.TarInfo("a.mid")
        member.size = len(midi(60))
        archive.addfile(member, io.BytesIO(midi(60)))
    corpus = open_corpus(path)
    assert [e.id for e in corpus.entries()] == ["a.mid"]
    assert {reason for _, reason in corpus.skipped} == {"a link or a device, not a file"}


@pytest.mark.parametrize("kind", [".zip", ".tar.gz", ".tar.xz"])
def test_a_large_member_is_left_out_unread(tmp_path, kind):
    path = pack(tmp_path / f"music{kind}", [("a.mid", midi(60)), ("b.mid", bytes(2 << 20))])
    with using(Limits(bytes=1 << 20)):
        corpus = open_corpus(path)
    assert [e.id for e in corpus.entries()] == ["a.mid"]
    assert corpus.skipped == [("b.mid", "2 MiB, over the limit of 1 MiB per file")]


@pytest.mark.parametrize("kind", [".zip", ".tar.gz", ".tar.xz"])
def test_a_decompression_bomb_is_refused_before_it_unpacks(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("symgen.corpus.storage.archives.FLOOR", 1 << 20)
    path = pack(
        tmp_path / f"music{kind}",
        [("a.mid", midi(60)), *((f"{i}.bin", bytes(1 << 20)) for i in range(8))],
    )
    with pytest.raises(
        DataError, match="refused as a decompression bomb; unpack it yourself"
    ) as caught:
        open_corpus(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
def test_an_archive_of_too_many_members_is_refused(tmp_path, kind):
    empty = [(f"{i}.mid", b"") for i in range(30)]
    path = pack(tmp_path / f"music{kind}", [("a.mid", midi(60)), *empty])
    with using(Limits(members=20)), pytest.raises(DataError, match="raise the limit members"):
        open_corpus(path)
    assert len(open_corpus(path)) == 31


@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
def test_a_path_of_thousands_of_folders_is_left_out(tmp_path, kind):
    deep = "a/" * 5000 + "x.mid"
    corpus = open_corpus(pack(tmp_path / f"music{kind}", [("a.mid", midi(60)), (deep, midi(60))]))
    assert [reason for _, reason in corpus.skipped] == [
        "a path of 10,005 characters, over the limit of 1,000"
    ]


def test_a_changed_header_in_a_tar_is_no_quiet_end(tmp_path):
    path = pack(tmp_path / "music.tar", [(f"{i}.mid", midi(60)) for i in range(9)])
    data = bytearray(path.read_bytes())
    data[4 * 1024 + 5] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="broken archive"):
        open_corpus(path)


def test_a_tar_header_that_claims_gigabytes_costs_no_memory(tmp_path):
    path = tmp_path / "music.tar.gz"
    header = tarfile.TarInfo("long name")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 7 << 30
    with tarfile.open(path, "w:gz") as archive:
        archive.fileobj.write(header.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(DataError, match="broken archive"):
        open_corpus(path)
