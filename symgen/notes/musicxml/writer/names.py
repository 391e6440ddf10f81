"""Names of parts: those of the programs of General MIDI, as scores have them."""

from __future__ import annotations

from collections import Counter

PROGRAMS = (
    *("Piano",) * 3, "Honky-tonk Piano", "Electric Piano", "Electric Piano", "Harpsichord",
    "Clavinet", "Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba", "Xylophone",
    "Tubular Bells", "Dulcimer", *("Organ",) * 5, "Accordion", "Harmonica", "Bandoneon",
    *("Guitar",) * 2, *("Electric Guitar",) * 6, "Double Bass", *("Bass Guitar",) * 5,
    *("Synth Bass",) * 2, "Violin", "Viola", "Cello", "Contrabass", "Strings", "Strings", "Harp",
    "Timpani", *("Strings",) * 4, *("Voice",) * 2, "Choir", "Orchestra Hit", "Trumpet",
    "Trombone", "Tuba", "Trumpet", "Horn", *("Brass",) * 3, "Soprano Saxophone",
    "Alto Saxophone", "Tenor Saxophone", "Baritone Saxophone",
    "Oboe", "English Horn", "Bassoon", "Clarinet", "Piccolo", "Flute",
    "Recorder", "Pan Flute", "Bottle", "Shakuhachi", "Whistle", "Ocarina", *("Synthesizer",) * 24,
    "Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai",
    *("Percussion",) * 8, *("Effect",) * 8,
)  # fmt: skip
"""By program, from 0."""
DRUMS = "Drums"


def of_parts(sounds: list[tuple[int, bool]]) -> list[str]:
    """Return a name for each part of a program, or of drums; equal names get numbers."""
    names = [DRUMS if drums else PROGRAMS[program % 128] for program, drums in sounds]
    counts, seen = Counter(names), Counter[str]()
    out = []
    for name in names:
        seen[name] += 1
        out.append(f"{name} {seen[name]}" if counts[name] > 1 else name)
    return out
