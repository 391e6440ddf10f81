"""NumPy arrays of strangers (.npz): types and shapes are checked before anything is unpacked.

The header of an array is Python source, which NumPy parses. Here only the text that NumPy writes
for arrays of plain numbers is taken.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.bounded import archive as archives

MEMBERS = 4096
MAGIC = b"\x93NUMPY"
LONGEST = 512  # bytes of a header
HEADER = re.compile(
    rb"\{'descr': '([<>|=]?(?:b1|[iu][1248]|f[248]))', 'fortran_order': (False|True), "
    rb"'shape': \(((?:\d{1,12}, ?)*(?:\d{1,12})?)\), *\} *\n"
)
SUFFIX = ".npy"


class Header(NamedTuple):
    """The type and the shape of an array, and where its numbers begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    begin: int

    @property
    def size(self) -> int:
        """The numbers in it."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """The bytes of all numbers."""
        return self.size * self.dtype.itemsize


Headers = Mapping[str, Header]


def load(
    source: bytes | IO[bytes],
    most: int,
    check: Callable[[Headers], None] = lambda _: None,
    names: Sequence[str] | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an .npz, which have at most `most` bytes together, or those of `names`.

    ValueError says what is wrong. `check` sees all headers first, and may raise ValueError. The
    arrays cannot be written to.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with archives.opened(file, MEMBERS) as archive:
        found = headers(archive)
        total = sum(header.bytes for header in found.values())
        if total > most:
            raise ValueError(f"its arrays have {total:,} bytes, the limit is {most:,}")
        check(found)
        wanted = found if names is None else names
        return {name: _array(archive, name, found[name]) for name in wanted}


def headers(archive: zipfile.ZipFile) -> dict[str, Header]:
    """Return the headers of all arrays; ValueError says which is wrong."""
    out = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(SUFFIX)
        header = _header(archive, entry)
        if header is None or header.begin + header.bytes != entry.file_size:
            raise ValueError(f"{name!r:.60} is no array of numbers of the size that it declares")
        out[name] = header
    return out


def _header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Header | None:
    """Return the header of one array; None where it is none that NumPy writes."""
    try:
        with archive.open(entry) as file:
            start = file.read(len(MAGIC) + 4)  # of version 1.0: two bytes of version, two of length
            length = int.from_bytes(start[-2:], "little")
            if start[: len(MAGIC) + 2] != MAGIC + b"\1\0" or length > LONGEST:
                return None
            found = HEADER.fullmatch(file.read(length))
    except archives.DAMAGED:
        return None
    if not found:
        return None
    kind, order, sizes = (part.decode() for part in found.groups())
    shape = tuple(int(size) for size in re.findall(r"\d+", sizes))
    return Header(np.dtype(kind), shape, order == "True", len(start) + length)


def _array(archive: zipfile.ZipFile, name: str, header: Header) -> npt.NDArray[Any]:
    data = archives.read(archive, _member(archive, name))
    order: Any = "F" if header.fortran else "C"
    plain = np.frombuffer(data, header.dtype, header.size, header.begin)
    return plain.reshape(header.shape, order=order)


def _member(archive: zipfile.ZipFile, name: str) -> str:
    return name if name in archive.NameToInfo else name + SUFFIX
