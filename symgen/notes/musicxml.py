"""MusicXML, plain or compressed (.mxl), through music21 (extra `score`).

Repeats are expanded, tied notes are joined, grace notes are left out. Times follow the tempo marks
(120 qpm before the first), velocities follow the dynamics, and each part is an instrument. Time 0
is the beginning of the score.
"""

from __future__ import annotations

import dataclasses
import io
import warnings
import zipfile
from typing import Any, ClassVar

import numpy as np

from symgen.errors import MissingExtra, ReadError
from symgen.notes.base import Reader
from symgen.notes.sequence import (
    CHORD,
    KEY_SIGNATURE,
    NOTE,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    Source,
    sorted_table,
    table,
)
from symgen.notes.tempo_map import DEFAULT_QPM, TempoMap
from symgen.types import Array

TICKS = 10080  # per quarter; a multiple of all tuplets up to 10
MOST_BYTES = 64 << 20  # of one score, unpacked
Row = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class MusicXmlReader(Reader):
    """Scores, one per file."""

    format: ClassVar[str] = "musicxml"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the score as one piece."""
        text = _unpacked(data, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own are replaced by ours
            score, remarks = _expanded(_parsed(text, name), name)
            return [("", _sequence(score, Source(name, self.format, tuple(remarks))))]


def _parsed(text: str, name: str) -> Any:
    try:
        from music21 import converter
    except ImportError:
        raise MissingExtra("music21", "score", "reading MusicXML") from None
    if "<score-" not in text:
        raise ReadError(name, "this XML is not a MusicXML score; leave it out")
    try:
        return converter.parseData(text, format="musicxml")
    except Exception as error:  # music21 raises many types
        raise ReadError(
            name, f"music21 cannot read it: {type(error).__name__}: {error}; export it again"
        ) from None


def _unpacked(data: bytes, name: str) -> str:
    """Return the XML of the score, unpacked if it is compressed."""
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data = _member(archive, name)
        except (
            zipfile.BadZipFile,
            KeyError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
        ) as error:
            raise ReadError(name, f"a damaged archive: {error}; export it again") from None
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "latin-1"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError(name, "text in an unknown encoding; save it as UTF-8")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    scores = [
        i
        for i in archive.infolist()
        if not i.filename.startswith("META-INF")
        and i.filename.lower().endswith((".xml", ".musicxml"))
    ]
    if not scores:
        raise ReadError(name, "the archive holds no score; leave it out")
    with archive.open(scores[0]) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ReadError(
            name, f"the score inside is larger than {MOST_BYTES >> 20} MB; leave it out"
        )
    return data


def _expanded(score: Any, name: str) -> tuple[Any, list[str]]:
    """Return the score with its repeats expanded, or as it is if they cannot be."""
    from music21 import exceptions21, stream

    if not isinstance(score, stream.Score):
        raise ReadError(name, "holds several scores or none; save each in its own file")
    try:
        return score.expandRepeats(), []
    except (exceptions21.Music21Exception, IndexError):
        return score, ["the repeats make no sense and are ignored"]


def _sequence(score: Any, source: Source) -> NoteSequence:
    clock = _clock(score)
    parts = [p.stripTies() for p in score.parts]
    notes = [row for i, part in enumerate(parts) for row in _notes(part, i)]
    starts = clock.seconds(_ticks([n[0] for n in notes]))
    ends = clock.seconds(_ticks([n[1] for n in notes]))
    rows = [
        (*n[2:4], s, e, *n[4:])
        for n, s, e in zip(notes, starts.tolist(), ends.tolist(), strict=True)
    ]
    flat = score.flatten()
    return NoteSequence(
        notes=sorted_table(rows, NOTE, "start_time", "pitch"),
        source=source,
        tempos=table(TEMPO, time=clock.seconds(clock.ticks), qpm=60.0 / (clock.scales * TICKS)),
        time_signatures=_timed(
            clock,
            [
                (t.offset, (t.numerator, t.denominator))
                for t in flat.getElementsByClass("TimeSignature")
            ],
            TIME_SIGNATURE,
        ),
        key_signatures=_timed(
            clock,
            [(k.offset, _key(k)) for k in flat.getElementsByClass("KeySignature")],
            KEY_SIGNATURE,
        ),
        chords=_timed(
            clock, [(c.offset, (c.figure,)) for c in flat.getElementsByClass("ChordSymbol")], CHORD
        ),
        first_bar_time=_first_bar(parts, clock),
        ticks_per_quarter=TICKS,
    )


def _ticks(offsets: list[Any]) -> Array:
    """Return offsets in quarters (floats or fractions) as ticks."""
    return np.array([round(offset * TICKS) for offset in offsets], np.int64)


def _clock(score: Any) -> TempoMap:
    marks = [(begin, mark.getQuarterBPM()) for begin, _, mark in score.metronomeMarkBoundaries()]
    marks = [(begin, qpm) for begin, qpm in marks if qpm] or [(0.0, DEFAULT_QPM)]
    if marks[0][0] > 0:
        marks.insert(0, (0.0, DEFAULT_QPM))
    ticks = _ticks([begin for begin, _ in marks])
    scales = np.array([60.0 / (qpm * TICKS) for _, qpm in marks])
    last = np.append(ticks[1:] != ticks[:-1], True)
    return TempoMap(ticks[last], scales[last])


def _notes(part: Any, number: int) -> list[Row]:
    """Return (begin, end, pitch, velocity, instrument, program, is_drum), times in quarters."""
    instrument = part.getInstrument(returnDefault=True)
    program, drums = instrument.midiProgram or 0, instrument.midiChannel == 9
    return [
        (n.offset, n.offset + n.quarterLength, p.midi, _velocity(n), number, program, drums)
        for n in part.flatten().notes
        if n.quarterLength > 0 and "ChordSymbol" not in n.classes
        for p in n.pitches
    ]


def _velocity(note: Any) -> int:
    return max(1, min(127, round(127 * float(note.volume.getRealized()))))


def _key(key: Any) -> tuple[int, int]:
    mode = int(getattr(key, "mode", "major") == "minor")
    return (key.sharps * 7 + 9 * mode) % 12, mode


def _timed(clock: TempoMap, found: list[tuple[Any, Row]], dtype: np.dtype[Any]) -> Array:
    """Return a table of values at offsets in quarters; equal rows of several parts count once."""
    distinct = sorted(
        dict.fromkeys((round(offset * TICKS), *values) for offset, values in found),
        key=lambda row: row[0],
    )
    times = clock.seconds(np.array([row[0] for row in distinct], np.int64)).tolist()
    return sorted_table(
        [(time, *row[1:]) for time, row in zip(times, distinct, strict=True)], dtype, "time"
    )


def _first_bar(parts: list[Any], clock: TempoMap) -> float:
    """Return the time of the first bar line after a pickup, or 0."""
    measures = list(parts[0].getElementsByClass("Measure"))[:1] if parts else []
    pickup = measures and (measures[0].paddingLeft or measures[0].number == 0)
    return float(clock.seconds(_ticks([measures[0].quarterLength]))[0]) if pickup else 0.0
