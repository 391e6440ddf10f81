"""How a target is met: the model is conditioned on it ("told"), its logits are steered, or both."""

from __future__ import annotations

from collections.abc import Sequence

from symgen.checks import one_of
from symgen.controls import TARGETS, Control
from symgen.controls.targets import Targets, definition
from symgen.encodings import Encoding
from symgen.errors import BadOption
from symgen.sampling import steers

WAYS = ("both", "told", "steered")
METHODS = {"condition": "told", "steer": "steered", "both": "both"}
NAMED = {"both": "told and steered", "told": "told", "steered": "steered"}
WORDS = {"told": ("condition", "conditioned on"), "steered": ("steer", "steered by")}


def available(controls: Sequence[Control], encoding: Encoding) -> dict[str, tuple[str, ...]]:
    """Return by target which of "told" and "steered" a model of `encoding` with `controls` has."""
    trained = [control.name for control in controls]
    out = {}
    for name in TARGETS:
        told = ("told",) if _carrier(name) in trained else ()
        steered = name in steers and steers.load(name).serves(encoding)
        out[name] = (*told, *(("steered",) if steered else ()))
    return out


def ways(
    targets: Targets, controls: Sequence[Control], way: str, encoding: Encoding
) -> dict[str, str]:
    """Return "told", "steered" or "both" for each target of a model of `encoding` with `controls`.

    `way` "both" uses all that the model has; "told" or "steered" only that one, but a strict key
    uses both. BadOption if a target cannot be met.
    """
    one_of("way", way, WAYS)
    has, out = available(controls, encoding), {}
    for name in targets.schedules:
        either = way == "both" or (name == "key" and targets.strict_key)
        used = [w for w in has[name] if either or w == way]
        if not used:
            raise BadOption(_cannot(name, way, has))
        out[name] = "both" if len(used) == 2 else used[0]
    return out


def _carrier(target: str) -> str:
    """Return the control that holds a target."""
    return definition(target).carrier or target


def _cannot(target: str, way: str, has: dict[str, tuple[str, ...]]) -> str:
    option = target.replace("_", "-")
    told, steered = ([name for name, ways in has.items() if w in ways] for w in ("told", "steered"))
    can = f"can be conditioned on {_listed(told)}, and steered by {_listed(steered)}"
    if has[target]:
        method, missing = WORDS[way]
        return f"--method {method}: this model cannot be {missing} {option}; it {can}"
    return (
        f"this model has no control for {option}: it {can}. "
        f"Remove --{option}, or use a model trained with {_carrier(target)}"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


def met(targets: Targets, found: dict[str, str], by: str) -> list[str]:
    """Return the targets that are met `by` "told" or by "steered"."""
    return [name for name in targets.schedules if found[name] in (by, "both")]
