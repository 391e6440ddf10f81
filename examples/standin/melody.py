"""Melodies of one-bar motifs: a rhythm and a contour that return, fitted to each bar's chord."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from standin.harmony import Slot, draw_harmony
from standin.plan import Plan, Rng

Line = list[tuple[float, float, int]]  # (onset, length, scale step)

# One bar in sixteenths, by meter; a minus is silence. Motifs move, closes end a phrase.
CELLS = {
    4: (
        "8 8",
        "12 4",
        "4 4 8",
        "8 4 4",
        "6 2 8",
        "4 8 4",
        "6 6 4",
        "-4 4 8",
        "-4 4 4 4",
        "4 4 4 4",
        "16",
        "2 2 4 8",
        "8 6 2",
    ),
    3: ("12", "8 4", "4 8", "4 4 4", "6 2 4", "-4 4 4", "-4 8", "8 2 2", "6 6"),
    6: ("6 6", "12", "4 2 6", "6 4 2", "4 2 4 2", "2 2 2 6", "10 2", "-2 4 6"),
}
CLOSES = {
    4: ("12 -4", "8 -8", "4 8 -4"),
    3: ("8 -4", "6 2 -4", "4 4 -4"),
    6: ("6 -6", "10 -2", "4 2 -6"),
}
SCHEMES = (
    "abacaabc",
    "aabcaabc",
    "abbcabac",
    "abacabdc",
    "aab-aabc",
    "abacddbc",
    "a-bca-bc",
)  # c closes, - is a bar of rest


class Theme(NamedTuple):
    """Eight bars: harmony and melody."""

    slots: list[Slot]
    melody: Line

    def slot(self, onset: float) -> Slot:
        """Return the chord that sounds at a time within the eight bars."""
        return next(s for s in reversed(self.slots) if s.onset <= onset)


def spell(cell: str) -> list[tuple[int, int]]:
    """Turn "-4 8 4" into its notes, (onset, length)."""
    lengths = [int(length) for length in cell.split()]
    onsets = itertools.accumulate(map(abs, lengths), initial=0)
    return [(onset, length) for onset, length in zip(onsets, lengths, strict=False) if length > 0]


def draw_shape(rng: Rng, count: int) -> list[int]:
    """Draw a contour in steps: mostly stepwise, and a leap is followed by its opposite."""
    shape, move = [0], 0
    while len(shape) < count:
        if abs(move) > 1:
            move = -1 if move > 0 else 1
        else:
            move = rng.choice((-2, -1, -1, -1, 1, 1, 1, 2, 2, 3, 4))
        shape.append(shape[-1] + move)
    return shape


def draw_theme(rng: Rng, plan: Plan, start: int, lift: int) -> Theme:
    """Draw eight bars from motifs a, b, d and closes c.

    `start` is the degree of the first chord. `lift` raises the register, in steps.
    """
    theme, scheme = Theme(draw_harmony(rng, plan, start), []), rng.choice(SCHEMES)
    lowest = next(step for step in range(-7, 14) if plan.pitch(step) > plan.ceiling)
    cells = [cell for cell in CELLS[plan.meter] if 0.55 < plan.bar_seconds / len(spell(cell)) < 2.4]
    motifs = {
        letter: (spell(cell), draw_shape(rng, len(spell(cell))))
        for letter, cell in zip("abd", rng.sample(cells, 3), strict=True)
    }
    before = lowest + 4 + lift
    for bar, letter in enumerate(scheme):
        close = spell(rng.choice(CLOSES[plan.meter]))
        cell, shape = motifs.get(
            letter, ([], []) if letter == "-" else (close, draw_shape(rng, len(close)))
        )
        placed = [(bar * plan.bar + onset, length) for onset, length in cell]
        arch = (
            lowest + 3 + lift + round(3 * math.sin(math.pi * (bar % 4 + 0.5) / 4)) + (bar in (4, 5))
        )
        steps = fit(rng, plan, theme.slot(bar * plan.bar), placed, shape, before, arch, lowest)
        theme.melody.extend(
            (onset, length, step) for (onset, length), step in zip(placed, steps, strict=True)
        )
        before = steps[-1] if steps else before
    return theme


def fit(
    rng: Rng,
    plan: Plan,
    slot: Slot,
    cell: list[tuple[int, int]],
    shape: list[int],
    before: int,
    arch: int,
    lowest: int,
) -> list[int]:
    """Place a contour near the note before and the arch of the phrase, and close to its chord."""

    def cost(steps: list[int]) -> float:
        leaps = sum(
            max(0, abs(b - a) - 2) ** 1.5 + 1.5 * (a == b)
            for a, b in itertools.pairwise([before, *steps])
        )
        moved = sum(abs(step - steps[0] - s) for step, s in zip(steps, shape, strict=True))
        return (
            leaps
            + moved
            + abs(sum(steps) / len(steps) - arch)
            + max(0, max(steps) - lowest - 10) * 2
            + rng.random()
        )

    if not cell:
        return []
    return min(
        (
            on_chord(plan, slot, cell, [start + s for s in shape], lowest)
            for start in range(lowest, lowest + 11)
        ),
        key=cost,
    )


def on_chord(
    plan: Plan, slot: Slot, cell: list[tuple[int, int]], steps: list[int], lowest: int
) -> list[int]:
    """Move long notes and first beats to a near chord tone, and all notes to `lowest` or above.

    The chord tone must not be a semitone above another one.
    """

    def settled(onset: int, length: int, step: int) -> int:
        sounding = slot.tones(onset)
        tones = [
            t
            for t in sounding
            if (t - 1) % 7 not in sounding or plan.pitch(t) - plan.pitch(t - 1) > 1
        ]
        if length < plan.pulse and onset % plan.bar:
            return max(step, lowest)
        return min(
            (s for s in range(lowest, lowest + 14) if s % 7 in tones), key=lambda s: abs(s - step)
        )

    return [settled(onset, length, step) for (onset, length), step in zip(cell, steps, strict=True)]


def ornament(rng: Rng, plan: Plan, melody: Line, much: float) -> Line:
    """Vary a melody with passing notes, turns and pickups.

    A long note moves by step towards the next one. A silence before a bar gets a pickup.
    """
    out: Line = []
    for (onset, length, step), (after, _, goal) in itertools.pairwise(
        [*melody, (8.0 * plan.bar, 0.0, melody[0][2])]
    ):
        way = 1 if goal > step else -1
        if length >= 8 and abs(goal - step) > 1 and rng.random() < much:
            out += [
                (onset, length - 4, step),
                (onset + length - 4, 2, step + way),
                (onset + length - 2, 2, goal - way),
            ]
        elif length >= 12 and rng.random() < much:
            out += [
                (onset, length - 6, step),
                (onset + length - 6, 2, step + 1),
                (onset + length - 4, 4, step),
            ]
        else:
            out.append((onset, length, step))
        if after - onset - length >= 4 and after < 8 * plan.bar and rng.random() < much:
            out += [(after - 4, 2, goal - 2), (after - 2, 2, goal - 1)]
    return out
