"""The ABC writer: a melody with chord symbols as text of the ABC standard 2.1.

The melody is the lowest instrument; other instruments, velocities and controllers are left out.
Simultaneous notes are double stops, tied if one is longer. Overlapping notes of one pitch are in
separate voices. Bars follow the meter (`notes.meter`), four per line. A bar line or a chord symbol
splits a note into tied notes. The key is that of the piece, else it is found from the notes. Times
are quantised to 48ths of a quarter note, or to tuplets of 5, 7 and 9. Warnings list moved notes,
notes of other instruments, and other losses.
"""

from __future__ import annotations

import dataclasses
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePath

from symgen.notes.abc.writer import bars
from symgen.notes.abc.writer.bars import Bar
from symgen.notes.abc.writer.form import Strain, strains
from symgen.notes.abc.writer.pitch import Key, Speller, key, named
from symgen.notes.abc.writer.time import TICKS, Group, Score, score
from symgen.notes.base import Writer
from symgen.notes.losses import unwritten
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import meter

BARS = 4  # per line


@dataclasses.dataclass(frozen=True)
class AbcWriter(Writer):
    """Tunes as ABC.

    `title` replaces the title of the piece. `comment` is a line for the file, such as the seed of a
    sample. `form` gives the strains by letters, such as AABB: the bars are divided into strains of
    equal length, and repeated ones are written with repeat signs; DataError if the piece does not
    have the form. `key`, such as D dorian, is the key at the beginning; by default it is that of
    the piece, in the mode that fits the notes.
    """

    title: str | None = None
    comment: str | None = None
    form: str | None = None
    key: str | None = None

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the tune in UTF-8; a UserWarning for each loss."""
        whole, parts = strains(score(sequence), self.form)
        for line in [*whole.warnings, *unwritten(sequence)]:
            warnings.warn(
                f"{sequence.source.path or 'this piece'}: {line}", UserWarning, stacklevel=2
            )
        keys = _keys(whole) if self.key is None else _keys(whole) | {0: named(self.key)}
        lines = [*_header(whole, self._texts(sequence), self.comment, keys[0])]
        for number, groups in enumerate(whole.voices, 1):
            if len(whole.voices) > 1:
                lines.append(f"V:{number}")
            lines += _voice(whole, parts, groups, keys, first=number == 1)
        return ("\n".join(lines) + "\n").encode()

    def _texts(self, sequence: NoteSequence) -> list[str]:
        """Return the fields for the title and the composer."""
        source = sequence.source
        title = self.title or source.title or PurePath(source.path).stem or "Untitled"
        fields = [("T:", title), ("C:", source.composer)]
        return [letter + _escaped(text) for letter, text in fields if text]


def _escaped(text: str) -> str:
    return re.sub(r"([\\%&])", r"\\\1", " ".join(text.split()))


def _header(whole: Score, texts: list[str], comment: str | None, first: Key) -> Iterator[str]:
    yield "%abc-2.1"
    yield "X:1"
    yield from texts
    for line in (comment or "").splitlines():
        yield f"% {line}"
    yield f"M:{whole.meters[0][1]}/{whole.meters[0][2]}"
    yield "L:1/8"
    if whole.tempos and whole.tempos[0][0] <= 0:
        yield f"Q:{_tempo(whole, 0, whole.tempos[0][1])}"
    yield f"K:{first.name}"


def _keys(whole: Score) -> dict[int, Key]:
    """Return the keys by tick, the first at 0, each in the mode that fits its notes."""
    begins = [0, *(tick for tick, _, _ in whole.keys[1:])]
    pitches: list[list[int]] = [[] for _ in begins]
    for group in (group for groups in whole.voices for group in groups):
        pitches[bisect_right(begins, group.begin) - 1] += group.pitches
    return {
        begin: key(tonic, mode, under)
        for begin, (_, tonic, mode), under in zip(begins, whole.keys, pitches, strict=True)
    }


def _voice(
    whole: Score, parts: list[Strain], groups: list[Group], keys: dict[int, Key], first: bool
) -> Iterator[str]:
    """Yield the lines of a voice; tempos and chord symbols are in the first voice."""
    fields = _fields(whole, keys, first)
    chords: dict[int, list[str]] = {}
    for tick, symbol in whole.chords if first else ():
        chords.setdefault(tick, []).append(symbol)
    cuts = sorted({*fields, *chords})
    begins, ends = [g.begin for g in groups], [g.end for g in groups]
    speller = Speller(keys[0])
    for part in parts:
        low, high = bisect_right(whole.bars, part.begin), bisect_left(whole.bars, part.end)
        edges = [part.begin, *whole.bars[low:high], part.end]
        written = []
        for begin, end in pairwise(edges):
            if begin in (0, *whole.bars[bisect_left(whole.bars, begin) :][:1]):
                speller.bar(_tied(groups, ends, begin))
            else:
                speller.blur()
            bar = Bar(
                begin,
                end,
                *_beat(whole, begin),
                cuts[bisect_right(cuts, begin) : bisect_left(cuts, end)],
                fields,
                chords,
                keys,
            )
            inside = groups[bisect_right(ends, begin) : bisect_left(begins, end)]
            written.append(bars.text(bar, inside, speller))
        yield from _lines(whole, part, written)


def _tied(groups: list[Group], ends: list[int], begin: int) -> bool:
    """Return whether a note is tied over `begin`."""
    at = bisect_left(ends, begin)
    return (
        at < len(groups)
        and groups[at].begin < begin
        and (groups[at].end > begin or bool(groups[at].held))
    )


def _fields(whole: Score, keys: dict[int, Key], first: bool) -> dict[int, str]:
    """Return the changes inside the tune as inline fields by tick."""
    fields: dict[int, str] = {}
    for tick, numerator, denominator in whole.meters[1:]:
        fields[tick] = f"[M:{numerator}/{denominator}]"
    for tick, found in list(keys.items())[1:]:
        fields[tick] = fields.get(tick, "") + f"[K:{found.name}]"
    for tick, tempo in whole.tempos if first else ():
        if tick > 0:
            fields[tick] = fields.get(tick, "") + f"[Q:{_tempo(whole, tick, tempo)}]"
    return fields


def _tempo(whole: Score, tick: int, qpm: float) -> str:
    """Return a tempo in beats of its meter (3/8 in 6/8, 1/2 in 2/2), else in quarters.

    Beats are used if the number is exact to three decimals.
    """
    numerator, denominator = _meter(whole, tick)
    note = meter.beat(numerator, denominator)
    beats = Fraction(str(qpm)) / (4 * note)
    return f"{note}={float(beats):.10g}" if 1000 % beats.denominator == 0 else f"1/4={qpm:.10g}"


def _beat(whole: Score, begin: int) -> tuple[int, int]:
    """Return a tick on a beat, and the ticks of a beat, of the bar at `begin`, for beams."""
    bar = bisect_right(whole.bars, begin)
    origin = whole.bars[bar - 1] if bar else whole.pickup
    numerator, denominator = _meter(whole, begin)
    dotted = denominator >= 8 and meter.compound(numerator, denominator)
    return origin, 12 * TICKS // denominator if dotted else TICKS


def _meter(whole: Score, tick: int) -> tuple[int, int]:
    """Return numerator and denominator of the meter at `tick`."""
    row = bisect_right(whole.meters, tick, key=lambda row: row[0]) - 1
    _, numerator, denominator = whole.meters[max(row, 0)]
    return numerator, denominator


def _lines(whole: Score, part: Strain, written: list[str]) -> Iterator[str]:
    """Yield the bars of a strain in lines; a pickup is in the line of the four bars after it."""
    pickup = part.begin not in whole.bars if part.begin else whole.pickup > 0
    first = BARS + (pickup and len(written) > 1)
    bounds = sorted({0, *range(first, len(written), BARS), len(written)})
    for low, high in pairwise(bounds):
        begin = "|:" if part.twice and not low else ""
        end = " |" if high < len(written) else " " + _closing(whole, part)
        yield begin + " | ".join(written[low:high]) + end


def _closing(whole: Score, part: Strain) -> str:
    """Return the bar line at the end of a strain."""
    if part.twice:
        return ":|"
    if part.end == whole.end:
        return "|]"
    return "|" if part.end in whole.bars else ""
