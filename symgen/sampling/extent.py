"""The range of a model's training music: samples stay inside it unless a target widens it.

It is read from `music` in the training report of a bundle; `symgen.training.reports.music` says
what that holds. Lengths and rests are in seconds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symgen.controls.targets import Targets

VERSION = 1
STRAY = 7  # semitones beyond 99.8 % of the notes up to which the outermost ones count
SHORTEST = 1.0  # seconds that a note, and a rest, may always last
OCTAVE = 12  # semitones
SPARE = 2.0  # times the target polyphony may sound at one moment
LONGER = 4.0  # times the mean length, and the mean rest, that a target needs


@dataclasses.dataclass(frozen=True)
class Extent:
    """The limits of some music: pitches, notes at once, seconds, semitones.

    More than `crowd` notes at once are rare and more than `most` rarer still. `usual` is the middle
    length of a note. `register` and `slow` are the range of its mean pitches and a low density.
    """

    lowest: int = 0
    highest: int = 127
    crowd: int = 128
    most: int = 128
    usual: float = 1e9
    long: float = 1e9  # from which a note that sounds on is pressed to end
    longest: float = 1e9  # note
    rest: float = 1e9
    leap: int = 127
    rare_octaves: bool = False
    register: tuple[float, float] = (0.0, 127.0)
    slow: float = 1.0

    @classmethod
    def of(cls, music: Mapping[str, Any] | None) -> Extent | None:
        """Return the limits of `music`; None where nothing is known about it."""
        if not music or music.get("version") != VERSION or not music.get("pitch"):
            return None
        pitch = music["pitch"]
        length = music["length"]
        rest = music.get("rest") or {}
        leap = music.get("leap") or {}
        longest = max(length["99.9"], SHORTEST)
        return cls(
            lowest=round(max(pitch["0"], pitch["0.1"] - STRAY)),
            highest=round(min(pitch["100"], pitch["99.9"] + STRAY)),
            crowd=round(music["at_once"]["99"]),
            most=round(music["at_once"]["99.9"]),
            usual=length["50"],
            long=min(longest, max(length["99"], 8.0)),
            longest=longest,
            rest=max(rest.get("99.9", 0.0), SHORTEST),
            leap=max(round(leap["99.9"]), OCTAVE) if leap else 127,
            rare_octaves=bool(leap) and music["octave"] < 0.02,
            register=(music["register"]["0"], music["register"]["100"]),
            slow=max(music["density"]["pieces"]["5"], 0.1),
        )

    def widened(self, targets: Targets) -> Extent:
        """Return the limits with room for the targets, which overrule the training music."""
        values = {
            name: [float(v) for v in target.values]
            for name, target in targets.schedules.items()
            if name in ("register", "polyphony", "density")
        }
        changes: dict[str, Any] = {}
        if pitch := values.get("register"):
            low, high = self.register
            changes["lowest"] = max(round(self.lowest + min(min(pitch) - low, 0)), 0)
            changes["highest"] = min(round(self.highest + max(max(pitch) - high, 0)), 127)
        density = min(values.get("density", [self.slow]))
        if "density" in values:
            changes["rest"] = max(self.rest, LONGER / density)
        if pitches := values.get("polyphony"):
            at_once = round(SPARE * max(pitches)) + 2
            changes |= {"crowd": max(self.crowd, at_once), "most": max(self.most, at_once + 2)}
            length = LONGER * max(pitches) / density
            changes |= {name: max(getattr(self, name), length) for name in ("long", "longest")}
            changes["usual"] = max(self.usual, length / LONGER)
            if min(pitches) < 1:
                changes["rest"] = 1e9
        return dataclasses.replace(self, **changes)

    def around(self, lowest: int, highest: int) -> Extent:
        """Return the limits with room for pitches that a primer has."""
        return dataclasses.replace(
            self, lowest=min(self.lowest, lowest), highest=max(self.highest, highest)
        )
