"""Quantise a bundle to int8: add int8 graphs, and measure what they cost in nats per event.

int8 plays several times as fast as float32. A bundle is played in int8 where that costs less than
LIMIT per field. Both precisions are measured on the same held-out events, with the state carried
from the beginning of each piece.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from symgen.bundle.bundle import Bundle
from symgen.bundle.write import with_int8
from symgen.controls import Control
from symgen.dataset import batches
from symgen.dataset.rows import Rows
from symgen.errors import DataError
from symgen.models import Neural
from symgen.runtime.base import Player
from symgen.runtime.onnx import OnnxPlayer
from symgen.runtime.passages import Passage
from symgen.runtime.score import score

LIMIT = 0.005  # nats per field of an event
EVENTS = 30_000  # that are measured
ROWS, LENGTH = 32, 512  # see `beginnings`


def quantise(
    source: Bundle, split: Rows, path: str | Path | None = None, most: int = EVENTS
) -> dict[str, Any]:
    """Write `source` with int8 graphs to `path` (or its own); return what they cost.

    That is measured on about `most` events of `split`. DataError where the bundle has no weights.
    """
    if not source.has_graphs:
        raise DataError(
            f"{source.path}: its player is {source.player}, which has no graphs to quantise"
        )
    if source.precisions == ("int8",):
        raise DataError(
            f"{source.path}: it was made for shipping and has only int8 graphs; "
            "quantise the bundle that it was made from"
        )
    weights = source.weights()
    model = source.model
    sizes = source.sizes
    assert isinstance(model, Neural)
    step = model.step_graph(sizes, weights, "int8")
    head = model.head_graph(sizes, weights, "int8")
    fields = [name for name, _ in sizes.fields]
    players = {
        "float32": source.played_in("float32").open_player(threads=1),
        "int8": OnnxPlayer(step, head, fields, threads=1),
    }
    nats, events = measure(list(players.values()), split, source.controls, most)
    cost = round(nats[1] - nats[0], 6)
    limit = LIMIT * len(fields)
    table = {name: float(f"{value:.6g}") for name, value in zip(players, nats, strict=True)}
    facts = {"cost": cost, "limit": limit, "nats_per_event": table, "events": events}
    with_int8(source, path or source.path, step, head, facts, "int8" if cost < limit else "float32")
    return facts


def at_end(path: Path, split: Rows, log: Callable[[str], None]) -> None:
    """Quantise the bundle of a run that has ended, unless it has int8 graphs already."""
    if not path.is_file():
        return
    made: Bundle = Bundle.open(path)
    if made.has_graphs and "int8" not in made.precisions:
        log(f"{path}: {cost_text(quantise(made, split))}")


def cost_text(cost: dict[str, Any]) -> str:
    """Return a line about what int8 costs, and which precision will be played."""
    under = cost["cost"] < cost["limit"]
    limit = f"{cost['limit']:g}"
    chosen = f"float32 is played, because that is not under {limit}"
    if under:
        chosen = f"int8 is played, because that is under {limit}"
    nats = cost["nats_per_event"]
    return (
        f"int8 costs {cost['cost']:+.5f} nats per event on {cost['events']:,} held-out events "
        f"({nats['int8']:.4f}, float32 {nats['float32']:.4f}); {chosen}"
    )


def measure(
    players: Sequence[Player], split: Rows, controls: tuple[Control, ...], most: int
) -> tuple[list[float], int]:
    """Return the nats per event under each player, and how many events were measured."""
    passages = beginnings(split, controls, most)
    events = sum(len(each.events) for each in passages)
    totals = [float(score(player, passages).nats.sum(dtype="float64")) for player in players]
    return [total / max(events, 1) for total in totals], events


def beginnings(split: Rows, controls: tuple[Control, ...], most: int) -> list[Passage]:
    """Return about `most` events: the beginnings of the longest pieces, or whole pieces.

    They are taken in windows of LENGTH events from ROWS pieces in turn, until there are enough.
    """
    ends, count = dict[int, int](), 0
    lanes = batches.lay_lanes(split.lengths, min(ROWS, len(split)), LENGTH)
    for windows in itertools.zip_longest(*lanes):
        if count >= most:
            break
        for piece, start in filter(None, windows):
            ends[piece] = min(start + LENGTH, int(split.lengths[piece]))
            count += ends[piece] - start
    return [_passage(split, controls, piece, stop) for piece, stop in ends.items()]


def _passage(split: Rows, controls: tuple[Control, ...], piece: int, stop: int) -> Passage:
    start = split.codec.start()
    if not controls:
        return Passage(start, split.part(piece)[:stop])
    read = functools.partial(split.control_window, controls, piece, 0, stop)
    return Passage(start, split.part(piece)[:stop], read)
