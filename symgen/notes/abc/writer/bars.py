"""Write one bar of one voice as ABC: common note values, ties, tuplets, chord symbols, beams."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from symgen.notes.abc.writer.pitch import Key, Speller
from symgen.notes.abc.writer.time import TICKS, Group

ODD = 315  # the odd part of TICKS
UNIT = TICKS // 2  # L:1/8
RATIOS = {1: (1, 1), 3: (3, 2), 5: (5, 4), 7: (7, 4), 9: (9, 8)}  # p notes in the time of q
BREVE = 8 * TICKS
SINGLE, DOTTED, TWICE = ([BREVE * dots // 4 >> k for k in range(12)] for dots in (4, 6, 7))
WRITTEN = frozenset(SINGLE + DOTTED + TWICE)
"""The lengths of one note in ticks, with up to two dots; longer notes are cut."""


class Bar(NamedTuple):
    """A bar: ends and beats in ticks, and by tick what is written before a note or rest."""

    begin: int
    end: int
    origin: int  # a tick on a beat
    beat: int
    cuts: Sequence[int]  # ticks inside at which something else is written
    fields: Mapping[int, str]  # [K:..] and the like
    chords: Mapping[int, list[str]]
    keys: Mapping[int, Key]


class Part(NamedTuple):
    """A written note, double stop or rest, with its tied pitches and its tuplet (1: none)."""

    begin: int
    end: int
    pitches: tuple[int, ...]
    tied: tuple[int, ...]
    tuplet: int


def text(bar: Bar, groups: list[Group], speller: Speller) -> str:
    """Return the bar without its bar line; `groups` sound in it, and rests fill the gaps."""
    out, before = "", bar.begin
    for run in runs(bar, groups):
        for at, part in enumerate(run):
            if part.begin in bar.keys:
                speller.enter(bar.keys[part.begin])
            if out and (part.begin - before >= TICKS or (part.begin - bar.origin) % bar.beat == 0):
                out += " "
            out += bar.fields.get(part.begin, "") + (_tuplet(run) if at == 0 else "")
            out += "".join(f'"{symbol}"' for symbol in bar.chords.get(part.begin, ())) + _note(
                part, speller
            )
            before = part.begin
    return out


def runs(bar: Bar, groups: list[Group]) -> Iterator[list[Part]]:
    """Yield what is written in a bar, notes and rests: a tuplet as one list, other parts alone."""
    yield from _runs(bar, [part for piece in _filled(bar, groups) for part in _written(bar, piece)])


def _filled(bar: Bar, groups: list[Group]) -> Iterator[Group]:
    """Yield groups and rests without gaps, cut at the bar ends and at `cuts`."""
    now = bar.begin
    for begin, end, pitches, held in [*groups, Group(bar.end, bar.end, (), ())]:
        for a, b, what in ((now, begin, ()), (max(begin, bar.begin), min(end, bar.end), pitches)):
            for cut in [c for c in bar.cuts if a < c < b] + [b]:
                if a < cut:
                    yield Group(a, cut, what, held if cut == end else what)
                a = cut
        now = end


def _written(bar: Bar, group: Group) -> Iterator[Part]:
    """Yield the group as tied parts of lengths that can be written."""
    begin, end, pitches, held = group
    kind = ODD // math.gcd(end - begin, ODD)
    cut = _cut(bar, begin, end, kind)
    if cut == end:
        yield Part(begin, end, pitches, held, kind)
    else:
        yield from _written(bar, Group(begin, cut, pitches, pitches))
        yield from _written(bar, Group(cut, end, pitches, held))


def _cut(bar: Bar, begin: int, end: int, kind: int) -> int:
    """Return where to cut a note that cannot be written as one, or `end`.

    It is cut between two kinds of tuplet, at the next beat, or as late as possible.
    """
    if kind not in RATIOS:
        points = ((begin // step + 1) * step for step in (TICKS >> k for k in range(11)))
        return next(point for point in points if point < end)
    notes, time = RATIOS[kind]
    written = (end - begin) * notes // time
    # it crosses a dotted beat, as in 6/8
    across = bar.beat % TICKS > 0 and end - begin > bar.beat and (end - begin) % bar.beat > 0
    if written in WRITTEN and not across:
        return end
    beat = begin + (bar.origin - begin) % bar.beat
    if begin < beat < end:
        return beat
    return begin + max(size for size in SINGLE + DOTTED if size < written) * time // notes


def _runs(bar: Bar, parts: list[Part]) -> Iterator[list[Part]]:
    """Yield the parts in runs: a tuplet up to the next beat or field, other parts one by one."""
    run: list[Part] = []
    for part in parts:
        whole = (
            part.tuplet == 1
            or (part.begin - bar.origin) % bar.beat == 0
            or part.begin in bar.fields
        )
        if run and (whole or part.tuplet != run[0].tuplet):
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _tuplet(run: list[Part]) -> str:
    kind = run[0].tuplet
    if kind == 1:
        return ""
    return "(3" if kind == 3 == len(run) else f"({kind}:{RATIOS[kind][1]}:{len(run)}"


def _note(part: Part, speller: Speller) -> str:
    notes, time = RATIOS[part.tuplet]
    length = _length(Fraction((part.end - part.begin) * notes, time * UNIT))
    written = "".join(
        speller.note(pitch) + ("-" if pitch in part.tied else "") for pitch in part.pitches
    )
    if len(part.pitches) > 1:
        return f"[{written}]{length}"
    return (written.rstrip("-") or "z") + length + ("-" if part.tied else "")


def _length(units: Fraction) -> str:
    over, under = units.numerator, units.denominator
    if (over, under) == (1, 2):
        return "/"
    return ("" if over == 1 else str(over)) + ("" if under == 1 else f"/{under}")
