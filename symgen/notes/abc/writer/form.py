"""The form of a tune: `AABB` are strains of equal length; repeated ones are written with repeat
signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from symgen.errors import BadOption, DataError
from symgen.notes.abc.writer.time import TICKS, Score
from symgen.notes.theory.chords import known_as_none


class Strain(NamedTuple):
    """A section of the tune in ticks, and whether it is played twice."""

    begin: int
    end: int
    twice: bool


def strains(score: Score, form: str | None) -> tuple[Score, list[Strain]]:
    """Return the piece with the chords that the strains need, and the strains in written order.

    A pickup belongs to the first strain if the last bar of each strain leaves room for it; else it
    is before the first. Raises BadOption for an invalid form, DataError if the piece does not have
    the form.
    """
    if form is None:
        return score, [Strain(0, score.end, False)]
    if not re.fullmatch("[A-Z]+", form):
        raise BadOption(
            f"form {form!r} is not a form: write a capital letter for each strain, such as AABB"
        )
    if len(score.meters) > 1 or len(score.keys) > 1 or len(score.tempos) > 1:
        raise DataError(
            f"form {form} cannot be written: the meter, the key or the tempo changes; "
            "write the tune without a form"
        )
    why = f"its {len(score.bars) + 1} bars do not make {len(form)} strains of whole bars"
    for edges in _divisions(score, len(form)):
        chords = _chords(score, form, edges)
        if chords is not None and _apart(score, edges) and _alike(score, form, edges):
            lead = [Strain(0, edges[0], False)] if edges[0] else []
            return score._replace(chords=chords, end=edges[-1]), lead + list(_written(form, edges))
        why = "strains of one letter differ, or a note sounds into the next one"
    raise DataError(f"form {form} cannot be written: {why}; write the tune without a form")


def _divisions(score: Score, count: int) -> Iterator[list[int]]:
    """Yield the edges of `count` equal strains: with the pickup inside, and before the first."""
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
    """Return whether strains of one letter have the same notes."""
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
    """Return the chords, or None if strains of one letter differ.

    If that makes them equal, the chord in force is repeated at the beginning of strains.
    """
    none = next((text for _, text in score.chords if known_as_none(text)), None)
    repeated = list(score.chords)
    for edge in edges[:-1]:
        held = next((text for tick, text in reversed(score.chords) if tick <= edge), none)
        if held is not None and not any(tick == edge for tick, _ in score.chords):
            repeated.append((edge, held))
    for chords in (score.chords, sorted(repeated, key=lambda row: row[0])):
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
