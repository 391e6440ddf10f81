"""Draw sound from a bundle: streams side by side, after a primer or from silence.

Sample i depends on the bundle, the primer, the temperature, the seed and i, and not on how many
there are; where a processor adds in another order for another number of streams, a tie of the
scores may be drawn otherwise.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable

import numpy as np

from symgen import checks
from symgen.bundle.bundle import Bundle
from symgen.encodings import Events
from symgen.encodings.sound import Sound
from symgen.errors import DataError, ReadError
from symgen.sampling.sound.choice import Choice
from symgen.types import Floats32

Progress = Callable[[int, int, str], None]

SECONDS, PRIMER_SECONDS = 10.0, 10.0  # the usual lengths
LONGEST = 24 * 3600.0
MOST = 64  # samples at a time
HOTTEST = 100.0
BLOCK = 0.1  # seconds between two reports of the progress
ROOM = 1 << 30  # bytes of all samples that are drawn together


@dataclasses.dataclass(frozen=True)
class Request:
    """What to draw: `num` samples of `seconds`, which begin with the beginning of `primer`.

    Of the primer `primer_seconds` are taken at most.
    """

    seconds: float = SECONDS
    num: int = 1
    seed: int = 0
    temperature: float = 1.0
    primer: str | os.PathLike[str] | None = None
    primer_seconds: float | None = None

    def __post_init__(self) -> None:
        checks.number("--seconds", self.seconds, 0, LONGEST, above=True, unit="seconds")
        checks.whole("--num", self.num, 1, MOST)
        checks.number("--temperature", self.temperature, 0, HOTTEST)
        if self.primer_seconds is not None:
            checks.number("--primer-seconds", self.primer_seconds, 0, above=True, unit="seconds")


@dataclasses.dataclass(frozen=True)
class Sounded:
    """A sample: float32 `[n]` at `rate`, of which the first `primed` are the primer."""

    samples: Floats32
    rate: int
    index: int
    primed: int


def draw(bundle: Bundle, request: Request, progress: Progress | None = None) -> list[Sounded]:
    """Return the samples; DataError for a bundle of notes, ReadError for a primer."""
    codec = bundle.codec
    if not isinstance(codec, Sound):
        raise DataError(f"{bundle.path}: is a model of notes ({codec.name}), not of raw audio")
    steps = max(round(request.seconds * codec.rate), 1)
    if steps * request.num * len(codec.fields) * 4 > ROOM:
        raise DataError(
            f"--num {request.num} samples of {request.seconds:g} s are too much at a time; "
            "draw fewer, or shorter ones"
        )
    primer = _primer(request, codec, steps)
    player = bundle.open_player(threads=1)
    player.start(request.num)
    player.step(np.tile(codec.start(), (request.num, 1)))
    made = np.empty((steps, request.num, len(codec.fields)), np.int32)
    made[: len(primer)] = primer[:, None]
    player.feed(made[: len(primer)])
    chances = [np.random.default_rng([request.seed % (1 << 64), i]) for i in range(request.num)]
    pick = Choice(request.temperature)
    block = max(round(BLOCK * codec.rate), 1)
    for start in range(len(primer), steps, block):
        part = made[start : start + block]
        numbers = np.stack([rng.random((len(part), part.shape[2])) for rng in chances], axis=1)
        part[...] = player.generate(numbers, pick)
        if progress:
            progress(min(start + block, steps), steps, "drawing")
    return [
        Sounded(codec.decode(made[:, i]), codec.rate, i, len(primer)) for i in range(request.num)
    ]


def _primer(request: Request, codec: Sound, most: int) -> Events:
    """Return the primer as int32 `[n, fields]`, at most `most` samples and PRIMER_SECONDS."""
    if request.primer is None:
        return np.zeros((0, len(codec.fields)), np.int32)
    from symgen.audio.reading import blocks

    seconds = PRIMER_SECONDS if request.primer_seconds is None else request.primer_seconds
    wanted = max(min(round(seconds * codec.rate), most), 1)
    parts, found = list[Floats32](), 0
    for part in blocks(request.primer, codec.rate, 1):
        parts.append(part[:, 0])
        found += len(part)
        if found >= wanted:
            break
    if not found:
        raise ReadError(os.fspath(request.primer), "holds no sound")
    return codec.encode(np.concatenate(parts)[:wanted])
