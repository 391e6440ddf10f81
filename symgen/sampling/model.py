"""A bundle that plays: what `symgen.load` gives."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

from symgen.bundle.bundle import Bundle
from symgen.errors import BadOption, DataError
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory.tonality import usual
from symgen.runtime.base import Player
from symgen.sampling.generate import Progress
from symgen.sampling.request.balance import balanced
from symgen.sampling.request.continuation import continued
from symgen.sampling.request.params import SamplingParams
from symgen.sampling.request.reachable import reachable
from symgen.sampling.request.request import SECONDS, Request, ask, primed
from symgen.sampling.request.sources import Tune
from symgen.sampling.request.structure import Structure
from symgen.sampling.stream import Stream
from symgen.sampling.tunes.plan import planned
from symgen.sampling.watchers.base import draw

if TYPE_CHECKING:
    from symgen.sampling.originality import Original


@final
@dataclasses.dataclass(frozen=True)
class PlayableModel(Bundle):
    """A Bundle with `sample` and `stream`, played on `threads` (None: what suits live music)."""

    threads: int | None = None

    def sample(
        self,
        num: int = 1,
        seconds: float | None = None,
        *,
        bars: int | None = None,
        meter: str | None = None,
        tempo: float | str | None = None,
        form: str | None = None,
        melody: Tune | None = None,
        chords: Tune | Sequence[str] | None = None,
        cadence: bool | None = None,
        chords_on: str | None = None,
        temperature: float | None = None,
        top_k: int = 0,
        top_p: float | None = None,
        seed: int | None = None,
        primer: Tune | None = None,
        primer_seconds: float | None = None,
        first: int = 0,
        method: str = "both",
        guidance: float = 1.0,
        best_of: int = 1,
        ending: bool | None = None,
        original: Original | None = None,
        free: bool = False,
        follow: bool = True,
        progress: Progress | None = None,
        **targets: Any,
    ) -> list[NoteSequence]:
        """Return `num` pieces of `seconds` (30) or `bars` (32), which begin with any primer.

        Choice: `temperature` 0 takes the likeliest event. Its default is 1, or the one in the
        bundle, or 0.7 for chords to a given melody. `top_k` (0: all) and `top_p` leave out the
        least likely events. The same seed gives the same notes. Sample i is the same whatever `num`
        is: `first=i, num=1` gives only that one.

        Targets: `targets` are those of `symgen.controls`, such as `key` ("Am"), `strict_key` and
        `density` (notes per second); `symgen bundle info --schema` lists those of a model. Each is
        a value, text such as "2:8" or "C@0,Am@20", or a list of {"at", "value", "glide"} tables.
        The model is conditioned on the targets that it was trained with, and steered to others
        where possible; `method` "condition" or "steer" does only that. `guidance` above 1
        strengthens conditioning. Of `best_of` candidates the closest to the targets is kept.

        Range: samples stay inside the pitches, notes at once, lengths and rests of the training
        music; targets widen these. A sample that is emptier or fuller than any training piece is
        drawn again. `free` lifts all of that. A continuation takes density, polyphony, register
        and key from its primer unless they are given or `follow` is False. `ending` (the default
        without a primer) closes music in seconds on a held chord. `original`
        (`sampling.originality.Original`) says how much may be copied: a sample that copies more is
        drawn again.

        Tunes: a model of tunes counts `bars` of a `meter` ("6/8") at a `tempo` (beats of the meter
        per minute, or "3/8=110"). `form` ("AABB") repeats each strain note for note. `melody` is a
        tune that gets chords; `chords` are symbols ("G C D7 G", or a list) or a tune with chords,
        and get a melody. `cadence` closes on the tonic. `chords_on` ("beat" or "any") says where
        chords may change. Pieces are the melody with chord symbols; `symgen.notes.accompany` plays
        these.

        BadOption names a value that is not allowed and its limits. DataError says that a sample
        copied too much in every draw.
        """
        requested = ask(
            num=num,
            seconds=SECONDS if seconds is None else seconds,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
            first=first,
            method=method,
            guidance=guidance,
            best_of=best_of,
            ending=ending,
            free=free,
            follow=follow,
            **targets,
            shape=Structure(bars, meter, tempo, form, melody, chords, cadence, chords_on, seconds),
        )
        request = self.plan(requested, primer, primer_seconds)
        samples, messages = draw(self, request, original, progress)
        if messages:
            raise DataError("; ".join(messages))
        return [sample.sequence for sample in samples]

    def scored(
        self,
        num: int = 1,
        seconds: float | None = None,
        *,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> list[tuple[NoteSequence, float]]:
        """Return what `sample` does without targets, each piece with its nats per event.

        The nats are those under the model itself.
        """
        requested = ask(
            num=num,
            seconds=SECONDS if seconds is None else seconds,
            seed=seed,
            shape=Structure(seconds=seconds),
        )
        made, _ = draw(self, self.plan(requested), None, progress, likelihood=True)
        return [(one.sequence, float(one.nats or 0.0)) for one in made]

    def stream(
        self,
        seconds: float | None = None,
        *,
        bars: int | None = None,
        meter: str | None = None,
        tempo: float | str | None = None,
        form: str | None = None,
        melody: Tune | None = None,
        chords: Tune | Sequence[str] | None = None,
        cadence: bool | None = None,
        chords_on: str | None = None,
        primer: Tune | None = None,
        primer_seconds: float | None = None,
        accompany: bool = False,
        **options: Any,
    ) -> Stream:
        """Return note-ons and note-offs as they are decided.

        It has no end unless `seconds` or `bars` are given. The options are those of `sample`,
        except `num`, `best_of` and `progress`. `stream.set(density=6)` changes targets at any
        moment, and `stream.notes()` iterates over whole notes. A model of tunes streams its melody;
        with `accompany` its chords are played under it, as `voice` 1.
        """
        requested = ask(
            seconds=seconds,
            shape=Structure(bars, meter, tempo, form, melody, chords, cadence, chords_on, seconds),
            **options,
        )
        return Stream(
            self.encoding,
            self.play(),
            self.plan(requested, primer, primer_seconds, endless=True),
            self.controls,
            accompany,
        )

    def plan(
        self,
        request: Request,
        primer: Tune | None = None,
        primer_seconds: float | None = None,
        endless: bool = False,
    ) -> Request:
        """Return `request` with the primer, and with a plan where this model counts beats.

        BadOption where that is not possible.
        """
        request = primed(request, self.encoding, primer, primer_seconds)
        request = dataclasses.replace(request, music=self.training.music)
        if request.tuned and (params := self.tuned_params) is not None:
            request = dataclasses.replace(request, params=params)
        request = continued(request, self.encoding, self.controls)
        request = balanced(request, self.encoding)
        free = (
            request.primer is None and request.shape.melody is None and request.shape.chords is None
        )
        if self.encoding.tune and request.controls.get("key") is None and free:
            key = usual(self.training.keys, request.seed)
            request = dataclasses.replace(request, controls=request.controls.changed(key=key))
        targets, messages = reachable(request.controls, request.extent, self.encoding)
        request = dataclasses.replace(request, controls=targets)
        request = planned(request, self.encoding, self.name, endless)
        if messages and request.plan:
            plan = dataclasses.replace(request.plan, messages=(*messages, *request.plan.messages))
            request = dataclasses.replace(request, plan=plan)
        return request

    @property
    def tuned_params(self) -> SamplingParams | None:
        """The temperature and top-p chosen for this model; None where none were."""
        if (chosen := self.info.get("sampling")) is None:
            return None
        try:
            return SamplingParams(chosen["temperature"], 0, chosen["top_p"])
        except (BadOption, KeyError, TypeError) as error:
            raise DataError(
                f"{self.path}: its defaults for sampling cannot be used ({error}); "
                "choose them again: symgen bundle tune"
            ) from None

    def play(self) -> Player:
        """Return a new player of this model; the graphs are loaded only once."""
        return self._player.fresh()

    @functools.cached_property
    def _player(self) -> Player:
        return self.open_player(self.threads)
