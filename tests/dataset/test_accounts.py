"""The ledger adds up: files in are read or refused, and notes in are in events or dropped."""

import io
import re

import mido
import numpy as np
import pytest
from hypothesis import given, settings

from symgen.cli import run
from symgen.corpus import Piece, load, open_corpus
from symgen.dataset import convert
from symgen.dataset.encode import JOINED, Encoded, _encode, encode_file, notes_lost
from symgen.errors import ReadError
from symgen.notes import read_bytes, write
from symgen.notes.midi.writer import MidiWriter
from tests.dataset.music import corpus, music
from tests.encodings.contract_music import every
from tests.encodings.contract_music import music as random_music

EVERY = [pytest.param(made, id=name) for name, made in every()]


def account(made):
    """Return notes in, and notes in events and dropped by the reasons."""
    return made.notes, made.note_count + notes_lost(made.drops)


@pytest.mark.parametrize("encoding", EVERY)
@settings(max_examples=60, deadline=None)
@given(sequence=random_music())
def test_every_note_is_in_an_event_or_dropped_with_its_reason(encoding, sequence):
    made = _encode(encoding, Piece("x", sequence, "x", None, {}, ""))
    if isinstance(made, Encoded):
        came, went = account(made)
        assert came == went == len(sequence.notes)
        if getattr(encoding, "melody", "") != "sounding":  # which cannot tell repeated notes apart
            assert JOINED not in made.drops


def note_ons(data):
    tracks = mido.MidiFile(file=io.BytesIO(data), clip=True).tracks
    return sum(m.type == "note_on" and m.velocity > 0 for track in tracks for m in track)


@settings(max_examples=60, deadline=None)
@given(sequence=random_music())
def test_every_note_on_of_a_file_is_read_or_left_out_with_a_warning(sequence):
    notes = sequence.notes.copy()
    notes["velocity"] = np.maximum(notes["velocity"], 1)  # 0 is a note-off
    data = MidiWriter().encode(sequence.replace(notes=notes))
    [(_, back)] = read_bytes(data, "x.mid")
    empty = [re.match(r"([\d,]+) notes? of no length", w) for w in back.source.warnings]
    assert note_ons(data) == len(back) + sum(int(found[1]) for found in empty if found)


@pytest.mark.parametrize("name", ["piano_performances", "nottingham", "scores", "tunebooks"])
@pytest.mark.parametrize("encoding", EVERY[:1] + EVERY[-1:])
def test_the_accounts_of_real_music(corpora, name, encoding):
    if not (corpora / name).exists():
        pytest.skip(f"{name} is not here")
    entries = list(open_corpus(corpora / name).entries())
    for entry in entries[:: len(entries) // 4 + 1]:
        try:
            pieces = load(entry)
        except ReadError:
            continue  # it is refused
        if entry.id.endswith((".mid", ".midi")):
            assert sum(len(p.sequence) for p in pieces) == note_ons(entry.read())
        for made in encode_file(encoding, entry, pieces):
            if isinstance(made, Encoded):
                assert len(set(account(made))) == 1
                if getattr(encoding, "melody", "") != "sounding":
                    assert JOINED not in made.drops  # which takes what no reason explains


def test_every_file_is_read_or_refused(tmp_path):
    source = corpus(tmp_path / "tunes", 4)
    for i in range(3):
        (source / f"bad{i}.mid").write_bytes(b"no music")
    counts = convert(source, output=tmp_path / "out", workers=2).info["ledger"]
    assert (counts["files"], counts["pieces_read"], len(counts["refused"])) == (7, 4, 3)
    assert counts["notes_encoded"] + notes_lost(counts["drops"]) == counts["notes_read"]


def test_strict_fails_on_any_loss(tmp_path, monkeypatch, capsys):
    """A file that is refused, and a note without a place."""
    monkeypatch.chdir(tmp_path)
    source = corpus(tmp_path / "tunes", 3)
    strict = ["convert", "tunes", "--encoding", "performance", "--strict", "-q", "-o"]
    assert run([*strict, "a"]) == 0
    (source / "bad.mid").write_bytes(b"no music")
    assert run([*strict, "b"]) == 1
    assert "1 refused, the first bad.mid" in capsys.readouterr().err
    drums = music(9)
    notes = drums.notes.copy()
    notes["is_drum"][-1] = True
    write(drums.replace(notes=notes), source / "bad.mid", force=True)
    assert run([*strict, "c"]) == 1
    assert "1 x drum note" in capsys.readouterr().err
    assert not (tmp_path / "b").exists() and not (tmp_path / "c").exists()
