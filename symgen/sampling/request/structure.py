"""The structure that a user asks of a tune: bars, meter, tempo, form, melody or chords, cadence."""

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
FREE = ("seconds", "accidentals")  # what music without bars has too


@dataclasses.dataclass(frozen=True)
class Structure:
    """What is None is not asked for.

    `chords` may be a list of symbols, one per bar. With `chords_on` "beat", chords of the model
    change only on beats. `seconds` is rounded up to whole bars. `accidentals` says how far they
    hold in a melody or chords in ABC (see `symgen.notes.abc.AbcReader`).
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
    accidentals: str | None = None

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
        """Join a list of chords; BadOption if melody or chords are neither music nor text."""
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
        """Raise BadOption if two settings exclude each other."""
        if self.bars is not None and self.seconds is not None:
            raise BadOption(
                f"bars {self.bars} and seconds {self.seconds:g} both set the length; remove one"
            )
        if self.melody is not None and self.chords is not None:
            raise BadOption(
                "melody and chords are both given; remove the one that the model should make"
            )
        if self.melody is not None:
            self.keeps("the given melody")

    def keeps(self, what: str) -> None:
        """Raise BadOption if something is set that `what`, given music, decides."""
        for name in ("bars", "meter", "tempo", "form", "seconds"):
            if getattr(self, name) is not None:
                raise BadOption(
                    f"{name} {getattr(self, name)}: {what} has its own {name}; remove --{name}"
                )

    def refuse(self, model: str, encoding: str) -> None:
        """Raise BadOption if anything is set that needs beats; `model` has none."""
        for name in (field.name for field in dataclasses.fields(self)):
            if name not in FREE and (value := getattr(self, name)) is not None:
                option = f"--{name.replace('_', '-')}"
                raise BadOption(
                    f"{option} {value}: {model} is a model of `{encoding}`, which has no bars; "
                    f"remove {option}, or sample a model of `melody_chords`"
                )
