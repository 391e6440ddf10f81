"""Soundfonts as files: read right, or refused in one line."""

import numpy as np
import pytest

from symgen.errors import ReadError
from symgen.rendering.soundfont import fonts, sf2, zones
from tests.rendering.font import Font, chunk, folder, sine


def test_the_shipped_font_is_found_and_holds_general_midi():
    font = sf2.read(fonts.shipped())
    there = {(int(p["bank"]), int(p["program"])) for p in font.presets[:-1]}
    assert {(0, program) for program in range(128)} <= there
    assert (128, 0) in there
    for preset in range(len(font.presets) - 1):
        assert zones.regions(font, preset)


def test_samples_come_back_between_minus_one_and_one(font):
    tables = sf2.read(font(data=[0.0, 0.5, -0.5, 0.25]))
    np.testing.assert_allclose(tables.data(0, 4), [0, 0.5, -0.5, 0.25], atol=1e-4)


def test_the_low_bits_of_24_bit_samples_count(tmp_path):
    made = Font()
    made.sample(np.zeros(4))
    made.instrument({53: 0})
    made.preset(0, 0, {41: 0})
    (tmp_path / "f.sf2").write_bytes(made.bytes(low=np.arange(50, dtype=np.uint8)))
    np.testing.assert_allclose(sf2.read(tmp_path / "f.sf2").data(0, 4) * 2**23, [0, 1, 2, 3])


def test_a_missing_font_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"none\.sf2: no such soundfont; give .*--soundfont"):
        sf2.read(tmp_path / "none.sf2")


def test_a_folder_is_no_font(tmp_path):
    with pytest.raises(ReadError, match="--soundfont"):
        sf2.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"MThd\0\0\0\6" * 20, b"RIFF\0\0\0\0WAVEfmt "])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "f.sf2").write_bytes(content)
    with pytest.raises(ReadError, match="not a soundfont"):
        sf2.read(tmp_path / "f.sf2")
    with pytest.raises(ReadError, match="not a soundfont"):
        sf2.check_header(tmp_path / "f.sf2")


def test_a_length_that_the_file_does_not_hold_allocates_nothing(tmp_path):
    (tmp_path / "f.sf2").write_bytes(
        b"RIFF\xff\xff\xff\xffsfbkLIST\xf0\xff\xff\xffsdtasmpl\xe0\xff\xff\xff"
    )
    with pytest.raises(
        ReadError, match=r"claims 4294967280 bytes where \d+ are left: a truncated soundfont"
    ):
        sf2.read(tmp_path / "f.sf2")


def test_a_missing_table_is_named(tmp_path):
    body = b"sfbk" + folder(b"sdta", chunk(b"smpl", b"\0\0"))
    (tmp_path / "f.sf2").write_bytes(chunk(b"RIFF", body))
    with pytest.raises(ReadError, match="without its phdr table"):
        sf2.read(tmp_path / "f.sf2")


@pytest.mark.parametrize("spoil", ["pbag", "inst", "ibag"])
def test_an_index_outside_its_table_is_refused(font, spoil):
    path = font()
    data = bytearray(path.read_bytes())
    at = data.index(spoil.encode()) + 8
    width = sf2.TABLES[spoil.encode()].itemsize
    at += width if spoil != "inst" else 2 * width - 2
    data[at : at + 2] = b"\xff\xff"
    path.write_bytes(data)
    with pytest.raises(ReadError, match="points outside"):
        sf2.read(path)


def test_every_truncation_is_refused(font):
    path = font()
    data = path.read_bytes()
    for cut in [*range(len(data) - 1, len(data) - 900, -7), *range(0, len(data) - 900, 5003)]:
        path.write_bytes(data[:cut])
        with pytest.raises(ReadError):
            sf2.read(path)


def test_random_damage_is_refused_or_played(font, piece, play):
    path = font({54: 1, 38: 0}, {54: 1, 17: -200, 43: 60 | 72 << 8}, data=sine(0.05))
    clean, rng = path.read_bytes(), np.random.default_rng(0)
    tables = clean.index(b"pdta")
    outcomes = {"refused": 0, "played": 0}
    for _ in range(150):
        data = np.frombuffer(clean, np.uint8).copy()
        data[rng.integers(tables, len(data), rng.choice([1, 4, 16]))] = rng.integers(256)
        path.write_bytes(data.tobytes())
        try:
            assert np.isfinite(play(piece(pitch=[60, 64], end_time=0.1), path, say=[])).all()
            outcomes["played"] += 1
        except ReadError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 10
