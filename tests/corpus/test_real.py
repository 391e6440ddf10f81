"""The real corpora that lie beside a checkout."""

import zipfile
from collections import Counter, defaultdict

import pytest

from symgen.corpus import open_corpus, pieces
from symgen.corpus.check import stats
from symgen.corpus.fetching.fetch import fetch
from symgen.dataset.split import assign

MAESTRO = "maestro-v2.0.0-midi-train-validation.zip"


def test_all_performances_of_one_title_are_one_group(corpora):
    by_title = defaultdict(set)
    for entry in open_corpus(corpora / "piano_performances").entries():
        by_title[entry.label["composer"], entry.label["title"]].add(entry.group)
    assert len(by_title) == 93
    assert all(len(groups) == 1 for groups in by_title.values())
    assert len(set.union(*by_title.values())) == 93


def test_their_split_has_no_title_on_both_sides(corpora):
    entries = list(open_corpus(corpora / "piano_performances").entries())
    for seed in range(5):
        splits = assign([e.group for e in entries], [e.split for e in entries], seed)
        sides = defaultdict(set)
        for entry, split in zip(entries, splits, strict=True):
            sides[entry.label["composer"], entry.label["title"]].add(split)
        assert {len(s) for s in sides.values()} == {1}
        assert 0 < splits.count("eval") / len(splits) < 0.25


@pytest.mark.parametrize(
    ("name", "files", "notes", "per_second", "mean", "sd"),
    [
        ("piano_performances", 118, 394_073, 10.3, 64.3, 18.4),
        ("calm_piano", 53, 48_496, 4.7, 42.7, 14.6),
    ],
)
def test_every_file_is_read_and_the_figures_are_the_known_ones(
    corpora, name, files, notes, per_second, mean, sd
):
    found = stats(open_corpus(corpora / name))
    assert (found.pieces, found.refused) == (files, 0)
    assert found.notes == pytest.approx(
        notes, rel=1e-4
    )  # strikes and releases on one tick are no notes
    assert found.notes_per_second == pytest.approx(per_second, abs=0.15)
    assert found.velocity_mean == pytest.approx(mean, abs=0.05)
    assert found.velocity_sd == pytest.approx(sd, abs=0.05)


def test_the_maestro_archive_is_read_in_place_with_its_official_split(corpora, monkeypatch):
    opened = []
    monkeypatch.setattr(
        zipfile, "ZipFile", lambda path, real=zipfile.ZipFile: opened.append(path) or real(path)
    )
    corpus = open_corpus(corpora / MAESTRO)
    entries = list(corpus.entries())
    assert (corpus.name, corpus.licence) == ("maestro", "CC BY-NC-SA 4.0")
    assert Counter(e.split for e in entries) == {"train": 967, "eval": 137}
    assert corpus.missing == 178
    assert (
        "178 of the 1,282 files that maestro-v2.0.0/maestro-v2.0.0.csv lists are not here"
        in corpus.note
    )
    assert sum(len(e.read()) for e in entries) == 76_063_274
    assert (
        len(opened) == 2
    )  # to list it and to read it: opening it for each member takes half a minute


def test_the_shared_maestro_archive_is_one_that_the_manifest_knows(corpora, tmp_path):
    got = fetch("maestro", source_file=corpora / MAESTRO, target=tmp_path / "maestro")
    assert (got.archive, got.files) == (MAESTRO, 1107)
    here = open_corpus(tmp_path / "maestro")
    assert ([e.id for e in here.entries()], here.name) == (
        [e.id for e in open_corpus(corpora / MAESTRO).entries()],
        "maestro",
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["maestro"]


def test_every_hostile_file_is_read_or_refused_in_one_printable_line(corpora):
    corpus, refused = open_corpus(corpora / "nasty" / "midi"), []
    read = [p.id for p in pieces(corpus, refused)]
    assert len(read) + len(refused) == len(corpus) == 56
    assert "folder_named.mid/inside.mid" in read
    assert dict(corpus.skipped) == {
        ".hidden.mid": "hidden",
        "appledouble/._song.mid": "AppleDouble file of macOS, not music",
    }
    assert all(str(e).isprintable() and e.reason for e in refused)


def test_the_shared_nottingham_is_one_that_the_manifest_knows(corpora, tmp_path):
    plain = open_corpus(corpora / "nottingham")
    assert (plain.name, plain.licence, len(plain)) == ("nottingham", "GPL-3.0", 14)
    got = fetch("nottingham", source_file=corpora / "nottingham", target=tmp_path / "nottingham")
    assert got.files == 14 + 1034 + 1
    here = open_corpus(tmp_path / "nottingham")
    assert [e.id for e in here.entries()] == [e.id for e in plain.entries()]
    found = stats(here)
    assert (found.pieces, found.refused, found.groups) == (1034, 0, 1034)
    assert len(open_corpus(tmp_path / "nottingham" / "MIDI")) == 1034


@pytest.mark.parametrize(
    ("name", "files", "tunes"), [("aird", 6, 1180), ("oneill", 39, 1900), ("ryan", 1059, 1059)]
)
def test_the_tunes_in_music21_are_corpora(name, files, tunes):
    pytest.importorskip("music21", reason="the extra `score` is not installed")
    found = stats(open_corpus(name))
    assert found.files == files
    assert found.pieces >= tunes
