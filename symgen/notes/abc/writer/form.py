"""The form of a tune: `AABB` as strains of equal length, of which those that follow themselves are written once, as a repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from symgen.errors import BadOption, DataError
from symgen.notes.abc.writer.time import TICKS, Score
from symgen.notes.theory.chords import known_as_none


class Strain(NamedTuple):
    """A part of the tune in ticks, and whether it is played twice."""

    begin: int
    end: int
    twice: bool


def strains(score: Score, form: str | None) -> tuple[Score, list[Strain]]:
    """Return the strains in the order in which they are written, and the piece with the chords that they need.

    A pickup belongs to the first strain where the last bar of each leaves room for it, else it stands before the first.
    Raises BadOption for a form that is none, DataError where the piece has not that form.
    """
    if form is None:
        return score, [Strain(0, score.end, False)]
    if not re.fullmatch("[A-Z]+", form):
        raise BadOption(
            f"form {form!r} is none: write a capital letter for each strain, such as AABB"
        )
    if len(score.meters) > 1 or len(score.keys) > 1 or len(score.tempos) > 1:
        raise DataError(
            f"form {form} cannot be written: the meter, the key or the tempo changes; write the tune without a form"
        )
    reasons = []
    for edges in _divisions(score, len(form)):
        chords = _chords(score, form, edges)
        if chords is not None and _apart(score, edges) and _alike(score, form, edges):
            lead = [Strain(0, edges[0], False)] if edges[0] else []
            return score._replace(chords=chords, end=edges[-1]), lead + list(_written(form, edges))
        reasons.append("strains of one letter differ, or a note sounds into the next one")
    why = (
        reasons[0]
        if reasons
        else f"its {len(score.bars) + 1} bars do not make {len(form)} strains of whole bars"
    )
    raise DataError(f"form {form} cannot be written: {why}; write the tune without a form")


def _divisions(score: Score, count: int) -> Iterator[list[int]]:
    """Yield the edges of `count` equal strains: with the pickup in the first, and with the pickup before it."""
    if score.pickup and score.end % count == 0:
        yield [score.end // count * k for k in range(count + 1)]
    _, numerator, denominator = score.meters[0]
    begin, last = score.pickup, (score.bars or [0])[-1] + 4 * TICKS * numerator // denominator
    edges = [begin + (last - begin) * k // count for k in range(count + 1)]
    if set(edges) <= {begin, last, *score.bars}:
        yield edges


def _apart(score: Score, edges: list[int]) -> bool:
    return not any(
        g.begin < edge < g.end or (edge == g.end and g.held)
        for groups in score.voices
        for g in groups
        for edge in edges
    )


def _alike(score: Score, form: str, edges: list[int]) -> bool:
    """Tell whether strains of one letter have the same notes."""
    notes = [
        sorted(
            (g.begin - low, g.end - low, g.pitches, g.held)
            for groups in score.voices
            for g in groups
            if low <= g.begin < high
        )
        for low, high in pairwise(edges)
    ]
    return all(part == notes[form.index(letter)] for part, letter in zip(notes, form, strict=True))


def _chords(score: Score, form: str, edges: list[int]) -> list[tuple[int, str]] | None:
    """Return the chords as they stand or, where only this makes strains of one letter alike, with the one in force said again
    where a strain begins; None where they differ."""
    none = next((text for _, text in score.chords if known_as_none(text)), None)
    said = list(score.chords)
    for edge in edges[:-1]:
        held = next((text for tick, text in reversed(score.chords) if tick <= edge), none)
        if held is not None and not any(tick == edge for tick, _ in score.chords):
            said.append((edge, held))
    for chords in (score.chords, sorted(said, key=lambda row: row[0])):
        found = [
            [(t - low, text) for t, text in chords if low <= t < high]
            for low, high in pairwise(edges)
        ]
        if all(part == found[form.index(letter)] for part, letter in zip(found, form, strict=True)):
            return chords
    return None


def _written(form: str, edges: list[int]) -> Iterator[Strain]:
    at = 0
    for _, run in groupby(form):
        left = len(list(run))
        while left:
            played = min(left, 2)
            yield Strain(edges[at], edges[at + 1], played == 2)
            at, left = at + played, left - played
