"""Read SoundFont 2 files: the RIFF chunks and the tables in them, with all indices checked.

A soundfont holds one array of samples and nine tables that say how to play them. Presets and
instruments are lists of zones; a zone is a list of generators (settings) and modulators. The
samples are memory-mapped; everything else is read at once and is no larger than the file.
Compressed samples (sf3) are not supported.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from symgen import regular
from symgen.errors import ReadError
from symgen.types import Array

TABLES = {
    b"phdr": np.dtype(
        [
            ("name", "S20"),
            ("program", "<u2"),
            ("bank", "<u2"),
            ("bag", "<u2"),
            ("unused", "<u4", (3,)),
        ]
    ),
    b"pbag": np.dtype([("generator", "<u2"), ("modulator", "<u2")]),
    b"pmod": np.dtype(
        [
            ("source", "<u2"),
            ("target", "<u2"),
            ("amount", "<i2"),
            ("scale", "<u2"),
            ("transform", "<u2"),
        ]
    ),
    b"pgen": np.dtype([("operator", "<u2"), ("amount", "<i2")]),
    b"inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    b"shdr": np.dtype(
        [
            ("name", "S20"),
            ("start", "<u4"),
            ("end", "<u4"),
            ("loop_start", "<u4"),
            ("loop_end", "<u4"),
            ("rate", "<u4"),
            ("key", "u1"),
            ("cents", "i1"),
            ("link", "<u2"),
            ("kind", "<u2"),
        ]
    ),
}
TABLES |= {b"ibag": TABLES[b"pbag"], b"imod": TABLES[b"pmod"], b"igen": TABLES[b"pgen"]}
MOST_CHUNKS = 10_000  # a soundfont has about 20
RATES = (400, 192_000)  # samples per second, limits of a sample header
ROM, COMPRESSED = 0x8000, 0x10  # bits of `kind`: not in this file, compressed (sf3)


@dataclass(frozen=True, eq=False)
class Tables:
    """The contents of a file. `wave` is int16; `low` has eight more bits per sample, or is None."""

    path: Path
    presets: Array
    preset_bags: Array
    preset_generators: Array
    preset_modulators: Array
    instruments: Array
    instrument_bags: Array
    instrument_generators: Array
    instrument_modulators: Array
    samples: Array
    wave: Array
    low: Array | None

    def data(self, start: int, end: int) -> npt.NDArray[np.float32]:
        """Return the samples [start, end) as float32 within -1 and 1."""
        out: npt.NDArray[np.float32] = self.wave[start:end].astype(np.float32) / np.float32(32768)
        if self.low is not None:
            out += self.low[start:end].astype(np.float32) / np.float32(8388608)
        return out


def read(path: str | os.PathLike[str]) -> Tables:
    """Read the soundfont at `path`; ReadError says what is wrong and what to do."""
    path = Path(path)
    try:
        with regular.opened(path) as file:
            return _read(path, file)
    except OSError as error:
        raise _unreadable(path, error) from None


def bad(path: Path, reason: str) -> ReadError:
    """Return the error for a soundfont that cannot be used, with the next step."""
    return ReadError(
        path,
        f"{reason}; give a SoundFont 2 file (.sf2) with --soundfont, "
        "or leave it out to use the one installed",
    )


def _unreadable(path: Path, error: OSError) -> ReadError:
    if isinstance(error, FileNotFoundError):
        return bad(path, "no such soundfont")
    return bad(path, error.strerror or str(error))


def check_header(path: Path) -> None:
    """Raise ReadError if the file is missing or does not begin as a soundfont."""
    try:
        with regular.opened(path) as file:
            _check(path, file.read(12))
    except OSError as error:
        raise _unreadable(path, error) from None


def _check(path: Path, head: bytes) -> None:
    if head[:4] != b"RIFF" or head[8:12] != b"sfbk":
        raise bad(path, f"not a soundfont (it begins with {head[:4]!r}, not a RIFF sfbk header)")


def _read(path: Path, file: IO[bytes]) -> Tables:
    _check(path, file.read(12))
    size = os.fstat(file.fileno()).st_size
    places = _chunks(path, file, size)
    tables = {name: _table(path, file, name, places) for name in TABLES}
    if b"smpl" not in places:
        raise bad(path, "a soundfont without samples (no smpl chunk)")
    offset, length = places[b"smpl"]
    wave = _mapped(path, offset, length // 2, np.dtype("<i2"))
    low = None
    if b"sm24" in places and places[b"sm24"][1] >= len(wave):
        low = _mapped(path, places[b"sm24"][0], len(wave), np.dtype("u1"))
    font = Tables(
        path,
        tables[b"phdr"],
        tables[b"pbag"],
        tables[b"pgen"],
        tables[b"pmod"],
        tables[b"inst"],
        tables[b"ibag"],
        tables[b"igen"],
        tables[b"imod"],
        tables[b"shdr"],
        wave,
        low,
    )
    _validate(font)
    return font


def _chunks(path: Path, file: IO[bytes], size: int) -> dict[bytes, tuple[int, int]]:
    """Return offset and length of each chunk inside the LIST chunks."""
    places: dict[bytes, tuple[int, int]] = {}
    at, count = 12, 0
    while at + 8 <= size:
        count += 1
        name, length = _chunk(path, file, at, size)
        if name == b"LIST":
            inner, end = at + 12, at + 8 + length
            while inner + 8 <= end:
                count += 1
                if count > MOST_CHUNKS:
                    break
                name, inside = _chunk(path, file, inner, end)
                places.setdefault(name, (inner + 8, inside))
                inner += 8 + inside + (inside & 1)
        if count > MOST_CHUNKS:
            raise bad(path, f"more than {MOST_CHUNKS:,} chunks: not a soundfont to be played")
        at += 8 + length + (length & 1)
    return places


def _chunk(path: Path, file: IO[bytes], at: int, end: int) -> tuple[bytes, int]:
    file.seek(at)
    name, length = struct.unpack("<4sI", file.read(8))
    if at + 8 + length > end:
        raise bad(
            path,
            f"chunk {name.decode('latin-1')!r} claims {length} bytes where {end - at - 8} "
            "are left: "
            "a truncated soundfont",
        )
    return name, length


def _table(path: Path, file: IO[bytes], name: bytes, places: dict[bytes, tuple[int, int]]) -> Array:
    dtype, label = TABLES[name], name.decode()
    if name not in places:
        raise bad(path, f"a soundfont without its {label} table")
    offset, length = places[name]
    if not length or length % dtype.itemsize:
        raise bad(path, f"table {label} is {length} bytes long, not a multiple of {dtype.itemsize}")
    file.seek(offset)
    return np.frombuffer(file.read(length), dtype)


def _mapped(path: Path, offset: int, count: int, dtype: np.dtype[Any]) -> Array:
    if not count:
        return np.zeros(0, dtype)
    return np.memmap(path, dtype, "r", offset, (count,))


def _validate(font: Tables) -> None:
    """Check every index into the next table; the last row of a table only ends the one before."""
    for label, index, limit in (
        ("phdr", font.presets["bag"], len(font.preset_bags) - 1),
        ("pbag", font.preset_bags["generator"], len(font.preset_generators)),
        ("pbag", font.preset_bags["modulator"], len(font.preset_modulators)),
        ("inst", font.instruments["bag"], len(font.instrument_bags) - 1),
        ("ibag", font.instrument_bags["generator"], len(font.instrument_generators)),
        ("ibag", font.instrument_bags["modulator"], len(font.instrument_modulators)),
    ):
        if (np.diff(index.astype(np.int64)) < 0).any() or int(index[-1]) > limit:
            raise bad(
                font.path,
                f"table {label} points outside the table that it describes: a damaged soundfont",
            )
    if len(font.presets) < 2:
        raise bad(font.path, "a soundfont without presets")
