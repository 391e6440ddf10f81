"""The files of samples of sound: their names, and writing them as WAV or FLAC of 16 bits."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from symgen.errors import BadOption
from symgen.files import atomic, naming, refuse_overwrite
from symgen.sampling.files import FOLDER
from symgen.sampling.sound.draw import Sounded

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
REPORT = ".json"
FULL = 32767


def paths(output: str | None, model: str, num: int, force: bool) -> list[Path]:
    """Return a path for each sample: `output`, numbered if there are several, or in a folder.

    In a folder, and in `samples/` without `output`, they are named after the model, with the next
    free numbers. BadOption for another format, DataError where a file exists and `force` is off.
    """
    path = Path(output or FOLDER)
    kind = path.suffix.lower()
    folder = output is None or output.endswith(os.sep) or path.is_dir() or not kind
    if folder:
        first = _free(path, model)
        found = [path / f"{model}-{first + i}.wav" for i in range(num)]
    elif kind not in FORMATS:
        raise BadOption(
            f"--output {output}: a model of raw audio writes {' and '.join(FORMATS)}; convert a "
            "WAV to other formats"
        )
    else:
        found = [path] if num == 1 else [path.with_stem(f"{path.stem}-{i + 1}") for i in range(num)]
    for each in found:
        refuse_overwrite(each, force)
        refuse_overwrite(each.with_suffix(REPORT), force)
    return found


def _free(folder: Path, model: str) -> int:
    taken = {path.stem for path in folder.glob(f"{model}-*")} if folder.is_dir() else set[str]()
    number = 1
    while f"{model}-{number}" in taken:
        number += 1
    return number


def write(sample: Sounded, path: Path, force: bool) -> None:
    """Write a sample, whole or not at all; what is beyond full scale is clipped."""
    import soundfile

    whole = np.rint(np.clip(sample.samples, -1, 1) * FULL).astype(np.int16)
    kind = FORMATS[path.suffix.lower()]
    with naming(path), atomic(path, "w+b", force) as file:
        soundfile.write(file, whole, sample.rate, format=kind, subtype="PCM_16")
