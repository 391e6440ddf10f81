"""A sheet for sight reading: a new tune of the model within the rules of a level."""

from __future__ import annotations

import dataclasses
import secrets
from fractions import Fraction

import numpy as np

from symgen.checks import one_of, whole
from symgen.errors import BadOption, DataError
from symgen.notes.sequence import NoteSequence, Source
from symgen.notes.theory.bars import meter as read_meter
from symgen.notes.theory.scales import scale
from symgen.practice import levels
from symgen.practice.hands import left_hand
from symgen.practice.levels import Level
from symgen.sampling.model import PlayableModel
from symgen.sampling.originality import Original
from symgen.sampling.request.request import MOST_SEED, Request, ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.sample import Sample
from symgen.sampling.tunes.rules import MelodyRules
from symgen.sampling.watchers.base import draw
from symgen.similarity.passages import Index

HANDS = ("right", "left", "both")
BARS = 8  # the usual length
LEAST_BARS, MOST_BARS = 4, 64
TONIC = 60  # the tonic is in the octave from here: C4 to B4
DOWN = 24  # semitones from the right hand's place to the left hand's, two octaves
COMPOUND = 2 / 3  # of the tempo, where a beat is three notes
SAME = 16  # notes in a row that a new sheet may share with earlier ones


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A sheet: its music, its title, and the seed that makes it again with the same options.

    The right hand is instrument 0 of `sequence` and the left hand the other one. `sample` is the
    tune as the model made it, for `sampling.history.remember`.
    """

    sequence: NoteSequence
    title: str
    about: str
    seed: int
    level: int
    key: str
    meter: str
    bars: int
    sample: Sample


def sheet(
    model: PlayableModel,
    level: int = 1,
    *,
    bars: int = BARS,
    hands: str = "both",
    key: str | None = None,
    meter: str | None = None,
    rhythm: str | None = None,
    tempo: float | None = None,
    seed: int | None = None,
    played: Index | None = None,
) -> Sheet:
    """Return a sheet of `bars` bars at `level` 1 to 8, made by a model of tunes with chords.

    `hands` is "right", "left" or "both", `rhythm` the shortest note: "quarters", "eighths" or
    "sixteenths". `tempo` is in beats per minute. What is None is chosen by the level; of keys and
    meters the seed takes one. A sheet shares at most SAME notes in a row with those of `played`.

    BadOption names a value that is not allowed and its limits. DataError says that no new sheet was
    found in all draws.
    """
    chosen = levels.level(level)
    whole("bars", bars, LEAST_BARS, MOST_BARS)
    one_of("hands", hands, HANDS)
    if not model.encoding.tune:
        raise BadOption(f"{model.name} has no bars; use a model of tunes, such as folk")
    seed = secrets.randbelow(2**32) if seed is None else whole("seed", seed, 0, MOST_SEED)
    rng = np.random.default_rng(seed)
    any_key, any_meter = (str(rng.choice(some)) for some in (chosen.keys(), chosen.meters))
    name, rhythms = scale(key or any_key).name, read_meter(meter or any_meter)
    tempo = tempo or round(chosen.tempo * (COMPOUND if rhythms.compound else 1))
    request = ask(
        seed=seed,
        shape=Structure(bars, rhythms.name, tempo, cadence=True),
        key=name,
        strict_key=chosen.diatonic,
    )
    request = dataclasses.replace(request, rules=_rules(chosen, name, rhythm))
    sample = _drawn(model, request, played)
    title = f"Sight reading, level {level}"
    about = f"{name}, {rhythms.name}, {chosen.about}"
    music = _for_hands(sample.sequence, hands, chosen.left)
    # scores join two tracks of MIDI as the hands of one piano
    music = music.replace(source=Source(format="midi", title=title))
    return Sheet(music, title, about, seed, level, name, rhythms.name, bars, sample)


def _rules(level: Level, key: str, rhythm: str | None) -> MelodyRules:
    """Return the rules of a level in a key, with the shortest note that the user names."""
    shortest: Fraction = level.shortest
    if rhythm is not None:
        shortest = levels.RHYTHMS[one_of("rhythm", rhythm, tuple(levels.RHYTHMS))]
    tonic = TONIC + scale(key).tonic
    return MelodyRules(
        lowest=tonic + level.below,
        highest=tonic + level.above,
        leap=level.leap,
        shortest=shortest,
        syncopation=level.syncopation,
        rests=level.rests,
        bar_chords=level.bar_chords,
    )


def _drawn(model: PlayableModel, request: Request, played: Index | None) -> Sample:
    rule = None if played is None else Original(SAME, played=played)
    samples, messages = draw(model, model.plan(request), rule)
    if not samples:
        raise DataError(f"no new sheet was found: {'; '.join(messages)}")
    return samples[0]


def _for_hands(tune: NoteSequence, hands: str, left: str) -> NoteSequence:
    """Return the music of the hands, without chord symbols."""
    if hands == "left":
        notes = tune.notes.copy()
        notes["pitch"] -= DOWN
        tune = tune.replace(notes=notes)
    if hands == "both":
        tune = left_hand(tune, left, int(tune.notes["instrument"].max(initial=0)) + 1)
    return tune.replace(chords=tune.chords[:0])
