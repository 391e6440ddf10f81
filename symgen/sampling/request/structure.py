"""What is asked of the shape of music on a grid of beats: bars, meter, tempo, form, a melody or chords that are given, a cadence."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

from symgen.checks import whole
from symgen.errors import BadOption, shorten, unknown
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory.bars import meter, tempo
from symgen.sampling.request.sources import Tune
from symgen.sampling.tunes.form import form, strains

MOST_BARS = 2000
CHANGES = ("beat", "any")


@dataclasses.dataclass(frozen=True)
class Structure:
    """None asks nothing. `chords` may be a list of symbols, one a bar; `chords_on` "beat" lets drawn chords change on beats
    alone; `seconds` is rounded up to whole bars.
    """

    bars: int | None = None
    meter: str | None = None
    tempo: float | str | None = None
    form: str | None = None
    melody: Tune | None = None
    chords: Tune | Sequence[str] | None = None
    cadence: bool | None = None
    chords_on: str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.bars is not None:
            whole("bars", self.bars, 1, MOST_BARS)
        of = meter(self.meter or "4/4")
        if self.tempo is not None:
            tempo(self.tempo, of)
        if self.form is not None and self.bars is not None:
            strains(form(self.form), self.bars)
        elif self.form is not None:
            form(self.form)
        if self.chords_on not in (None, *CHANGES):
            raise BadOption(unknown("place for chords to change", self.chords_on, CHANGES))
        if self.cadence not in (None, True, False):
            raise BadOption(f"cadence {self.cadence!r}: expected true or false")
        self._music()
        self._agree()

    def _music(self) -> None:
        """BadOption where the melody or the chords are neither music nor words; a list of symbols becomes a line of them."""
        listed = self.chords
        if isinstance(listed, list | tuple) and all(isinstance(symbol, str) for symbol in listed):
            object.__setattr__(self, "chords", " ".join(listed))
        for name, more in (("melody", ""), ("chords", ', or chord symbols such as "G C D7 G"')):
            value = getattr(self, name)
            if value is not None and not isinstance(value, NoteSequence | str | os.PathLike):
                raise BadOption(
                    f"{name} {shorten(value)}: expected the name of a file, a NoteSequence{more}"
                )

    def _agree(self) -> None:
        """BadOption where two wishes cannot both be had."""
        if self.bars is not None and self.seconds is not None:
            raise BadOption(
                f"bars {self.bars} and seconds {self.seconds:g} are both asked; leave one out"
            )
        if self.melody is not None and self.chords is not None:
            raise BadOption(
                "melody and chords are both given; leave out the one that is to be made"
            )
        if self.melody is not None:
            self.keeps("the melody that is given")

    def keeps(self, what: str) -> None:
        """BadOption where something is asked that `what`, music that is given, settles."""
        for name in ("bars", "meter", "tempo", "form", "seconds"):
            if getattr(self, name) is not None:
                raise BadOption(
                    f"{name} {getattr(self, name)} is asked, but {what} keeps its own; leave out --{name}"
                )

    def refuse(self, model: str, encoding: str) -> None:
        """BadOption where anything but seconds is asked, which the model `model` has no beats for."""
        for field in dataclasses.fields(self):
            if field.name != "seconds" and (value := getattr(self, field.name)) is not None:
                option = f"--{field.name.replace('_', '-')}"
                raise BadOption(
                    f"{option} {value}: {model} is a model of `{encoding}`, which counts seconds and knows no bars or chords; "
                    f"leave {option} out, or sample a model of `melody_chords`"
                )
