"""The regions of a preset: its zones combined with the zones of their instruments.

The settings of an instrument zone replace those of its global zone and the defaults; those of a
preset zone are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from symgen.rendering.soundfont import region as r
from symgen.rendering.soundfont.region import Modulators, Region
from symgen.rendering.soundfont.sf2 import COMPRESSED, RATES, ROM, Tables, bad
from symgen.types import Array

LIMIT = 20_000  # regions in one preset
INSTANT_TIMES = (21, 23, 25, 26, 27, 28, 30, 33, 34, 35, 36, 38)
DEFAULTS = np.zeros(r.OPERATORS, np.int32)
DEFAULTS[list(INSTANT_TIMES)] = r.INSTANT
DEFAULTS[[r.KEYS, r.VELOCITIES]] = 127 << 8
DEFAULTS[r.CUTOFF], DEFAULTS[r.SCALE] = int(r.OPEN), 100
DEFAULTS[[r.KEY, r.VELOCITY, r.ROOT]] = -1
OFFSETS = (
    r.START,
    r.END,
    r.LOOP_START,
    r.LOOP_END,
    r.START_COARSE,
    r.END_COARSE,
    r.LOOP_START_COARSE,
    r.LOOP_END_COARSE,
)
NOT_IN_PRESETS = (
    *OFFSETS,
    r.KEYS,
    r.VELOCITIES,
    r.KEY,
    r.VELOCITY,
    r.SAMPLE,
    r.LOOPING,
    r.CLASS,
    r.ROOT,
)
LIMITS = {
    r.PITCH_ENVELOPE: (-12000, 12000),
    r.CUTOFF: (1500, 13500),
    r.RESONANCE: (0, 960),
    r.CUTOFF_ENVELOPE: (-12000, 12000),
    r.PAN: (-500, 500),
    25: (-12000, 5000),
    26: (-12000, 8000),
    27: (-12000, 5000),
    28: (-12000, 8000),
    29: (0, 1000),
    30: (-12000, 8000),
    31: (-1200, 1200),
    32: (-1200, 1200),
    33: (-12000, 5000),
    34: (-12000, 8000),
    35: (-12000, 5000),
    36: (-12000, 8000),
    37: (0, 1440),
    38: (-12000, 8000),
    39: (-1200, 1200),
    40: (-1200, 1200),
    r.ATTENUATION: (0, 1440),
    r.COARSE: (-120, 120),
    r.FINE: (-99, 99),
    r.SCALE: (0, 1200),
}
LOWEST, HIGHEST = (
    np.array([LIMITS.get(i, (-65536, 65536))[side] for i in range(r.OPERATORS)], np.int32)
    for side in (0, 1)
)
SOURCES = (2, 3)  # of modulators: velocity, key


@dataclass
class Zone:
    """The settings of one zone: generators by operator, modulators by (source, target)."""

    settings: dict[int, int] = field(default_factory=dict)
    modulators: Modulators = field(default_factory=dict)

    def over(self, other: Zone) -> Zone:
        """Return `other` with the settings of this zone in place of its own."""
        return Zone(other.settings | self.settings, other.modulators | self.modulators)


def regions(font: Tables, preset: int) -> list[Region]:
    """Return the regions of the preset in a row; ReadError if the font is damaged."""
    out: list[Region] = []
    known: dict[int, list[Zone]] = {}
    bags = font.presets["bag"]
    for outer in _zones(
        font.preset_bags,
        font.preset_generators,
        font.preset_modulators,
        bags[preset],
        bags[preset + 1],
        r.INSTRUMENT,
    ):
        index = outer.settings[r.INSTRUMENT]
        if index not in known:
            known[index] = list(_instrument(font, index))
        for inner in known[index]:
            made = _region(font, outer, inner)
            if made is not None:
                out.append(made)
            if len(out) > LIMIT:
                raise bad(font.path, f"preset {preset} has more than {LIMIT} regions")
    return out


def _instrument(font: Tables, index: int) -> Iterator[Zone]:
    if index >= len(font.instruments) - 1:
        raise bad(
            font.path,
            f"a preset uses instrument {index} of {len(font.instruments) - 1}: a damaged soundfont",
        )
    bags = font.instruments["bag"]
    return _zones(
        font.instrument_bags,
        font.instrument_generators,
        font.instrument_modulators,
        bags[index],
        bags[index + 1],
        r.SAMPLE,
    )


def _zones(
    bags: Array, generators: Array, modulators: Array, first: int, last: int, link: int
) -> Iterator[Zone]:
    """Yield the zones that end in a `link`, each with the settings of the global zone added."""
    common = Zone()
    for i in range(int(first), int(last)):
        zone = _zone(
            generators[bags["generator"][i] : bags["generator"][i + 1]],
            modulators[bags["modulator"][i] : bags["modulator"][i + 1]],
            link,
        )
        if link in zone.settings:
            yield zone.over(common)
        elif i == first:
            common = zone


def _zone(generators: Array, modulators: Array, link: int) -> Zone:
    zone = Zone()
    for operator, amount in generators.tolist():
        if operator < r.OPERATORS:
            zone.settings[operator] = (
                amount & 0xFFFF if operator in (link, r.KEYS, r.VELOCITIES) else amount
            )
        if operator == link:
            break
    for source, target, amount, _, transform in modulators.tolist():
        if source & 0x7F in SOURCES and not source & 0x80 and not transform:
            zone.modulators[source, target] = float(amount)
    return zone


def _region(font: Tables, outer: Zone, inner: Zone) -> Region | None:
    settings = DEFAULTS.copy()
    settings[list(inner.settings)] = list(inner.settings.values())
    keys = _overlap(int(settings[r.KEYS]), outer.settings.get(r.KEYS, 127 << 8))
    velocities = _overlap(int(settings[r.VELOCITIES]), outer.settings.get(r.VELOCITIES, 127 << 8))
    if keys[0] > keys[1] or velocities[0] > velocities[1]:
        return None
    for operator, amount in outer.settings.items():
        if operator not in NOT_IN_PRESETS:
            settings[operator] += amount
    settings = np.clip(settings, LOWEST, HIGHEST)
    modulators = r.MODULATORS | inner.modulators
    for which, more in outer.modulators.items():
        modulators[which] = modulators.get(which, 0.0) + more
    return _placed(font, settings, modulators, keys, velocities)


def _overlap(one: int, other: int) -> tuple[int, int]:
    return max(one & 255, other & 255), min(one >> 8 & 255, other >> 8 & 255)


def _placed(
    font: Tables,
    settings: Array,
    modulators: Modulators,
    keys: tuple[int, int],
    velocities: tuple[int, int],
) -> Region | None:
    """Return the region with its sample; None if that is empty or not in this file (ROM)."""
    index = int(settings[r.SAMPLE]) & 0xFFFF
    if index >= len(font.samples) - 1:
        raise bad(
            font.path,
            f"an instrument uses sample {index} of {len(font.samples) - 1}: a damaged soundfont",
        )
    row = font.samples[index]
    if int(row["kind"]) & COMPRESSED:
        raise bad(
            font.path, "its samples are compressed (sf3), which the built-in player does not read"
        )
    if int(row["kind"]) & ROM:
        return None
    if not RATES[0] <= row["rate"] <= RATES[1] or not row["start"] <= row["end"] <= len(font.wave):
        raise bad(
            font.path,
            f"sample {index} claims {row['rate']} Hz and the samples {row['start']} to "
            f"{row['end']} of {len(font.wave)}: a damaged soundfont",
        )
    start, end, loop_start, loop_end = (
        int(row[name]) + int(settings[fine]) + 32768 * int(settings[coarse])
        for name, fine, coarse in zip(
            ("start", "end", "loop_start", "loop_end"), OFFSETS[:4], OFFSETS[4:], strict=True
        )
    )
    start = min(max(start, 0), len(font.wave))
    end = min(end, len(font.wave))
    if end - start < 2:
        return None
    return Region(
        keys,
        velocities,
        settings,
        modulators,
        start,
        end,
        max(loop_start, start),
        min(loop_end, end),
        int(row["rate"]),
        _root(int(settings[r.ROOT]), int(row["key"])) - int(row["cents"]) / 100,
    )


def _root(override: int, key: int) -> int:
    """Return the root key: the override if there is one, else that of the sample."""
    if 0 <= override <= 127:
        return override
    return key if key <= 127 else 60
