"""The instruments of a part: what <part-list> says of them, in terms of MIDI.

MusicXML counts programs, channels and drums from 1; here they begin at 0. An instrument without a
MIDI program gets one by its sound or its name. An unpitched note of an instrument without a MIDI
drum gets that of its name, else of its place on a five-line staff in the usual notation (Norman
Weinberg, Guide to Standardized Drumset Notation, 1998).

A volume is a percentage of the loudest, a pan an angle from -90 degrees (left) to 90.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple
from xml.etree.ElementTree import Element

from symgen.notes.midi.pairing import DRUMS

# step and octave as displayed, with a treble or a percussion clef, to the key of General MIDI
STAFF_DRUMS = {
    "D4": 44,  # hi-hat by foot
    "E4": 35,  # bass drum 2
    "F4": 36,  # bass drum
    "G4": 41,  # floor toms
    "A4": 43,
    "B4": 45,
    "C5": 38,  # snare
    "D5": 47,  # toms
    "E5": 48,
    "F5": 51,  # ride cymbal
    "G5": 42,  # hi-hat
    "A5": 49,  # crash cymbal
    "B5": 57,
}
# the first that fits counts; sounds are those of MusicXML's list, names are in several languages
PROGRAMS = [
    (r"harpsichord|cembalo|clavecin", 6),
    (r"celest", 8),
    (r"glocken", 9),
    (r"vibraphon", 11),
    (r"marimba", 12),
    (r"xylo", 13),
    (r"bells?$|chimes", 14),
    (r"accordion|akkordeon|concertina", 21),
    (r"harmonica(?!l)|mundharm", 22),
    (r"organ|orgel|orgue|harmonium", 19),
    (r"electric.?bass|bass.?guitar|e-?bass|pluck\.bass", 33),
    (r"electric.?guitar|e-?gitarre|guitar\.electric", 27),
    (r"guitar|gitar|chitarra", 24),
    (r"banjo", 105),
    (r"mandolin|ukulele|\blute|laute", 24),
    (r"contrabass|kontrabass|double.?bass|contrebasse|string.?bass", 43),
    (r"violon?cell|\bcello", 42),
    (r"viola|bratsche|\balto\b(?=.*string)", 41),
    (r"violin|geige|violon\b|fiddle", 40),
    (r"\bharp|harfe|\barpa\b", 46),
    (r"timpani|pauken|timbales", 47),
    (r"strings|streicher|archi", 48),
    (r"tuba", 58),
    (r"trombon|posaune", 57),
    (r"trumpet|trompet|tromba|cornet|kornett|flugelhorn|brass\.trumpet", 56),
    (r"english.?horn|englischhorn|cor anglais|corno inglese", 69),
    (r"french.?horn|\bhorn|\bcorn[oi]\b|\bcor\b|waldhorn", 60),
    (r"soprano.?sax|saxophone\.soprano", 64),
    (r"tenor.?sax|saxophone\.tenor", 66),
    (r"bari(?:tone)?.?sax|saxophone\.baritone", 67),
    (r"sax", 65),
    (r"oboe|hautbois", 68),
    (r"bassoon|fagott|basson", 70),
    (r"clarinet|klarinet|chalumeau", 71),
    (r"piccol", 72),
    (r"recorder|blockfl|flauto dolce", 74),
    (r"pan.?(?:flute|pipe)", 75),
    (r"flute|fl[oöû]te|flaut", 73),
    (r"whistle", 78),
    (r"bagpipe|dudelsack", 109),
    (r"voice|vocal|sopran|mezzo|\balto?s?\b|tenor|bariton|\bbass(?:es|o)?$|choir|chor|chant|canto"
     r"|singstimme|gesang|singer", 52),
]  # fmt: skip
DRUM_NAMES = [
    (r"bass.?drum|kick|grosse? (?:trommel|caisse)|gran cassa", 36),
    (r"rim|side.?stick", 37),
    (r"snare|side.?drum|kleine trommel|caisse claire", 38),
    (r"clap", 39),
    (r"(?:pedal|foot).*hi.?hat|hi.?hat.*(?:pedal|foot)", 44),
    (r"open.*hi.?hat|hi.?hat.*open", 46),
    (r"hi.?hat", 42),
    (r"floor.?tom", 43),
    (r"low.*tom|tom.*low", 45),
    (r"high.*tom|tom.*high", 50),
    (r"tom.?tom|\btoms?\b", 47),
    (r"ride", 51),
    (r"china|tam.?tam|gong", 52),
    (r"splash", 55),
    (r"cymbal|becken|piatti|crash", 49),
    (r"tambo", 54),
    (r"cow.?bell", 56),
    (r"bongo", 60),
    (r"conga", 63),
    (r"timbale", 65),
    (r"cabasa", 69),
    (r"maraca|shaker", 70),
    (r"guiro", 73),
    (r"clave", 75),
    (r"wood.?block|temple.?block", 76),
    (r"triang", 81),
    (r"castanet", 85),
]
BANK, VOLUME, PAN, BANK_LOW = 0, 7, 10, 32  # controllers
USUAL = {BANK: 0, VOLUME: 100, PAN: 64, BANK_LOW: 0}
"""The controllers that an instrument sets, and their values before it does."""
_PROGRAMS = [(re.compile(pattern, re.I), program) for pattern, program in PROGRAMS]
_DRUM_NAMES = [(re.compile(pattern, re.I), drum) for pattern, drum in DRUM_NAMES]


class Instrument(NamedTuple):
    """An instrument; `drum` is the key of its unpitched notes. None is unsaid.

    `named_drum` is the key that its name tells. `controls` are controllers of USUAL and values.
    """

    id: str
    program: int | None = None
    channel: int | None = None
    drum: int | None = None
    named_drum: int | None = None
    controls: tuple[tuple[int, int], ...] = ()


def of_part(score_part: Element | None) -> list[Instrument]:
    """Return the instruments of a <score-part>, at least one."""
    if score_part is None:
        return [Instrument("", 0)]
    label = " ".join(
        score_part.findtext(tag) or "" for tag in ("part-name", "part-abbreviation")
    ).strip()
    found: dict[str, Instrument] = {}
    guesses: dict[str, int] = {}
    for one in score_part.iterfind("score-instrument"):
        number = one.get("id", "")
        names = (one.findtext("instrument-sound"), one.findtext("instrument-name"), label)
        guesses[number] = guess(names)
        found[number] = Instrument(number, named_drum=_first(_DRUM_NAMES, names))
    for one in score_part.iterfind("midi-instrument"):
        number = one.get("id", "")
        found[number] = changed(found.get(number, Instrument(number)), one)
    if not found:
        found[""] = Instrument("", named_drum=_first(_DRUM_NAMES, (label,)))
    default = guess((label,))
    return [
        made._replace(program=guesses.get(number, default)) if made.program is None else made
        for number, made in found.items()
    ]


def changed(instrument: Instrument, midi: Element) -> Instrument:
    """Return the instrument as a <midi-instrument> changes it; what is out of range is ignored."""
    program = _counted(midi.findtext("midi-program"), 128)
    channel = _counted(midi.findtext("midi-channel"), 16)
    drum = _counted(midi.findtext("midi-unpitched"), 128)
    return Instrument(
        instrument.id,
        instrument.program if program is None else program,
        instrument.channel if channel is None else channel,
        instrument.drum if drum is None else drum,
        instrument.named_drum,
        tuple((dict(instrument.controls) | _controls(midi)).items()),
    )


def _controls(midi: Element) -> dict[int, int]:
    """Return the controllers that a <midi-instrument> sets."""
    out: dict[int, int] = {}
    bank = _counted(midi.findtext("midi-bank"), 1 << 14)
    if bank is not None:
        out[BANK], out[BANK_LOW] = divmod(bank, 128)
    volume, pan = (_number(midi.findtext(tag)) for tag in ("volume", "pan"))
    if volume is not None and 0 <= volume <= 100:
        out[VOLUME] = round(volume * 1.27)
    if pan is not None and abs(pan) <= 180:
        side = math.copysign(180 - abs(pan), pan) if abs(pan) > 90 else pan  # behind the listener
        out[PAN] = min(round(64 + side * 0.7), 127)
    return out


def percent(volume: int) -> str:
    """Return a volume of MIDI as one of MusicXML."""
    return f"{volume / 1.27:.4g}"


def degrees(pan: int) -> str:
    """Return a pan of MIDI as one of MusicXML; 0 and 1 are both the left (RP-036)."""
    return f"{max((pan - 64) / 0.7, -90):.4g}"


def guess(names: tuple[str | None, ...]) -> int:
    """Return the program of the first name that tells one, else 0, a piano."""
    return _first(_PROGRAMS, names) or 0


def _first(table: list[tuple[re.Pattern[str], int]], names: tuple[str | None, ...]) -> int | None:
    """Return the value of the first pattern that fits the first name that fits any."""
    for name in names:
        for pattern, value in table if name else ():
            if pattern.search(name or ""):
                return value
    return None


def is_drum(instrument: Instrument, unpitched: bool) -> bool:
    """Return whether a note is one of a drum kit."""
    return instrument.channel == DRUMS or (unpitched and instrument.channel is None)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _counted(text: str | None, most: int) -> int | None:
    """Return a number that counts from 1 as one from 0."""
    text = (text or "").strip()
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return value - 1 if 1 <= value <= most else None
