"""The plan of a piece: key, meter, tempo, texture, form, and how it will be played.

Score time is in sixteenths, melody in scale steps from the tonic (step 7 is its octave).
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

Rng = random.Random
Card = TypeVar("Card")
Bends = tuple[
    tuple[int, int], ...
]  # scale steps 0..6 and the semitones a borrowed chord bends them by

NAMES = (
    "c",
    "d-flat",
    "d",
    "e-flat",
    "e",
    "f",
    "f-sharp",
    "g",
    "a-flat",
    "a",
    "b-flat",
    "b",
)  # of major keys
MINOR_NAMES = (*NAMES[:1], "c-sharp", *NAMES[2:8], "g-sharp", *NAMES[9:])
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
MODES = ("minor",) * 5 + ("major",) * 4 + ("dorian",) * 2 + ("mixolydian",)
METERS = {4: (4, 4), 3: (3, 4), 6: (6, 8)}
FORMS = (
    "intro A A' B A'' coda",
    "intro A B A' B' coda",
    "intro A A' B B' A'' coda",
    "A A' B A'' coda",
    "intro A B C A' coda",
    "intro A A' bridge B A'' coda",
    "A B A' bridge B' A'' coda",
    "intro A A' B C A'' coda",
)
BARS = {"intro": 4, "bridge": 4, "coda": 4}

# Left-hand figures of one bar by meter, from calm to full. 0 is the bass, 1 to 4 the voices above
# it from low to high. Digits without a space are played together, and a dot is a rest.
TEXTURES = {
    "arpeggio": {
        4: (
            "0 . 1 2 3 . 2 .",
            "0 1 2 3 4 3 2 1",
            "0 . 1 2 3 . 4 3 2 . 3 2 1 . 2 1",
            "0 1 2 3 4 3 2 1 2 3 4 3 2 3 2 1",
        ),
        3: ("0 . 1 2 3 .", "0 1 2 3 4 2", "0 . 1 2 3 4 3 . 2 3 2 1", "0 1 2 3 4 3 2 3 4 3 2 1"),
        6: ("0 1 2 3 . .", "0 1 2 3 2 1", "0 . 1 2 3 4 3 . 2 3 2 1"),
    },
    "rocking": {
        4: (
            "0 . 2 . 1 . 2 .",
            "0 2 1 2 0 2 1 2",
            "0 . 2 . 1 2 3 2 0 . 2 . 1 2 3 2",
            "0 2 1 2 3 2 1 2 0 2 1 2 3 2 1 2",
        ),
        3: ("0 . 2 . 1 .", "0 2 1 2 1 2", "0 . 2 . 1 2 3 2 1 . 2 .", "0 2 1 2 3 2 1 2 3 2 1 2"),
        6: ("0 . 2 1 . 2", "0 2 1 0 2 1", "0 2 3 1 2 3", "0 . 2 3 2 . 1 . 2 3 2 ."),
    },
    "fifths": {
        4: (
            "0 . 1 . 0 . 1 .",
            "0 1 0 1 2 1 0 1",
            "0 . 1 . 2 1 0 1 0 . 1 . 3 1 2 1",
            "0 1 0 1 2 1 0 1 0 1 0 1 3 2 1 2",
        ),
        3: ("0 . 1 . 2 .", "0 1 0 1 2 1", "0 . 1 . 0 1 2 1 3 . 1 .", "0 1 0 1 2 1 0 1 3 1 2 1"),
        6: ("0 . 1 2 . 1", "0 1 2 0 1 3", "0 . 1 2 1 . 0 . 1 3 1 ."),
    },
    "alberti": {
        4: (
            "0 . 3 . 2 . 3 .",
            "0 3 2 3 1 3 2 3",
            "0 . 3 . 2 3 1 3 0 . 4 . 2 4 3 4",
            "0 3 2 3 1 3 2 3 0 4 2 4 1 3 2 3",
        ),
        3: ("0 . 3 2 3 .", "0 3 2 3 1 3", "0 . 3 . 2 3 1 3 2 . 3 .", "0 3 2 3 1 3 2 3 1 4 2 3"),
        6: ("0 . 3 2 . 3", "0 3 2 1 3 2", "0 . 3 2 3 . 1 . 3 2 3 ."),
    },
    "pulse": {
        4: (
            "0 . 23 . 123 . 23 .",
            "0 2 13 2 0 2 13 2",
            "0 12 23 12 0 12 23 12",
            "0 12 123 12 02 12 123 234",
        ),
        3: ("0 . 23 . 123 .", "0 2 13 2 13 2", "0 23 12 23 12 23", "0 12 23 123 12 234"),
        6: ("0 . 12 23 . 12", "0 12 23 1 12 23", "0 12 23 12 23 12"),
    },
    "syncopated": {
        4: (
            "0 . . 12 . . 3 .",
            "0 2 13 . 2 13 . 2",
            "0 . 2 13 . 2 13 . 0 . 3 12 . 2 13 .",
            "0 2 3 12 . 3 2 13 0 . 3 12 . 3 2 1",
        ),
        3: ("0 . 12 . . 3", "0 2 . 13 2 .", "0 2 . 13 2 . 3 . 12 . 3 2", "0 2 3 1 2 3 . 2 3 1 2 3"),
        6: ("0 . 12 . 3 .", "0 2 13 . 2 13", "0 2 13 2 3 12"),
    },
    "tenths": {
        4: (
            "0 . 3 . . . 2 .",
            "0 . 3 1 4 . 3 1",
            "0 . 3 . 1 4 2 3 0 . 4 . 1 3 2 .",
            "0 3 1 4 2 3 1 4 0 3 1 4 2 4 1 3",
        ),
        3: ("0 . 3 . 2 .", "0 3 . 1 4 2", "0 . 3 . 1 4 2 . 3 . 1 3", "0 3 1 4 2 4 1 3 2 4 1 3"),
        6: ("0 3 . 2 3 .", "0 3 1 4 2 3", "0 . 3 1 4 . 2 . 3 1 3 ."),
    },
    "falling": {
        4: (
            "0 . 4 3 2 . 1 .",
            "0 4 3 2 1 4 3 2",
            "0 . 4 3 2 . 1 . 2 . 4 3 2 1 2 .",
            "0 4 3 2 1 2 4 3 2 1 3 2 4 3 2 1",
        ),
        3: ("0 . 4 3 2 .", "0 4 3 2 1 2", "0 . 4 3 2 . 4 3 2 . 1 .", "0 4 3 2 4 3 2 1 4 3 2 1"),
        6: ("0 4 3 2 . .", "0 4 3 2 3 1", "0 . 4 3 2 1 4 . 3 2 1 ."),
    },
}


@dataclasses.dataclass(frozen=True)
class Plan:
    """The decisions about one piece; some are drawn for each try, others spread over the corpus."""

    number: int
    tonic: int  # pitch class
    mode: str  # a key of SCALES
    meter: int  # a key of METERS
    qpm: float  # quarter notes per minute
    textures: tuple[str, str]  # of the theme that returns, and of the others
    form: str
    turns: int  # times a theme of eight bars is played in its section
    ceiling: int  # highest pitch of the left hand; the melody stays above it
    motion: float  # notes per second that the left hand is moved by
    inversions: float  # what a chord off its root costs, in steps of the bass
    filled: bool  # the right hand fills its long notes when a theme returns
    rubato: float  # 1 is moderate
    pedal: str  # "binary" or "half"
    often: bool  # the pedal changes with each bar, not with the harmony alone
    touch: int  # the velocity about which all others lie

    @property
    def bar(self) -> int:
        """Sixteenths in a bar."""
        return 16 if self.meter == 4 else 12

    @property
    def pulse(self) -> int:
        """Sixteenths in a felt beat."""
        return 6 if self.meter == 6 else 4

    @property
    def bar_seconds(self) -> float:
        """Length of a bar at the basic tempo."""
        return self.bar * 15 / self.qpm

    @property
    def minor(self) -> bool:
        """Whether the third above the tonic is minor."""
        return SCALES[self.mode][2] == 3

    @property
    def title(self) -> str:
        """The file's stem."""
        names = MINOR_NAMES if self.minor else NAMES
        return f"standin-{self.number:02d}-{names[self.tonic]}-{self.mode}-{self.textures[0]}"

    def pitch(self, step: int, bends: Bends = ()) -> int:
        """MIDI pitch of a scale step, bent where the chord asks; step 0 lies within 56..67."""
        base = self.tonic + (48 if self.tonic > 7 else 60)
        return base + 12 * (step // 7) + SCALES[self.mode][step % 7] + dict(bends).get(step % 7, 0)


class Section(NamedTuple):
    """A stretch of the form: its name, first sixteenth, bars, and how intense it is, 0 to 1."""

    name: str
    onset: int
    bars: int
    level: float

    @property
    def first(self) -> int:
        """The bar of its theme that it begins with: a coda recalls the second half."""
        return 4 if self.name == "coda" else 0


def deal(seed: int, name: str, cards: Sequence[Card], number: int) -> Card:
    """Return the card of a piece from shuffled decks, so that each card is used equally often."""
    deck, place = divmod(number - 1, len(cards))
    return Rng(f"{seed} {name} {deck}").sample(cards, len(cards))[place]


def draw_plan(rng: Rng, seed: int, number: int) -> Plan:
    """Decide on piece `number`."""
    meter = deal(seed, "meter", (4, 4, 4, 3, 3, 6), number)
    texture = deal(seed, "texture", tuple(TEXTURES), number)
    return Plan(
        number=number,
        tonic=deal(seed, "tonic", range(12), number),
        mode=deal(seed, "mode", MODES, number),
        meter=meter,
        qpm=rng.uniform(56, 96) if meter == 4 else rng.uniform(72, 112),
        textures=(texture, rng.choice((texture, *TEXTURES))),
        form=deal(seed, "form", FORMS, number),
        turns=rng.choice((1, 2)),
        ceiling=rng.randint(62, 65),
        motion=rng.uniform(-0.4, 0.9),
        inversions=rng.choice((0.3, 1.0, 4.0)),
        filled=rng.random() < 0.5,
        rubato=rng.uniform(0.6, 1.3),
        pedal=rng.choice(("binary", "binary", "half")),
        often=rng.random() < 0.4,
        touch=rng.randint(45, 56),
    )


def draw_form(plan: Plan) -> list[Section]:
    """Return the sections; intensity rises to a climax at about two thirds, then fades."""
    names = plan.form.split()
    bars = [BARS.get(name, 8 * plan.turns) for name in names]
    starts = list(itertools.accumulate(bars, initial=0))
    middles = [(a + b) / 2 / starts[-1] for a, b in itertools.pairwise(starts)]
    peak = min(middles, key=lambda x: abs(x - 0.67))
    levels = [
        0.1 + 0.9 * (x / peak) ** 1.2 if x <= peak else 1 - (x - peak) / (1.02 - peak)
        for x in middles
    ]
    return [
        Section(name, start * plan.bar, n, max(0.0, level) * (0.5 if name == "bridge" else 1))
        for name, start, n, level in zip(names, starts, bars, levels, strict=False)
    ]
