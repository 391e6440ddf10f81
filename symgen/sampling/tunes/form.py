"""Forms: `AABB` is two strains, each sampled once and played twice.

A strain begins with a note-on or a rest. An encoding that only says what sounds may join the first
note of a strain to the last one before it, if they have the same pitch.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from symgen.errors import BadOption
from symgen.notes.theory.bars import Bar
from symgen.types import Bools, Ints

STRAIN = 8  # bars, if no length is set
MOST = 16  # strains


def form(text: str) -> str:
    """Return the form that `text` names; BadOption shows how forms are written."""
    plain = str(text).strip().upper()
    if not re.fullmatch(rf"[A-Z]{{1,{MOST}}}", plain):
        raise BadOption(
            f"form {text!r}: expected 1 to {MOST} letters, one per strain, "
            "such as AABB, AABA or ABAC"
        )
    return plain


def strains(pattern: str, bars: int) -> int:
    """Return the bars of each strain, of `bars` in all.

    BadOption names the nearest lengths if they do not divide.
    """
    if bars % len(pattern):
        low = bars // len(pattern) * len(pattern)
        near = f"{low} or {low + len(pattern)}" if low else f"{len(pattern)}"
        raise BadOption(
            f"bars {bars} are not {len(pattern)} equal strains of form {pattern}; use {near} bars"
        )
    return bars // len(pattern)


def repeats(pattern: str, bars: list[Bar]) -> tuple[Ints, Bools]:
    """Return for each step the step that it repeats (-1: none), and whether a strain begins."""
    each = strains(pattern, len(bars))
    total = bars[-1].stop
    copy = np.full(total, -1, np.int64)
    fresh = np.zeros(total, bool)
    for place, letter in enumerate(pattern):
        first = bars[pattern.index(letter) * each].start
        begin = bars[place * each].start
        end = bars[(place + 1) * each - 1].stop
        fresh[begin] = True
        if first < begin:
            copy[begin:end] = np.arange(first, first + end - begin)
    return copy, fresh


def first_time(bars: list[Bar], copy: Ints) -> list[Bar]:
    """Return the last two of `bars` where they are played for the first time.

    It is the last alone where the two do not follow each other there.
    """
    moved = [_first(bar, copy) for bar in bars[-2:]]
    if len(moved) == 2 and moved[0].stop != moved[1].start:
        return moved[1:]
    return moved


def _first(bar: Bar, copy: Ints) -> Bar:
    """Return where a bar is played for the first time; `bar` itself if that is in parts."""
    source = copy[bar.start : bar.stop]
    if len(source) and source[0] >= 0 and (np.diff(source) == 1).all():
        return bar._replace(start=int(source[0]), stop=int(source[-1]) + 1)
    return bar


def agree(pattern: str, bars: list[Bar], copy: Ints, words: npt.NDArray[np.str_]) -> None:
    """Raise BadOption if given chords `[steps]` differ at a step and at the one that it repeats."""
    wrong = np.flatnonzero((copy >= 0) & (words != words[copy]))
    if not len(wrong):
        return
    step = int(wrong[0])
    each = len(bars) // len(pattern)
    letters = list(dict.fromkeys(pattern))
    here, there = (
        next(k for k, bar in enumerate(bars) if bar.start <= at < bar.stop)
        for at in (step, int(copy[step]))
    )
    own = f"each of the strains {', '.join(letters)}" if len(letters) > 1 else "one strain"
    raise BadOption(
        f"chords: bar {here + 1} has {words[step]}, but it repeats bar {there + 1}, which has "
        f"{words[copy[step]]}, in form {pattern}; give {each} bars of chords for {own} "
        f"({each * len(letters)} in all), or remove --form"
    )


def last_strain(pattern: str, bars: list[Bar]) -> list[Bar]:
    """Return the bars in which the last strain of the piece is sampled: its first occurrence."""
    each = strains(pattern, len(bars))
    place = pattern.index(pattern[-1])
    return bars[place * each : (place + 1) * each]
