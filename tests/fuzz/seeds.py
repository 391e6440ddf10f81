"""Small files of the formats that are not text."""

from __future__ import annotations

import functools
import io
import zipfile

from symgen.notes.sequence import CHORD, TEMPO, TIME_SIGNATURE, NoteSequence, notes_of, table
from tests.golden.make import HERE as GOLDEN
from tests.rendering.font import Font, sine

BUNDLE = GOLDEN / "shipped-2.symgen"
MEMBERS = ("bundle.json", "step.int8.onnx", "test.npz", "weights.npz")


@functools.cache
def members() -> dict[str, bytes]:
    """Return the members of a good bundle."""
    with zipfile.ZipFile(BUNDLE) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def piece() -> NoteSequence:
    """Return a piece of three notes with a chord, a tempo and a meter."""
    return NoteSequence(
        notes_of([(60, 80, 0, 1), (64, 70, 0.5, 1.5), (67, 60, 1, 2)]),
        tempos=table(TEMPO, time=0.0, qpm=90.0),
        time_signatures=table(TIME_SIGNATURE, time=0.0, numerator=3, denominator=4),
        chords=table(CHORD, time=0.0, symbol="Am"),
    )


def made(kind: str) -> bytes:
    """Return a file of the format: mxl, sf2, symgen or tfrecord."""
    if kind == "symgen":
        return b"\1" + members()["step.int8.onnx"]
    if kind == "tfrecord":
        from symgen.notes.interop.proto_files import SequencesWriter

        return SequencesWriter().encode(piece())
    if kind == "mxl":
        from tests.fuzz.fuzz import SEEDS

        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("score.xml", SEEDS["musicxml"])
        return out.getvalue()
    font = Font()
    font.sample(sine(0.01))
    font.instrument({53: 0})
    font.preset(0, 0, {41: 0})
    return font.bytes()
