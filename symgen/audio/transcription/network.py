"""The network of the package basic-pitch, run by ONNX Runtime; nothing else of it is used.

The package (Apache-2.0, Spotify) wants an old TensorFlow, so it is installed without what it
depends on, and is never imported. Only the file of the network is opened, if its checksum is right.
The network is described by Bittner, Bosch, Rubinstein, Meseguer-Brocal and Ewert: "A lightweight
instrument-agnostic model for polyphonic note transcription and multipitch estimation", ICASSP 2022.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from symgen import regular
from symgen.audio.transcription.frames import Network
from symgen.errors import DataError
from symgen.types import Array

PACKAGE, VERSION = "basic-pitch", "0.4.0"
INSTALL = f"pip install --no-deps {PACKAGE}=={VERSION}"
FILE = "basic_pitch/saved_models/icassp_2022/nmp.onnx"
SHA256 = "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"
MOST = 1 << 20  # bytes
INPUT = "serving_default_input_2:0"
ONSET, NOTE = "StatefulPartitionedCall:2", "StatefulPartitionedCall:1"  # contours are not asked for
FATAL = 4  # the severity of messages that are logged


def place() -> Path | None:
    """Return the file of the network; None if the package is not installed."""
    from importlib import metadata

    try:
        files = metadata.files(PACKAGE) or ()
    except metadata.PackageNotFoundError:
        return None
    found = next((file for file in files if file.as_posix() == FILE), None)
    return None if found is None else Path(str(found.locate()))


def graph() -> bytes:
    """Return the network, an ONNX graph; DataError if it is missing or another one."""
    path = place()
    if path is None or not path.is_file():
        raise DataError(f"transcribing needs the network of {PACKAGE}: {INSTALL}")
    try:
        data = regular.contents(path, MOST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: {reason}; {INSTALL} --force-reinstall") from None
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise DataError(
            f"{path} is not the network of {PACKAGE} {VERSION}; {INSTALL} --force-reinstall"
        )
    return data


def network(threads: int = 1) -> Network:
    """Return the network, ready to run on `threads`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    session = onnxruntime.InferenceSession(graph(), options, providers=["CPUExecutionProvider"])

    def run(window: Array) -> tuple[Any, Any]:
        onset, note = session.run([ONSET, NOTE], {INPUT: window[None, :, None]})
        return onset[0], note[0]

    return run
