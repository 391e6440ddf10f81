"""Compose the example pieces: original minimalist piano music, drawn from a seed and performed.

    python examples/compose_standin.py OUTPUT_FOLDER [--pieces 48] [--seed 2024]

Each piece is made in four steps: a plan (key, meter, textures, form), themes (harmony, and a
melody of motifs), a score for two hands, and a performance (tempo, touch, dynamics, pedal). It
depends only on the seed and its number, so the same arguments give the same bytes. Nothing is
quoted: this script and the modules in `standin/` draw everything.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

from standin.harmony import FOLLOWS, Chord, Slot, voicings
from standin.melody import Theme, draw_theme, ornament
from standin.performer import Note, Score, perform
from standin.plan import TEXTURES, Plan, Rng, Section, draw_form, draw_plan

from symgen.notes import NoteSequence, write

COMMENT = (
    "synthetic: minimalist piano composed by symgen's examples/compose_standin.py "
    "(seed {seed}, piece {number}); CC0 1.0"
)
SECONDS = (95, 168)  # limits of the length at the basic tempo
PACE = (3.2, 5.8)  # limits of the notes per second


def figure(plan: Plan, section: Section, level: float) -> list[str]:
    """Choose the left-hand figure of a section whose notes per second suit an intensity."""

    def pace(pattern: str) -> float:
        return sum(len(token) for token in pattern.split() if token != ".") / plan.bar_seconds

    texture = TEXTURES[plan.textures[section.name[0] in "BCb"]]
    return min(
        texture[plan.meter],
        key=lambda pattern: abs(pace(pattern) - 2.3 - 1.7 * level - plan.motion),
    ).split()


def exchanged(rng: Rng, tokens: list[str]) -> list[str]:
    """Exchange two tokens of a figure, its bass excepted."""
    out = list(tokens)
    a, b = rng.sample(range(1, len(tokens)), 2)
    out[a], out[b] = out[b], out[a]
    return out


def write_left(rng: Rng, plan: Plan, section: Section, theme: Theme) -> Iterator[Note]:
    """Write the accompaniment bar by bar: a figure and its answer, and a thinner last bar.

    At the climax the bass is doubled an octave below.
    """
    chords = voicings(
        plan, theme.slots, pedal_point=section.name in ("intro", "bridge") and plan.number % 2 == 0
    )
    tokens = figure(plan, section, section.level)
    answer = exchanged(rng, tokens) if rng.random() < 0.5 else tokens
    thin = figure(plan, section, section.level - 0.4)
    for bar in range(section.bars):
        slot = theme.slot((bar + section.first) % 8 * plan.bar)
        now = answer if bar % 2 else tokens
        if bar == section.bars - 1 and section.level < 0.7:
            now = [token if i < len(thin) * 0.6 else "." for i, token in enumerate(thin)]
        deep = section.level > 0.75
        held = (
            slot.length / 2
            if slot.chord.suspended and slot.onset == (bar + section.first) % 8 * plan.bar
            else 0
        )
        yield from strike(
            plan,
            slot.chord,
            chords[theme.slots.index(slot)],
            now,
            section.onset + bar * plan.bar,
            held,
            deep,
        )


def strike(
    plan: Plan,
    chord: Chord,
    voices: list[int],
    tokens: list[str],
    start: int,
    held: float,
    deep: bool,
) -> Iterator[Note]:
    """Write one bar of a figure, each note until the next one of the figure.

    A fourth replaces the third for the first `held` sixteenths.
    """
    step, sounding = plan.bar / len(tokens), [i for i, token in enumerate(tokens) if token != "."]
    third, fourth = (plan.pitch(chord.root + d, chord.bends) for d in (2, 3))
    for i, after in itertools.pairwise([*sounding, len(tokens)]):
        onset, length = start + i * step, (after - i) * step
        for voice in sorted({min(int(digit), len(voices) - 1) for digit in tokens[i]}):
            pitch = voices[voice]
            if voice:
                late = i * step < held and pitch % 12 == third % 12
                yield Note(onset, length, pitch + (fourth - third) * late, "inner")
                continue
            yield Note(onset, max(length, plan.bar / 2 * (i == 0)), pitch, "bass")
            if deep and i == 0 and pitch >= 38:
                yield Note(onset, plan.bar / 2, pitch - 12, "bass")


def write_right(rng: Rng, plan: Plan, section: Section, theme: Theme) -> Iterator[Note]:
    """Write the melody: plain at first, and ornamented when it returns.

    It is in octaves at the climax, and high when it fades.
    """
    again, octaves = section.name.count("'"), section.level > 0.8
    high = 7 if again > 1 and section.level < 0.6 else 0
    for turn in range((section.bars + 7) // 8):
        times = again + turn
        melody = ornament(rng, plan, theme.melody, 0.2 + 0.2 * times) if times else theme.melody
        for onset, length, step in melody:
            start = section.onset + (turn * 8 - section.first) * plan.bar + onset
            if onset < section.first * plan.bar:
                continue
            slot = theme.slot(onset)
            pitch = plan.pitch(step + high, slot.chord.bends)
            below = [
                p
                for k in range(2, 8)
                if (step + high - k) % 7 in slot.tones(onset)
                and (p := plan.pitch(step + high - k, slot.chord.bends)) > plan.ceiling
            ]
            yield Note(start, length, pitch, "melody")
            if octaves:
                yield Note(start, length, pitch + 12, "octave")
            elif times and length >= 8 and below:
                yield from (
                    fill(start, length, below)
                    if plan.filled
                    else [Note(start, length, below[0], "double")]
                )


def fill(start: float, length: float, below: list[int]) -> Iterator[Note]:
    """Move under a long melody note, off its beat, through the chord tones below it."""
    for i, onset in enumerate(range(2, int(length) - 1, 4)):
        yield Note(start + onset, 2, below[i % len(below)], "double")


def write_bells(rng: Rng, plan: Plan, section: Section, theme: Theme) -> Iterator[Note]:
    """Write single high notes, one per bar, instead of a melody."""
    step = 9
    for bar in range(section.bars):
        chord = theme.slot(bar * plan.bar).chord
        step = min(
            (s for s in range(6, 15) if s % 7 in chord.tones),
            key=lambda s: abs(abs(s - step) - 2) + rng.random(),
        )
        yield Note(
            section.onset + bar * plan.bar + plan.pulse,
            plan.bar - plan.pulse,
            plan.pitch(step, chord.bends),
            "octave",
        )


def write_end(rng: Rng, plan: Plan, last: float, end: float) -> Iterator[Note]:
    """Write the last chord: the tonic, played at once or as an arpeggio, and held."""
    home, gap = Chord(0, 0), rng.choice((0, 0, 1, 2)) * (end - last) // plan.bar
    low = voicings(plan, [Slot(0, 0, home)], pedal_point=True)[0]
    top = next(p for p in (plan.pitch(step) for step in (0, 2, 4, 7)) if p > plan.ceiling + 2)
    for i, pitch in enumerate([low[0], low[1], *low[3:], top]):
        voice = "melody" if pitch == top else "inner"
        if i == 0:
            voice = "bass"
        yield Note(last + i * gap, end - last - i * gap, pitch, voice)


def write_score(rng: Rng, plan: Plan) -> Score:
    """Write the piece for two hands."""
    near = [int(degree) for degree in FOLLOWS[plan.mode][0]]
    themes = {
        "A": draw_theme(rng, plan, 0, 0),
        "B": draw_theme(rng, plan, rng.choice([3, 3, *near]), 2),
    }
    themes["C"] = draw_theme(rng, plan, rng.choice(near), 1)
    sections, notes, changes = draw_form(plan), [], set()
    for section in sections:
        theme = themes.get(section.name[0], themes["B" if section.name == "bridge" else "A"])
        notes += write_left(rng, plan, section, theme)
        if section.name == "bridge":
            notes += write_bells(rng, plan, section, theme)
        elif section.name != "intro":
            notes += write_right(rng, plan, section, theme)
        bars = range(section.onset, section.onset + section.bars * plan.bar, plan.bar)
        new = {slot.onset for slot in theme.slots}
        changes |= {
            bar
            for bar in bars
            if plan.often
            or (bar - section.onset + section.first * plan.bar) % (8 * plan.bar) in new
        }
    last = sections[-1].onset + sections[-1].bars * plan.bar
    end = last + plan.bar * (1 if plan.bar_seconds > 2.8 else 2)
    unique = {(note.onset, note.pitch): note for note in [*notes, *write_end(rng, plan, last, end)]}
    return Score(sorted(unique.values()), sections, [*sorted(changes), last], last, end)


def compose(seed: int, number: int) -> tuple[str, NoteSequence]:
    """Compose piece `number`: return the stem of its file, and the music.

    The piece is drawn again until its length and pace are within the limits.
    """
    for attempt in itertools.count():
        rng = Rng(f"{seed} {number} {attempt}")
        plan = draw_plan(rng, seed, number)
        if (
            not SECONDS[0]
            < sum(section.bars for section in draw_form(plan)) * plan.bar_seconds
            < SECONDS[1]
        ):
            continue
        sequence = perform(rng, plan, write_score(rng, plan))
        if PACE[0] < len(sequence) / sequence.total_time < PACE[1]:
            break
    return plan.title, sequence


def save(folder: Path, seed: int, number: int) -> Path:
    """Compose piece `number` and write it into `folder`."""
    title, sequence = compose(seed, number)
    return write(
        sequence,
        folder / f"{title}.mid",
        force=True,
        comment=COMMENT.format(seed=seed, number=number),
    )


def main() -> None:
    """Read the command line and write the pieces."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, help="folder to write the pieces into")
    parser.add_argument("--pieces", type=int, default=48, help="how many (default 48)")
    parser.add_argument(
        "--seed", type=int, default=2024, help="where the drawing starts (default 2024)"
    )
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for number in range(1, options.pieces + 1):
        print(save(options.output, options.seed, number))


if __name__ == "__main__":
    main()
