import hashlib
import os
import pickle

import pytest

from symgen.corpus import load, open_corpus, pieces
from symgen.corpus.manifest import of_shipped, shipped_names
from symgen.errors import BadOption, DataError, MissingExtra, ReadError
from symgen.limits import Limits, using
from tests.corpus.files import midi


def ids(source):
    return [e.id for e in open_corpus(source).entries()]


def test_a_folder_is_walked_in_the_order_of_its_paths(lay):
    root = lay({"b.mid": 1, "a/z.MID": 1, "a/b/c.midi": 1, "a-b/x.mid": 1})
    assert ids(root) == ["a-b/x.mid", "a/b/c.midi", "a/z.MID", "b.mid"]


def test_what_is_left_out_has_a_reason(lay):
    root = lay(
        {
            "a.mid": 1,
            ".hidden.mid": 1,
            "._a.mid": b"\0",
            ".git/x.mid": 1,
            "notes.txt": "x",
            "old.zip": b"PK",
        }
    )
    corpus = open_corpus(root)
    assert [e.id for e in corpus.entries()] == ["a.mid"]
    assert dict(corpus.skipped) == {
        ".hidden.mid": "hidden",
        "._a.mid": "AppleDouble file of macOS, not music",
        ".git": "hidden",
        "notes.txt": "no music file (.txt)",
        "old.zip": "an archive inside the corpus; open it by itself",
    }


def test_datasets_that_lie_in_a_corpus_are_no_music_of_it(lay):
    root = lay(
        {
            "a.mid": 1,
            "data/one/dataset.json": "{}",
            "data/one/train-00000-of-00001.tfrecord": b"x",
            "mine/dataset.json": "{}",
            "mine/b.mid": 1,
        }
    )
    corpus = open_corpus(root)
    assert [e.id for e in corpus.entries()] == ["a.mid", "mine/b.mid"]
    assert ("data/one", "a dataset that symgen made, not music") in corpus.skipped


def test_a_folder_whose_name_ends_in_mid_is_walked(lay):
    assert ids(lay({"folder.mid/inside.mid": 1})) == ["folder.mid/inside.mid"]


def test_a_file_over_the_limit_is_left_out_unread(lay):
    with using(Limits(bytes=1 << 20)):
        corpus = open_corpus(lay({"a.mid": 1, "b.mid": bytes(3 << 20)}))
    assert len(corpus) == 1
    assert corpus.skipped == [("b.mid", "3 MiB, over the limit of 1 MiB per file")]


def test_links_are_followed_once_and_loops_end(lay, tmp_path):
    root = lay({"a/x.mid": 1, "b/z.mid": 1})
    elsewhere = lay({"y.mid": 1}, tmp_path / "elsewhere")
    try:
        (root / "a" / "loop").symlink_to(root)
        (root / "0").symlink_to(root / "b")
        (root / "out").symlink_to(elsewhere)
        (root / "out.mid").symlink_to(elsewhere / "y.mid")
        (root / "gone.mid").symlink_to(root / "nowhere.mid")
        (root / "self").symlink_to(root / "self")
    except OSError:
        pytest.skip("this system gives no links to an ordinary user")
    corpus = open_corpus(root)
    assert [e.id for e in corpus.entries()] == ["a/x.mid", "b/z.mid"]
    for name in ("out", "out.mid"):
        assert dict(corpus.skipped)[name] == "a link that leaves the corpus"
    assert dict(corpus.skipped)["a/loop"] == "a link to a folder that was read already"
    assert all(
        dict(corpus.skipped)[name].startswith("broken link") for name in ("gone.mid", "self")
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_opened(lay):
    root = lay({"a.mid": 1})
    os.mkfifo(root / "pipe.mid")
    assert open_corpus(root).skipped == [("pipe.mid", "not a regular file")]


def test_control_characters_in_a_name_are_escaped_everywhere(lay):
    try:
        root = lay({"a\x1b[2J.mid": b"no music"})
    except OSError:
        pytest.skip("this system allows no control characters in names")
    [entry] = open_corpus(root).entries()
    assert entry.id == "a\\x1b[2J.mid"
    with pytest.raises(ReadError, match=r"music/a\\x1b\[2J\.mid: not a MIDI file"):
        load(entry)


def test_one_file_is_a_corpus_named_as_it_was_given(lay):
    path = lay({"tune.mid": 3}) / "tune.mid"
    corpus = open_corpus(path)
    [entry] = corpus.entries()
    assert (corpus.name, entry.id, entry.group, entry.name) == (
        "tune",
        "tune.mid",
        "tune.mid",
        str(path),
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "no such file or folder; check the path"),
        ("empty", "holds no music; put "),
        ("readme.txt", r"no music file \(.txt\); symgen reads .*\.mid"),
    ],
)
def test_nothing_to_read_is_one_line_with_the_next_step(lay, tmp_path, name, message):
    lay({}, tmp_path / "empty")
    lay({"readme.txt": "x"}, tmp_path)
    with pytest.raises(DataError, match=message) as caught:
        open_corpus(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


def test_pieces_carry_their_notes_and_the_checksum_of_their_file(lay):
    data = midi(60, 61, 62)
    [piece] = pieces(lay({"a.mid": data}))
    assert len(piece.sequence) == 3
    assert piece.sequence.total_time == 1.5
    assert piece.sha256 == hashlib.sha256(data).hexdigest()


def test_a_bad_file_never_stops_a_corpus(lay):
    root = lay({"a.mid": 1, "b.mid": b"GIF89a", "c.mid": midi(), "d.mid": 2})
    refused = []
    assert [p.id for p in pieces(root, refused)] == ["a.mid", "d.mid"]
    assert [e.name for e in refused] == ["music/b.mid", "music/c.mid"]
    assert refused[1].reason == "holds no notes"


def test_refused_files_become_warnings_where_nobody_collects_them(lay):
    with pytest.warns(UserWarning, match=r"^music/b\.mid: not a MIDI file"):
        assert len(list(pieces(lay({"a.mid": 1, "b.mid": b"GIF89a"})))) == 1


def test_a_file_that_vanished_is_a_read_error(lay):
    root = lay({"a.mid": 1, "b.mid": 1})
    corpus = open_corpus(root)
    (root / "a.mid").unlink()
    refused = []
    assert [p.id for p in pieces(corpus, refused)] == ["b.mid"]
    assert refused[0].name == "music/a.mid"


def test_entries_go_to_another_process_and_stay_light(lay):
    root = lay({f"{i}.mid": 100 for i in range(3)})
    for entry in open_corpus(root).entries():
        sent = pickle.dumps(entry)
        assert len(sent) < 600
        assert [p.id for p in load(pickle.loads(sent))] == [entry.id]


def test_a_manifest_gives_the_facts(lay):
    root = lay(
        {
            "a.mid": 1,
            "corpus.toml": 'name = "mine"\ntitle = "My Tunes"\nlicence = "CC0-1.0"\n'
            "synthetic = true\n",
        }
    )
    corpus = open_corpus(root)
    assert corpus.facts == {
        "name": "mine",
        "title": "My Tunes",
        "licence": "CC0-1.0",
        "citation": "",
        "address": "",
        "synthetic": True,
    }
    assert corpus.skipped == []


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ('licens = "x"', BadOption, "no key is called 'licens'. Did you mean 'licence'?"),
        ("synthetic = 1", BadOption, "synthetic = 1: expected true or false"),
        ("name = ", DataError, "not valid TOML"),
        ('[[archives]]\nname = "a.zip"', DataError, "lacks sha256"),
        ('[standin]\nfolder = "s"\nfile = "x"', BadOption, "no key is called 'file'"),
        ("a = " + "[" * 9999, DataError, "too many brackets inside one another"),
        (".".join("a" * 99) + " = 1", DataError, "a key of more than 32 parts"),
    ],
)
def test_a_wrong_manifest_is_an_error_that_names_it(lay, text, error, message):
    root = lay({"a.mid": 1, "corpus.toml": text})
    with pytest.raises(error) as caught:
        open_corpus(root)
    assert message in str(caught.value)
    assert "corpus.toml" in str(caught.value)


STANDIN = (
    'name = "composer"\ntitle = "Yours"\nlicence = "yours"\n'
    '[standin]\nfolder = "standin"\ntitle = "Ours"\nlicence = "CC0-1.0"\n'
)


def test_the_stand_in_is_read_only_where_there_is_no_other_music(lay):
    root = lay({"corpus.toml": STANDIN, "standin/a.mid": 1, "standin/b.mid": 1})
    alone = open_corpus(root)
    assert [e.id for e in alone.entries()] == ["standin/a.mid", "standin/b.mid"]
    assert (alone.synthetic, alone.title, alone.licence) == (True, "Ours", "CC0-1.0")
    assert "synthetic stand-in, Ours" in alone.note
    lay({"deep/own.mid": 1, "standin/metadata.csv": "file,group\na.mid,x\n"})
    own = open_corpus(root)
    assert [e.id for e in own.entries()] == ["deep/own.mid"]
    assert (own.synthetic, own.title, own.licence, own.note) == (False, "Yours", "yours", "")


def test_a_shipped_corpus_is_found_by_name_from_anywhere(ship):
    ship({"composer/corpus.toml": STANDIN, "composer/standin/a.mid": 1})
    assert open_corpus("composer").name == "composer"
    assert "stand-in" in open_corpus("composer").note
    assert "corpora/composer is not here" in open_corpus("corpora/composer").note


def test_a_fetched_corpus_wins_over_the_shipped_one(ship, lay, tmp_path):
    ship({"composer/corpus.toml": STANDIN, "composer/standin/a.mid": 1})
    lay({"own.mid": 1}, tmp_path / "desk" / "corpora" / "composer")
    assert ids("composer") == ["own.mid"]


def test_a_corpus_still_to_be_fetched_says_so(ship):
    ship(
        {
            "far/corpus.toml": 'name = "far"\n[[archives]]\nname = "a.zip"\nsha256 = "00"\n'
            'address = "https://example.org/a.zip"\n'
        }
    )
    with pytest.raises(DataError, match="far: holds no music; run: symgen corpus fetch far"):
        open_corpus("far")


def test_the_corpora_that_ship_can_be_read_as_they_are():
    assert {"einaudi", "maestro"} <= set(shipped_names())
    assert of_shipped("maestro").archives[0].address.startswith("https://")
    assert of_shipped("einaudi").standin.folder == "standin"
    for manifest in map(of_shipped, shipped_names()):
        assert all(len(a.sha256) == 64 or manifest.contents for a in manifest.archives)
        assert all(len(digest) == 64 for digest in manifest.contents.values())
        assert manifest.title and manifest.licence


@pytest.mark.parametrize(
    "error",
    [MissingExtra("music21", "score", "reading MusicXML"), ZeroDivisionError("by\x1b[2Jzero")],
)
def test_a_reader_that_fails_costs_its_file_alone(lay, monkeypatch, error):
    """A missing extra, or a fault of ours: the other files are read, and the reason is told."""
    from symgen import notes

    read, refused = notes.read_bytes, []

    def failing(data, name):
        if name.endswith("b.mid"):
            raise error
        return read(data, name)

    monkeypatch.setattr(notes, "read_bytes", failing)
    assert [p.id for p in pieces(lay({"a.mid": 1, "b.mid": 1, "c.mid": 1}), refused)] == [
        "a.mid",
        "c.mid",
    ]
    assert "b.mid" in str(refused[0]) and str(refused[0]).isprintable()
    assert ("music21" if isinstance(error, MissingExtra) else "ZeroDivisionError") in refused[
        0
    ].reason


SHARP = b"X:1\nM:4/4\nL:1/4\nK:C\n^FFf|\n"


def pitches(source, **reading):
    return [one.sequence.notes["pitch"].tolist() for one in pieces(source, **reading)]


def test_options_of_readers_are_in_the_manifest_or_given(lay):
    root = lay({"a.abc": SHARP, "corpus.toml": '[reading]\naccidentals = "pitch"\n'})
    assert pitches(root) == [[66, 66, 78]]
    assert pitches(root, accidentals="not") == [[66, 65, 77]]
    assert open_corpus(root).facts["reading"] == {"accidentals": "pitch"}
    with pytest.raises(BadOption, match="colour"):
        open_corpus(root, {"colour": "red"})


@pytest.mark.parametrize("value", ['"every"', "3"])
def test_a_manifest_with_a_wrong_option_of_readers_is_refused(lay, value):
    root = lay({"a.abc": SHARP, "corpus.toml": f"[reading]\naccidentals = {value}\n"})
    with pytest.raises(BadOption, match=r"corpus\.toml: \[reading\] no scope of accidentals"):
        open_corpus(root)
