"""The nats of music under a model: the events of many pieces, scored through any player.

Pieces are laid into lanes, which are the streams of one player. A lane plays one piece after the
other; its state is reset in between. Where a player cannot reset single streams, because its state
grows, the pieces are played in groups that begin together.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.errors import DataError
from symgen.runtime.base import DAMAGED, Floats, Ints, ParallelPlayer, Player
from symgen.runtime.passages import Passage, Scores

Progress = Callable[[int, int], None]  # events scored, and all events
Lane = list[int]  # the passages that a lane plays, in order

LANES = 64  # streams side by side; more are no faster
HELD = 32  # steps whose logits are scored together


def score(player: Player, passages: Sequence[Passage], progress: Progress | None = None) -> Scores:
    """Score every event of `passages`. The rows of the result follow the passages, end to end."""
    if isinstance(player, ParallelPlayer):
        return player.score(passages)
    total = sum(len(each.events) for each in passages)
    fields = passages[0].events.shape[1] if passages else 0
    out = Scores.empty(total, fields)
    done = 0
    held: list[tuple[Ints, Events, list[Floats]]] = []
    for places, events in play(player, passages):
        held.append((places, events, player.all_logits(events)))
        done += len(places)
        if len(held) == HELD or done == total:
            _fill(out, held)
            held = []
            if progress:
                progress(done, total)
    return out


def _fill(out: Scores, held: Sequence[tuple[Ints, Events, list[Floats]]]) -> None:
    """Score the steps in `held`."""
    places, events = (np.concatenate([step[k] for step in held]) for k in (0, 1))
    for field in range(events.shape[1]):
        logits = np.concatenate([step[2][field] for step in held])
        if not np.isfinite(np.maximum.reduce(logits, axis=1)).all():
            raise DataError(DAMAGED)
        out.fill(places, field, logits, events[:, field])


def play(
    player: Player, passages: Sequence[Passage], abreast: int | None = None
) -> Iterator[tuple[Ints, Events]]:
    """Step `player` through `passages`; yield (places `[n]`, events int32 `[n, fields]`) each time.

    Row i of the player's logits then belongs to `events[i]`, which is the event at `places[i]`.
    Places number the events of all passages, end to end.
    """
    lengths = [len(each.events) for each in passages]
    starts = np.cumsum([0, *lengths[:-1]])
    values = np.concatenate([each.events for each in passages]) if passages else np.zeros((0, 0))
    for lanes in _rounds(lengths, abreast or LANES, player.resettable):
        controls = _Controls(passages)
        player.start(len(lanes))
        live = len(lanes)
        for places, new in _steps(lanes, lengths, starts):
            if len(places) < live:
                live = len(places)
                player.select(np.arange(live))
            started = np.flatnonzero(new)
            which = np.searchsorted(starts, places[started], side="right") - 1
            fed = values[np.maximum(places - 1, 0)].astype(np.int32)
            for lane, passage in zip(started.tolist(), which.tolist(), strict=True):
                fed[lane] = passages[passage].before
                controls.begin(lane, passage)
            if player.resettable and len(started):
                player.reset(started)
            player.step(fed, controls.next(live))
            yield places, values[places].astype(np.int32)


class _Controls:
    """The controls of the passages that the lanes play. Either all passages have some, or none."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._left: dict[int, Iterator[Floats]] = {}  # by lane: the rows of its passage to come

    def begin(self, lane: int, passage: int) -> None:
        """Read the controls of the passage that `lane` now begins."""
        if read := self._passages[passage].controls:
            self._left[lane] = iter(read())

    def next(self, lanes: int) -> Floats | None:
        """Return float32 `[lanes, width]`: the controls of the next step."""
        if not self._left:
            return None
        return np.concatenate([next(self._left[lane]) for lane in range(lanes)]).reshape(lanes, -1)


def _rounds(lengths: Sequence[int], abreast: int, resettable: bool) -> Iterator[list[Lane]]:
    """Yield the lanes that are played together, the longest first; no passage in them is empty."""
    order = sorted((i for i, n in enumerate(lengths) if n), key=lambda i: (-lengths[i], i))
    if not resettable:
        for first in range(0, len(order), abreast):
            yield [[i] for i in order[first : first + abreast]]
    elif order:
        yield _lanes(order, lengths, abreast)


def _lanes(order: Sequence[int], lengths: Sequence[int], abreast: int) -> list[Lane]:
    """Lay each passage of `order` into the lane that is free first."""
    lanes: list[Lane] = [[] for _ in range(min(abreast, len(order)))]
    free = [(0, k) for k in range(len(lanes))]
    for i in order:
        taken, k = heapq.heappop(free)
        lanes[k].append(i)
        heapq.heappush(free, (taken + lengths[i], k))
    return sorted(lanes, key=lambda lane: -sum(lengths[i] for i in lane))


def _steps(
    lanes: Sequence[Lane], lengths: Sequence[int], starts: Ints
) -> Iterator[tuple[Ints, npt.NDArray[np.bool_]]]:
    """Yield (places `[n]`, bool `[n]`: whether a passage begins there) for each step of `lanes`.

    The lanes that are over drop out from the end.
    """
    totals = np.array([sum(lengths[i] for i in lane) for lane in lanes], np.int64)
    grid = np.zeros((totals.max(initial=0), len(lanes)), np.int64)
    new = np.zeros(grid.shape, bool)
    for k, lane in enumerate(lanes):
        first = 0
        for i in lane:
            grid[first : first + lengths[i], k] = np.arange(starts[i], starts[i] + lengths[i])
            new[first, k] = True
            first += lengths[i]
    for t in range(len(grid)):
        live = int(np.searchsorted(-totals, -t))
        yield grid[t, :live], new[t, :live]
