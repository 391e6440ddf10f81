"""Slow harmony: which chord follows which, its colours, and its voicing with small movements."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from standin.plan import SCALES, Bends, Plan, Rng

# The degrees (0 is the tonic) that may follow a degree; one written more often is drawn more often.
FOLLOWS = {
    "major": {0: "3344455521", 1: "44350", 2: "5533", 3: "0004415", 4: "0055533", 5: "33344120"},
    "minor": {0: "5556663342", 2: "665530", 3: "0066425", 4: "005533", 5: "22266304", 6: "005523"},
    "dorian": {0: "333666421", 1: "0336", 2: "66330", 3: "0006624", 4: "00336", 6: "003332"},
    "mixolydian": {0: "66633445", 1: "3360", 3: "000661", 4: "0336", 5: "3361", 6: "0003335"},
}
# Chords from a neighbouring mode: (degree, ((scale step, semitones it is bent by), ...)).
BORROWED: dict[str, tuple[tuple[int, Bends], ...]] = {
    "major": ((3, ((5, -1),)), (6, ((6, -1),)), (5, ((2, -1), (5, -1)))),
    "minor": ((4, ((6, 1),)), (3, ((5, 1),))),
    "dorian": ((5, ((5, -1),)), (4, ((6, 1),))),
    "mixolydian": ((3, ((5, -1),)), (4, ((6, 1),))),
}
LENGTHS = (
    "1111 1111",
    "1111 1111",
    "22 22",
    "211 211",
    "112 112",
    "1122 11",
)  # bars a chord, the halves of eight or ten bars


class Chord(NamedTuple):
    """A chord in scale degrees: root, bass, an added degree above the root (or 0), bent steps.

    A suspended chord has a fourth before its third.
    """

    root: int
    bass: int
    added: int = 0
    bends: Bends = ()
    suspended: bool = False

    @property
    def tones(self) -> tuple[int, ...]:
        """The scale steps 0..6 that belong to it: root, third, fifth, and the added one."""
        return tuple(dict.fromkeys((self.root + d) % 7 for d in (0, 2, 4, self.added)))


class Slot(NamedTuple):
    """A chord and when it sounds, in sixteenths from the beginning of its theme."""

    onset: int
    length: int
    chord: Chord

    def tones(self, onset: float) -> tuple[int, ...]:
        """The steps that sound at a time: a suspended third is a fourth for the first half."""
        third, held = (
            (self.chord.root + 2) % 7,
            self.chord.suspended and onset < self.onset + self.length / 2,
        )
        return tuple((t + 1) % 7 if held and t == third else t for t in self.chord.tones)


def draw_degrees(rng: Rng, mode: str, count: int, start: int, home: int) -> list[int]:
    """Walk from chord to chord to one that leads to `home`, if one is found.

    The walk has at least three different chords, if there is room.
    """
    walk = [start]
    for _ in range(100):
        walk = [start]
        while len(walk) < count:
            walk.append(int(rng.choice(FOLLOWS[mode][walk[-1]])))
        if str(home) in FOLLOWS[mode][walk[-1]] and len(set(walk)) >= min(3, count):
            break
    return walk


def draw_harmony(rng: Rng, plan: Plan, start: int) -> list[Slot]:
    """Draw eight bars of slow harmony in two halves, with some colours and a smooth bass."""
    halves = [[int(bars) for bars in half] for half in rng.choice(LENGTHS).split()]
    first = draw_degrees(rng, plan.mode, len(halves[0]), start, start)
    alike = halves[0] == halves[1] and rng.random() < 0.6
    second = (
        first
        if alike
        else draw_degrees(rng, plan.mode, len(halves[1]), rng.choice(first[:2]), start)
    )
    chords = [Chord(d, d, rng.choice((0, 0, 0, 6, *ninth(plan, d)))) for d in first + second]
    if rng.random() < 0.4:
        degree, bends = rng.choice(BORROWED[plan.mode])
        chords[-1] = Chord(degree, degree, 0, bends)
    slots: list[Slot] = []
    for i, (chord, bars) in enumerate(zip(chords, halves[0] + halves[1], strict=True)):
        held = (
            i > 0
            and (chord.root + 3) % 7 in chords[i - 1].tones
            and not chord.bends
            and rng.random() < 0.3
        )
        bass = smooth_bass(chord, slots[-1].chord.bass, plan.inversions) if slots else chord.root
        onset = slots[-1].onset + slots[-1].length if slots else 0
        slots.append(Slot(onset, bars * plan.bar, chord._replace(bass=bass, suspended=held)))
    return slots


def ninth(plan: Plan, degree: int) -> tuple[int, ...]:
    """Return the ninth as a choice of added tone where it is a whole tone above its root."""
    scale = SCALES[plan.mode]
    return (1, 1) if (scale[(degree + 1) % 7] - scale[degree]) % 12 == 2 else ()


def smooth_bass(chord: Chord, before: int, price: float) -> int:
    """Choose root or third for the bass, whichever moves less; an inversion costs `price` steps."""

    def cost(offset: int) -> float:
        move = (chord.root + offset - before) % 7
        return min(move, 7 - move) + (price if offset else 0) + (3 if move == 0 else 0)

    return (chord.root + min((0, 2), key=cost)) % 7


def voicings(plan: Plan, slots: Sequence[Slot], pedal_point: bool) -> list[list[int]]:
    """Give each chord a bass and up to four voices, close to the chord before.

    No voice is above the ceiling.
    """
    out: list[list[int]] = []
    for _, _, chord in slots:
        near = out[-1] if out else [38, 50, 54, 58, plan.ceiling]
        pitches = {step: plan.pitch(step, chord.bends) for step in range(-28, 7)}
        basses = [
            p for step, p in pitches.items() if step % 7 == (0 if pedal_point else chord.bass)
        ]
        bass = min(basses, key=lambda p: abs(p - 38) * 1.2 + abs(p - near[0]) * 0.5)
        pool = [
            p
            for step, p in pitches.items()
            if step % 7 in chord.tones and bass + 5 <= p <= plan.ceiling
        ]
        third = plan.pitch(chord.root + 2, chord.bends) % 12
        choices = [
            list(voices)
            for voices in itertools.combinations(pool, 4)
            if third in {p % 12 for p in voices} and voices[0] - bass >= (7 if bass < 43 else 5)
        ]
        out.append(
            [bass, *min(choices or [pool[-4:]], key=lambda voices: spread(voices, near[1:]))]
        )
    return out


def spread(voices: Sequence[int], before: Sequence[int]) -> float:
    """Return the cost of a voicing: movement, seconds and gaps between voices, doubled tones."""
    gaps = [b - a for a, b in itertools.pairwise(voices)]
    uneven = sum(4 * (g < 2) + 1.5 * (g < 3) + max(0, g - 6) for g in gaps)
    return (
        sum(abs(a - b) for a, b in zip(voices, before, strict=False))
        + uneven
        + 3 * (len(voices) - len({p % 12 for p in voices}))
    )
