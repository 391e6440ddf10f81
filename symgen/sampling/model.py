"""A bundle that plays: what `symgen.load` gives."""

from __future__ import annotations

import functools
import os
from typing import Any, final

import symgen
from symgen.bundle import Bundle
from symgen.errors import DataError, UnknownName
from symgen.notes.sequence import NoteSequence
from symgen.sampling import players
from symgen.sampling.generate import Progress, draw
from symgen.sampling.player import Player
from symgen.sampling.request import ask, primed
from symgen.sampling.stream import Stream


@final
class Model(Bundle):
    """A Bundle with `sample` and `stream`."""

    def sample(self, num: int = 1, seconds: float = 30.0, *, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0,
               seed: int | None = None, primer: NoteSequence | str | os.PathLike[str] | None = None,
               primer_seconds: float | None = None, key: str | None = None, density: float | None = None,
               strict_key: bool = False, first: int = 0, progress: Progress | None = None) -> list[NoteSequence]:
        """Return `num` pieces of `seconds` each, which begin with the primer if there is one.

        `temperature` 0 takes the likeliest event; `top_k` (0: all) and `top_p` leave out the least likely ones. `key` ("Am"),
        `density` (notes a second) and `strict_key` steer. The same seed gives the same notes, and sample i is the same
        whatever `num` is: `first=i, num=1` gives it alone. BadOption names a value that cannot be, and its limits.
        """
        asked = ask(num=num, seconds=seconds, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, key=key,
                    density=density, strict_key=strict_key, first=first)
        asked = primed(asked, self.encoding, primer, primer_seconds)
        return [sample.sequence for sample in draw(self, asked, progress)]

    def stream(self, seconds: float | None = None, *, primer: NoteSequence | str | os.PathLike[str] | None = None,
               primer_seconds: float | None = None, **options: Any) -> Stream:
        """Return strikes and releases as they are decided, without end unless `seconds` are given.

        The options are those of `sample`, `num` and `progress` excepted; `stream.set(density=6)` changes the wishes at any
        moment, `stream.notes()` iterates over whole notes.
        """
        asked = primed(ask(seconds=seconds, **options), self.encoding, primer, primer_seconds)
        return Stream(self.encoding, self.play(), asked)

    def play(self) -> Player:
        """Return a player of this model that has not begun; the graphs are loaded once."""
        return self._player.fresh()

    @functools.cached_property
    def _player(self) -> Player:
        try:
            member = players.load(self.player)
        except UnknownName as error:
            raise DataError(f"{self.path}: its player is not one that symgen {symgen.__version__} knows: {error}") from None
        made: Player = member(self)
        return made
