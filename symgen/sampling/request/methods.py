"""Which way each wish is met: the model is told, its scores are steered, or both; and what to say where neither can be."""

from __future__ import annotations

from collections.abc import Sequence

from symgen.controls import Control
from symgen.controls.targets import Targets
from symgen.encodings import Encoding
from symgen.errors import BadOption
from symgen.sampling import steers

WAYS = ("both", "told", "steered")
NAMED = {"both": "told and steered", "told": "told", "steered": "steered"}
TELLS = {"key": "pitch_histogram"}  # a wish that is told as another control


def ways(asked: Targets, known: Sequence[Control], way: str, encoding: Encoding) -> dict[str, str]:
    """Return by wish "told", "steered" or "both", for a model of `encoding` that is told `known`; BadOption where it can be met in no way.

    `way` "both" takes all that can be had; "told" or "steered" that one alone, a strict key excepted.
    """
    if way not in WAYS:
        raise BadOption(f"way {way!r}: expected {', '.join(WAYS)}")
    names, out = [control.name for control in known], {}
    steered = [
        name
        for name in sorted(steers)
        if name in asked.wishes and steers.load(name).serves(encoding)
    ]
    for wish in asked.wishes:
        can = [
            w
            for w, may in (("told", TELLS.get(wish, wish) in names), ("steered", wish in steered))
            if may
        ]
        have = (
            can
            if way == "both" or (wish == "key" and asked.strict_key)
            else [w for w in can if w == way]
        )
        if not have:
            raise BadOption(
                _cannot(
                    wish,
                    way,
                    names,
                    [name for name in sorted(steers) if steers.load(name).serves(encoding)],
                )
            )
        out[wish] = "both" if len(have) == 2 else have[0]
    return out


def _cannot(wish: str, way: str, names: Sequence[str], steered: Sequence[str]) -> str:
    option, told = (
        wish.replace("_", "-"),
        [n for n in names if n not in ("meter", "recall", "position")],
    )
    knows = f"this model knows {', '.join(told) if told else 'no control'}, and can be steered to {', '.join(steered)}"
    if wish in steered or wish in names:
        return f"{option} cannot be {way} alone: {knows}"
    return f"{option} is asked: {knows}; leave it out, or take a model that was trained with {TELLS.get(wish, wish)}"


def met(asked: Targets, found: dict[str, str], by: str) -> list[str]:
    """Return the wishes that are met `by` "told" or by "steered"."""
    return [wish for wish in asked.wishes if found[wish] in (by, "both")]
