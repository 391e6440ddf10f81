"""The ABC writer: a melody with chord symbols as text of the ABC standard 2.1.

The melody is the lowest instrument; others are left out, as are velocities and controllers. Notes that sound together
are double stops, tied where one outlasts another; a note that its own pitch overlaps stands in a further voice. Bars are those
of the meter (`notes.meter`), four to a line; a bar line splits a note into tied ones, and so does a chord symbol. The key is
that of the piece, else found from its notes. Times lie on a 48th of a quarter note, or on the fifths, sevenths and ninths
of tuplets; others move there. A warning tells how many notes did, how many are left out without chord symbols that stand for
them, and what else ABC cannot say.
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

from symgen.notes.abc.writer import bars as abc_write_bars
from symgen.notes.abc.writer.bars import Bar
from symgen.notes.abc.writer.form import Strain, strains
from symgen.notes.abc.writer.pitch import Key, Speller, key, named
from symgen.notes.abc.writer.time import TICKS, Group, Score, score
from symgen.notes.base import Writer
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import meter

BARS = 4  # a line


@dataclasses.dataclass(frozen=True)
class AbcWriter(Writer):
    """Tunes as ABC. `title`, else that of the piece; `comment`, a line kept in the file, such as the seed of a sample; `form`,
    the strains of the tune by letters such as AABB, of which those that follow themselves are written as a repeat; `key`, such as
    D dorian, in which it begins, else that of the piece in the mode that suits its notes.

    The bars are then divided into strains of equal length, and DataError says where the piece has not that form.
    """

    title: str | None = None
    comment: str | None = None
    form: str | None = None
    key: str | None = None

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the tune, UTF-8. Warns (UserWarning) of what could not be written as it was."""
        whole, parts = strains(score(sequence), self.form)
        for line in whole.said:
            warnings.warn(
                f"{sequence.source.path or 'this piece'}: {line}", UserWarning, stacklevel=2
            )
        keys = _keys(whole) if self.key is None else _keys(whole) | {0: named(self.key)}
        lines = [*_header(whole, self.title or _title(sequence), self.comment, keys[0])]
        for number, groups in enumerate(whole.voices, 1):
            if len(whole.voices) > 1:
                lines.append(f"V:{number}")
            lines += _voice(whole, parts, groups, keys, first=number == 1)
        return ("\n".join(lines) + "\n").encode()


def _title(sequence: NoteSequence) -> str:
    return sequence.source.title or PurePath(sequence.source.path).stem or "Untitled"


def _header(whole: Score, title: str, comment: str | None, first: Key) -> Iterator[str]:
    yield "%abc-2.1"
    yield "X:1"
    yield "T:" + re.sub(r"([\\%&])", r"\\\1", " ".join(title.split()))
    for line in (comment or "").splitlines():
        yield f"% {line}"
    yield f"M:{whole.meters[0][1]}/{whole.meters[0][2]}"
    yield "L:1/8"
    if whole.tempos and whole.tempos[0][0] <= 0:
        yield f"Q:{_tempo(whole, 0, whole.tempos[0][1])}"
    yield f"K:{first.name}"


def _keys(whole: Score) -> dict[int, Key]:
    """Return the keys by tick, the first at 0, each in the mode that suits the notes under it."""
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
    """Yield the lines of a voice; tempos and chord symbols stand in the first."""
    fields = _fields(whole, keys, first)
    chords: dict[int, list[str]] = {}
    for tick, symbol in whole.chords if first else ():
        chords.setdefault(tick, []).append(symbol)
    cuts = sorted({*fields, *chords})
    begins, ends = [g.begin for g in groups], [g.end for g in groups]
    speller = Speller(keys[0])
    for part in parts:
        edges = [
            part.begin,
            *whole.bars[bisect_right(whole.bars, part.begin) : bisect_left(whole.bars, part.end)],
            part.end,
        ]
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
            written.append(
                abc_write_bars.text(
                    bar, groups[bisect_right(ends, begin) : bisect_left(begins, end)], speller
                )
            )
        yield from _lines(whole, part, written)


def _tied(groups: list[Group], ends: list[int], begin: int) -> bool:
    """Tell whether a note is tied over `begin`."""
    at = bisect_left(ends, begin)
    return (
        at < len(groups)
        and groups[at].begin < begin
        and (groups[at].end > begin or bool(groups[at].held))
    )


def _fields(whole: Score, keys: dict[int, Key], first: bool) -> dict[int, str]:
    """Return what changes inside the tune, as inline fields by tick."""
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
    """Return a tempo in the beats of its meter (3/8 in 6/8, 1/2 in 2/2) where that is exact to three decimals, else in quarters."""
    _, numerator, denominator = whole.meters[
        max(bisect_right(whole.meters, tick, key=lambda row: row[0]) - 1, 0)
    ]
    note = meter.beat(numerator, denominator)
    beats = Fraction(str(qpm)) / (4 * note)
    return f"{note}={float(beats):.10g}" if 1000 % beats.denominator == 0 else f"1/4={qpm:.10g}"


def _beat(whole: Score, begin: int) -> tuple[int, int]:
    """Return a tick on a beat, and the ticks of a beat, of the bar at `begin`: what is beamed, a quarter or dotted eighths at most."""
    bar = bisect_right(whole.bars, begin)
    origin = whole.bars[bar - 1] if bar else whole.pickup
    _, numerator, denominator = whole.meters[
        max(bisect_right(whole.meters, begin, key=lambda row: row[0]) - 1, 0)
    ]
    dotted = denominator >= 8 and meter.compound(numerator, denominator)
    return origin, 12 * TICKS // denominator if dotted else TICKS


def _lines(whole: Score, part: Strain, bars: list[str]) -> Iterator[str]:
    """Yield the bars of a strain in lines, an incomplete first one beside the four after it."""
    pickup = len(bars) > 1 and (part.begin not in whole.bars if part.begin else whole.pickup > 0)
    bounds = sorted({0, *range(BARS + pickup, len(bars), BARS), len(bars)})
    close = (
        ":|"
        if part.twice
        else "|]"
        if part.end == whole.end
        else "|"
        if part.end in whole.bars
        else ""
    )
    for low, high in pairwise(bounds):
        yield (
            ("|:" if part.twice and not low else "")
            + " | ".join(bars[low:high])
            + (" |" if high < len(bars) else " " + close)
        )
