"""Any damage to a tune gives valid sequences or a ReadError, and never hangs."""

import random
import time

import numpy as np
import pytest

from symgen.errors import ReadError
from symgen.notes import read_bytes
from tests.notes.abc.tunes import abc

WHOLE = [
    abc('G|"G"GBd g2>f|(3efg "D7/f+"f-f|1 {a}[FA]2 z2:|2 [G-B][GB]|]', K="Gmix ^c", Q="1/4=90")
    + "\n"
    + abc("cd|", X="2"),
    abc("P:A\n|:CDE -E:|\nP:B\n[M:3/4]FGA|\nK:Bb\nB3||", P="A2(BA)2"),
    abc("V:1\nC4|D4&z2 E2|\nV:2\nE,4|Z|\nw:la la", M="C|"),
]
PIECES = [
    "|:",
    ":|",
    "[1",
    "|2",
    "::",
    "-",
    "(3",
    "(9:9:9",
    "[",
    "]",
    '"',
    "{",
    "}",
    ">>",
    "<",
    "&",
    "\nP:A\n",
    "\nP:((AB)9)9\n",
    "V:3\n",
    "[V:4]",
    "[K:Fm]",
    "[M:7/8]",
    "\nM:none\n",
    "\nL:1/1000\n",
    "[Q:1/4=3]",
    "Z9",
    "z999999",
    "\n\n",
    "\r",
    "\0",
    "\xff",
    "X:3\n",
    "K:\n",
    "99999999999",
    "/" * 40,
    "'" * 30,
    "^^",
    "=",
    "$",
    "!",
    "+",
    "%",
    "\\",
    "%%propagate-accidentals not\n",
    "[1-99",
    "C/0",
    "\u0663",
    "Y:A9\n",
    "K:C loc ^^c transpose=99\n",
]


def damaged(rng):
    data = bytearray(rng.choice(WHOLE).encode())
    for _ in range(rng.randint(1, 9)):
        at, kind = rng.randint(0, len(data)), rng.random()
        if kind < 0.5:
            data[at:at] = rng.choice(PIECES).encode("utf-8" if kind < 0.4 else "latin-1", "replace")
        elif kind < 0.7:
            data[at : at + rng.randint(1, 9)] = b""
        elif kind < 0.85:
            data[at : at + 1] = bytes([rng.randint(0, 255)])
        else:
            data[at:at] = data[at - rng.randint(1, 60) : at]
    return bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_told_or_mended(seed):
    rng = random.Random(seed)
    for _ in range(50):
        data = damaged(rng)
        before = time.process_time()
        try:
            found = read_bytes(data, "fuzz.abc")
        except ReadError as error:
            found = [("", error)]
        assert time.process_time() - before < 5, data
        for suffix, one in found:
            if isinstance(one, ReadError):
                assert str(one).isprintable(), data
            else:
                sound(one, suffix, data)


def sound(sequence, suffix, data):
    notes = sequence.notes
    assert suffix.startswith("#") and len(notes), data
    assert (notes["end_time"] > notes["start_time"]).all() and (notes["start_time"] >= 0).all(), (
        data
    )
    assert (np.diff(notes["start_time"]) >= 0).all() and np.isfinite(sequence.total_time), data
    for table in (
        sequence.tempos,
        sequence.time_signatures,
        sequence.key_signatures,
        sequence.chords,
    ):
        assert (np.diff(table["time"]) > 0).all(), data
    assert all(w.isprintable() for w in sequence.source.warnings), data
