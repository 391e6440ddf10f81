"""A blind listening test: excerpts of held-out and of generated music, in a random order.

Both kinds last equally long, begin at random places and have gone through the encoding of the
model, so that neither its grid nor a beginning or an end gives an answer away. How well listeners
tell them apart is the share of right answers; one half is guessing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from symgen.checks import number, whole
from symgen.dataset.pieces import Split
from symgen.encodings import Encoding
from symgen.errors import DataError
from symgen.evaluation.excerpts import FEWEST, Excerpt, excerpts
from symgen.notes.sequence import NoteSequence
from symgen.notes.transform import crop
from symgen.types import Progress

CLIPS, LEAST, MOST = 20, 2, 200  # excerpts of a test
SECONDS, SHORTEST, LONGEST = 15.0, 3.0, 60.0
NORMAL = 1.959964  # of a 95 % interval, in standard deviations
WHOLE = 0.98  # of the asked length, from which an excerpt counts as long enough
TRIES = 4  # excerpts that are cut for each that is needed
LEAD = 2.0  # times the length of an excerpt that is generated, so that it begins anywhere


@dataclasses.dataclass(frozen=True)
class Clip:
    """An excerpt; `origin` says where it is from, for after the answer."""

    music: NoteSequence
    generated: bool
    origin: str


class Share(NamedTuple):
    """The share of right answers, with a 95 % interval (Wilson 1927)."""

    share: float
    low: float
    high: float


def clips(
    model: Any,
    split: Split,
    num: int = CLIPS,
    seconds: float = SECONDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Clip]:
    """Return `num` excerpts of `seconds`: half of the pieces of `split`, half made by `model`.

    `model` is one of `symgen.load`, and `split` the held-out split of its dataset. An odd `num`
    has one more that is generated. BadOption for a value outside its limits; DataError if too few
    pieces are as long as that.
    """
    whole("samples", num, LEAST, MOST)
    number("seconds", seconds, SHORTEST, LONGEST)
    held_out = _real(split, num // 2, seconds, seed)
    made = _generated(model, num - num // 2, seconds, seed, progress)
    out = [Clip(music, False, name) for name, music in held_out]
    out += [Clip(music, True, name) for name, music in made]
    order = np.random.default_rng([seed, 7]).permutation(len(out))
    return [out[int(k)] for k in order]


def held_out(pieces: Iterable[tuple[str, NoteSequence]], encoding: Encoding) -> Split:
    """Return music as a split for `clips`: (name, piece) as events of `encoding`.

    A piece without events is left out.
    """
    rows = [(name, piece, encoding.encode(piece)) for name, piece in pieces]
    kept = [row for row in rows if len(row[2])]
    split = Split.of(encoding, {name: events for name, _, events in kept})
    split.contexts = [{**encoding.context(piece), "id": name} for name, piece, _ in kept]
    return split


def share(right: int, answers: int) -> Share:
    """Return the share of `right` among `answers`; of no answers, one half between 0 and 1."""
    if not answers:
        return Share(0.5, 0.0, 1.0)
    found, square = right / answers, NORMAL**2
    middle = (found + square / (2 * answers)) / (1 + square / answers)
    spread = found * (1 - found) / answers + square / (4 * answers**2)
    half = NORMAL * math.sqrt(spread) / (1 + square / answers)
    return Share(found, max(middle - half, 0.0), min(middle + half, 1.0))


def _real(split: Split, count: int, seconds: float, seed: int) -> Sequence[Excerpt]:
    found = [
        (name, music)
        for name, music in excerpts(split, count * TRIES, seconds, seed)
        if music.total_time >= WHOLE * seconds
    ]
    if len(found) < count:
        raise DataError(
            f"the held-out pieces have {len(found)} excerpts of {seconds:g} s, and the test needs "
            f"{count}; ask for shorter ones with --seconds, or fewer with --samples"
        )
    return found[:count]


def _generated(
    model: Any, count: int, seconds: float, seed: int, progress: Progress | None
) -> list[Excerpt]:
    rng = np.random.default_rng([seed, 8])
    out = list[Excerpt]()
    for k, piece in enumerate(model.sample(count, LEAD * seconds, seed=seed, progress=progress)):
        start = float(rng.uniform(0, max(piece.total_time - seconds, 0.0)))
        cut = crop(piece, start, start + seconds)
        music = cut if len(cut) >= FEWEST else crop(piece, 0.0, seconds)
        out.append((f"sample {k + 1} of seed {seed} at {start:.1f} s", music))
    return out
