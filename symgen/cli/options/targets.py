"""Where the files go that a command makes of its inputs: one for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symgen.errors import BadOption


def targets(
    inputs: Sequence[str], output: str | None, suffix: str | None, default: str
) -> list[Path]:
    """Return the file that each input is written to; BadOption if two of them are the same.

    `output` is a file or a folder, and `suffix` the extension (without a dot) of a file that
    `output` does not name. Without both, a file is beside its input, with the extension `default`.
    """
    place = None if output is None else Path(output)
    found = [_target(source, place, suffix, default, len(inputs)) for source in inputs]
    twice = next((target for target in found if found.count(target) > 1), None)
    if twice is not None:
        raise BadOption(f"two inputs would both be written to {twice}; name them one at a time")
    return found


def _target(source: str, output: Path | None, suffix: str | None, default: str, count: int) -> Path:
    """Return where `source` goes: beside itself, into the folder `output`, or to the file `output`.

    The name of a tune in a book gets its number: book.abc#3 goes to book-3.wav.
    """
    book, _, number = source.rpartition("#")
    path = Path(book) if book and not Path(source).exists() else Path(source)
    stem = path.stem if str(path) == source else f"{path.stem}-{number}"
    name = f"{stem}.{suffix or default}"
    if output is None:
        return path.with_name(name)
    if output.is_dir() or not output.suffix:
        return output / name
    if count > 1:
        raise BadOption(f"--output {output} is one file for {count} inputs; name a folder")
    if suffix and output.suffix.lower() != f".{suffix}":
        raise BadOption(f"--output {output} does not end in .{suffix}; remove --format {suffix}")
    return output
