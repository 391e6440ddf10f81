"""What is asked of a model: how many samples, how long, how bold, what it begins with and what it is steered to."""

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
from symgen.sampling.request.methods import METHODS, WAYS
from symgen.sampling.request.params import SamplingParams
from symgen.sampling.request.primer import heard, over_by, primer_events
from symgen.sampling.request.sources import Tune
from symgen.sampling.request.structure import Structure

if TYPE_CHECKING:
    from symgen.sampling.tunes.plan import Plan

HARMONISING = 0.7  # temperature: of 16 held-out tunes 67 % of the steps then get the original's chord, 57 % at 1, 60 % at 0.3
MOST_SAMPLES = 10_000
MOST_ATTEMPTS = 1000
MOST_SECONDS = 86_400.0
MOST_SEED = 2**64 - 1
SECONDS = 30.0  # of a sample whose model counts seconds, where no length is asked


@dataclasses.dataclass(frozen=True)
class Request:
    """Samples `first` .. `first + num - 1` of `seed`, of `seconds` each, primer included (None, for streams: without end).

    Where the model counts beats, `shape` says the length and all else; `plan` is what comes of it, and `heard` is the context
    of the primer. `way` is how wishes are met (see `way`), `guidance` how much more what is told counts, `attempts` of how many
    each sample is the closest to what is asked, and `ending` whether it is brought to an end (None: where nothing is begun).
    `again` counts the times that they were drawn before. `music` is what the training music is like,
    where the bundle says so: samples stay inside it unless they are `free`. `tuned` leaves the taste
    to the bundle, as nothing of it was asked. With `follow` a continuation takes its targets from the
    primer, unless they are asked for; `followed` are those that it took. `balance` holds what goes with the
    other targets (see `balance`).
    """

    seed: int
    num: int = 1
    seconds: float | None = SECONDS
    taste: SamplingParams = SamplingParams()
    controls: Targets = Targets()
    primer: Events | None = None
    first: int = 0
    shape: Structure = Structure()
    heard: Mapping[str, Any] | None = None
    plan: Plan | None = None
    way: str = "both"
    guidance: float = 1.0
    attempts: int = 1
    ending: bool | None = None
    again: int = 0
    free: bool = False
    tuned: bool = False
    follow: bool = True
    followed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    music: Mapping[str, Any] | None = None
    balance: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        whole("seed", self.seed, 0, MOST_SEED)
        whole("num", self.num, 1, MOST_SAMPLES)
        whole("first", self.first, 0, MOST_SEED)
        number("guidance", self.guidance, 0, MOST_GUIDANCE)
        whole("best-of", self.attempts, 1, MOST_ATTEMPTS)
        if self.way not in WAYS:
            raise BadOption(f"way {self.way!r}: expected {', '.join(WAYS)}")
        if self.guidance != 1 and not self.controls.schedules:
            raise BadOption(
                f"guidance {self.guidance:g} is asked without anything to strengthen; add a control, such as --density 3"
            )
        if self.seconds is not None and not (
            _is_number(self.seconds) and 0 < self.seconds <= MOST_SECONDS
        ):
            raise BadOption(
                f"seconds {self.seconds!r}: expected a number above 0, to {MOST_SECONDS:g}"
            )

    @property
    def gentle(self) -> Mapping[str, Any]:
        """The targets that the user did not set: they are steered gently and not reported."""
        return {**self.followed, **self.balance}

    @property
    def lasts(self) -> float | None:
        """The length in seconds, None for one without end."""
        if self.plan is not None:
            return None if self.plan.endless else self.plan.steps / self.plan.steps_per_second
        return self.seconds

    @property
    def extent(self) -> Extent | None:
        """The limits of the training music; None where they are unknown, or where it is free."""
        return None if self.free else Extent.of(self.music)

    @property
    def wanted(self) -> Targets:
        """What is asked, its times in seconds."""
        return self.controls.over(self.lasts)

    def ends(self, encoding: Encoding) -> bool:
        """Return whether it is brought to an end; BadOption where that is asked and cannot be."""
        can = self.plan is None and self.seconds is not None and able(encoding)
        if self.ending and not can:
            raise BadOption(
                "ending is asked, and is of music that counts seconds and strikes and releases notes by name; leave it out"
                + (", or ask for --cadence" if self.plan is not None else "")
            )
        if not can or self.ending is False:
            return False
        return bool(self.ending) or (self.primer is None and float(self.seconds or 0) >= LEAST)

    def steps(self, encoding: Encoding) -> int:
        """Return the length in steps of `encoding`, at least one."""
        if self.plan is not None:
            return self.plan.steps
        return (
            FOREVER
            if self.seconds is None
            else max(round(self.seconds * encoding.steps_per_second), 1)
        )


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
    **wishes: Any,
) -> Request:
    """Build a Request from plain options; BadOption names a value that cannot be, and its limits. Without a seed one is drawn.

    `wishes` are the fields of Controls.
    """
    method = wishes.pop("way", method)  # the old names of two options
    best_of = wishes.pop("attempts", best_of)
    check_names(wishes, "option", OPTIONS)
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
        Targets(**wishes),
        None,
        first,
        shape,
        way=_way(method),
        guidance=guidance,
        attempts=best_of,
        ending=ending,
        free=free,
        tuned=tuned,
        follow=follow,
    )


def _way(method: str) -> str:
    """Return the word of `methods` for the option `method`, which may have its old name."""
    if method in WAYS:
        return method
    one_of("method", method, METHODS)
    return METHODS[method]


OPTIONS = tuple(
    {
        "primer",
        "primer_seconds",
        *Structure.__dataclass_fields__,
        *inspect.signature(ask).parameters,
    }
    - {"shape", "wishes"}
)


def primed(
    request: Request, encoding: Encoding, primer: Tune | None, primer_seconds: float | None = None
) -> Request:
    """Return `request` with a primer, or with its first `primer_seconds` alone; see `primer_events` for the errors."""
    if primer is None:
        if primer_seconds is not None:
            raise BadOption(
                f"primer-seconds {primer_seconds!r} is given without a primer; add --primer FILE"
            )
        return request
    if request.shape.melody is not None:
        raise BadOption(
            "primer and melody are both given, and each says how the piece begins; leave one out"
        )
    if encoding.tune:
        events, context = heard(primer, encoding, primer_seconds)
        return dataclasses.replace(
            request, primer=events, heard=context
        )  # its length is the plan's affair
    events = primer_events(primer, encoding, primer_seconds)
    lasts = encoding.duration(events)
    if is_whole(encoding):
        lasts = min(lasts, primer_seconds or lasts)  # what rings on at the cut is no part of it
    if round(lasts * encoding.steps_per_second) >= request.steps(encoding):
        raise BadOption(
            f"the primer lasts {lasts:g} s and the sample {request.seconds:g} s, primer included, "
            "so there is nothing left to play; ask for more --seconds, or use less of the primer "
            "with --primer-seconds"
        )
    if is_whole(encoding):
        events = over_by(events, encoding, request.steps(encoding))
    return dataclasses.replace(request, primer=events)
