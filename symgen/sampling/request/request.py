"""A request: how many samples, how long, how random, what they begin with, and their targets."""

from __future__ import annotations

import dataclasses
import inspect
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from symgen.checks import number, one_of, whole
from symgen.controls.targets import Targets, check_names
from symgen.encodings import Encoding, Events
from symgen.errors import BadOption
from symgen.sampling.engine.guidance import MOST as MOST_GUIDANCE
from symgen.sampling.engine.view import FOREVER
from symgen.sampling.extent import Extent
from symgen.sampling.processors.ending import LEAST, able
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.request.methods import METHODS, RENAMED
from symgen.sampling.request.params import SamplingParams
from symgen.sampling.request.primer import over_by, primer_and_context, primer_events
from symgen.sampling.request.sources import Tune
from symgen.sampling.request.structure import Structure

if TYPE_CHECKING:
    from symgen.sampling.tunes.plan import Plan
    from symgen.sampling.tunes.rules import MelodyRules

# temperature for chords to a melody; on 16 held-out tunes 67 % of the steps get the original chord,
# with 1.0 it is 57 %, with 0.3 60 %
HARMONISING = 0.7
MOST_SAMPLES = 10_000
MOST_BEST_OF = 1000
MOST_SECONDS = 86_400.0
MOST_SEED = 2**64 - 1
SECONDS = 30.0  # the usual length of a sample


@dataclasses.dataclass(frozen=True)
class Request:
    """Samples `first` .. `first + num - 1` of `seed`.

    seconds   length of each, primer included; None for streams without end
    params    temperature, top-k and top-p
    controls  the targets
    primer    events that each begins with; `primer_context` holds tempo and bars
    shape     length and form where the model counts beats; `plan` is made from it
    method    how targets are met; see `methods`
    guidance  factor of the conditioning
    best_of   samples from which the closest to the targets is taken
    ending    whether each is brought to an end; None for only without a primer
    again     number of earlier draws of the same samples
    free      whether they may leave the range of the training music, `music`
    tuned     whether the bundle sets `params`, as the user did not
    follow    whether a continuation takes targets from its primer; `followed` are those it took
    balance   targets that go with the other targets; see `balance`
    rules     what a melody that is read at sight may not have; None for no rules
    """

    seed: int
    num: int = 1
    seconds: float | None = SECONDS
    params: SamplingParams = SamplingParams()
    controls: Targets = Targets()
    primer: Events | None = None
    first: int = 0
    shape: Structure = Structure()
    primer_context: Mapping[str, Any] | None = None
    plan: Plan | None = None
    method: str = "both"
    guidance: float = 1.0
    best_of: int = 1
    ending: bool | None = None
    again: int = 0
    free: bool = False
    tuned: bool = False
    follow: bool = True
    followed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    music: Mapping[str, Any] | None = None
    balance: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    rules: MelodyRules | None = None

    def __post_init__(self) -> None:
        whole("seed", self.seed, 0, MOST_SEED)
        whole("num", self.num, 1, MOST_SAMPLES)
        whole("first", self.first, 0, MOST_SEED)
        number("guidance", self.guidance, 0, MOST_GUIDANCE)
        whole("best-of", self.best_of, 1, MOST_BEST_OF)
        one_of("method", self.method, METHODS)
        if self.guidance != 1 and not self.controls.schedules:
            raise BadOption(
                f"guidance {self.guidance:g} needs a target to strengthen; "
                "add one, such as --density 3"
            )
        if self.seconds is not None and not (
            _is_number(self.seconds) and 0 < self.seconds <= MOST_SECONDS
        ):
            raise BadOption(
                f"seconds {self.seconds!r}: expected a number above 0, up to {MOST_SECONDS:g}"
            )

    @property
    def gentle(self) -> Mapping[str, Any]:
        """The targets that the user did not set: they are steered gently and not reported."""
        return {**self.followed, **self.balance}

    @property
    def lasts(self) -> float | None:
        """The length in seconds; None without end."""
        if self.plan is not None:
            return None if self.plan.endless else self.plan.steps / self.plan.steps_per_second
        return self.seconds

    @property
    def extent(self) -> Extent | None:
        """The range of the training music; None if it is unknown, or if samples are free."""
        return None if self.free else Extent.of(self.music)

    @property
    def targets(self) -> Targets:
        """The targets, with times in seconds."""
        return self.controls.over(self.lasts)

    def ends(self, encoding: Encoding) -> bool:
        """Return whether samples are brought to an end; BadOption if they cannot, but should be."""
        can = self.plan is None and self.seconds is not None and able(encoding)
        if self.ending and not can:
            raise BadOption(
                "ending: this model cannot be brought to an end; remove --ending"
                + (", or use --cadence" if self.plan is not None else "")
            )
        if not can or self.ending is False:
            return False
        return bool(self.ending) or (self.primer is None and float(self.seconds or 0) >= LEAST)

    def steps(self, encoding: Encoding) -> int:
        """Return the length in steps of `encoding`, at least one."""
        if self.plan is not None:
            return self.plan.steps
        if self.seconds is None:
            return FOREVER
        return max(round(self.seconds * encoding.steps_per_second), 1)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def ask(
    *,
    num: int = 1,
    seconds: float | None = SECONDS,
    temperature: float | None = None,
    top_k: int = 0,
    top_p: float | None = None,
    seed: int | None = None,
    first: int = 0,
    shape: Structure | None = None,
    method: str = "both",
    guidance: float = 1.0,
    best_of: int = 1,
    ending: bool | None = None,
    free: bool = False,
    follow: bool = True,
    **targets: Any,
) -> Request:
    """Build a Request from plain options; without a seed one is drawn.

    `targets` are those of `symgen.controls`. BadOption names a bad value and its limits.
    """
    method = targets.pop("way", method)  # the old names of two options
    best_of = targets.pop("attempts", best_of)
    check_names(targets, "option", OPTIONS)
    shape = shape or Structure()
    tuned = temperature is None and top_p is None and not top_k and shape.melody is None
    top_p = SamplingParams.top_p if top_p is None else top_p
    if temperature is None:
        temperature = SamplingParams.temperature if shape.melody is None else HARMONISING
    return Request(
        secrets.randbelow(2**32) if seed is None else seed,
        num,
        seconds,
        SamplingParams(temperature, top_k, top_p),
        Targets(**targets),
        None,
        first,
        shape,
        method=RENAMED.get(method, method),
        guidance=guidance,
        best_of=best_of,
        ending=ending,
        free=free,
        tuned=tuned,
        follow=follow,
    )


OPTIONS = tuple(
    {
        "primer",
        "primer_seconds",
        *Structure.__dataclass_fields__,
        *inspect.signature(ask).parameters,
    }
    - {"shape", "targets"}
)


def primed(
    request: Request, encoding: Encoding, primer: Tune | None, primer_seconds: float | None = None
) -> Request:
    """Return `request` with a primer, or only its first `primer_seconds`.

    See `primer_events` for the errors.
    """
    if primer is None:
        if primer_seconds is not None:
            raise BadOption(f"primer-seconds {primer_seconds!r} needs a primer; add --primer FILE")
        return request
    if request.shape.melody is not None:
        raise BadOption("primer and melody both say how the piece begins; remove one of them")
    if encoding.tune:
        events, context = primer_and_context(primer, encoding, primer_seconds)
        # the plan checks its length
        return dataclasses.replace(request, primer=events, primer_context=context)
    events = primer_events(primer, encoding, primer_seconds)
    lasts = encoding.duration(events)
    if is_whole(encoding):
        lasts = min(lasts, primer_seconds or lasts)  # notes may ring beyond the cut
    if round(lasts * encoding.steps_per_second) >= request.steps(encoding):
        raise BadOption(
            f"the primer lasts {lasts:g} s and the sample {request.seconds:g} s, primer included, "
            "so there is nothing left to play; ask for more --seconds, or use less of the primer "
            "with --primer-seconds"
        )
    if is_whole(encoding):
        events = over_by(events, encoding, request.steps(encoding))
    return dataclasses.replace(request, primer=events)
