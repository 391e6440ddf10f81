"""Folders, archives, tables and manifests: paths that climb, links, pipes, devices, bombs."""

import gzip
import hashlib
import io
import os
import struct
import tarfile
import zipfile

from tests.hostile.cases import EITHER, READ, REFUSED, file, hostile
from tests.hostile.midi import NOTE, midi

GOOD = midi(NOTE * 4)


def good(folder, name="music/a.mid"):
    file(folder, name, GOOD)
    return "music"


def manifest(folder, *lines, music=True):
    """A corpus in the folder `music` with a manifest of these lines."""
    file(folder, "music/corpus.toml", "\n".join(lines))
    return good(folder) if music else "music"


# manifests and tables


@hostile("manifest", REFUSED, "only the corpora that come with symgen")
def a_package_that_would_be_imported(folder):
    file(folder, "stranger/__init__.py", "open('imported', 'w').close()")
    lines = ('name = "x"', "[package]", 'name = "stranger.inside"', 'folder = "."', 'extra = "s"')
    return manifest(folder, *lines, music=False)


@hostile("manifest", REFUSED, "expected a path inside the package")
def a_package_whose_folder_climbs(folder):
    lines = ('name = "x"', "[package]", 'name = "music21"', 'folder = "../.."', 'extra = "score"')
    return manifest(folder, *lines, music=False)


@hostile("manifest", REFUSED, "expected the name of a folder")
def a_name_of_a_corpus_that_climbs(folder):
    source = manifest(folder, 'name = "../../outside/x"')
    return ["convert", source, "--encoding", "performance", "--force", "--workers", "1"]


@hostile("manifest", REFUSED, "expected the name of a folder")
def a_name_of_a_corpus_that_is_absolute(folder):
    source = manifest(folder, f'name = "{folder.parent}/outside/x"')
    return ["convert", source, "--encoding", "performance", "--workers", "1"]


@hostile("manifest", REFUSED, "expected the name of a folder")
def a_name_of_a_corpus_with_a_line_feed(folder):
    return manifest(folder, r'name = "x\nsymgen: written\u001b[2J"')


@hostile("manifest", EITHER)
def a_manifest_of_deep_tables(folder):
    return manifest(folder, "x = " + "[" * 20_000 + "]" * 20_000)


@hostile("manifest", EITHER)
def a_manifest_of_long_dotted_keys(folder):
    return manifest(folder, *(".".join("a" * 40_000) + f".b{i} = 1" for i in range(5)))


@hostile("manifest", READ, "over the limit of 16 MiB")
def a_table_of_a_gigabyte_of_nothing(folder):
    source = good(folder)
    with open(folder / "music/metadata.csv", "wb") as table:
        table.truncate(1 << 30)
    return source


@hostile("manifest", REFUSED, "limit")
def a_table_of_a_million_rows(folder):
    file(folder, "music/metadata.csv", "file\n" + "a.mid\n" * 1_000_000)
    return good(folder)


@hostile("manifest", EITHER)
def a_table_of_a_hundred_thousand_columns(folder):
    file(folder, "music/metadata.csv", ",".join(f"c{i}" for i in range(100_000)) + "\na.mid\n")
    return good(folder)


@hostile("folder", REFUSED, "is not a dataset")
def a_folder_of_the_user_where_the_dataset_would_be(folder):
    file(folder, "data/music-performance/letter.txt", "mine")
    return ["convert", good(folder), "--encoding", "performance", "--force", "--workers", "1"]


# folders


@hostile("folder", READ, "not a regular file")
def a_pipe_among_the_music(folder):
    source = good(folder)
    os.mkfifo(folder / "music/b.mid")
    os.mkfifo(folder / "music/c.abc")
    return source


@hostile("folder", REFUSED, "not a regular file")
def a_pipe_instead_of_music(folder):
    os.mkfifo(folder / "x.mid")
    return "x.mid"


@hostile("folder", REFUSED, "not a regular file")
def an_endless_device_instead_of_music(folder):
    (folder / "x.mid").symlink_to("/dev/zero")
    return "x.mid"


@hostile("folder", READ, "3 other files skipped")
def links_that_leave_the_corpus(folder):
    source = good(folder)
    (folder / "music/b.mid").symlink_to("../../outside/secret.txt")
    (folder / "music/root").symlink_to("/")
    (folder / "music/c.mid").symlink_to("/dev/zero")
    return source


@hostile("folder", READ)
def links_in_a_ring(folder):
    source = good(folder)
    (folder / "music/again").symlink_to(".")
    (folder / "music/b.mid").symlink_to("c.mid")
    (folder / "music/c.mid").symlink_to("b.mid")
    return source


@hostile("folder", READ, "1 other file skipped")
def folders_three_hundred_deep(folder):
    source = good(folder)
    here = os.open(folder / "music", os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d" * 100, dir_fd=here)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    return source


@hostile("folder", READ)
def names_of_strange_bytes(folder):
    source = good(folder)
    for name in (b"\xff\xfe.mid", b"a\nsymgen: done.mid", b"\x1b[2J.mid", b"\xe2\x80\xae.mid"):
        with open(os.fsencode(folder / "music") + b"/" + name, "wb") as out:
            out.write(GOOD)
    return source


@hostile("folder", READ)
def a_folder_of_a_hundred_thousand_files(folder):
    source = good(folder)
    for i in range(100_000):
        os.close(os.open(f"{folder}/music/{i}.txt", os.O_CREAT))
    return source


@hostile("folder", EITHER)
def a_file_that_claims_a_terabyte(folder):
    source = good(folder)
    with open(folder / "music/b.mid", "wb") as sparse:
        sparse.truncate(1 << 40)
    return source


def fetched(folder, name):
    """Fetch a corpus, whose manifest names the archive `name`."""
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    lines = ('name = "x"', "[[archives]]", f'name = "{name}"', f'sha256 = "{digest}"')
    file(folder, "corpora/x/corpus.toml", "\n".join(lines))
    return ["corpus", "fetch", "x", "--from", name]


# archives


def zipped(folder, members, name="x.zip", how=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return file(folder, name, out.getvalue())


@hostile("archive", REFUSED, "bomb")
def a_zip_that_unpacks_to_much(folder):
    return zipped(folder, [(f"{i}.mid", bytes(48 << 20)) for i in range(6)])


@hostile("archive", EITHER)
def a_zip_of_music_that_unpacks_to_much(folder):
    return zipped(folder, [("a.mid", midi(NOTE * 7_000_000))])


@hostile("archive", REFUSED, "members|files or rows")
def a_zip_of_many_tiny_members(folder):
    return zipped(folder, ((f"{i}", b"") for i in range(101_000)), how=zipfile.ZIP_STORED)


@hostile("archive", EITHER)
def a_zip_that_claims_many_members(folder):
    zipped(folder, [("a.mid", GOOD)])
    data = bytearray((folder / "x.zip").read_bytes())
    data[-12:-10] = data[-14:-12] = b"\xff\xfe"
    return file(folder, "x.zip", bytes(data))


@hostile("archive", EITHER)
def a_zip_whose_member_lies_about_its_size(folder):
    zipped(folder, [("a.mid", GOOD), ("b.mid", bytes(1 << 20))])
    data = bytearray((folder / "x.zip").read_bytes())
    at = data.rfind(b"b.mid") - 46 + 24
    data[at : at + 4] = struct.pack("<L", 10)
    return file(folder, "x.zip", bytes(data))


@hostile("archive", READ, "leaves the archive")
def a_zip_whose_paths_climb(folder):
    names = ("a.mid", "../../outside/b.mid", "/tmp/c.mid", "..\\..\\d.mid", "C:\\e.mid")
    return zipped(folder, [(name, GOOD) for name in names])


@hostile("archive", READ, "encrypted")
def a_zip_with_an_encrypted_member(folder):
    zipped(folder, [("a.mid", GOOD), ("b.mid", GOOD)])
    data = bytearray((folder / "x.zip").read_bytes())
    data[data.rfind(b"b.mid") - 46 + 8] |= 1
    return file(folder, "x.zip", bytes(data))


@hostile("archive", REFUSED)
def a_zip_in_a_zip_in_a_zip(folder):
    name = zipped(folder, [("a.mid", GOOD)])
    for _ in range(5):
        name = zipped(folder, [("x.zip", (folder / name).read_bytes())])
    return name


@hostile("archive", REFUSED)
def a_zip_that_is_cut_off(folder):
    zipped(folder, [("a.mid", GOOD)])
    return file(folder, "x.zip", (folder / "x.zip").read_bytes()[:-30])


def tarred(folder, entries, name="x.tar", mode="w"):
    """A tar of (name, data or the kind of an entry)."""
    with tarfile.open(folder / name, mode) as archive:
        for member, data in entries:
            entry = tarfile.TarInfo(member)
            if isinstance(data, tuple):
                entry.type, entry.linkname = data
                data = b""
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return name


@hostile("archive", READ)
def a_tar_of_links_devices_and_pipes(folder):
    odd = [
        ("b.mid", (tarfile.SYMTYPE, "/etc/hostname")),
        ("c.mid", (tarfile.LNKTYPE, "../outside/secret.txt")),
        ("d.mid", (tarfile.CHRTYPE, "")),
        ("e.mid", (tarfile.FIFOTYPE, "")),
        ("../../outside/f.mid", GOOD),
        ("/tmp/g.mid", GOOD),
    ]
    return tarred(folder, [("a.mid", GOOD), *odd])


@hostile("archive", EITHER)
def a_tar_of_a_path_thirty_thousand_folders_deep(folder):
    return tarred(folder, [("a.mid", GOOD), ("d/" * 30_000 + "b.mid", GOOD)])


@hostile("archive", REFUSED)
def a_tar_whose_header_claims_exabytes(folder):
    tarred(folder, [("a.mid", GOOD)])
    data = bytearray((folder / "x.tar").read_bytes())
    data[124:136] = b"\x80\0\0\0" + struct.pack(">Q", 1 << 62)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return file(folder, "x.tar", bytes(data))


@hostile("archive", REFUSED, "bomb")
def a_tar_gz_that_unpacks_to_much(folder):
    return tarred(folder, [(f"{i}.mid", bytes(32 << 20)) for i in range(9)], "x.tar.gz", "w:gz")


@hostile("archive", REFUSED, "limit")
def a_tar_of_many_tiny_members(folder):
    headers = b"".join(tarfile.TarInfo(f"{i}.txt").tobuf() for i in range(1000))
    return file(folder, "x.tar.gz", gzip.compress(headers * 101 + bytes(1024), 1))


@hostile("archive", REFUSED)
def a_tar_xz_that_is_noise(folder):
    return file(folder, "x.tar.xz", b"\xfd7zXZ\0" + bytes(range(256)) * 20)


@hostile("fetch", REFUSED, "leaves the archive")
def a_fetch_of_paths_that_climb(folder):
    names = ("a.mid", "../../../outside/b.mid")
    return fetched(folder, zipped(folder, [(name, GOOD) for name in names]))


@hostile("fetch", REFUSED, "a link or a device")
def a_fetch_of_links(folder):
    link = ("b.mid", (tarfile.SYMTYPE, "/etc/hostname"))
    return fetched(folder, tarred(folder, [("a.mid", GOOD), link]))


@hostile("fetch", REFUSED, "limit")
def a_fetch_of_many_tiny_members(folder):
    name = zipped(folder, ((f"{i}.mid", b"") for i in range(101_000)), how=zipfile.ZIP_STORED)
    return fetched(folder, name)


@hostile("fetch", REFUSED, "bomb")
def a_fetch_that_unpacks_to_much(folder):
    return fetched(folder, zipped(folder, [(f"{i}.mid", bytes(48 << 20)) for i in range(6)]))
